"""What the API server says, from bytes to an object."""

import json
from typing import Any

from reviewbot.errors import Unseen

Object = dict[str, Any]


def parsed(said: bytes) -> Object:
    """The object; Unseen if it is none, and of something that stands before an API server that is away."""
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unseen("what answers for the cluster is not its API server")
    return found
