"""A folder of a repository, read at one commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Folder:
    """Every file below `path`, by its path from there. `links` are what is no file there, and in a word what it is."""

    path: str
    files: Mapping[str, bytes]
    links: Mapping[str, str] = field(default_factory=dict)

    def full(self, name: str) -> str:
        """Where in the repository something of the folder is."""
        return f"{self.path}/{name}" if self.path else name
