"""Secrets that tests make, and a search for them in everything that comes out of what is tested.

A plugin of pytest: whatever a test logs at any level, writes or raises is searched after each of its phases, and so is
what fixtures hand in by `hear`. A test in which a secret is heard fails. It is told where, and what kind of secret it
is; the secret itself is shown nowhere.
"""

import base64
import json
import logging
import re
import traceback
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

import pytest

from dev.github.api.auth import MARK
from dev.github.store import Store
from reviewbot.journal import Lines
from reviewbot.render.secrets import addon_name, generated_name

# Shorter values are words that stand everywhere.
_SHORTEST = 8
# Known by their looks, whoever made them. Every token of the stand-in carries its mark in each of its parts.
_FORMS = {
    "installation token": re.compile(rf"ghs_[A-Za-z0-9._-]{{36,}}|{MARK}"),
    "JSON web token": re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}(\.[\w-]*)?"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
_TALKATIVE = ("reviewbot", "github.Requester", "urllib3", "kubernetes")
_STANDARD = {*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime"}
_GENERATED, _ADDONS = generated_name("").rpartition("-")[0], addon_name("")

_known: dict[str, str] = {}
_leaks: list[str] = []


# --- what is known ------------------------------------------------------------------------------------------


def know(kind: str, *values: str) -> None:
    """These are secrets from now on, as they are and as the cluster stores them."""
    for value in values:
        if len(value) >= _SHORTEST:
            _known[value] = kind
            _known[base64.b64encode(value.encode()).decode()] = kind


def know_environment(environment: Mapping[str, str]) -> None:
    """What a process is told and nobody else may know."""
    know("webhook secret", *environment.get("GITHUB_WEBHOOK_SECRET", "").split(","))
    know("host key", environment.get("REVIEWBOT_HOST_KEY", ""))
    know("line of the App's key", *environment.get("GITHUB_APP_PRIVATE_KEY", "").splitlines()[3:4])


def know_kubeconfig(text: str) -> None:
    """The token of an account; what it begins with is known by its looks."""
    know("kubeconfig token", *(user["user"]["token"].rpartition(".")[2] for user in json.loads(text)["users"]))


def know_secret(item: Mapping[str, Any]) -> None:
    """What reviewbot makes up and stores: passwords of add-ons, and values that it generates."""
    name, values = item["metadata"]["name"], item.get("stringData", {})
    if item["kind"] == "Secret" and name.startswith((_ADDONS, _GENERATED)):
        know("add-on password" if name.startswith(_ADDONS) else "generated value", *values.values())


def kinds_in(text: str) -> set[str]:
    """Kinds of the secrets that stand in the text."""
    # Other threads get to know more meanwhile.
    known = {kind for value, kind in _known.copy().items() if value in text}
    return known | {kind for kind, form in _FORMS.items() if form.search(text)}


def _without(text: str) -> str:
    for value, kind in sorted(_known.copy().items(), key=lambda each: -len(each[0])):
        text = text.replace(value, f"[{kind}]")
    for kind, form in _FORMS.items():
        text = form.sub(f"[{kind}]", text)
    return text


# --- what is heard ------------------------------------------------------------------------------------------


def hear(place: str, text: str) -> None:
    """Something came out there; the test that is under way fails if there is a secret in it."""
    _leaks.extend(f"{kind}: in {place}" for kind in sorted(kinds_in(text)))


def taken() -> list[str]:
    """Which secrets were heard where, since this was asked last."""
    heard = list(dict.fromkeys(_leaks))
    _leaks.clear()
    return heard


def hear_github(store: Store) -> None:
    """Every address that was asked for, and all that was written, Authorization headers aside."""
    for each in store.requests:
        hear(f"{each.method} {_without(each.path)}", f"{each.path} {each.query} {json.dumps(each.body, default=repr)}")


def hear_objects(items: Iterable[Mapping[str, Any]]) -> None:
    """Objects that whoever may look into the bot's own namespace reads."""
    for item in items:
        hear(f"{item['kind']} {item['metadata']['name']}", json.dumps(item, ensure_ascii=False))


def overheard(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The same WSGI application; its answers are heard."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        place = f"the answer to {environ['REQUEST_METHOD']} {environ['PATH_INFO']}"

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            hear(place, f"{status} {headers}")
            return start(status, headers, *rest)

        body = b"".join(application(environ, begin))
        hear(place, body.decode(errors="replace"))
        return [body]

    return answer


class _Ears(logging.Handler):
    """Hears what our log would say if everybody's every word were written there."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self._lines = Lines()

    def emit(self, record: logging.LogRecord) -> None:
        raw = (self.format(record), *(str(value) for name, value in vars(record).items() if name not in _STANDARD))
        # Rarely something is in there that the log leaves out, and leaving it out takes time.
        if any(map(kinds_in, raw)):
            hear(f"a line of the logger {record.name}", self._lines.format(record))


# --- pytest -------------------------------------------------------------------------------------------------


def pytest_configure() -> None:
    """Have all loggers that may know something say everything."""
    logging.getLogger().addHandler(_Ears())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail the test if a secret was heard in this phase of it."""
    report = yield
    # What an assertion says are the test's own values.
    if call.excinfo is not None and not call.excinfo.errisinstance(AssertionError):
        hear("an exception", "".join(traceback.format_exception(call.excinfo.value)))
    written = {f"Captured {stream} {call.when}" for stream in ("stdout", "stderr")}
    hear("its output", "\n".join(text for name, text in report.sections if name in written))
    if heard := taken():
        told = "\n".join(["Secrets were heard:", *heard])
        report.outcome = "failed"
        report.longrepr = f"{told}\n\n{_without(report.longreprtext)}".strip()
        report.sections = [(name, _without(text)) for name, text in report.sections]
    return report
