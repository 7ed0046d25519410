"""What whoever runs the cluster provides: the registry's password, config vars, and where previews run."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dev.bot.install import SYSTEM, kubectl
from dev.cluster import Cluster
from dev.demo.shown import our_check
from dev.github import Pull
from reviewbot.decide import BLOCKED, CHECK, IMAGE_DEADLINE
from reviewbot.render.names import PLACEMENT, PULL_SECRET, VARS_NAMESPACE
from tests import canaries
from tests.stories.conftest import Founded
from tests.stories.registry import Registry, registry
from tests.stories.team import NAMELESS, Team

CONFIG = ".github/reviewbot.yml"
Provide = Callable[..., None]


def _asks_again(team: Team, pull: Pull) -> None:
    run = our_check(pull)
    assert run is not None
    team.repo.rerequest(run)


def _looks_again(team: Team, pull: Pull) -> None:
    _asks_again(team, pull)
    team.settles()


def _apply(cluster: Cluster, item: dict[str, Any]) -> None:
    # A manager of its own, or installing from another checkout would take back what this one says.
    how = ("--server-side", "--force-conflicts", "--field-manager=administrator")
    kubectl(cluster, "apply", *how, "-f", "-", stdin=json.dumps(item))


def _object(kind: str, name: str, namespace: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}


# --- the registry's password -------------------------------------------------------------------------


@pytest.fixture
def private(cluster: Cluster) -> Iterator[Registry]:
    if not cluster.tools:
        pytest.skip("only the local cluster's node reaches a registry on this machine")
    gone = ("delete", "secret", PULL_SECRET, "-n", SYSTEM, "--ignore-not-found")
    # One that an interrupted run left would be taken for the administrator's.
    kubectl(cluster, *gone)
    with registry(secrets.token_urlsafe(24)) as served:
        canaries.know("pull secret", served.password, f"{served.user}:{served.password}", served.docker_config)
        yield served
    kubectl(cluster, *gone)


def _is_given(cluster: Cluster, docker_config: str) -> None:
    data = {".dockerconfigjson": docker_config}
    kind = "kubernetes.io/dockerconfigjson"
    _apply(cluster, _object("Secret", PULL_SECRET, SYSTEM, type=kind, stringData=data))


def _copy(team: Team, pull: Pull) -> str:
    copied = team.look(pull, "secret", PULL_SECRET)
    assert copied["type"] == "kubernetes.io/dockerconfigjson"
    return base64.b64decode(copied["data"][".dockerconfigjson"]).decode()


def test_a_private_image(found: Founded, private: Registry) -> None:
    team = found(**{CONFIG: f"image: {private.image('{sha}')}\nhealth: /healthz\n"})
    team.bot = team.another_bot(REVIEWBOT_PULL_SECRET=f"nowhere, acme={PULL_SECRET}")
    pull = team.opens()
    team.ci_passes(pull, image=False)
    team.settles()
    place = f"the Secret `{PULL_SECRET}` in `{SYSTEM}`"
    assert team.check(pull)[:2] == ("completed", "failure")
    assert f"Images are pulled with {place}, which is not there." in team.summary(pull)

    _is_given(team.cluster, private.docker_config.replace('"auth": "', '"auth": "d3Jvbmc6'))
    team.bot.clock.skip(BLOCKED)
    team.settles(until=lambda: "its registry does not let the cluster pull it" in team.summary(pull))
    assert private.refused
    team.bot.clock.skip(IMAGE_DEADLINE)
    team.settles()
    assert team.check(pull)[:2] == ("completed", "failure")

    _is_given(team.cluster, private.docker_config)
    _looks_again(team, pull)
    team.runs(pull)
    (pod,) = team.look(pull, "pods")["items"]
    assert pod["spec"]["imagePullSecrets"] == [{"name": PULL_SECRET}]
    assert _copy(team, pull) == private.docker_config

    _is_given(team.cluster, '{"auths": {}}')
    team.waits(CHECK * 1.2)
    assert _copy(team, pull) == '{"auths": {}}'
    kubectl(team.cluster, "delete", "secret", PULL_SECRET, "-n", SYSTEM)
    team.waits(CHECK * 1.2)
    team.runs(pull)

    team.restarts(REVIEWBOT_PULL_SECRET="")
    _asks_again(team, pull)
    team.settles(until=lambda: f"secret/{PULL_SECRET}" not in team.objects(pull, "secrets"))
    canaries.hear_objects(team.look(pull, "events")["items"])


# --- config vars -------------------------------------------------------------------------------------


@pytest.fixture
def give(team: Team) -> Iterator[Provide]:
    """Writes the config vars of the team's repository."""
    name = f"repo-{team.repo.id}"

    def write(**values: str) -> None:
        canaries.know("config var", *values.values())
        renamed = {key.replace("__", "-"): value for key, value in values.items()}
        _apply(team.cluster, _object("Secret", name, VARS_NAMESPACE, stringData=renamed))

    yield write
    kubectl(team.cluster, "delete", "secret", name, "-n", VARS_NAMESPACE, "--ignore-not-found")


def test_config_vars(team: Team, give: Provide) -> None:
    canary = "swordfish"
    app = {"env": {"PAYMENTS_URL": {"required": True}, "GREETING": "the file's", "SESSION_SECRET": "x"}}
    pull = team.opens(files={"app.json": json.dumps(app)})
    team.ci_passes(pull)
    team.settles()
    where = f"Secret repo-{team.repo.id} in {VARS_NAMESPACE}"
    gap = (
        r"app.json:1:10: env.PAYMENTS\_URL: is required and has no value; whoever runs the cluster can give one in the"
    )
    assert f"{gap} {where}" in team.summary(pull)

    give(PAYMENTS_URL=canary, GREETING="the administrator's", PORT="1", not__one=canary)
    _looks_again(team, pull)
    team.runs(pull, NAMELESS)
    page = team.page(pull).text
    assert "the administrator's" in page
    assert canary in page
    assert f"{where}: not-one is not used: a variable's name has only letters" in team.summary(pull).replace("\\", "")
    assert f"{where}: PORT is not used: reviewbot sets this itself" in team.summary(pull).replace("\\", "")

    (first,) = team.objects(pull, "deployments")
    give(PAYMENTS_URL=f"{canary}-2", GREETING="changed")
    team.waits(CHECK * 1.2)
    assert team.objects(pull, "deployments") == [first]
    _looks_again(team, pull)
    team.runs(pull, NAMELESS)
    assert team.objects(pull, "deployments") != [first]
    assert f"{canary}-2" in team.page(pull).text


def test_a_changed_config_var_runs_the_release_phase_again(team: Team, give: Provide) -> None:
    give(COLOUR="red")
    pull = team.is_running(files={"Procfile": "web: bin/shop\nrelease: echo $COLOUR | wc -c\n"})
    assert "```text\n4\n```" in team.summary(pull)
    (first,) = team.objects(pull, "jobs")
    _looks_again(team, pull)
    assert team.objects(pull, "jobs") == [first]
    give(COLOUR="turquoise")
    _looks_again(team, pull)
    team.runs(pull)
    assert "```text\n10\n```" in team.summary(pull)
    (second,) = team.objects(pull, "jobs")
    assert first != second


def test_a_fork_gets_neither(team: Team, give: Provide) -> None:
    give(PAYMENTS_URL="swordfish")
    team.bot = team.another_bot(REVIEWBOT_PULL_SECRET=PULL_SECRET)
    pull = team.opens(fork=True, author="mallory")
    team.ci_passes(pull)
    team.settles()
    team.asks(pull, "trust")
    team.settles()
    team.runs(pull)
    assert "swordfish" not in team.page(pull).text
    (pod,) = team.look(pull, "pods")["items"]
    assert "imagePullSecrets" not in pod["spec"]
    assert f"secret/{PULL_SECRET}" not in team.objects(pull, "secrets")


# --- placement ---------------------------------------------------------------------------------------


@pytest.fixture
def place(cluster: Cluster) -> Iterator[Provide]:
    """Writes the one placement that there is for every preview of the cluster."""

    def write(**data: str) -> None:
        _apply(cluster, _object("ConfigMap", PLACEMENT, SYSTEM, data=data))

    yield write
    write()


@pytest.mark.alone
def test_placement(team: Team, place: Provide) -> None:
    place(nodeSelector="kubernetes.io/os=linux\n", sizes="tiny: {requests: {cpu: 10m}, limits: {cpu: 500m}}")
    sizes = {"formation": {"web": {"size": "tiny"}, "worker": {"size": "huge"}}}
    procfile = "web: bin/shop\nworker: sleep 1000\n"
    pull = team.is_running(files={"app.json": json.dumps(sizes), "Procfile": procfile})
    assert "formation.worker.size: unknown size, default is used; known are" in team.summary(pull)
    (pod,) = team.look(pull, "pods")["items"]
    assert pod["spec"]["nodeSelector"] == {"kubernetes.io/os": "linux"}
    resources = pod["spec"]["containers"][0]["resources"]
    assert (resources["requests"]["cpu"], resources["limits"]["cpu"]) == ("10m", "500m")
    team.nothing_more_happens(pull)

    old = pull.head
    place(nodeSelector="kubernetes.io/os=plan9")
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles(until=lambda: "No node can take it: " in (team.says(pull) or ""))
    assert "didn't match Pod's node affinity/selector" in team.summary(pull)
    assert team.page(pull).sha == old

    place(nodeSelector="plan9")
    pull.push({"topic.txt": "3"})
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[:2] == ("completed", "failure")
    problem = "says where previews run, and cannot be used:  \nnodeSelector:1:1: must be a node's label, key=value"
    assert problem in team.summary(pull)
    kubectl(team.cluster, "delete", "configmap", PLACEMENT, "-n", SYSTEM)
    team.waits(BLOCKED)
    team.runs(pull, NAMELESS)
    assert team.page(pull).sha == pull.head
