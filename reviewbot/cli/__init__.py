"""The command line: who calls, with what environment. A command that is more than a line has a module of its own."""

import os
import sys
from pathlib import Path

import click

from reviewbot import processes
from reviewbot.check import check
from reviewbot.cli.environment import load
from reviewbot.cli.explain import explain
from reviewbot.cli.reset import reset
from reviewbot.settings import ControllerSettings, Settings, WebSettings
from reviewbot.spec import schema_text


@click.group()
@click.version_option(package_name="reviewbot")
def main() -> None:
    """A running copy of the app for every pull request, once its tests pass."""


main.add_command(explain)
main.add_command(reset)


@main.command()
def serve() -> None:
    """Run web and controller on one machine."""
    load(Settings)
    sys.exit(processes.run_both(os.environ))


@main.command()
def web() -> None:
    """Receive webhooks and show status pages."""
    processes.run_web(load(WebSettings))


@main.command()
def controller() -> None:
    """Reconcile pull requests with the cluster."""
    processes.run_controller(load(ControllerSettings))


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
