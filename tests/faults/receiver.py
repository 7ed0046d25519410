"""`reviewbot web` as an installation runs it, and GitHub as it meets it: signed deliveries, ten seconds of patience."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev.bot.install import SYSTEM, Accounts, kubectl
from dev.bot.run import App, free_port, settings, started
from dev.cluster import Cluster
from dev.demo.shown import until
from dev.github.webhooks import signature
from reviewbot.engine.mailbox import Mailbox
from reviewbot.gateways import cluster as gateway
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from tests import canaries
from tests.faults.calls import CLUSTER
from tests.faults.proxy import Proxy, serving
from tests.faults.ways import kubeconfig, to_cluster

# GitHub hangs up then, and calls it a failure.
PATIENCE_SECONDS = 10
OWNER = "acme"


@dataclass
class Receiver:
    """The process, its port, its way to the cluster, and a repository that nobody else has."""

    process: "subprocess.Popen[bytes]"
    port: int
    way: Proxy
    mailbox: Mailbox
    secret: str
    log: Path
    repository: RepositoryId = field(default_factory=lambda: RepositoryId(secrets.randbelow(10**15) + 1))

    @property
    def worker(self) -> int:
        """The process that serves; it is replaced when it dies."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def dies(self) -> None:
        """The process that serves is gone at once."""
        os.kill(self.worker, signal.SIGKILL)

    def peak(self) -> int:
        """The most memory that the process has held so far, in bytes."""
        told = Path(f"/proc/{self.worker}/status").read_text()
        return int(told.partition("VmHWM:")[2].split()[0]) * 1024

    def event(self, number: int) -> bytes:
        """A payload that names a pull request."""
        owner = {"id": 42, "login": OWNER}
        repository = {"id": self.repository, "full_name": f"{OWNER}/shop", "owner": owner}
        named = {"repository": repository, "installation": {"id": 31}, "pull_request": {"number": number}}
        return json.dumps({"action": "opened", **named}).encode()

    def headers(self, body: bytes, event: str = "pull_request", guid: str = "") -> dict[str, str]:
        """What GitHub sends with it."""
        told = {"X-GitHub-Event": event, "X-GitHub-Delivery": guid or secrets.token_hex(16)}
        return told | {"X-Hub-Signature-256": signature(self.secret, body), "Content-Type": "application/json"}

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept until it is closed."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def deliver(self, body: bytes, event: str = "pull_request", guid: str = "") -> int | None:
        """The status of the answer; None if there was none."""
        connection = self.connect()
        try:
            connection.request("POST", "/webhook", body, self.headers(body, event, guid))
            return connection.getresponse().status
        except (ConnectionError, TimeoutError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def raw(self, lines: list[str], body: bytes) -> tuple[int, str]:
        """The same with just these headers, in bytes as they are; the status, and all that was answered."""
        said = ["POST /webhook HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *lines, "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall("\r\n".join(said).encode("latin-1") + body)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, f"{answer.headers}{answer.read().decode()}"

    def poke(self, number: int) -> str | None:
        """What the pull request's record says of why it is to be looked at; None if there is no record."""
        record = self.mailbox.record(PullRequestRef(self.repository, InstallationId(31), number).name)
        return record.poke if record else None


@contextmanager
def receiving(cluster: Cluster, accounts: Accounts, folder: Path, app: App | None = None) -> Iterator[Receiver]:
    """A receiver that is ready, of an App of its own unless one is given; what it stored goes with it."""
    app = app or App("http://127.0.0.1:9", 99, "", secrets.token_hex(20), OWNER)
    port, ops = free_port(), free_port()
    environment = {
        **settings(cluster, app, "http://127.0.0.1"),
        "GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "PORT": str(port),
        "REVIEWBOT_OPS_PORT": str(ops),
    }
    home, log, way = gateway.connect(str(accounts.web)), folder / "web.log", Proxy(CLUSTER, to_cluster(accounts.web))
    canaries.know_environment(environment)
    with ExitStack() as stack:
        environment["KUBECONFIG"] = str(kubeconfig(accounts.web, stack.enter_context(serving(way)), folder))
        stack.callback(_heard, log)
        process = stack.enter_context(started("web", environment, log))
        until(lambda: _listens(ops), "the receiver")
        made = Receiver(process, port, way, Mailbox(home), app.webhook_secret, log)
        try:
            yield made
        finally:
            home.close()
            mine = f"reviewbot.dev/repository-id={made.repository}"
            kubectl(cluster, "delete", "reviewapps", "-n", SYSTEM, "-l", mine, "--wait=false")


def _heard(log: Path) -> None:
    said = log.read_text()
    canaries.hear(log.name, said)
    print(f"--- {log.name}\n{said[-3000:]}")


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
