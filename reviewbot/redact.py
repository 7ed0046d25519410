"""Somebody's output without what looks like a secret. Pure, and meant to take away too much rather than too little."""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

GONE = "[redacted]"
# Shorter values are words and numbers that stand everywhere.
_SHORTEST = 6

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-Z\\-_])")
_NAMES = r"pass(word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth|cookie"
_KEY = "[A-Z ]{0,30}PRIVATE KEY-----"
# Every repetition that may begin again inside itself is bounded: the text is a stranger's.
_PATTERNS = [
    # A private key whose end, or beginning, is out of sight.
    (re.compile(rf"-----BEGIN {_KEY}.*?(-----END {_KEY}|\Z)", re.DOTALL), GONE),
    (re.compile(rf"\A.*?-----END {_KEY}", re.DOTALL), GONE),
    (re.compile(r"^[A-Za-z0-9+/]{40,}={0,2}$", re.MULTILINE), GONE),
    (re.compile(r"(?<=://)[^/\s@]{1,500}@"), f"{GONE}@"),
    (re.compile(r"\b(gh[a-z]_|github_pat_|glpat-|npm_|xox[a-z]-|sk[-_]|rk_|pk_|dop_v1_|hf_)[\w.-]{10,}"), GONE),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"), GONE),
    (re.compile(r"\bAIza[\w-]{30,}"), GONE),
    (re.compile(r"\beyJ[\w-]{1,200}\.[\w-]+(\.[\w-]*)?"), GONE),
    (re.compile(r"\b(bearer|basic)\s{1,3}[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {GONE}"),
    (
        re.compile(
            rf"""((?:\b|_)(?:{_NAMES})[\w-]{{0,40}}\\?["']?\s{{0,3}}(?:=>|[:=])\s{{0,3}}\\?)("[^"\n]*"|'[^'\n]*'|[^\s,;&]+)""",
            re.IGNORECASE,
        ),
        rf"\1{GONE}",
    ),
    # What we generate for an app, and keys like it, whatever they are glued to; digests of images are no secret.
    (re.compile(r"(?<!@sha256:)(?<![0-9a-f])[0-9a-f]{48,}", re.IGNORECASE), GONE),
    (re.compile(r"(?<![\w+-])(?=[\w+-]*[a-z])(?=[\w+-]*[A-Z])(?=[\w+-]*[0-9])[\w+-]{40,}={0,2}"), GONE),
]


def redact(text: str, values: Iterable[str]) -> str:
    """The text as printable lines, without these values and without whatever looks like a token, key or password."""
    clean = without(_plain(text), values)
    for pattern, replacement in _PATTERNS:
        clean = pattern.sub(replacement, clean)
    return clean


def without(text: str, values: Iterable[str]) -> str:
    """The text without these values, whatever else it looks like."""
    for form in _forms(tuple(values)):
        text = text.replace(form, GONE)
    return text


# A key has many lines, and whoever logs has the same values every time.
@lru_cache(8)
def _forms(values: tuple[str, ...]) -> list[str]:
    lines = {part for value in values for part in (value, *value.splitlines())}
    known = {part.strip() for part in lines if len(part.strip()) >= _SHORTEST}
    # Whoever writes one may have it printed, put into an address or into JSON.
    forms = {form for part in known for form in (part, _plain(part), quote(part, safe=""), json.dumps(part)[1:-1])}
    # Of the code of a colour nothing is printed, and that stands between any two characters.
    return sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)


def _plain(text: str) -> str:
    return "\n".join(_printable(line) for line in _ESCAPES.sub("", text).splitlines())


def _printable(line: str) -> str:
    # Most lines are as they should be, and are not taken apart.
    if line.isprintable():
        return line
    return "".join(character for character in line.replace("\t", "    ") if character.isprintable())
