"""What the stories have, for faults that are told as stories."""

from tests.stories.conftest import found, team, town

__all__ = ["found", "team", "town"]
