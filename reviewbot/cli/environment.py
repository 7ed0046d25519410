"""What commands have in common: the environment they are called with, and how they name a pull request and fail."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from reviewbot import journal
from reviewbot.errors import GiveUp, Wait
from reviewbot.settings import Common, SettingsError

_Settings = TypeVar("_Settings", bound=Common)


def load(kind: type[_Settings]) -> _Settings:
    """The settings of that kind; ends the program if they are not complete."""
    try:
        settings = kind.load(dict(os.environ))
    except SettingsError as error:
        click.echo(f"The environment is not complete:\n{error}", err=True)
        sys.exit(2)
    journal.start(settings.secrets())
    return settings


@contextmanager
def told() -> Iterator[None]:
    """Ends the command with the sentence of what went wrong in there."""
    try:
        yield
    except (Wait, GiveUp) as failure:
        raise click.ClickException(failure.sentence) from None


def _read_name(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\w.-]+/[\w.-]+)#(\d+)", value)
    if found is None:
        raise click.BadParameter("write it as owner/repo#12")
    return found[1], int(found[2])


# The repository's full name and the number.
pull_request_argument = click.argument("pull_request", metavar="OWNER/REPO#NUMBER", callback=_read_name)
