"""An app's files as their author is told of them."""

from dataclasses import replace
from typing import Any

from reviewbot.model import AppSpec
from reviewbot.spec import parse_app
from reviewbot.spec.problems import capped


def parsed(*files: Any, **around: Any) -> AppSpec:
    """What `parse_app` reads, with its warnings as text."""
    app = parse_app(*files, **around)
    return replace(app, warnings=tuple(capped([str(warning) for warning in app.warnings])))
