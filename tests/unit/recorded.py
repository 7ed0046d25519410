"""One delivery of each shape that the door reads, as the stand-in makes them in the life of a repository."""

import functools
from typing import NamedTuple

from dev.github import GitHub
from dev.github.world import Installed
from reviewbot.model import AppId
from tests.unit.builders import NOW

EVENTS = (
    "pull_request",
    "check_run",
    "check_suite",
    "status",
    "installation",
    "installation_repositories",
    "repository",
)


class Recorded(NamedTuple):
    """An event, its action, and the body as it was sent."""

    event: str
    action: str
    body: bytes


@functools.cache
def recorded() -> tuple[AppId, tuple[Recorded, ...]]:
    """The App that hears them on the account acme, and the first delivery of each event and action."""
    github = GitHub(lambda: NOW)
    app = github.create_app("reviewbot", webhook_secret="a secret of the webhook")
    installed = github.install(app, "acme")
    _live(github, installed)
    heard: dict[tuple[str, str], Recorded] = {}
    for each in github.deliveries:
        key = (each.event, each.action or "")
        heard.setdefault(key, Recorded(*key, each.body))
    return AppId(app.id), tuple(each for each in heard.values() if each.event in EVENTS)


def _live(github: GitHub, installed: Installed) -> None:
    repo, ci = github.create_repository("acme/shop"), github.create_app("ci")
    pull = repo.open_pull_request("topic", {"topic.txt": "1"}, title="Grüße 🎉", body='a/b \\ "c" \u2028 \x7f')
    pull.label("preview")
    pull.edit(title="Other")
    pull.push({"topic.txt": "2"})
    repo.status(pull.head, "legacy")
    repo.check_run(pull.head, ci, "test", status="queued")
    repo.check_run(pull.head, ci, "test")
    own = repo.check_run(pull.head, installed.model.app, "reviewbot")
    repo.rerequest(own)
    repo.rerequest(own.suite)
    repo.press(own, "again")
    pull.close()
    pull.reopen()
    repo.rename("store")
    repo.archive()
    repo.unarchive()
    other = github.create_repository("acme/other")
    installed.remove(other)
    installed.suspend()
    installed.unsuspend()
    installed.accept_permissions(dict(installed.model.permissions))
    repo.transfer("elsewhere")
    other.delete()
    installed.uninstall()
