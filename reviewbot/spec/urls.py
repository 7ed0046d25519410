"""Paths and addresses that people write down, checked before they are joined to an address of ours."""

import re
from urllib.parse import quote, urlsplit

# Browsers read a backslash as a slash, so it could turn a path into another host.
_UNFIT = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
MAX_LENGTH = 1024
_KEPT = "/%:@!$&'*+,;=~"


def is_path(text: str) -> bool:
    """A path on a server: starts with one slash, has no blanks and no control characters."""
    return text.startswith("/") and not text.startswith("//") and _is_fit(text)


def is_address(text: str) -> bool:
    """An absolute http(s) address."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and _is_fit(text)


def path_of(text: str) -> str | None:
    """The path of an absolute address or of a path; None if it is neither."""
    if not is_address(text) and not is_path(text):
        return None
    return "/" + quote(urlsplit(text).path.lstrip("/"), safe=_KEPT)


def _is_fit(text: str) -> bool:
    return len(text) <= MAX_LENGTH and not _UNFIT.search(text)
