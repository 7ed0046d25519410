"""The environment as one model: every setting with its meaning, every error at once.

Each process validates just its own part, so that web needs no App key and the controller no webhook secret.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from reviewbot.model import AppId
from reviewbot.render import kustomize
from reviewbot.spec.image import is_reference

MINIMUM_SECRET = 16
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_SECRET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


class SettingsError(Exception):
    """What is wrong with the environment, a line per setting; never a value."""


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _not_empty(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("needs at least one entry")
    return value


def _secrets(value: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(secret) < MINIMUM_SECRET for secret in _not_empty(value)):
        raise ValueError(f"each secret needs at least {MINIMUM_SECRET} characters")
    return value


def _url(value: str) -> str:
    parts = _parts(value, "https://preview.example.com")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be a scheme and a host, without a path")
    return value.rstrip("/")


def _api_url(value: str) -> str:
    _parts(value, "https://api.github.com")
    return value.rstrip("/")


def _parts(value: str, example: str) -> SplitResult:
    problem = ValueError(f"must be a URL such as {example}")
    try:
        parts = urlsplit(value)
        # Reading the port is what checks it.
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        raise problem from None
    if not usable:
        raise problem
    return parts


def _host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be host:port")
    return value


def _pem(value: str) -> str:
    text = value if "-----BEGIN" in value else _read(Path(value))
    if "PRIVATE KEY-----" not in text:
        raise ValueError("must be PEM text or the path of a PEM file")
    return text.replace("\\n", "\n")


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        raise ValueError("must be PEM text or the path of a readable PEM file") from None


def _qualified(value: str) -> str:
    namespace, _, name = value.partition("/")
    if not namespace or not name or "/" in name:
        raise ValueError("must be namespace/name")
    return value


def _pull_secrets(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found: dict[str, str] = {}
    for entry in _split(value):
        account, separator, name = (part.strip() for part in entry.rpartition("="))
        if not _SECRET_NAME.fullmatch(name) or (separator and not _LOGIN.fullmatch(account)):
            raise ValueError("must be names of Secrets, or account=name, comma-separated")
        if account.lower() in found:
            raise ValueError("names one account, or the default, twice")
        found[account.lower()] = name
    return found


def _reference(value: str) -> str:
    if not is_reference(value):
        raise ValueError("must be an image, for example registry.example.com/kustomize:v5")
    return value


_SECRETS = ("webhook_secrets", "private_key", "host_key")

List = Annotated[tuple[str, ...], BeforeValidator(_split)]
Url = Annotated[str, AfterValidator(_url)]


class Common(BaseModel):
    """What both processes need."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    app_id: AppId = Field(alias="GITHUB_APP_ID", description="The GitHub App's id.")
    accounts: Annotated[List, AfterValidator(_not_empty)] = Field(
        alias="REVIEWBOT_ACCOUNTS",
        description="Owners (logins or ids, comma-separated) whose repositories may use it; others are ignored.",
    )
    url: Url = Field(
        alias="REVIEWBOT_URL", description="The bot's own address, for example https://reviewbot.example.org."
    )
    previews_url: Url = Field(
        alias="REVIEWBOT_PREVIEWS_URL",
        description="Previews live one label below this host, the port is kept: https://preview.example.com.",
    )
    kubeconfig: str | None = Field(
        None,
        alias="KUBECONFIG",
        description="Path of a kubeconfig; without it the pod's own service account.",
    )
    bind: Annotated[List, AfterValidator(_not_empty)] = Field(
        ("0.0.0.0",),  # noqa: S104 - a container is reached from outside
        alias="REVIEWBOT_BIND",
        description="Addresses to listen on, comma-separated; [::] for IPv6.",
    )
    ops_port: int = Field(
        9090,
        alias="REVIEWBOT_OPS_PORT",
        ge=0,
        le=65535,
        description="Port of /healthz, /readyz and /metrics.",
    )

    @classmethod
    def load(cls, environment: dict[str, str]) -> Self:
        """Raises SettingsError with one line per setting that is missing or wrong."""
        try:
            return cls.model_validate({name: value for name, value in environment.items() if value != ""})
        except ValidationError as error:
            lines = [f"{'.'.join(map(str, each['loc'][:1]))}: {_problem(each)}" for each in error.errors()]
            raise SettingsError("\n".join(lines)) from None

    def secrets(self) -> list[str]:
        """The values that nobody may read."""
        given = [getattr(self, name, ()) for name in _SECRETS]
        return [value for each in given for value in ((each,) if isinstance(each, str) else each)]


def _problem(error: Any) -> str:
    return "is required" if error["type"] == "missing" else str(error["msg"]).removeprefix("Value error, ")


class WebSettings(Common):
    """The process that faces the internet."""

    webhook_secrets: Annotated[List, AfterValidator(_secrets)] = Field(
        alias="GITHUB_WEBHOOK_SECRET",
        description="The App's webhook secret; several, comma-separated, while rotating.",
    )
    port: int = Field(8080, alias="PORT", ge=1, le=65535, description="Port of the webhook and the pages.")


class ControllerSettings(Common):
    """The process that acts."""

    private_key: Annotated[str, AfterValidator(_pem)] = Field(
        alias="GITHUB_APP_PRIVATE_KEY",
        description="The App's private key: PEM text or the path of a PEM file.",
    )
    api_url: Annotated[str, AfterValidator(_api_url)] = Field(
        "https://api.github.com",
        alias="GITHUB_API_URL",
        description="GitHub's API; on a server of your own, its /api/v3.",
    )
    host_key: str = Field(
        alias="REVIEWBOT_HOST_KEY",
        min_length=MINIMUM_SECRET,
        description="Secret that makes preview hosts unguessable; changing it moves every preview.",
    )
    gateway: Annotated[str, AfterValidator(_qualified)] = Field(
        "reviewbot-gateway/reviewbot", alias="REVIEWBOT_GATEWAY", description="namespace/name of the Gateway."
    )
    gateway_address: Annotated[str, AfterValidator(_host_and_port)] | None = Field(
        None,
        alias="REVIEWBOT_GATEWAY_ADDRESS",
        description="host:port where previews are probed; by default the Gateway's status.addresses.",
    )
    gateway_proxies: str | None = Field(
        None,
        alias="REVIEWBOT_GATEWAY_PROXIES",
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        description="Namespace in which the Gateway's proxies run, which alone reach previews;"
        " by default the Gateway's own.",
    )
    image: str | None = Field(
        None,
        alias="REVIEWBOT_IMAGE",
        description="Image of repositories that name none, for example ghcr.io/{owner}/{repo}:{sha}.",
    )
    kustomize_image: Annotated[str, AfterValidator(_reference)] = Field(
        kustomize.IMAGE,
        alias="REVIEWBOT_KUSTOMIZE_IMAGE",
        description="Image with a program kustomize, which renders a repository's kustomization in its preview.",
    )
    pull_secrets: Annotated[dict[str, str], BeforeValidator(_pull_secrets)] | None = Field(
        None,
        alias="REVIEWBOT_PULL_SECRET",
        description="Secret of the registry's password, beside the bot; account=name for one owner's, comma-separated:"
        " reviewbot-pull,acme=reviewbot-pull-acme.",
    )


class Settings(WebSettings, ControllerSettings):
    """Every setting: what `reviewbot serve` needs."""
