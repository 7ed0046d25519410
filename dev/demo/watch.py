"""What an operator sees of a pull request in the cluster."""

from dev.bot.install import SYSTEM, kubectl
from dev.demo.stage import Stage
from dev.github import Pull


def url_of(stage: Stage, pull: Pull) -> str | None:
    """The preview's address, once the record tells it."""
    return _record(stage, pull, "{.status.url}") or None


def phase_of(stage: Stage, pull: Pull) -> str:
    """The record's phase; empty before there is one."""
    return _record(stage, pull, "{.status.phase}")


def message_of(stage: Stage, pull: Pull) -> str:
    """What the record says in a sentence; empty before there is one."""
    return _record(stage, pull, "{.status.message}")


def namespace_of(stage: Stage, pull: Pull) -> str | None:
    """The preview's namespace, found by what it says of itself."""
    own = f"{stage.repo.id} {pull.number}"
    fields = (
        "{.metadata.annotations.reviewbot\\.dev/repository-id} {.metadata.annotations.reviewbot\\.dev/pull-request}"
    )
    template = f"{{range .items[*]}}{fields} {{.metadata.name}}{{'\\n'}}{{end}}"
    listed = kubectl(stage.cluster, "get", "ns", "-l", "reviewbot.dev/managed=true", "-o", f"jsonpath={template}")
    return next((line.split()[2] for line in listed.splitlines() if line.startswith(f"{own} ")), None)


def exists(stage: Stage, namespace: str) -> bool:
    """Whether there is such a namespace, on its way out or not."""
    return bool(kubectl(stage.cluster, "get", "ns", namespace, "--ignore-not-found", "-o", "name"))


def _record(stage: Stage, pull: Pull, path: str) -> str:
    name = f"pr-{stage.repo.id}-{pull.number}"
    return kubectl(
        stage.cluster, "get", "reviewapp", name, "-n", SYSTEM, "--ignore-not-found", "-o", f"jsonpath={path}"
    )
