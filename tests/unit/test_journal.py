"""The log: every line is one JSON object, and no secret of ours or of anybody else is in it."""

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from dev.github import new_private_key
from reviewbot import journal

_KEY = new_private_key()
_WEBHOOK = "a-webhook-secret-of-ours"
_SECRETS = (_WEBHOOK, _KEY)
_JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl-c2lnbmF0dXJl"
_CANARIES = {
    "webhook secret": _WEBHOOK,
    "a line of the key": _KEY.splitlines()[3],
    "the key": _KEY,
    "JWT": _JWT,
    "old token": "ghs_" + "aB3dE6gH" * 4 + "aB3d",
    "new token": "ghs_" + "12345_" + _JWT,
    "address with a token": "https://x-access-token:pass123word@github.com/acme/shop",
    "signature": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
}


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the whole process says, libraries at their most talkative included."""
    stream = io.StringIO()
    handler = journal.Out(stream)
    handler.setFormatter(journal.Lines(_SECRETS))
    root = logging.getLogger()
    root.addHandler(handler)
    talkative = [root, *(logging.getLogger(name) for name in ("urllib3", "github.Requester", "kubernetes.client.rest"))]
    before = [logger.level for logger in talkative]
    for logger in talkative:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for logger, level in zip(talkative, before, strict=True):
        logger.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_time_level_logger_message_and_the_fields(stream: io.StringIO) -> None:
    logging.getLogger("reviewbot.x").info(
        "decided for %s", "you", extra={"pull_request": 12, "commit": "0a" * 20, "steps": ("Arm",)}
    )
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "reviewbot.x",
        "message": "decided for you",
        "pull_request": 12,
        "commit": "0a" * 20,
        "steps": ["Arm"],
    }


def test_who_takes_long_to_say_something_keeps_nobody_waiting() -> None:
    stream, began, quick = io.StringIO(), threading.Event(), threading.Event()
    out = journal.Out(stream)
    out.setFormatter(journal.Lines())

    class Slow:
        def __str__(self) -> str:
            began.set()
            quick.wait(10)
            return "slow"

    def say(what: object) -> None:
        out.handle(logging.makeLogRecord({"msg": what}))

    thread = threading.Thread(target=say, args=(Slow(),))
    thread.start()
    began.wait(10)
    say("quick")
    quick.set()
    thread.join()
    assert [line["message"] for line in lines(stream)] == ["quick", "slow"]


def test_public_pages_are_closed__nobody_forges_a_line_of_the_log(stream: io.StringIO) -> None:
    logging.getLogger("x").info("a\n{}\r\n\x1b[31m\u2028", extra={"sentence": 'b\n{"level": "info"}'})
    (line,) = lines(stream)
    assert stream.getvalue().count("\n") == 1
    assert line["sentence"] == 'b\n{"level": "info"}'


@pytest.mark.parametrize(
    "name", ["reviewbot.x", "urllib3.connectionpool", "github.Requester", "kubernetes.client.rest"]
)
@pytest.mark.parametrize("canary", _CANARIES.values(), ids=_CANARIES)
def test_no_secret_in_logs_or_comments(name: str, canary: str, stream: io.StringIO) -> None:
    log = logging.getLogger(name)
    log.debug('"%s HTTP/1.1" %s', canary, {"Authorization": f"token {canary}", "body": json.dumps({"token": canary})})
    log.info("deeper", extra={"where": [{"at": canary}], "what": canary})
    try:
        int(f"it was {canary}")
    except ValueError:
        log.exception("wrong: %r", canary)
    told = stream.getvalue()
    assert len(lines(stream)) == 3
    secret = canary.removeprefix("https://x-access-token:").removeprefix("sha256=").partition("@")[0]
    assert not [part for part in secret.splitlines() if part and part in told]
    assert "ValueError" in lines(stream)[2]["exception"]


def test_no_secret_in_logs_or_comments__no_library_has_a_way_of_its_own() -> None:
    program = (
        "import logging; from reviewbot import cli, journal; journal.start([])\n"
        "names = ['', *logging.root.manager.loggerDict]\n"
        "for name in names: logging.getLogger(name).warning('ghs_' + 'a' * 36)\n"
        "print(len(names))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    found = [json.loads(line) for line in ended.stderr.splitlines()]
    assert len(found) == int(ended.stdout)
    assert {line["message"] for line in found} == {"[redacted]"}


@pytest.mark.parametrize("kept", ["{}", " {}\n", "first\n{}"])
def test_no_secret_in_logs_or_comments__a_secret_that_looks_like_a_commit(kept: str) -> None:
    secret = "5a" * 20
    stream = io.StringIO()
    out = journal.Out(stream)
    out.setFormatter(journal.Lines([kept.format(secret)]))
    out.handle(logging.makeLogRecord({"msg": "a", "commit": secret, "all": [secret, "0a" * 20], "at": {"x": secret}}))
    (line,) = lines(stream)
    assert (line["commit"], line["at"]) == ("[redacted]", {"x": "[redacted]"})
    assert line["all"] == ["[redacted]", "0a" * 20]


class Unspeakable:
    """It cannot be told, and says why with a secret."""

    def __str__(self) -> str:
        raise RuntimeError(_WEBHOOK)


@pytest.mark.parametrize(
    ("record", "failure"),
    [
        ({"msg": "%d", "args": (_WEBHOOK,)}, "TypeError"),
        ({"msg": _WEBHOOK, "args": (1,)}, "TypeError"),
        ({"msg": "%(a)s", "args": {_WEBHOOK: 1}}, "KeyError"),
        ({"msg": Unspeakable()}, "RuntimeError"),
        ({"msg": "a", "where": [Unspeakable(), _WEBHOOK]}, "RuntimeError"),
    ],
)
def test_no_secret_in_logs_or_comments__of_what_cannot_be_told(
    record: dict[str, Any], failure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    out = journal.Out(stream)
    out.setFormatter(journal.Lines(_SECRETS))
    assert out.handle(logging.makeLogRecord({"name": "x", "levelname": "INFO", **record}))
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "error",
        "logger": "x",
        "message": "a line could not be written",
        "exception": failure,
    }
    assert capsys.readouterr() == ("", "")


def test_no_secret_in_logs_or_comments__where_nothing_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    out = journal.Out(stream)
    stream.close()
    assert out.handle(logging.makeLogRecord({"msg": _WEBHOOK}))
    assert out.handle(logging.makeLogRecord({"msg": "%d", "args": (_WEBHOOK,)}))
    assert capsys.readouterr() == ("", "")


def test_no_secret_in_logs_or_comments__where_not_even_a_loss_can_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    out = journal.Out(stream)
    out.setFormatter(journal.Lines(_SECRETS))
    assert out.handle(logging.makeLogRecord({"msg": "%d", "args": (_WEBHOOK,), "name": Unspeakable()}))
    assert (stream.getvalue(), *capsys.readouterr()) == ("", "", "")


def test_what_nobody_caught_is_a_line_too() -> None:
    program = (
        "import threading, warnings; from reviewbot import journal; journal.start(['hidden-value'])\n"
        "thread = threading.Thread(target=lambda: 1 / 0, name='one'); thread.start(); thread.join()\n"
        "warnings.warn('careful')\n"
        "raise RuntimeError('hidden-value')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    found = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line["message"].partition(":")[0] for line in found] == [
        "thread one ends by a bug",
        "<string>",
        "the process ends by a bug",
    ]
    assert "ZeroDivisionError" in found[0]["exception"]
    assert "RuntimeError" in found[2]["exception"]
    assert (ended.returncode, "hidden-value" in ended.stderr) == (1, False)
