"""A small GitHub that keeps state and speaks real HTTP, for tests and for the demo.

`GitHub` holds the state and the verbs that set a scene; `serve` answers its API, its pages and its webhooks.
"""

from dev.github.keys import new_private_key
from dev.github.pace import Pace
from dev.github.pull import Pull
from dev.github.repo import Repo
from dev.github.server import serve
from dev.github.state import RequiredCheck, Submodule, Symlink
from dev.github.world import PERMISSIONS, GitHub, Installed

__all__ = [
    "PERMISSIONS",
    "GitHub",
    "Installed",
    "Pace",
    "Pull",
    "Repo",
    "RequiredCheck",
    "Submodule",
    "Symlink",
    "new_private_key",
    "serve",
]
