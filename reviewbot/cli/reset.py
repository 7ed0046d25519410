"""`reviewbot reset`: ask for a preview's data to be made anew. It writes the wish into the record, and that is all."""

import os
import uuid
from datetime import datetime

import click

from reviewbot.cli.environment import pull_request_argument, told
from reviewbot.compose import utc_now
from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import GiveUp
from reviewbot.gateways import cluster
from reviewbot.model import RESET, Phase, Request
from reviewbot.render.names import SYSTEM_NAMESPACE

_OVER = {Phase.CLOSING, Phase.CLOSED}


@click.command()
@pull_request_argument
def reset(pull_request: tuple[str, int]) -> None:
    """Empty the preview of a pull request, databases included, and set it up anew.

    KUBECONFIG says with which access to the cluster; without it, it is the pod's own.
    """
    with told():
        mailbox = Mailbox(cluster.connect(os.environ.get("KUBECONFIG")))
        click.echo(ask(mailbox, *pull_request, utc_now()))


def ask(mailbox: Mailbox, full_name: str, number: int, now: datetime) -> str:
    """Ask for it; what to look at from then on. GiveUp if there is no such preview."""
    record, name = mailbox.named(full_name, number), f"{full_name}#{number}"
    if record is None:
        raise GiveUp(f"There is no record of {name} in {SYSTEM_NAMESPACE}.")
    if record.phase in _OVER or record.head is None:
        raise GiveUp(f"There is nothing to reset: {name} is closed, or its preview is going.")
    # Without a sender: whoever may write the record may ask.
    asked = Request(str(uuid.uuid4()), RESET, record.head, None, now)
    mailbox.note(record, asked)
    watched = f"kubectl get reviewapp {record.ref.name} -n {SYSTEM_NAMESPACE}"
    answer = f"{{.status.requests['{asked.key}']}}"
    lines = ["Asked for. Watch it:", f"  {watched} --watch", "What came of it:", f'  {watched} -o jsonpath="{answer}"']
    return "\n".join(lines)
