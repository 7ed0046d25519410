"""Who is asked when a preview's address is, and when a commit's files are read: the gateway, and nobody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from dev.github.server import Handler
from reviewbot.check import check
from reviewbot.gateways.probe import GatewayProbe
from reviewbot.render.names import RELEASE_HEADER, Address


class Server:
    """Sends everybody who comes elsewhere, and knows who came."""

    def __init__(self, elsewhere: str = "") -> None:
        self.elsewhere = elsewhere
        self.hits: list[str] = []

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.hits.append(f"{request.host} {request.path}")
        headers = {"Location": self.elsewhere, RELEASE_HEADER: "aaaaaaa-0"}
        return Response(status=302, headers=headers)(environ, start)


@contextmanager
def served(server: Server) -> Iterator[str]:
    listening = make_server("127.0.0.1", 0, server, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{listening.server_port}"
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@pytest.fixture
def canary() -> Iterator[tuple[Server, str]]:
    """Nobody has any business there."""
    server = Server()
    with served(server) as address:
        yield server, address


def test_paths_shell_ssrf__the_probe_follows_nobody(canary: tuple[Server, str]) -> None:
    """Whatever the app answers, and whatever its own host's name leads to."""
    nobody, elsewhere = canary
    gateway = Server(f"http://{elsewhere}/latest/meta-data")
    with served(gateway) as address:
        probe = GatewayProbe(address, secure=False)
        asked = Address("localhost", "http://localhost")
        assert probe(asked, "/healthz") == "aaaaaaa-0"
        for path in (f"//{elsewhere}/x", f"http://{elsewhere}/x", f"/\\{elsewhere}", "/../x", f"@{elsewhere}/"):
            probe(asked, path)
    assert gateway.hits[0] == "localhost.localhost /healthz"
    assert nobody.hits == []


def test_paths_shell_ssrf__no_address_in_a_file_is_asked(canary: tuple[Server, str], tmp_path: Path) -> None:
    nobody, elsewhere = canary
    url = f"http://{elsewhere}"
    app = f'{{"logo": "{url}/a.png", "website": "{url}", "repository": "{url}", "buildpacks": [{{"url": "{url}"}}]}}'
    files = {
        "app.json": app,
        "Procfile": f"web: curl {url}\nrelease: curl {url}\n",
        ".github/reviewbot.yml": f"image: {elsewhere}/shop:{{sha}}\nmanifests: deploy\n",
        "deploy/kustomization.yaml": f"resources: ['{url}/base.yaml']\nhelmCharts: [{{repo: '{url}'}}]\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    outcome = check(tmp_path)
    assert "nothing is loaded from elsewhere" in outcome.text
    assert nobody.hits == []
