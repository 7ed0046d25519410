"""The least that a receiver of webhooks can do durably: verify the signature, PATCH one object, answer.

A process of its own: `python -m dev.bench.bare`, with KUBECONFIG, SECRET, PORT and REPOSITORY in its environment.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
from pathlib import Path
from typing import Any

import urllib3
import yaml
from flask import Flask, abort, request
from gunicorn.app.base import BaseApplication

from dev.bot.install import SYSTEM

# As many as reviewbot's own receiver has.
_THREADS = 16


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Flask under gunicorn, as reviewbot's own receiver runs."""

    def load_config(self) -> None:
        """Threads in one worker."""
        options = {
            "bind": f"127.0.0.1:{os.environ['PORT']}",
            "worker_class": "gthread",
            "threads": _THREADS,
            "loglevel": "warning",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application, in the worker."""
        return create_app(os.environ["SECRET"].encode(), int(os.environ["REPOSITORY"]))


def create_app(secret: bytes, repository: int) -> Flask:
    """One endpoint."""
    app, pool, headers = Flask(__name__), *_connect(Path(os.environ["KUBECONFIG"]))

    @app.post("/webhook")
    def receive() -> tuple[str, int]:
        body = request.get_data(cache=False)
        expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", ""), expected):
            abort(401)
        name = f"pr-{repository}-{json.loads(body)['pull_request']['number']}"
        change = {"metadata": {"annotations": {"reviewbot.dev/poke": request.headers["X-GitHub-Delivery"]}}}
        path = f"/apis/reviewbot.dev/v1alpha1/namespaces/{SYSTEM}/reviewapps/{name}"
        answer = pool.request("PATCH", path, body=json.dumps(change), headers=headers)
        return "", 202 if answer.status == 200 else 503

    return app


def _connect(kubeconfig: Path) -> tuple[urllib3.HTTPConnectionPool, dict[str, str]]:
    config: dict[str, Any] = yaml.safe_load(kubeconfig.read_text())
    cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    pool = urllib3.connection_from_url(cluster["server"], ca_cert_data=authority, maxsize=_THREADS)
    return pool, {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json"}


if __name__ == "__main__":
    sys.exit(Server().run())
