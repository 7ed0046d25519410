"""The last lines of a process that failed, fit to be shown."""

from reviewbot.errors import GiveUp, Wait
from reviewbot.model import Output, Release
from reviewbot.reconcile.ports import Cluster
from reviewbot.redact import redact
from reviewbot.spec.variables import is_ours

LINES = 20
BYTES = 4096


def last_lines(cluster: Cluster, namespace: str, output: Output, release: Release) -> str | None:
    """What the process wrote last, redacted; empty if it wrote nothing, None if that cannot be seen now."""
    # What was started again writes from the beginning; why it ended is in the log before.
    order = (True, False) if output.restarted else (False, True)
    try:
        texts = (cluster.log(namespace, output.pod, output.container, LINES, previous) for previous in order)
        text = next((text for text in texts if text and text.strip()), "")
    except (Wait, GiveUp):
        return None
    # Ours are no secrets, and say which preview it was.
    values = [value for name, value in release.config.items() if not is_ours(name)]
    # Cut last, so that no half of a secret is left at the edge.
    return _tail(redact(text, values))


def _tail(text: str) -> str:
    lines = text.rstrip().split("\n")[-LINES:]
    return "\n".join(lines).encode()[-BYTES:].decode(errors="ignore")
