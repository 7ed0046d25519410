"""What a container, or a pod as a whole, may ask of the machine: what every preview gets a share of, and no device."""

from reviewbot.manifests.fixed import refuse
from reviewbot.manifests.objects import table
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node

# As the policy reviewbot-tenant-pods has it.
_SHARED = ("cpu", "memory", "ephemeral-storage")
_DEVICES = "previews have no devices"


def check_resources(node: Node | None, report: Report) -> None:
    """The field `resources`."""
    fields = table(node, report)
    refuse(fields, {"claims": _DEVICES}, report)
    for name in ("requests", "limits"):
        amounts = table(fields.get(name), report)
        for other in amounts.keys() - set(_SHARED):
            amount = amounts[other]
            report.problem(amount.key, f"only cpu, memory and ephemeral-storage are shared: {_DEVICES}", amount.path)
