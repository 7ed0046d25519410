"""What a process asks of its backends, by names that are the same in every run."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

CLUSTER, GITHUB = "cluster", "github"

# In this order; whatever differs between two runs of one story gets a name.
_NAMES = [
    (re.compile(pattern), name)
    for pattern, name in [
        (r"\brb-[a-z2-7]{20}\b", "{preview}"),
        (r"\bpr-\d+-\d+(-[a-z]+)?\b", "{record}"),
        (r"\brepo-\d+\b", "{repository}"),
        (r"\b[0-9a-f]{40}\b", "{sha}"),
        (r"-[0-9a-f]{6,}(?=[-/]|$)(-[a-z0-9]{5}(?=/|$))?", "-{release}"),
        (r"(?<=/events/).*", "{event}"),
        (r"(?<=/)\d+\b", "{id}"),
    ]
]


@dataclass(frozen=True)
class Call:
    """A request as a proxy saw it; `query` as it was sent."""

    backend: str
    method: str
    path: str
    query: str = ""
    body: bytes = b""

    @property
    def name(self) -> str:
        """The same for every call that does the same, whoever it is about."""
        path = self.path
        for pattern, name in _NAMES:
            path = pattern.sub(name, path)
        dry = " (dry run)" if "dryRun=All" in self.query else ""
        return f"{self.backend}: {'WATCH' if self.streams else self.method} {path}{dry}"

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" and "dryRun=All" not in self.query

    @property
    def streams(self) -> bool:
        """Whether its answer does not end by itself."""
        return ("watch", "true") in parse_qsl(self.query)
