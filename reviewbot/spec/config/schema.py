"""`.github/reviewbot.yml` as a JSON Schema, for editors: whatever is read fits it."""

import json

from reviewbot.spec.config.keys import CONFIG
from reviewbot.spec.kinds import Schema


def schema() -> Schema:
    """The schema; of what it accepts, a little more is refused when it is read."""
    return {
        # The draft that editors know best.
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": ".github/reviewbot.yml",
        "description": "How reviewbot runs the pull requests of a repository.",
        **CONFIG.schema,
        "type": ["object", "null"],
    }


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
