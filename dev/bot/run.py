"""reviewbot's two processes on this machine, with the settings and the rights of an installation."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dev.bot.install import Accounts
from dev.cluster import Cluster

_STOP_SECONDS = 30
# Below those of which the kernel gives one to everybody who calls out.
_PORTS = range(15_000, 30_000)


@dataclass(frozen=True)
class App:
    """The GitHub App as it was registered: where GitHub is, and what proves that we are the App."""

    api_url: str
    id: int
    private_key: str
    webhook_secret: str
    account: str


@dataclass(frozen=True)
class Bot:
    """Running processes: where webhooks go, where they tell how they are, and where their logs are."""

    url: str
    web_port: int
    web_ops: str
    controller_ops: str
    logs: Path
    environment: Mapping[str, str]
    processes: Mapping[str, "subprocess.Popen[bytes]"]

    def tail(self) -> str:
        """The last words of both logs."""
        return "\n".join(path.read_text()[-2000:] for path in sorted(self.logs.glob("*.log")))


@contextmanager
def running(cluster: Cluster, accounts: Accounts, app: App, folder: Path) -> Iterator[Bot]:
    """Web and controller for as long as the context lasts; both end with it."""
    web_port = free_port()
    url = f"http://127.0.0.1:{web_port}"
    environment = settings(cluster, app, url)
    own = {
        "web": {
            "KUBECONFIG": str(accounts.web),
            "GITHUB_WEBHOOK_SECRET": app.webhook_secret,
            "PORT": str(web_port),
            "REVIEWBOT_BIND": ",".join(filter(None, ("127.0.0.1", cluster.bridge_address))),
        },
        "controller": {"KUBECONFIG": str(accounts.controller), **controller_secrets(app)},
    }
    ops = {process: free_port() for process in own}
    with ExitStack() as stack:
        processes = {}
        for process, more in own.items():
            port = {"REVIEWBOT_OPS_PORT": str(ops[process])}
            log = folder / f"{process}.log"
            processes[process] = stack.enter_context(started(process, {**environment, **more, **port}, log))
        told = {process: f"http://127.0.0.1:{port}" for process, port in ops.items()}
        controller = {**environment, **own["controller"]}
        yield Bot(url, web_port, told["web"], told["controller"], folder, controller, processes)


def settings(cluster: Cluster, app: App, url: str) -> dict[str, str]:
    """What both processes are told. The local cluster's Gateway tells its address itself."""
    brought = {} if cluster.tools else {"REVIEWBOT_GATEWAY_ADDRESS": cluster.gateway_address}
    return brought | {
        "PATH": os.environ["PATH"],
        "GITHUB_APP_ID": str(app.id),
        "GITHUB_API_URL": app.api_url,
        "REVIEWBOT_ACCOUNTS": app.account,
        "REVIEWBOT_URL": url,
        "REVIEWBOT_PREVIEWS_URL": cluster.previews_url,
        "REVIEWBOT_GATEWAY": cluster.gateway,
        "REVIEWBOT_BIND": "127.0.0.1",
    }


def controller_secrets(app: App) -> dict[str, str]:
    """What only the controller is told."""
    return {"GITHUB_APP_PRIVATE_KEY": app.private_key, "REVIEWBOT_HOST_KEY": secrets.token_hex(32)}


def free_port() -> int:
    """A port of the loopback that nobody listens on at the moment."""
    while True:
        port = secrets.choice(_PORTS)
        with suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port


@contextmanager
def started(command: str, environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One of reviewbot's processes, for as long as the context lasts."""
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "reviewbot", command], env={**environment, **_of_the_image()}, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _of_the_image() -> dict[str, str]:
    # So that what is measured is what people get.
    lines = (Path(__file__).resolve().parents[2] / "Dockerfile").read_text().splitlines()
    return dict(line.removeprefix("ENV ").split("=", 1) for line in lines if line.startswith("ENV "))
