"""The environment: every setting that is missing or wrong gives a line that names it, and never its value."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reviewbot.cli import main
from reviewbot.render.kustomize import IMAGE
from reviewbot.settings import Common, ControllerSettings, Settings, SettingsError, WebSettings

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n"
SECRET = "0123456789abcdef"
COMMON = {
    "GITHUB_APP_ID": "99",
    "REVIEWBOT_ACCOUNTS": "acme",
    "REVIEWBOT_URL": "https://reviewbot.example.org",
    "REVIEWBOT_PREVIEWS_URL": "https://preview.example.com",
}
WEB = COMMON | {"GITHUB_WEBHOOK_SECRET": SECRET}
CONTROLLER = COMMON | {"GITHUB_APP_PRIVATE_KEY": PEM, "REVIEWBOT_HOST_KEY": SECRET}
WHOLE = WEB | CONTROLLER
CANARY = "c4n4ry"


def refused(role: type[Common], environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        role.load(environment)
    assert caught.value.__suppress_context__
    return str(caught.value).splitlines()


def test_a_whole_environment() -> None:
    more = {
        "REVIEWBOT_ACCOUNTS": " acme , 42,, Other ",
        "REVIEWBOT_URL": "https://reviewbot.example.org/",
        "REVIEWBOT_PREVIEWS_URL": "http://preview.localhost:8443",
        "KUBECONFIG": "/etc/kubeconfig",
        "REVIEWBOT_BIND": "0.0.0.0,[::]",
        "REVIEWBOT_OPS_PORT": "9091",
        "GITHUB_WEBHOOK_SECRET": f"{SECRET}, {SECRET}2",
        "PORT": "8081",
        "GITHUB_API_URL": "https://github.example.org/api/v3/",
        "REVIEWBOT_GATEWAY": "gateways/public",
        "REVIEWBOT_GATEWAY_ADDRESS": "10.0.0.1:443",
        "REVIEWBOT_GATEWAY_PROXIES": "envoy-gateway-system",
        "REVIEWBOT_IMAGE": "ghcr.io/{owner}/{repo}:{sha}",
        "REVIEWBOT_KUSTOMIZE_IMAGE": "localhost:5000/kustomize:v5",
        "REVIEWBOT_PULL_SECRET": " reviewbot-pull, Acme = reviewbot-pull-acme,",
        "PATH": "/usr/bin",
    }
    assert Settings.load(WHOLE | more).model_dump() == {
        "app_id": 99,
        "accounts": ("acme", "42", "Other"),
        "url": "https://reviewbot.example.org",
        "previews_url": "http://preview.localhost:8443",
        "kubeconfig": "/etc/kubeconfig",
        "bind": ("0.0.0.0", "[::]"),  # noqa: S104 - a value, nothing listens
        "ops_port": 9091,
        "webhook_secrets": (SECRET, f"{SECRET}2"),
        "port": 8081,
        "private_key": PEM,
        "api_url": "https://github.example.org/api/v3",
        "host_key": SECRET,
        "gateway": "gateways/public",
        "gateway_address": "10.0.0.1:443",
        "gateway_proxies": "envoy-gateway-system",
        "image": "ghcr.io/{owner}/{repo}:{sha}",
        "kustomize_image": "localhost:5000/kustomize:v5",
        "pull_secrets": {"": "reviewbot-pull", "acme": "reviewbot-pull-acme"},
    }


def test_defaults() -> None:
    settings = Settings.load(WHOLE)
    assert (settings.port, settings.ops_port, settings.bind) == (8080, 9090, ("0.0.0.0",))  # noqa: S104
    assert settings.api_url == "https://api.github.com"
    assert settings.gateway == "reviewbot-gateway/reviewbot"
    assert (settings.kubeconfig, settings.gateway_address, settings.image) == (None, None, None)
    assert settings.gateway_proxies is None
    assert settings.kustomize_image == IMAGE


REQUIRED = {
    WebSettings: [*COMMON, "GITHUB_WEBHOOK_SECRET"],
    ControllerSettings: [*COMMON, "GITHUB_APP_PRIVATE_KEY", "REVIEWBOT_HOST_KEY"],
    Settings: [*COMMON, "GITHUB_WEBHOOK_SECRET", "GITHUB_APP_PRIVATE_KEY", "REVIEWBOT_HOST_KEY"],
}


@pytest.mark.parametrize("role", REQUIRED)
def test_everything_missing_is_told_at_once(role: type[Common]) -> None:
    assert sorted(refused(role, {})) == sorted(f"{name}: is required" for name in REQUIRED[role])
    assert sorted(refused(role, dict.fromkeys(WHOLE, ""))) == sorted(refused(role, {}))


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in REQUIRED.items() for name in names])
def test_secrets_rotate_and_are_required__each(role: type[Common], name: str) -> None:
    environment = {key: value for key, value in WHOLE.items() if key != name}
    assert refused(role, environment) == refused(role, environment | {name: ""}) == [f"{name}: is required"]
    command = {WebSettings: "web", ControllerSettings: "controller", Settings: "serve"}[role]
    ended = CliRunner().invoke(main, [command], env=environment | {name: None})
    assert (ended.exit_code, ended.output) == (2, f"The environment is not complete:\n{name}: is required\n")


def test_web_needs_no_key_and_the_controller_no_webhook_secret() -> None:
    assert not hasattr(WebSettings.load(WEB), "private_key")
    assert not hasattr(WebSettings.load(WHOLE), "host_key")
    assert not hasattr(ControllerSettings.load(WHOLE), "webhook_secrets")
    assert ControllerSettings.load(CONTROLLER).private_key == PEM


URL = "must be a URL such as https://preview.example.com"
NO_PATH = "must be a scheme and a host, without a path"
SHORT = "each secret needs at least 16 characters"
PULL_NAMES = "must be names of Secrets, or account=name, comma-separated"
PEM_FILE = "must be PEM text or the path of a readable PEM file"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("GITHUB_APP_ID", CANARY, "Input should be a valid integer, unable to parse string as an integer"),
        ("GITHUB_APP_ID", "1.5", None),
        ("REVIEWBOT_ACCOUNTS", " , ", "needs at least one entry"),
        ("REVIEWBOT_URL", f"{CANARY}.example.org", URL),
        ("REVIEWBOT_URL", f"ftp://{CANARY}.example.org", URL),
        ("REVIEWBOT_URL", "https://", URL),
        ("REVIEWBOT_URL", f"https://example.org/{CANARY}", NO_PATH),
        ("REVIEWBOT_URL", f"https://example.org?{CANARY}", NO_PATH),
        ("REVIEWBOT_URL", f"https://example.org#{CANARY}", NO_PATH),
        ("REVIEWBOT_URL", f"https://[{CANARY}]", None),
        ("REVIEWBOT_URL", "https://[::1", None),
        ("REVIEWBOT_PREVIEWS_URL", f"https://example.com:{CANARY}", None),
        ("REVIEWBOT_PREVIEWS_URL", "https://example.com:99999", None),
        ("REVIEWBOT_PREVIEWS_URL", "//example.com", URL),
        ("REVIEWBOT_KUSTOMIZE_IMAGE", f"{CANARY} x", "must be an image, for example registry.example.com/kustomize:v5"),
        ("REVIEWBOT_BIND", ",", "needs at least one entry"),
        ("REVIEWBOT_OPS_PORT", "-1", None),
        ("REVIEWBOT_OPS_PORT", "65536", None),
        ("REVIEWBOT_OPS_PORT", CANARY, None),
        ("PORT", "0", None),
        ("PORT", "65536", None),
        ("PORT", "http", None),
        ("GITHUB_WEBHOOK_SECRET", ",", "needs at least one entry"),
        ("GITHUB_WEBHOOK_SECRET", CANARY, SHORT),
        ("GITHUB_WEBHOOK_SECRET", f"{SECRET},{CANARY}", SHORT),
        ("GITHUB_APP_PRIVATE_KEY", CANARY, PEM_FILE),
        ("GITHUB_APP_PRIVATE_KEY", "/", PEM_FILE),
        ("GITHUB_APP_PRIVATE_KEY", CANARY * 1000, PEM_FILE),
        (
            "GITHUB_APP_PRIVATE_KEY",
            f"-----BEGIN CERTIFICATE-----\n{CANARY}",
            "must be PEM text or the path of a PEM file",
        ),
        ("REVIEWBOT_HOST_KEY", CANARY, "String should have at least 16 characters"),
        ("GITHUB_API_URL", f"{CANARY}.example.org", None),
        ("GITHUB_API_URL", "https://", None),
        ("REVIEWBOT_GATEWAY", CANARY, "must be namespace/name"),
        ("REVIEWBOT_GATEWAY", f"{CANARY}/", "must be namespace/name"),
        ("REVIEWBOT_GATEWAY", f"/{CANARY}", "must be namespace/name"),
        ("REVIEWBOT_GATEWAY", f"a/{CANARY}/c", "must be namespace/name"),
        ("REVIEWBOT_GATEWAY_ADDRESS", CANARY, None),
        ("REVIEWBOT_GATEWAY_ADDRESS", f"10.0.0.1:{CANARY}", None),
        ("REVIEWBOT_GATEWAY_PROXIES", f"{CANARY}/x", None),
        ("REVIEWBOT_PULL_SECRET", f"{CANARY}/x", PULL_NAMES),
        ("REVIEWBOT_PULL_SECRET", f"={CANARY}", PULL_NAMES),
        ("REVIEWBOT_PULL_SECRET", f"acme={CANARY},ACME=x", "names one account, or the default, twice"),
        ("REVIEWBOT_PULL_SECRET", f"{CANARY},x", "names one account, or the default, twice"),
    ],
)
def test_each_wrong_setting_is_named_without_its_value(name: str, value: str, problem: str | None) -> None:
    (line,) = refused(Settings, WHOLE | {name: value})
    assert re.fullmatch(rf"{name}: .+", line)
    assert CANARY not in line
    assert SECRET not in line
    if problem is not None:
        assert line == f"{name}: {problem}"


def test_every_error_at_once() -> None:
    wrong = {"GITHUB_APP_ID": "x", "PORT": "0", "REVIEWBOT_GATEWAY": "x", "REVIEWBOT_HOST_KEY": ""}
    names = [line.partition(":")[0] for line in refused(Settings, WHOLE | wrong)]
    assert sorted(names) == sorted(wrong)


def test_the_key_may_be_text_escaped_text_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(PEM)
    for value in (PEM, PEM.replace("\n", "\\n"), str(path)):
        assert ControllerSettings.load(CONTROLLER | {"GITHUB_APP_PRIVATE_KEY": value}).private_key == PEM


def test_a_key_file_must_hold_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    for content in (b"", b"\xff\xfe", CANARY.encode()):
        path.write_bytes(content)
        (line,) = refused(ControllerSettings, CONTROLLER | {"GITHUB_APP_PRIVATE_KEY": str(path)})
        assert line.startswith("GITHUB_APP_PRIVATE_KEY: must be PEM text or the path of a")


def test_secrets_rotate_and_are_required__several() -> None:
    both = f"{SECRET}-old, {SECRET}-new"
    assert WebSettings.load(WEB | {"GITHUB_WEBHOOK_SECRET": both}).webhook_secrets == (
        f"{SECRET}-old",
        f"{SECRET}-new",
    )


@pytest.mark.parametrize("role", [WebSettings, ControllerSettings, Settings])
def test_every_setting_has_its_own_variable_and_says_what_it_is(role: type[Common]) -> None:
    for name, field in role.model_fields.items():
        assert field.alias is not None, name
        assert (field.description or "").endswith("."), name
