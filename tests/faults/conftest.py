"""What the stories have, for faults that are told as stories."""

from hypothesis import Verbosity, settings

from tests.stories.conftest import found, team, town

__all__ = ["found", "team", "town"]

# Others in every run, and each told as it happens.
settings.register_profile(
    "histories", settings.get_profile("stable"), derandomize=False, max_examples=40, verbosity=Verbosity.verbose
)
