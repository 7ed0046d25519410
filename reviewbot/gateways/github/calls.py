"""A request to GitHub and its answer, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests.utils import parse_header_links


@dataclass(frozen=True)
class Call:
    """What is asked; with an `etag` only for what changed since."""

    verb: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    etag: str = ""

    @property
    def address(self) -> str:
        """The path with its query."""
        return f"{self.path}?{urlencode(self.query)}"


@dataclass(frozen=True)
class Answer:
    """What GitHub answered, its `Link` header, and what allows to ask for changes only."""

    body: Any
    link: str = ""
    etag: str = ""
    text: str = ""

    @property
    def next_query(self) -> Mapping[str, str]:
        """What asks for the next page; empty if there is none."""
        links = parse_header_links(self.link)
        following = next((link["url"] for link in links if link.get("rel") == "next"), "")
        return dict(parse_qsl(urlsplit(following).query))


# GitHub's word for "as you know it".
UNCHANGED = Answer(None)
