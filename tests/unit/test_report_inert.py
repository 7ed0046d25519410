"""Somebody else's words in our texts: no mention, reference, link, markup or invisible character gets through."""

import re

import pytest

from reviewbot.decide import Plan
from reviewbot.model import Phase
from reviewbot.report import Place, inert, marker, report
from reviewbot.spec import SpecError, parse_app
from tests.unit.builders import PREVIEW_URL, REF, a_pull

COMMENT_LIMIT = 65_536
# What GitHub's renderer would act on, outside code spans.
ACTIVE = {
    "mention": re.compile(r"(?<![\w/])@[A-Za-z0-9]"),
    "reference": re.compile(r"#\d|\bGH-\d", re.IGNORECASE),
    "link": re.compile(r"(?i)(https?|ftp)://\w|\bwww\.\w|(?<!\\)\]\("),
    "markup": re.compile(r"<[A-Za-z/!?]|(?<!\\)[*_~\[|$]"),
    "entity": re.compile(r"&(?!(amp|lt|gt);)"),
    "block": re.compile(r"(?m)^ {0,3}(#{1,6}\s|[-+]\s|\d+[.)]\s|={3,}|-{3,})"),
    "invisible": re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"),
}
# One backtick, something without a backtick on the same line, and one backtick: code, whatever is in it.
CODE_SPAN = re.compile(r"(?<![`\\])`[^`\n]+`(?!`)")

HOSTILE = [
    "@org/team",
    "hello @someone and @someone-else",
    "#1 and org/repo#1",
    "GH-1",
    "[click](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "https://evil.example/path",
    "http://evil.example",
    "www.evil.example",
    "ftp://evil.example/x",
    "mailto:someone@evil.example",
    "$\\color{white}{hidden}$",
    "<details><summary>x</summary>",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden -->",
    marker(REF),
    "&lt;b&gt; &#64;org &commat;org",
    "*bold* _it_ ~~gone~~ | table |",
    "\\@org \\<b>",
    "left\u202eright\u202c",
    "zero\u200bwidth\u200djoined\ufeff\u00ad",
    "line\u2028break",
    "`",
    "``",
    "```",
    "`@org/team",
    "@org/team`",
    "a ` @org ` ` @org",
    "``x` @org/team",
    "`` ` @org/team",
    "```\n@org/team\n```",
    "`a\n\n@org/team`",
    "~~~\n@org/team",
    "# heading\n> quote\n- list",
    "words\n===\nwords\n---\n1. one\n+ two",
]


def live(text: str) -> dict[str, str]:
    """What is left active in a text of ours, by kind."""
    ours = text.replace(marker(REF), "", 1).replace(PREVIEW_URL, "").replace("**Preview: failed**", "")
    # Our own zero-width spaces are what breaks a mention.
    outside = CODE_SPAN.sub("code", ours).replace("\N{ZERO WIDTH SPACE}", "\N{MIDDLE DOT}")
    found = {kind: pattern.search(outside) for kind, pattern in ACTIVE.items()}
    left = {kind: match[0] for kind, match in found.items() if match}
    return left | ({"backtick": "`"} if re.search(r"(?<!\\)`", outside) else {})


def texts(sentence: str) -> tuple[str, str]:
    told = report(REF, a_pull(), Plan(Phase.FAILED, "Definition", sentence), Place(PREVIEW_URL))
    return told.comment, told.check_run.summary


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("frame", ["{}", "Before {} after.", "`code` {} `more code`", "x{}x"])
def test_inert_comment_text(hostile: str, frame: str) -> None:
    sentence = frame.format(hostile)
    for text in texts(sentence):
        assert live(text) == {}, text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_inert_stays_readable(hostile: str) -> None:
    letters = re.sub(r"[^A-Za-z]", "", hostile.replace(marker(REF), ""))
    kept = inert(hostile).replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")
    assert re.sub(r"[^A-Za-z]", "", kept).startswith(letters[:3])


def test_our_marker_occurs_once() -> None:
    for text in texts(f"{marker(REF)} `{marker(REF)}`")[:1]:
        assert text.splitlines().count(marker(REF)) == 1
        assert text.splitlines()[0] == marker(REF)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words, 1 + 1 = 2.", "plain words, 1 + 1 = 2."),
        ("a<b & c>d", "a&lt;b &amp; c&gt;d"),
        ("@org", "@\u200borg"),
        ("@ 5 # 6", "@ 5 # 6"),
        ("*_|~[]", "\\*\\_\\|\\~\\[\\]"),
        ("\u202eRLO", "RLO"),
    ],
)
def test_inert(text: str, expected: str) -> None:
    assert inert(text) == expected


def test_code_spans_keep_what_they_quote() -> None:
    assert inert("Deploying `a_b*c` of *x*.") == "Deploying `a_b*c` of \\*x\\*."


@pytest.mark.parametrize("key", ["`@org/team", "@org/team", "`` ` @org/team", "\u202e@org", "https://evil.example"])
def test_the_problems_of_an_app_json_are_inert(key: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_app(b"web: x\n", b'{"env": {"' + key.encode() + b'": 5}}')
    for text in texts(caught.value.sentence):
        assert live(text) == {}, text


@pytest.mark.parametrize(
    "sentence", ["x" * 100_000, "word " * 20_000, "`code` " * 20_000, "<" * 100_000, "é\n" * 60_000]
)
def test_a_text_is_cut_with_a_notice(sentence: str) -> None:
    for text in texts(sentence):
        assert len(text) < COMMENT_LIMIT
        assert "…" in text
        assert live(text) == {}


@pytest.mark.parametrize("hostile", ["left\u202eright", "zero\u200bwidth", "two\nlines", "a\tb", "x" * 300])
def test_the_title_is_one_visible_line(hostile: str) -> None:
    told = report(REF, a_pull(), Plan(Phase.WAITING, "Checks", f"Waiting for check “{hostile}”."), Place(PREVIEW_URL))
    assert told.check_run.title.isprintable()
    assert len(told.check_run.title) <= 140
