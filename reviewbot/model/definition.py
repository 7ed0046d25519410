"""What a repository says of itself: its files, read."""

from dataclasses import dataclass, field

from reviewbot.model.placement import DEFAULT_SIZE


@dataclass(frozen=True)
class ConfigVar:
    """One entry of `app.json`'s `env`. `required` without a value and without a generator is a gap."""

    name: str
    value: str | None = None
    required: bool = True
    generated: bool = False


@dataclass(frozen=True)
class Process:
    """One process type of the Procfile; without a command it is the image's own entry point."""

    type: str
    command: str | None
    quantity: int
    size: str = DEFAULT_SIZE


@dataclass(frozen=True)
class ChecksPolicy:
    """The base branch's `checks:`; `quiet` is in seconds, None for the default."""

    require: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    quiet: int | None = None


@dataclass(frozen=True)
class RepositoryConfig:
    """The base branch's `.github/reviewbot.yml`.

    `public_logs`: last lines of what failed are shown even where anybody can read them.
    """

    image: str | None = None
    health: str | None = None
    port: int = 8080
    run_as_user: int | None = None
    checks: ChecksPolicy = field(default_factory=ChecksPolicy)
    public_logs: bool = False


@dataclass(frozen=True)
class AppSpec:
    """What one commit wants to run: `Procfile` and `app.json` as they stand at that commit."""

    processes: tuple[Process, ...]
    env: tuple[ConfigVar, ...] = ()
    success_path: str = "/"
    warnings: tuple[str, ...] = ()
