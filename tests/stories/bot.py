"""reviewbot inside a test: its real parts on the real cluster, without threads, moved a step at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from flask import Flask
from werkzeug.serving import make_server

from dev.bot.install import Accounts
from dev.bot.run import App, controller_secrets, settings
from dev.cluster import Cluster
from reviewbot import compose
from reviewbot.engine.engine import Engine
from reviewbot.engine.mailbox import Mailbox
from reviewbot.engine.records import REPOSITORY, read_record
from reviewbot.errors import Unseen
from reviewbot.gateways import cluster as gateway
from reviewbot.model import AppId, Phase, Record, RepositoryId
from reviewbot.render.names import RELEASE, SYSTEM_NAMESPACE, namespace
from reviewbot.settings import ControllerSettings
from reviewbot.web.app import Door, create_app
from tests import canaries
from tests.stories.clock import Clock
from tests.stories.home import WRITTEN, Home, OwnPart
from tests.stories.news import Ear, news

# Whatever is due later than this is left for the story to skip to.
HORIZON = timedelta(seconds=30)
# Only a bound: kubelets back off for half a minute, and machines may be busy.
_PATIENCE_SECONDS = 180
# Whatever moves in the cluster by itself is looked at as closely as this.
_CLOSELY = timedelta(seconds=5)
# A webhook of the bot's own writes may arrive while it waits for the cluster.
_MEANWHILE_SECONDS = 1.0
# The preview of what is skipped may still be going, and is looked at until it is gone.
_UNDER_WAY = {Phase.DEPLOYING, Phase.CLOSING, Phase.SKIPPED}

T = TypeVar("T")


@dataclass
class Bot:
    """The engine of one repository's records, on a clock of its own."""

    engine: Engine
    mailbox: Mailbox
    clock: Clock
    repository: RepositoryId
    home: OwnPart
    news: Ear
    # Real pods or namespaces are on their way somewhere.
    under_way: bool = False
    # Nothing was done since the endpoints of its previews were listed.
    certain: bool = False
    # When they were listed last, as the version of each namespace: what is older is no news.
    listed: dict[str, int] = field(default_factory=dict)
    # As they were listed last, and what was unknown of them before.
    records: list[dict[str, Any]] = field(default_factory=list)
    unknown: int = -1

    def resume(self) -> None:
        """Start as a controller does that has just got the lease: with every record there is."""
        self.engine.begin()
        self._look()
        for kind in ("ReviewApp", "Repository"):
            self.engine.resume(kind, [each for each in self.records if each["kind"] == kind])

    def settle(self, until: Callable[[], bool] | None = None) -> None:
        """Run until nothing is due within the horizon, or until the condition holds between two steps."""
        deadline, self.certain = time.monotonic() + _PATIENCE_SECONDS, False
        while not (until and until()):
            assert time.monotonic() < deadline, f"did not settle in {_PATIENCE_SECONDS} s"
            if not self.step() and not self._pass_time():
                assert until is None, "it settled, but not as expected"
                return

    def step(self) -> bool:
        """Do one thing; False if there is nothing to do. What was poked is taken up before anything is told."""
        if self._reconciles():
            return True
        self._take_up()
        if self._reconciles() or self._tells():
            return True
        if self.under_way or self.certain:
            return False
        # Before time passes, what has become of the previews is asked for: the last word of news may be late.
        self._list()
        self.certain = True
        return self._reconciles()

    def advance(self) -> None:
        """Do one thing, or let time pass until there is one."""
        self.certain = False
        if not self.step():
            self._pass_time()

    def _reconciles(self) -> bool:
        does = self.engine.reconciling.step() is not None
        self.certain = self.certain and not does
        return does

    def _tells(self) -> bool:
        return self.engine.telling.step() is not None

    def _take_up(self) -> None:
        if self.unknown != WRITTEN.unknown:
            self._look()
        items = [WRITTEN.newest(each) for each in self.records]
        for item in items:
            self.engine.notice(item["kind"], "MODIFIED", item)
        self.under_way = any(self._is_under_way(read_record(each)) for each in items if each["kind"] == "ReviewApp")
        if not self.listed:
            self._list()
        for change, item in self.news.take():
            metadata = item["metadata"]
            if int(metadata["resourceVersion"]) > self.listed.get(metadata["namespace"], 0):
                self.engine.notice_endpoints(change, item)

    def _look(self) -> None:
        self.unknown = WRITTEN.unknown
        self.records = self.recorded()

    def _is_under_way(self, record: Record) -> bool:
        # What is looked at rarely does not come by waiting.
        soon = record.again is not None and record.again <= self.clock() + _CLOSELY
        return soon and (record.phase in _UNDER_WAY or record.reason == "Image")

    def recorded(self) -> list[dict[str, Any]]:
        """Every record, as the cluster has it."""
        listed = self._seen(self._repository)
        return [*self._seen(self._records), *([listed] if listed else [])]

    def _repository(self) -> dict[str, Any] | None:
        return self.home.get("Repository", f"repo-{self.repository}", SYSTEM_NAMESPACE)

    def _records(self) -> list[dict[str, Any]]:
        return self.home.items("ReviewApp", SYSTEM_NAMESPACE, {REPOSITORY: str(self.repository)})

    def _list(self) -> None:
        slices: list[dict[str, Any]] = []
        for ref in [read_record(each).ref for each in self.records if each["kind"] == "ReviewApp"]:
            where = namespace(ref)
            items, version = self._seen(partial(self.home.items_at, "EndpointSlice", where, {RELEASE: None}))
            self.listed[where] = int(version)
            slices += items
        self.engine.relist_endpoints(slices)

    def _seen(self, look: Callable[[], T]) -> T:
        """As a watch that broke would: what is not seen now is seen a moment later."""
        while True:
            try:
                return look()
            except Unseen:
                self.engine.reconciling.wait(0.2)

    def _pass_time(self) -> bool:
        works = (self.engine.reconciling, self.engine.telling)
        times = [at for at in (work.next_at() for work in works) if at is not None]
        if not times or min(times) > (self.clock() + HORIZON).timestamp():
            # What is under way is not looked at either, while GitHub is not to be asked.
            return False
        if self.under_way:
            seconds = max(0.0, min(_MEANWHILE_SECONDS, min(times) - self.clock().timestamp()))
            if not self.news.wait(seconds) and seconds == _MEANWHILE_SECONDS:
                self._look()
            return True
        self.clock.skip_to(min(times))
        return True


def controller(cluster: Cluster, accounts: Accounts, app: App, repository: RepositoryId, **more: str) -> Bot:
    """A controller for one repository, with the rights of the real one; `more` is for its environment."""
    environment = settings(cluster, app, "http://bot.localhost") | controller_secrets(app) | more
    canaries.know_environment(environment)
    own = ControllerSettings.load(environment)
    clock = Clock()
    home = OwnPart(gateway.connect(str(accounts.controller)), repository)
    github = compose.connect_github(own, clock, lambda: None)
    outside = compose.Outside(github, home, home, compose.connect_probe(own, home))
    ear = news(str(accounts.controller)).ear(home.namespaces)
    return Bot(compose.engine(own, outside, clock), Mailbox(home), clock, repository, home, ear)


@contextmanager
def web(cluster: Cluster, accounts: Accounts, app: App) -> Iterator[str]:
    """The receiver on a port of its own, with the rights of the real one; its address."""
    home = Home(gateway.connect(str(accounts.web)))
    server = make_server("127.0.0.1", 0, canaries.overheard(_app(cluster, app, Mailbox(home))), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        home.close()


def _app(cluster: Cluster, app: App, mailbox: Mailbox) -> Flask:
    door = Door(
        "http://127.0.0.1", cluster.previews_url, AppId(app.id), tuple(app.account.split(",")), (app.webhook_secret,)
    )
    return create_app(door, mailbox)
