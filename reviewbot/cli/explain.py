"""`reviewbot explain`: facts, decision and plan for a pull request, for people and for programs."""

import dataclasses
import json
from typing import Any

import click

from reviewbot import compose
from reviewbot.cli.environment import load, pull_request_argument, told
from reviewbot.decide import Facts, decide, described
from reviewbot.engine.mailbox import Mailbox
from reviewbot.gateways import cluster
from reviewbot.model import Record
from reviewbot.reconcile.apps import Apps
from reviewbot.settings import ControllerSettings


@click.command()
@pull_request_argument
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(pull_request: tuple[str, int], as_json: bool) -> None:
    """Show the facts, the decision and the plan for a pull request, and act on nothing."""
    settings = load(ControllerSettings)
    with told():
        explained = _explain(settings, *pull_request)
    click.echo(_as_json(explained) if as_json else "\n\n".join(map(_as_text, explained)))


def _explain(settings: ControllerSettings, full_name: str, number: int) -> list[Facts]:
    target = cluster.connect(settings.kubeconfig, _never)
    github = compose.connect_github(settings, compose.utc_now, _never)
    ref = github.locate(full_name, number)
    mailbox = Mailbox(target)
    record = mailbox.record(ref.name) or Record(ref, uid="", version="")
    outside = compose.Outside(github, target, target, compose.connect_probe(settings, target))
    observer = compose.observer(settings, outside, compose.utc_now)
    facts = Apps(mailbox).gathered(record, observer.observe(record))
    own = (app.record or Record(dataclasses.replace(ref, app=app.name), uid="", version="") for app in facts.apps)
    return [facts, *(observer.observe_app(each, record) for each in own)]


def _never() -> None:
    raise AssertionError("explain writes nothing")


def _as_json(explained: list[Facts]) -> str:
    whole, *apps = explained
    content = _content(whole) | ({"apps": {facts.record.ref.app: _content(facts) for facts in apps}} if apps else {})
    return json.dumps(content, indent=2, default=_plain)


def _content(facts: Facts) -> dict[str, Any]:
    plan = decide(facts)
    return {"facts": _public(facts), "plan": {**dataclasses.asdict(plan), "steps": described(plan.steps)}}


def _as_text(facts: Facts) -> str:
    pull, verdict, plan, app = facts.pull, facts.verdict, decide(facts), facts.record.ref.app
    subject = f"{pull.full_name}#{pull.number}  {pull.state}  head {pull.head[:7]}  base {pull.base_ref}"
    lines = [
        f"app        {app}" if app else subject,
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
