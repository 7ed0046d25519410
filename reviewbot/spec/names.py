"""Names that become Kubernetes objects or hosts of a preview."""

import re

MAX_NAME = 40
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_OURS = "reviewbot"


def is_label(text: str, most: int = MAX_NAME) -> bool:
    """A DNS label of at most so many characters."""
    return len(text) <= most and _LABEL.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """A DNS label that a server beside the app can have: it starts with a letter, as Services do, and is not ours."""
    return is_label(text) and text[0].isalpha() and text != _OURS and not text.startswith(f"{_OURS}-")
