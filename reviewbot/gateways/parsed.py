"""What the API server says, from bytes to an object."""

import json
from typing import Any

from reviewbot.errors import Unseen

Object = dict[str, Any]


def parsed(said: bytes) -> Object:
    """The object; Unseen if it is none, and of something that stands before an API server that is away."""
    found = _read(said)
    if found is None:
        raise Unseen("what answers for the cluster is not its API server")
    return found


def confirm_absent(said: bytes) -> None:
    """Of a 404: that there is no such object. Unseen if it speaks of the path, or comes from before the API server."""
    if (_read(said) or {}).get("kind") != "Status":
        raise Unseen("the cluster does not know the kind, or what answers for it is not its API server")


def _read(said: bytes) -> Object | None:
    try:
        found = json.loads(said)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
