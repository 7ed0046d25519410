"""What the facade makes of a load balancer that is there while the API server behind it is not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewbot.engine.watch import Watch
from reviewbot.errors import Unseen
from reviewbot.gateways.cluster import Cluster, connect
from tests.contract.test_apiserver import CALLS
from tests.unit.test_processes import Rounds

UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
VERBS: dict[str, Callable[[Cluster], object]] = {
    **CALLS,
    "watch": lambda own: list(own.watch("ReviewApp", "reviewbot-system", None, "1")),
}


class Balancer:
    """Takes every connection and ends it: at once, or with an answer to the first that it hears."""

    def __init__(self, answer: bytes | None) -> None:
        self.taken = 0
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reached(self, scheme: str, folder: Path) -> Cluster:
        """The cluster that is said to be there."""
        server = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        config = {
            "clusters": [{"name": "it", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "it", "user": {}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "current-context": "it",
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(config))
        return connect(str(path))

    def close(self) -> None:
        """Take no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.taken += 1
                if self._answer is not None:
                    connection.recv(65_536)
                    connection.sendall(self._answer)


@pytest.fixture
def balancer(request: pytest.FixtureRequest) -> Iterator[Balancer]:
    made = Balancer(request.param)
    yield made
    made.close()


@pytest.mark.parametrize(
    "balancer", [None, b"", UNAVAILABLE], ids=["closes", "hears and closes", "plain"], indirect=True
)
def test_apiserver_hangs_or_resets__before_tls_is_up(balancer: Balancer, tmp_path: Path) -> None:
    own = balancer.reached("https", tmp_path)
    for verb, call in VERBS.items():
        balancer.taken = 0
        with pytest.raises(Unseen):
            call(own)
        assert balancer.taken == 1, verb
    own.close()


def answer(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def ok(body: bytes) -> bytes:
    return answer(b"200 OK", body)


def no_such_page(body: bytes) -> bytes:
    return answer(b"404 Not Found", body)


@pytest.mark.parametrize(
    "balancer",
    [ok(b"<html>back soon</html>\n"), ok(b"null"), ok(b""), no_such_page(b"404 page not found\n"), no_such_page(b"{}")],
    ids=["a page", "nothing", "empty", "no page", "no object"],
    indirect=True,
)
@pytest.mark.parametrize("verb", ["get", "list", "list as the tenant", "patch", "delete"])
def test_apiserver_hangs_or_resets__what_is_not_its_answer(balancer: Balancer, verb: str, tmp_path: Path) -> None:
    """Nothing that anybody else says is taken for an object, or for that there is none."""
    own = balancer.reached("http", tmp_path)
    with pytest.raises(Unseen):
        CALLS[verb](own)
    own.close()


@pytest.mark.parametrize("balancer", [None, UNAVAILABLE], ids=["closes", "plain"], indirect=True)
def test_watch_dies_silently__not_where_tls_breaks(balancer: Balancer, tmp_path: Path) -> None:
    own = balancer.reached("https", tmp_path)

    def nothing(*_: Any) -> None:
        raise AssertionError

    Watch(own, "ReviewApp", "reviewbot-system").run(nothing, nothing, Rounds(2))
    assert balancer.taken == 3
    own.close()
