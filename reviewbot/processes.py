"""The two processes and how they live: web under gunicorn, the controller under its lease, both for `serve`."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from reviewbot import compose, metrics
from reviewbot.engine.controller import Controller
from reviewbot.engine.lease import RENEW_SECONDS, Lease
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.selfcheck import open_wall
from reviewbot.errors import GiveUp, Wait
from reviewbot.gateways import cluster
from reviewbot.render.names import SYSTEM_NAMESPACE
from reviewbot.settings import Common, ControllerSettings, WebSettings
from reviewbot.web.app import Door, create_app
from reviewbot.web.ops import create_ops, serve_ops
from reviewbot.web.worker import Worker

log = logging.getLogger(__name__)

# Slow callers take one each, for a while; those that work for the cluster are fewer.
_THREADS = 256
_GRACE_SECONDS = 20
_RETRY_SECONDS = 1.0


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _gunicorn_options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        settings = self._settings
        home = cluster.connect(settings.kubeconfig)
        door = Door(settings.url, settings.previews_url, settings.app_id, settings.accounts, settings.webhook_secrets)
        # Ready without asking the cluster: while it is down, a 503 that keeps the delivery beats no answer.
        serve_ops(create_ops(lambda: None, lambda: None, metrics.WEB), settings.bind[0], settings.ops_port)
        return create_app(door, Mailbox(home))


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's own words, told as everything else is."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.propagate = True


def _gunicorn_options(settings: WebSettings) -> dict[str, Any]:
    return {
        "bind": [f"{address}:{settings.port}" for address in settings.bind],
        "worker_class": Worker,
        "workers": 1,
        "threads": _THREADS,
        "timeout": 30,
        "graceful_timeout": _GRACE_SECONDS,
        "keepalive": 5,
        "logger_class": _Log,
        "errorlog": None,
        "loglevel": "warning",
    }


def run_web(settings: WebSettings) -> None:
    """Receive webhooks and show pages until told to stop."""
    _warn_of_shared_domain(settings)
    _Gunicorn(settings).run()


def run_controller(settings: ControllerSettings) -> None:
    """Reconcile while the lease is held; a process that loses it ends, and is started again."""
    _warn_of_shared_domain(settings)
    stopping, stopped = threading.Event(), threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    unfenced = cluster.connect(settings.kubeconfig)
    lease = Lease(unfenced, SYSTEM_NAMESPACE, f"{socket.gethostname()}-{os.getpid()}", _seconds)
    metrics.LEADER.set_function(lambda: float(lease.held()))
    renewing = threading.Thread(target=_keep, args=(lease, stopped), name="lease", daemon=True)
    health = _Health(lease)
    serve_ops(create_ops(health.alive, health.ready, metrics.CONTROLLER), settings.bind[0], settings.ops_port)
    if not _acquire(lease, stopping):
        return
    fenced = cluster.connect(settings.kubeconfig, lease.fence)
    renewing.start()
    controller = _start(settings, fenced, lease, stopping)
    idle = True
    if controller is not None:
        health.controller = controller
        log.info("reconciling")
        stopping.wait()
        idle = controller.stop()
    stopped.set()
    # A renewal that comes after the release would take the lease back.
    renewing.join()
    if idle:
        _release(lease)


def _seconds() -> float:
    # Unlike time.monotonic this counts on while the machine sleeps, and somebody else may lead by then.
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class _Health:
    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self.controller: Controller | None = None

    def alive(self) -> str | None:
        if self.controller is None:
            return None
        return self.controller.unwell() if self._lease.held() else "the lease is not renewed"

    def ready(self) -> str | None:
        return None if self.controller else "another controller holds the lease"


def _acquire(lease: Lease, stopping: threading.Event) -> bool:
    while not stopping.is_set():
        try:
            if lease.renew():
                return True
        except (Wait, GiveUp) as failure:
            log.warning("the lease cannot be taken: %s", failure.sentence)
        stopping.wait(_RETRY_SECONDS)
    return False


def _keep(lease: Lease, stopped: threading.Event) -> None:
    while not stopped.wait(RENEW_SECONDS):
        try:
            held = lease.renew()
        except (Wait, GiveUp) as failure:
            log.warning("the lease cannot be renewed: %s", failure.sentence)
            held = lease.held()
        except Exception:
            # Nobody else would end a process that has lost its lease.
            log.exception("the lease cannot be renewed; this is a bug")
            held = lease.held()
        if not held:
            # Workers may be in the middle of anything; every effect can be cut, so this is the safe way to stop.
            log.error("the lease is lost; ending")
            os._exit(1)


def _release(lease: Lease) -> None:
    try:
        lease.release()
    except (Wait, GiveUp) as failure:
        # It runs out by itself.
        log.warning("the lease cannot be given back: %s", failure.sentence)


def _start(
    settings: ControllerSettings, fenced: cluster.Cluster, lease: Lease, stopping: threading.Event
) -> Controller | None:
    while not stopping.is_set():
        try:
            problem = open_wall(fenced)
            metrics.WALLS.set(problem is None)
            if problem is None:
                return _controller(settings, fenced, lease)
            log.error("%s", problem)
        except (Wait, GiveUp) as failure:
            log.warning("cannot start yet: %s", failure.sentence)
        stopping.wait(_RETRY_SECONDS)
    return None


def _controller(settings: ControllerSettings, fenced: cluster.Cluster, lease: Lease) -> Controller:
    github = compose.connect_github(settings, compose.utc_now, lease.fence)
    # Home and target are one cluster today; nothing but this line says so.
    outside = compose.Outside(github, fenced, fenced, compose.connect_probe(settings, fenced))
    engine = compose.engine(settings, outside, compose.utc_now)
    controller = Controller(engine, outside.home, outside.target)
    controller.start()
    return controller


def run_both(environment: Mapping[str, str]) -> int:
    """Web and controller as two processes of one machine; when one ends, so does the other."""
    ports = {"web": environment.get("REVIEWBOT_OPS_PORT", "9090")}
    ports["controller"] = str(int(ports["web"]) + 1)
    children = [
        subprocess.Popen(  # noqa: S603 - our own two commands
            [sys.executable, "-m", "reviewbot", process], env={**environment, "REVIEWBOT_OPS_PORT": port}
        )
        for process, port in ports.items()
    ]
    stopping = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    while not stopping.is_set() and all(child.poll() is None for child in children):
        stopping.wait(0.2)
    for child in children:
        child.terminate()
    codes = [child.wait(timeout=2 * _GRACE_SECONDS) for child in children]
    return 0 if stopping.is_set() else max(codes, key=abs) or 1


def _warn_of_shared_domain(settings: Common) -> None:
    own, previews = (urlsplit(url).hostname or "" for url in (settings.url, settings.previews_url))
    if own.split(".")[-2:] == previews.split(".")[-2:]:
        log.warning("%s and %s share a domain: previews could set cookies for the bot's pages", own, previews)
