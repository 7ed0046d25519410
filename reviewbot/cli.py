"""The command line: who calls, with what environment."""

import dataclasses
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reviewbot import compose, journal, processes
from reviewbot.check import check
from reviewbot.decide import Facts, decide, described
from reviewbot.engine.mailbox import Mailbox
from reviewbot.errors import GiveUp, Wait
from reviewbot.gateways import cluster
from reviewbot.model import Record
from reviewbot.reconcile.apps import Apps
from reviewbot.settings import Common, ControllerSettings, Settings, SettingsError, WebSettings
from reviewbot.spec import schema_text

_Settings = TypeVar("_Settings", bound=Common)


@click.group()
@click.version_option(package_name="reviewbot")
def main() -> None:
    """A running copy of the app for every pull request, once its tests pass."""


@main.command()
def serve() -> None:
    """Run web and controller on one machine."""
    _load(Settings)
    sys.exit(processes.run_both(os.environ))


@main.command()
def web() -> None:
    """Receive webhooks and show status pages."""
    processes.run_web(_load(WebSettings))


@main.command()
def controller() -> None:
    """Reconcile pull requests with the cluster."""
    processes.run_controller(_load(ControllerSettings))


@main.command("check")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path())
def check_command(path: Path) -> None:
    """Check the files of a working copy and show what would be deployed, offline.

    Add-ons, sizes and config vars of whoever runs the cluster are not known here.
    """
    outcome = check(path)
    click.echo(outcome.text)
    sys.exit(0 if outcome.fine else 1)


@main.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of .github/reviewbot.yml."""
    click.echo(schema_text(), nl=False)


@main.command()
@click.argument("pull_request", metavar="OWNER/REPO#NUMBER")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(pull_request: str, as_json: bool) -> None:
    """Show the facts, the decision and the plan for a pull request, and act on nothing."""
    found = re.fullmatch(r"([\w.-]+/[\w.-]+)#(\d+)", pull_request)
    if found is None:
        raise click.BadParameter("write it as owner/repo#12", param_hint="OWNER/REPO#NUMBER")
    settings = _load(ControllerSettings)
    explained = _told(lambda: _explain(settings, found[1], int(found[2])))
    click.echo(_as_json(explained) if as_json else "\n\n".join(map(_as_text, explained)))


def _load(kind: type[_Settings]) -> _Settings:
    try:
        settings = kind.load(dict(os.environ))
    except SettingsError as error:
        click.echo(f"The environment is not complete:\n{error}", err=True)
        sys.exit(2)
    journal.start(settings.secrets())
    return settings


def _told(call: Callable[[], list[Facts]]) -> list[Facts]:
    try:
        return call()
    except (Wait, GiveUp) as failure:
        raise click.ClickException(failure.sentence) from None


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
