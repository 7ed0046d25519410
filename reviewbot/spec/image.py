"""The image of a commit: a template in the repository's words, and a reference that a cluster can pull."""

import re
from collections.abc import Mapping

from reviewbot.errors import GiveUp, Wait
from reviewbot.spec.problems import shown

PLACEHOLDERS = ("sha", "short_sha", "merge_sha", "pr", "branch", "owner", "repo")
MAX_REFERENCE = 512
_MAX_TAG = 128

_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_NOT_IN_TAG = re.compile(r"[^A-Za-z0-9_.-]")

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::{_TAG})?(?:@{_DIGEST})?")


class NoMergeCommit(Wait):
    """The image is named after a merge commit that GitHub has not made, and may never make."""


def image_for(template: str, values: Mapping[str, str | None]) -> str:
    """Fill a template in.

    Raises NoMergeCommit while that is not known, GiveUp if the outcome is no image reference.
    """
    for _, message in template_problems(template):
        raise GiveUp(f"The image template `{shown(template)}` cannot be used: {message}")
    image = _BRACES.sub(lambda match: _fill(match[1], values), template)
    if not is_reference(image):
        raise GiveUp(f"`{shown(image)}` is not a valid image reference; see `image` in .github/reviewbot.yml")
    return image


def names_merge(template: str) -> bool:
    """Whether it takes a merge commit to fill the template in."""
    return "{merge_sha}" in template


def template_problems(template: str) -> list[tuple[int, str]]:
    """What is wrong with a template, each with its offset."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    found: list[tuple[int, str]] = []
    for match in _BRACES.finditer(template):
        if match[1] is None:
            found.append((match.start(), f'a single "{match[0]}" is not allowed'))
        elif match[1] not in PLACEHOLDERS:
            found.append((match.start(), f"unknown placeholder {shown(match[0])}; known are {known}"))
    return found


def is_reference(text: str) -> bool:
    """Whether this looks like [registry[:port]/]path[:tag][@digest]."""
    return len(text) <= MAX_REFERENCE and _REFERENCE.fullmatch(text) is not None


def _fill(name: str, values: Mapping[str, str | None]) -> str:
    value = values.get(name)
    if name == "merge_sha" and not value:
        raise NoMergeCommit("GitHub has not made the merge commit yet.")
    if value is None:
        raise KeyError(name)
    if name == "branch":
        return _NOT_IN_TAG.sub("-", value)[:_MAX_TAG]
    return value.lower() if name in ("owner", "repo") else value
