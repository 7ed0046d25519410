"""The Procfile's own rules, and how its process types and app.json's formation become processes."""

import codecs

import pytest

from reviewbot.model import AppSpec, Process, Script
from reviewbot.spec import SpecError
from tests.unit.definitions import parsed

WEB = Process("web", "run", 1)


def refused(procfile: bytes | None, app_json: bytes | None = None) -> str:
    with pytest.raises(SpecError) as caught:
        parsed(procfile, app_json)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("procfile", "processes"),
    [
        (b"web: run", (WEB,)),
        (b"web: run\nworker: work\n", (WEB,)),
        (b"\n# a comment\n   # another: one\n\nweb: run\n", (WEB,)),
        (b"web:run", (WEB,)),
        (b"  web:  \t run  ", (WEB,)),
        (codecs.BOM_UTF8 + b"web: run\r\nworker: work\r\n", (WEB,)),
        (b"web: run\rworker: work", (WEB,)),
        (
            b"web: FOO='a: b' exec run --port=$PORT # not a comment of ours",
            (Process("web", "FOO='a: b' exec run --port=$PORT # not a comment of ours", 1),),
        ),
        ("web: echo 'grüß\u2028dich'".encode(), (Process("web", "echo 'grüß\u2028dich'", 1),)),
        (b"web: run\nDelayed_Job: work", (WEB,)),
        (None, (Process("web", None, 1),)),
    ],
)
def test_reads(procfile: bytes | None, processes: tuple[Process, ...]) -> None:
    assert parsed(procfile, None) == AppSpec(processes)


def test_release_is_not_kept_running() -> None:
    assert parsed(b"release: migrate\nweb: run", b'{"formation": {"release": {"quantity": 1}}}') == AppSpec(
        processes=(WEB,),
        warnings=("app.json:1:28: formation.release.quantity: not used, as release runs once for each release",),
        release=Script("migrate"),
    )


EXPECTED_LINE = "expected `type: command`, the type of letters, digits, - and _"


@pytest.mark.parametrize(
    ("procfile", "sentence"),
    [
        (b"", "Procfile:1:1: the file is empty; add a line such as `web: command`"),
        (b" \r\n# web: run\n", "Procfile:1:1: the file is empty; add a line such as `web: command`"),
        (b"worker: run", "Procfile:1:1: there is no web process; add a line such as `web: command`"),
        (b"release: run", "Procfile:1:1: there is no web process; add a line such as `web: command`"),
        (b"web: run\n  web run", f"Procfile:2:3: {EXPECTED_LINE}"),
        (b"web: run\nwork er: run", f"Procfile:2:1: {EXPECTED_LINE}"),
        (b"web : run", f"Procfile:1:1: {EXPECTED_LINE}"),
        ("wéb: run".encode(), f"Procfile:1:1: {EXPECTED_LINE}"),
        (b": run", f"Procfile:1:1: {EXPECTED_LINE}"),
        (b"web:  ", "Procfile:1:1: process type web has no command"),
        (b"web: a\nx: b\nweb: c", "Procfile:3:1: process type web is already on line 1"),
        (b"web: run \0 x", "Procfile:1:10: a control character is not allowed here"),
        (b"web: run\x1b[31m", "Procfile:1:9: a control character is not allowed here"),
        (b"web: run\n\xc3\xa9\xff", "Procfile:2:2: the file is not UTF-8 text"),
        ("web: run".encode("utf-16"), "Procfile:1:1: the file is not UTF-8 text"),
        (b"web: " + b"x" * 64 * 1024, "Procfile:1:1: the file is larger than 64 KB"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "Procfile:1:1: this is a Git LFS pointer, not the file; commit the file itself",
        ),
        (
            b"web: x\n" + b"".join(b"p%d: x\n" % n for n in range(60)),
            "Procfile:51:1: more than 50 process types",
        ),
    ],
)
def test_refuses(procfile: bytes, sentence: str) -> None:
    assert refused(procfile) == sentence


def test_a_broken_procfile_does_not_make_app_json_look_wrong() -> None:
    assert refused(b"web: run\nworker", b'{"formation": {"worker": {"quantity": 1}}}') == (
        f"Procfile:2:1: {EXPECTED_LINE}"
    )


PROCFILE = b"web: run\nworker: work\nclock: tick\n"


@pytest.mark.parametrize(
    ("procfile", "formation", "processes"),
    [
        (PROCFILE, b"{}", (WEB,)),
        (PROCFILE, b'{"web": {"quantity": 3}}', (Process("web", "run", 3),)),
        (
            PROCFILE,
            b'{"clock": {"quantity": 1, "size": "Standard-2X"}}',
            (WEB, Process("clock", "tick", 1, "standard-2x")),
        ),
        (PROCFILE, b'{"worker": {"quantity": 10}}', (WEB, Process("worker", "work", 10))),
        (PROCFILE, b'{"worker": {"quantity": 0}}', (WEB,)),
        (None, b'{"web": {"quantity": 2}}', (Process("web", None, 2),)),
    ],
)
def test_formation(procfile: bytes | None, formation: bytes, processes: tuple[Process, ...]) -> None:
    assert parsed(procfile, b'{"formation": ' + formation + b"}") == AppSpec(processes)


def test_a_size_that_nobody_defined_is_told_and_runs_as_the_default() -> None:
    app = parsed(PROCFILE, b'{"formation": {"worker": {"size": 5}, "web": {"size": "Huge"}}}', ("default", "tiny"))
    known = "unknown size, default is used; known are default, tiny"
    assert app == AppSpec(
        (WEB,),
        warnings=(
            f"app.json:1:35: formation.worker.size: {known}",
            f"app.json:1:55: formation.web.size: {known}",
        ),
    )
    assert parsed(PROCFILE, b'{"formation": {"web": {"size": "tiny"}}}', ("default", "tiny")).processes == (
        Process("web", "run", 1, "tiny"),
    )


QUANTITY = "must be a whole number from 0 to 10"


@pytest.mark.parametrize(
    ("procfile", "formation", "sentence"),
    [
        (
            PROCFILE,
            b'{"mailer": {"quantity": 1}}',
            "app.json:1:16: formation.mailer: no such process in the Procfile, which has web, worker, clock",
        ),
        (
            None,
            b'{"worker": {"quantity": 0}}',
            "app.json:1:16: formation.worker: there is no Procfile to define this process",
        ),
        (
            PROCFILE,
            b'{"web": {"quantity": 0}}',
            "app.json:1:16: formation.web: with 0 of them nothing would answer",
        ),
        (
            None,
            b'{"web": {"quantity": 0}}',
            "app.json:1:16: formation.web: with 0 of them nothing would answer",
        ),
        (PROCFILE, b'{"web": {"quantity": 11}}', f"app.json:1:36: formation.web.quantity: {QUANTITY}"),
        (PROCFILE, b'{"web": {"quantity": -1}}', f"app.json:1:36: formation.web.quantity: {QUANTITY}"),
        (PROCFILE, b'{"web": {"quantity": 1.5}}', f"app.json:1:36: formation.web.quantity: {QUANTITY}"),
        (PROCFILE, b'{"web": {"quantity": true}}', f"app.json:1:36: formation.web.quantity: {QUANTITY}"),
        (PROCFILE, b'{"web": {"quantity": "2"}}', f"app.json:1:36: formation.web.quantity: {QUANTITY}"),
        (PROCFILE, b'{"web": 2}', "app.json:1:23: formation.web: must be an object"),
        (PROCFILE, b"[]", "app.json:1:15: formation: must be an object"),
        (
            b"web: run\ngood_job: work",
            b'{"good_job": {"quantity": 1}}',
            "Procfile:2:1: process type good_job runs under its name in Kubernetes,"
            " which must be of lower-case letters, digits and inner -, at most 40 characters",
        ),
    ],
)
def test_formation_refuses(procfile: bytes | None, formation: bytes, sentence: str) -> None:
    assert refused(procfile, b'{"formation": ' + formation + b"}") == sentence


@pytest.mark.parametrize("name", ["a" * 41, "-a", "a-", "_a", "A"])
def test_names_that_kubernetes_would_refuse(name: str) -> None:
    procfile = f"web: run\n{name}: x".encode()
    assert parsed(procfile, None) == AppSpec((WEB,))
    sentence = refused(procfile, f'{{"formation": {{"{name}": {{"quantity": 1}}}}}}'.encode())
    assert sentence.startswith(f"Procfile:2:1: process type {name} runs under its name in Kubernetes")
