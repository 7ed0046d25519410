"""Steps carried out: what is written as whom and in which order, and that each may be cut anywhere and repeated."""

from contextlib import suppress
from typing import Any

import pytest

from reviewbot.decide import (
    NAME_TAKEN,
    Apply,
    Arm,
    Drop,
    Forget,
    Provide,
    Prune,
    Remove,
    Resume,
    Run,
    Step,
    Switch,
    Unroute,
    Wipe,
)
from reviewbot.errors import GiveUp, Unseen, Wait
from reviewbot.model import AddonState, PullRequest, PullState, Release, Script, Stage
from reviewbot.reconcile.act import Actor
from reviewbot.render.names import Address, namespace, tenant
from reviewbot.render.secrets import generated_name
from reviewbot.render.walls import managed_namespace
from tests.unit.builders import CACHE, DATABASE, HEAD, OLDER, REF, a_job, a_pull, a_ref, a_release, a_server, a_state

NAMESPACE = namespace(REF)
TENANT = tenant(NAMESPACE)
ADDRESS = Address("shop", "https://preview.example.com")
WANTED = a_release(
    generated=("SECRET_KEY",),
    addons=(DATABASE, CACHE),
    command=Script("bin/migrate"),
    postdeploy=Script("bin/seed"),
    predestroy=Script("bin/tidy"),
)
ID = WANTED.id


class Cluster:
    """Objects by kind and name; `done` is what was written, as the bot or as the tenant. It may break after some."""

    def __init__(self, breaks_after: int | None = None) -> None:
        self.items: dict[tuple[str, str], Any] = {}
        self.done: list[str] = []
        self.breaks_after = breaks_after

    def create(self, item: Any, tenant: str | None = None) -> bool:
        self._note("create", item["kind"], item["metadata"]["name"], tenant)
        return self.items.setdefault((item["kind"], item["metadata"]["name"]), item) is item

    def apply(self, item: Any, tenant: str | None = None) -> None:
        self._note("apply", item["kind"], item["metadata"]["name"], tenant)
        self.items[item["kind"], item["metadata"]["name"]] = item

    def delete(self, kind: str, name: str, _namespace: str | None = None, **_preconditions: str) -> None:
        self._note("delete", kind, name, None)
        self.items.pop((kind, name), None)

    def delete_as(self, tenant: str, kind: str, name: str, _namespace: str) -> None:
        self._note("delete", kind, name, tenant)
        self.items.pop((kind, name), None)

    def resume(self, job: str, _namespace: str, tenant: str) -> None:
        self._note("resume", "Job", job, tenant)

    def delete_pods(self, _namespace: str, grace_seconds: int) -> None:
        self._note("delete", "Pod", f"* in {grace_seconds} s", None)

    def _note(self, verb: str, kind: str, name: str, account: str | None) -> None:
        if self.breaks_after is not None and len(self.done) >= self.breaks_after:
            raise Unseen("the cluster does not answer")
        assert account in {None, TENANT}
        self.done.append(f"{verb} {kind} {name}" + (" as tenant" if account else ""))


class Source:
    """The pull request as GitHub shows it now."""

    def __init__(self, pull: PullRequest) -> None:
        self._pull = pull

    def pull(self, _ref: object) -> PullRequest:
        return self._pull


def act(step: Step, cluster: Cluster, pull: PullRequest | None = None) -> list[str]:
    actor = Actor(Source(pull or a_pull()), cluster, "gateways/shared")  # type: ignore[arg-type]
    actor.act(step, REF, ADDRESS)
    return cluster.done


CONFIGURE = [f"create Secret {generated_name('SECRET_KEY')}", f"create Secret reviewbot-config-{ID}"]
FORMER = (AddonState("postgresql", "abc", whole=True, ready=True), AddonState("redis", "", whole=False, ready=False))
STEPS: dict[str, tuple[Step, list[str]]] = {
    "provide": (
        Provide(WANTED),
        [
            "create Secret reviewbot-addons-postgresql",
            "create PersistentVolumeClaim postgresql as tenant",
            "apply StatefulSet postgresql as tenant",
            "apply Service postgresql as tenant",
            "create Secret reviewbot-addons-redis",
            "apply StatefulSet redis as tenant",
            "apply Service redis as tenant",
        ],
    ),
    "release phase": (Run(WANTED, "release"), [*CONFIGURE, f"create Job release-{ID} as tenant"]),
    "postdeploy": (Run(WANTED, "postdeploy"), [*CONFIGURE, "create Job postdeploy as tenant"]),
    "apply": (
        Apply(WANTED),
        [
            *CONFIGURE,
            f"apply Job pr-predestroy-{ID} as tenant",
            f"apply Deployment web-{ID} as tenant",
            f"apply Service web-{ID} as tenant",
        ],
    ),
    "resume": (Resume(a_job(Stage.SUSPENDED, "pr-predestroy")), [f"resume Job pr-predestroy-{ID} as tenant"]),
    "drop": (Drop(a_job(Stage.FAILED, "postdeploy")), ["delete Job postdeploy as tenant"]),
    "prune": (
        Prune(
            a_state(
                processes=frozenset({"worker"}),
                phase=a_job(Stage.SUCCEEDED),
                predestroy=a_job(Stage.SUSPENDED, "pr-predestroy"),
            )
        ),
        [
            f"delete Secret reviewbot-config-{ID}",
            f"delete Service web-{ID} as tenant",
            f"delete Deployment web-{ID} as tenant",
            f"delete Deployment worker-{ID} as tenant",
            f"delete Job release-{ID} as tenant",
            f"delete Job pr-predestroy-{ID} as tenant",
        ],
    ),
    "wipe": (
        Wipe(FORMER, a_job(Stage.SUCCEEDED, "postdeploy")),
        [
            # So that whatever goes is set up again.
            "delete Job postdeploy as tenant",
            *(
                step
                for name in ("postgresql", "redis")
                for step in (
                    f"delete StatefulSet {name} as tenant",
                    f"delete Service {name} as tenant",
                    f"delete PersistentVolumeClaim {name} as tenant",
                    f"delete Secret reviewbot-addons-{name}",
                )
            ),
        ],
    ),
    "wipe nothing": (Wipe((), None), []),
    "unroute": (Unroute(), ["delete HTTPRoute preview"]),
    "remove": (
        Remove("uid"),
        [
            "delete HTTPRoute preview",
            f"delete Namespace {NAMESPACE}",
            "delete Pod * in 1 s",
            f"delete ServiceAccount {NAMESPACE}",
        ],
    ),
    "forget": (Forget(), []),
}


@pytest.mark.parametrize(("step", "done"), STEPS.values(), ids=STEPS)
def test_what_is_done(step: Step, done: list[str]) -> None:
    assert act(step, Cluster()) == done


CUTS = [
    pytest.param(step, number, id=f"{name} after {number}")
    for name, (step, done) in STEPS.items()
    for number in range(len(done))
]


@pytest.mark.parametrize(("step", "number"), CUTS)
def test_what_was_cut_is_repeated_and_no_secret_is_made_twice(step: Step, number: int) -> None:
    whole, cut = Cluster(), Cluster(breaks_after=number)
    act(step, whole)
    with suppress(Unseen):
        act(step, cut)
    before, cut.breaks_after = dict(cut.items), None
    assert len(cut.done) == number
    act(step, cut)
    assert cut.items.keys() == whole.items.keys()
    secrets = [key for key in before if key[0] == "Secret"]
    assert all(cut.items[key] is before[key] for key in secrets if key in cut.items)


MOVED = [a_pull(head=OLDER), a_pull(state=PullState.CLOSED), a_pull(archived=True)]


@pytest.mark.parametrize("pull", MOVED, ids=["pushed", "closed", "archived"])
@pytest.mark.parametrize("step", [Run(WANTED, "release"), Run(WANTED, "postdeploy"), Switch(a_state())])
def test_what_cannot_be_taken_back_is_not_begun_for_a_commit_that_is_out_of_date(step: Step, pull: PullRequest) -> None:
    cluster = Cluster()
    with pytest.raises(Wait):
        act(step, cluster, pull)
    assert cluster.done == []


@pytest.mark.parametrize("addons", [(DATABASE,), (CACHE,)])
def test_an_add_on_is_known_by_what_it_was_made_of(addons: Any) -> None:
    wanted: Release = a_release(addons=addons)
    cluster = Cluster()
    act(Provide(wanted), cluster)
    server = cluster.items["StatefulSet", addons[0].name]
    assert server["metadata"]["labels"]["reviewbot.dev/definition"] == a_server(addons[0], wanted).definition
    assert HEAD not in str(server)


class Occupied(Cluster):
    """A cluster in which somebody was faster."""

    def __init__(self, space: Any) -> None:
        super().__init__()
        self.items["Namespace", NAMESPACE] = {**space, "metadata": {**space["metadata"], "uid": "theirs"}}

    def get(self, kind: str, name: str) -> Any:
        return self.items.get((kind, name))


def _relabelled(**labels: str) -> Any:
    space = managed_namespace(REF)
    return {**space, "metadata": {**space["metadata"], "labels": {"reviewbot.dev/managed": "true", **labels}}}


@pytest.mark.parametrize("space", [{"metadata": {"name": NAMESPACE}}, managed_namespace(a_ref(13))])
def test_name_squatting__between_the_look_and_the_first_write(space: Any) -> None:
    cluster = Occupied(space)
    with pytest.raises(GiveUp) as caught:
        act(Arm(), cluster)
    assert caught.value.sentence == NAME_TAKEN
    assert cluster.done == ["create ConfigMap reviewbot-placement", f"create Namespace {NAMESPACE}"]


@pytest.mark.parametrize("level", [{}, {"pod-security.kubernetes.io/enforce": "privileged"}])
def test_drift_and_hand_edits__a_namespace_that_somebody_unlocked_gets_nothing(level: dict[str, str]) -> None:
    cluster = Occupied(_relabelled(**level))
    with pytest.raises(GiveUp, match=r"lost its label `pod-security\.kubernetes\.io/enforce=restricted`"):
        act(Arm(), cluster)
    assert len(cluster.done) == 2


@pytest.mark.parametrize(("proxies", "where"), [(None, "gateways"), ("envoy-gateway-system", "envoy-gateway-system")])
def test_previews_are_reached_from_where_the_proxies_of_the_gateway_run(proxies: str | None, where: str) -> None:
    cluster = Occupied(managed_namespace(REF))
    actor = Actor(Source(a_pull()), cluster, "gateways/shared", proxies)  # type: ignore[arg-type]
    actor.act(Arm(port=8000), REF, ADDRESS)
    for name in ("allow-from-gateway", "allow-from-gateway-8000"):
        [way] = cluster.items["NetworkPolicy", name]["spec"]["ingress"]
        assert way["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": where}}}]
    act(Switch(a_state()), cluster)
    assert cluster.items["HTTPRoute", "preview"]["spec"]["parentRefs"] == [{"namespace": "gateways", "name": "shared"}]
