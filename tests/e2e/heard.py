"""What real processes wrote, searched for what they alone may know."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.demo.stage import Stage, stage
from tests import canaries


@contextmanager
def heard_stage() -> Iterator[Stage]:
    """The stage; what its processes logged and asked GitHub for is searched before it goes."""
    with stage() as here:
        canaries.know("webhook secret", *(app.webhook_secret or "" for app in here.github.apps.values()))
        canaries.know_environment(here.bot.environment)
        yield here
        hear_logs(here.bot.logs)
        canaries.hear_github(here.github)


def hear_logs(folder: Path) -> None:
    """All that stands in the logs of both processes."""
    logs = sorted(folder.glob("*.log"))
    assert [log.name for log in logs] == ["controller.log", "web.log"]
    for log in logs:
        canaries.hear(log.name, log.read_text())


def know_children(of: int) -> None:
    """What the processes that another one started were told and nobody else may know."""
    children = Path(f"/proc/{of}/task/{of}/children").read_text().split()
    told = [Path(f"/proc/{child}/environ").read_text().split("\0") for child in children]
    environments = [dict(line.partition("=")[::2] for line in lines) for lines in told]
    secrets = {"GITHUB_WEBHOOK_SECRET", "GITHUB_APP_PRIVATE_KEY", "REVIEWBOT_HOST_KEY"}
    assert secrets <= {name for environment in environments for name in environment}
    for environment in environments:
        canaries.know_environment(environment)
