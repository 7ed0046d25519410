"""One app on one repository with one pull request, served by the GitHub stand-in, ways to call it, and a door."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from github import Auth, Github, GithubIntegration
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from dev.github import GitHub, Installed, Pull, Repo, new_private_key, serve
from dev.github.keys import loaded
from dev.github.server import Handler
from dev.github.state import App
from tests import canaries

# PyGithub has a handler of its own that would tell tokens, also where nothing of reviewbot's has taken it away.
logging.getLogger("github").handlers.clear()
KEY = new_private_key()
canaries.know_environment({"GITHUB_APP_PRIVATE_KEY": KEY})
SIGNER = loaded(KEY)


@dataclass
class Scene:
    github: GitHub
    url: str
    app: App
    ci: App
    installed: Installed
    repo: Repo
    pull: Pull
    integration: GithubIntegration
    session: requests.Session

    def client(self, **permissions: str) -> Github:
        return self.integration.get_github_for_installation(self.installed.id, permissions or None)

    def jwt(self, **claims: Any) -> str:
        now = int(time.time())
        return jwt.encode({"iat": now - 60, "exp": now + 300, "iss": str(self.app.id)} | claims, SIGNER, "RS256")

    def as_app(self, method: str, path: str, **options: Any) -> requests.Response:
        options["headers"] = {"Authorization": f"Bearer {self.jwt()}"} | options.get("headers", {})
        return self.session.request(method, self.url + path, **options)

    def mint(self, headers: dict[str, str] | None = None, **asked: Any) -> requests.Response:
        path = f"/app/installations/{self.installed.id}/access_tokens"
        return self.as_app("POST", path, json=asked, headers=headers or {})

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> requests.Response:
        bearer = token or self.mint().json()["token"]
        options["headers"] = {"Authorization": f"Bearer {bearer}"} | options.get("headers", {})
        return self.session.request(method, self.url + path, allow_redirects=False, **options)


def integration_at(url: str, auth: Auth.AppAuth) -> GithubIntegration:
    return GithubIntegration(
        auth=auth, base_url=url, retry=None, seconds_between_requests=None, seconds_between_writes=None
    )


@contextmanager
def standin() -> Iterator[Scene]:
    github = GitHub()
    app = github.create_app("reviewbot", private_key=KEY, webhook_secret="hush")
    ci = github.create_app("ci")
    repo = github.create_repository("acme/shop", {"app.json": "{}", "src/main.py": "print()\n"})
    installed = github.install(app, "acme")
    pull = repo.open_pull_request("topic", {"topic.txt": "1"}, title="A topic")
    auth = Auth.AppAuth(app.id, sign_func=lambda claims: jwt.encode(claims, SIGNER, "RS256"))
    with (
        serve(github) as url,
        integration_at(url, auth) as integration,
        requests.Session() as session,
    ):
        yield Scene(github, url, app, ci, installed, repo, pull, integration, session)
    canaries.hear_github(github)


@dataclass
class Receiver:
    """An app's door: keeps what arrives, answers as told."""

    url: str = ""
    status: int = 202
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.got.append((dict(request.headers), request.get_data()))
        return Response("noted", self.status)(environ, start)


@contextmanager
def receiving() -> Iterator[Receiver]:
    door = Receiver()
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=Handler)
    door.url = f"http://127.0.0.1:{server.server_port}/webhook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
