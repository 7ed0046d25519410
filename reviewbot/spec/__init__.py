"""What the repository says, from bytes to values: no I/O, no Kubernetes, no GitHub."""

from reviewbot.spec.app import gap_problems, gaps, parse_app
from reviewbot.spec.catalogue import BUILT_IN, parse_catalogue
from reviewbot.spec.config import parse_config
from reviewbot.spec.config.schema import schema_text
from reviewbot.spec.config_vars import with_config_vars
from reviewbot.spec.image import NoMergeCommit, image_for, names_merge
from reviewbot.spec.placement import parse_placement
from reviewbot.spec.problems import Problem, SpecError

__all__ = [
    "BUILT_IN",
    "NoMergeCommit",
    "Problem",
    "SpecError",
    "gap_problems",
    "gaps",
    "image_for",
    "names_merge",
    "parse_app",
    "parse_catalogue",
    "parse_config",
    "parse_placement",
    "schema_text",
    "with_config_vars",
]
