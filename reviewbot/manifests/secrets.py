"""Which Secrets a pod of a preview may read: those that were made for it, and never a registry's password."""

import re

from reviewbot.manifests.objects import text
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node

# As the policy reviewbot-tenant-pods has it.
_READABLE = re.compile(r"reviewbot-(?:config|generated|addons)(?:-[a-z0-9-]+)?")


def check_secret(name: Node | None, report: Report) -> None:
    """The name of a Secret that a pod reads."""
    if name is not None and not _READABLE.fullmatch(text(name, report)):
        message = (
            "of Secrets only reviewbot-config-${RELEASE}, reviewbot-generated-… and reviewbot-addons-… can be read"
        )
        report.problem(name.place, message, name.path)
