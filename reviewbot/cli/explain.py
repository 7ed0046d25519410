"""`reviewbot explain`: facts, decision and plan for a pull request, for people and for programs."""

import dataclasses
import json
from typing import Any

import click

from reviewbot import compose
from reviewbot.cli.environment import load, pull_request_argument, told
from reviewbot.decide import Facts, Plan, decide, described
from reviewbot.engine.mailbox import Mailbox
from reviewbot.gateways import cluster
from reviewbot.model import Record
from reviewbot.settings import ControllerSettings


@click.command()
@pull_request_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(pull_request: tuple[str, int], as_json: bool) -> None:
    """Show the facts, the decision and the plan for a pull request, and act on nothing."""
    settings = load(ControllerSettings)
    with told():
        facts, plan = _explain(settings, *pull_request)
    click.echo(_as_json(facts, plan) if as_json else _as_text(facts, plan))


def _explain(settings: ControllerSettings, full_name: str, number: int) -> tuple[Facts, Plan]:
    target = cluster.connect(settings.kubeconfig, _never)
    github = compose.connect_github(settings, compose.utc_now, _never)
    ref = github.locate(full_name, number)
    record = Mailbox(target).record(ref.name) or Record(ref, uid="", version="")
    outside = compose.Outside(github, target, target, compose.connect_probe(settings, target))
    facts = compose.observer(settings, outside, compose.utc_now).observe(record)
    return facts, decide(facts)


def _never() -> None:
    raise AssertionError("explain writes nothing")


def _as_json(facts: Facts, plan: Plan) -> str:
    content = {"facts": _public(facts), "plan": {**dataclasses.asdict(plan), "steps": described(plan.steps)}}
    return json.dumps(content, indent=2, default=_plain)


def _as_text(facts: Facts, plan: Plan) -> str:
    pull, verdict = facts.pull, facts.verdict
    lines = [
        f"{pull.full_name}#{pull.number}  {pull.state}  head {pull.head[:7]}  base {pull.base_ref}",
        f"checks     {verdict.sentence if verdict else 'not asked'}",
        f"wanted     {facts.wanted.id if facts.wanted else facts.problem or facts.blocked or 'nothing'}",
        f"namespace  {facts.preview.namespace}, serving {facts.preview.routed or 'nothing'}",
        *(f"release    {each.id}  {'ready' if each.ready else 'not ready'}" for each in facts.preview.releases),
        f"decision   {plan.phase} ({plan.reason}): {plan.sentence}",
        f"plan       {', '.join(described(plan.steps)) or 'nothing to do'}",
    ]
    return "\n".join([*lines, f"again      {plan.again.isoformat()}"] if plan.again else lines)


def _public(facts: Facts) -> dict[str, Any]:
    content = dataclasses.asdict(facts)
    if content["wanted"]:
        # Names tell enough; values may be secrets.
        content["wanted"]["config"] = sorted(content["wanted"]["config"])
    return content


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
