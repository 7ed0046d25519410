"""A registry that gives one image to whoever knows its password: as much of the protocol as a kubelet's pull needs."""

import base64
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from dev.cluster import images

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


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
    content = _content()

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

    @app.get("/v2/acme/private/<any(manifests, blobs):kind>/<name>")
    def give(kind: str, name: str) -> Response:
        digest = name if name.startswith("sha256:") else _MANIFEST
        data = content[digest]
        mimetype = _MANIFEST if kind == "manifests" else "application/octet-stream"
        return Response(data, mimetype=mimetype, headers={"Docker-Content-Digest": _digest(data)})


def _content() -> dict[str, bytes]:
    config, layers = _unpacked(images.sample("private"))
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _described("application/vnd.oci.image.config.v1+json", config),
        "layers": [_described("application/vnd.oci.image.layer.v1.tar", layer) for layer in layers],
    }
    whole = json.dumps(manifest).encode()
    return {_MANIFEST: whole} | {_digest(each): each for each in (whole, config, *layers)}


def _unpacked(archive: bytes) -> tuple[bytes, list[bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar}
        content = {name: file.read() for name, file in files.items() if file}
    (described,) = json.loads(content["manifest.json"])
    return content[described["Config"]], [content[layer] for layer in described["Layers"]]


def _described(kind: str, data: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
