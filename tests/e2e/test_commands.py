"""The commands of README that neither the demo nor the other tests run."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import urllib3

from dev.bot.install import Accounts
from dev.bot.run import App, controller_secrets, free_port, settings
from dev.cluster import Cluster
from dev.demo.shown import our_check, until
from dev.github import new_private_key
from tests import canaries
from tests.e2e.heard import heard_stage


def reviewbot(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reviewbot", *arguments]
    return subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.processes
def test_explain_acts_on_nothing_and_reset_only_asks() -> None:
    with heard_stage() as here:
        pull = here.repo.open_pull_request("explained", {"a.txt": "1"}, title="Explained")
        until(lambda: our_check(pull), "the check run")
        name = f"{here.repo.full_name}#{pull.number}"
        told = reviewbot("explain", name, environment=here.bot.environment)
        assert (told.returncode, told.stderr) == (0, "")
        assert "decision   Waiting (Checks): Waiting for required check “test”, which has not reported." in told.stdout
        whole = json.loads(reviewbot("explain", name, "--json", environment=here.bot.environment).stdout)
        assert (whole["plan"]["phase"], whole["plan"]["steps"]) == ("Waiting", [])
        assert whole["facts"]["pull"]["head"] == pull.head
        access = {"KUBECONFIG": here.bot.environment["KUBECONFIG"]}
        asked = reviewbot("reset", name, environment=access)
        assert (asked.returncode, asked.stderr, asked.stdout.splitlines()[0]) == (0, "", "Asked for. Watch it:")
        nowhere = reviewbot("explain", "acme/nothing#1", environment=here.bot.environment)
        assert nowhere.returncode == 1
        assert nowhere.stderr == "Error: The App is not installed on acme/nothing, or there is no such repository.\n"
        canaries.hear("what the commands printed", "".join([told.stdout, json.dumps(whole), asked.stdout]))


@pytest.mark.processes
def test_serve_runs_both_until_told_to_stop(cluster: Cluster, installed: Accounts, tmp_path: Path) -> None:
    ports = {"web": free_port(), "ops": free_port()}
    app = App("http://127.0.0.1:9", 1, new_private_key(), "a-secret-of-the-webhook", "acme")
    environment = settings(cluster, app, f"http://127.0.0.1:{ports['web']}") | controller_secrets(app)
    environment |= {
        "KUBECONFIG": str(installed.controller),
        "GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "PORT": str(ports["web"]),
        "REVIEWBOT_OPS_PORT": str(ports["ops"]),
    }
    with (tmp_path / "serve.log").open("w") as log:
        serving = subprocess.Popen(
            [sys.executable, "-m", "reviewbot", "serve"], env=environment, stdout=log, stderr=log
        )
        try:
            for port in (ports["ops"], ports["ops"] + 1):
                until(lambda port=port: _ready(port) or serving.poll() is not None, "both processes")  # type: ignore[misc]
            front = urllib3.request("GET", f"http://127.0.0.1:{ports['web']}/")
            assert (front.status, b"reviewbot" in front.data) == (200, True)
        finally:
            serving.terminate()
            code = serving.wait(60)
    said = (tmp_path / "serve.log").read_text()
    assert code == 0, said
    canaries.know_environment(environment)
    canaries.hear("serve.log", said)


@pytest.mark.parametrize("process", ["web", "controller", "serve"])
def test_secrets_rotate_and_are_required__by_each_process(process: str) -> None:
    own = {"web": {"GITHUB_WEBHOOK_SECRET"}, "controller": {"GITHUB_APP_PRIVATE_KEY", "REVIEWBOT_HOST_KEY"}}
    secrets = own.get(process) or own["web"] | own["controller"]
    ended = reviewbot(process, environment=dict.fromkeys(secrets, ""))
    assert ended.returncode == 2
    missing = {"GITHUB_APP_ID", "REVIEWBOT_ACCOUNTS", *secrets}
    assert {f"{name}: is required" for name in missing} <= set(ended.stderr.splitlines())


def _ready(port: int) -> bool:
    try:
        return urllib3.request("GET", f"http://127.0.0.1:{port}/readyz", retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False
