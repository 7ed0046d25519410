"""What a person sees: the pull request's check run and comment as they change, and the page behind the address."""

import html
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3

from dev.cluster import Cluster
from dev.github import Pull
from dev.github.reports import CheckRun

T = TypeVar("T")

_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Page:
    """An answer at the address: its status, the release that gave it, and its words."""

    status: int
    sha: str
    text: str


class Visitor:
    """Fetches pages through the Gateway by host, whatever DNS says of *.localhost."""

    def __init__(self, cluster: Cluster) -> None:
        self._gateway = cluster.gateway_address
        self._http = urllib3.PoolManager(retries=False, timeout=5)

    def get(self, url: str) -> Page:
        """The page as it is now."""
        return self._ask("GET", url)

    def post(self, url: str, **form: str) -> Page:
        """What a form that is sent is answered with."""
        return self._ask("POST", url, fields=form, encode_multipart=False)

    def _ask(self, method: str, url: str, **body: Any) -> Page:
        parts = urlsplit(url)
        address = f"http://{self._gateway}{parts.path or '/'}"
        answer = self._http.request(method, address, headers={"Host": parts.hostname or ""}, redirect=False, **body)
        return Page(answer.status, answer.headers.get("X-Reviewbot-Sha", ""), words(answer.data.decode()))

    def close(self) -> None:
        """Close idle connections."""
        self._http.clear()


def words(page: str) -> str:
    """A page's words, a line per block."""
    body = re.sub(r"(?s)<(style|script|head)\b.*?</\1>", "", page)
    lines = re.sub(r"<(?!/?(code|b|span|a|em|strong|form|button)\b)[^>]*>", "\n", body)
    text = html.unescape(re.sub(r"<[^>]+>", " ", lines))
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())


def our_check(pull: Pull) -> CheckRun | None:
    """The bot's check run on the head that is shown, if there is one."""
    repository = pull.model.base.repo
    suites = [suite for suite in repository.suites if suite.head_sha == pull.head] if repository else []
    return next((run for suite in suites for run in reversed(suite.runs) if run.name == "reviewbot"), None)


def log_of(pull: Pull) -> list[str]:
    """The log that the bot's check run on the head shows, by lines."""
    check = our_check(pull)
    summary = str(check.output.get("summary", "")) if check else ""
    found = re.search(r"```text\n(.*?)\n```", summary, re.DOTALL)
    return found[1].splitlines() if found else []


def until(
    look: Callable[[], T | None], what: str, within: float = _PATIENCE_SECONDS, every: float = _LOOK_SECONDS
) -> T:
    """The first value that is neither None nor False; loud when it takes too long. Seconds, also between two looks."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen in {within} s")
        time.sleep(every)
    return found


class Shown:
    """What has been told so far of the check run and the comment."""

    def __init__(self, pull: Pull, tell: Callable[[str], None]) -> None:
        self._pull = pull
        self._tell = tell
        self._told: dict[str, str] = {}

    def look(self) -> None:
        """Tell what changed since the last look."""
        for what, text in self._now().items():
            if text != self._told.get(what):
                self._tell(f"{what}: {text}")
                self._told[what] = text

    def says(self, what: str, *parts: str) -> bool:
        """Whether it was told with all these parts the last time it changed."""
        return all(part in self._told.get(what, "") for part in parts)

    def _now(self) -> dict[str, str]:
        shown = {}
        check = our_check(self._pull)
        if check is not None:
            outcome = check.conclusion or check.status
            shown["check"] = f"[{outcome}] {check.output.get('title', '')} (on {self._pull.head[:7]})"
        for comment in self._pull.comments:
            lines = [line for line in comment.body.splitlines() if line and not line.startswith("<!--")]
            shown["comment"] = " / ".join(lines)
        return shown


@contextmanager
def telling(pull: Pull, tell: Callable[[str], None]) -> Iterator[Shown]:
    """Tell every change of the check run and the comment as it happens."""
    shown, stopping = Shown(pull, tell), threading.Event()

    def look_on() -> None:
        while not stopping.wait(_LOOK_SECONDS):
            shown.look()

    thread = threading.Thread(target=look_on, daemon=True)
    thread.start()
    try:
        yield shown
    finally:
        stopping.set()
        thread.join()
