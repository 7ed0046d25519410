"""A registry that gives one image to whoever knows its password: as much of the protocol as a kubelet's pull needs."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from dev.cluster import archive, images


@dataclass
class Registry:
    """Every tag is the sample app. `refused` counts the requests without the password."""

    address: str
    user: str
    password: str
    refused: list[str] = field(default_factory=list)

    def image(self, tag: str) -> str:
        """The name by which a kubelet pulls it."""
        return f"{self.address}/acme/private:{tag}"

    @property
    def docker_config(self) -> str:
        """What `docker login` would have written."""
        auth = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return json.dumps({"auths": {self.address: {"auth": auth}}})


class _Handler(WSGIRequestHandler):
    # containerd says hello in TLS first; only a refusal in HTTP makes it try HTTP.
    default_request_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Nothing: pulls are no news."""


@contextmanager
def registry(password: str) -> Iterator[Registry]:
    """On a port of the loopback, where containerd speaks HTTP."""
    app = Flask(__name__)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)
    served = Registry(f"127.0.0.1:{server.port}", "robot", password)
    _routes(app, served)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _routes(app: Flask, served: Registry) -> None:
    manifest, *others = archive.blobs(images.sample("private"))
    content = {blob.digest: blob for blob in (manifest, *others)}

    @app.before_request
    def authenticate() -> Response | None:
        given = request.authorization
        if given and (given.username, given.password) == (served.user, served.password):
            return None
        served.refused.append(request.path)
        return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="registry"'})

    @app.get("/v2/")
    def ping() -> Response:
        return Response("{}")

    @app.get("/v2/acme/private/manifests/<name>")
    @app.get("/v2/acme/private/blobs/<name>")
    def give(name: str) -> Response:
        blob = content[name] if name.startswith("sha256:") else manifest
        return Response(blob.content, mimetype=blob.media_type, headers={"Docker-Content-Digest": blob.digest})
