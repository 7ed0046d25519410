"""A preview's namespace is locked before anything runs in it, and the cluster itself holds the locks."""

from typing import Any

from dev.github import Pull
from reviewbot.engine.selfcheck import open_wall
from reviewbot.gateways import cluster as gateway
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.walls import managed_namespace, walls
from tests.stories.conftest import Town
from tests.stories.team import Team

GUARDS = "networkpolicies,resourcequotas,limitranges,rolebindings"
WORK = "deployments,replicasets,pods,services,httproutes"


def _names(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["kind"], each["metadata"]["name"]) for each in found}


def _version(item: dict[str, Any]) -> int:
    return int(item["metadata"]["resourceVersion"])


def _expected(team: Team, pull: Pull) -> set[tuple[str, str]]:
    made = walls(team.namespace(pull), "uid", "gateway")
    return {(each["kind"], each["metadata"]["name"]) for each in made if each["kind"] != "ServiceAccount"}


def test_nothing_runs_before_its_walls_stand(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull)
    team.repo.github.settle()
    seen = []
    while not (team.in_cluster(pull) and team.objects(pull, "httproutes")):
        team.bot.advance()
        if team.in_cluster(pull):
            # Read in this order: work that is seen now must have had its guards before.
            work, guards = team.look(pull, WORK)["items"], team.look(pull, GUARDS)["items"]
            seen.append(len(work))
            assert not work or _names(guards) >= _expected(team, pull)
    assert max(seen) > 0

    team.settles()
    # The quota's version moves with what it counts; Secrets are written before anything that runs.
    guards = team.look(pull, "networkpolicies,limitranges,rolebindings")["items"]
    assert max(map(_version, guards)) < min(map(_version, team.look(pull, "secrets")["items"]))
    ref = PullRequestRef(RepositoryId(team.repo.id), InstallationId(team.installation), pull.number)
    wanted, shown = managed_namespace(ref)["metadata"], team.look(pull, "namespace", team.namespace(pull))["metadata"]
    assert wanted["labels"].items() <= shown["labels"].items()
    assert wanted["annotations"].items() <= shown["annotations"].items()


def test_walls_that_an_administrator_took_down_stand_again_at_the_next_release(team: Team) -> None:
    pull = team.is_running()
    team.take(pull, "networkpolicies", "--all")
    team.take(pull, "resourcequotas,limitranges", "--all")
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    assert _names(team.look(pull, GUARDS)["items"]) >= _expected(team, pull)


def test_the_cluster_refuses_what_the_bot_must_never_do(town: Town) -> None:
    own = gateway.connect(str(town.accounts.controller))
    try:
        assert open_wall(own) is None
    finally:
        own.close()


def test_an_open_wall_is_named(town: Town) -> None:
    administrator = gateway.connect(town.cluster.kubeconfig)
    try:
        assert open_wall(administrator) == (
            "The cluster would let reviewbot make namespaces that are not previews (policy reviewbot-own-writes)."
            " Install manifests/cluster again; nothing is deployed."
        )
    finally:
        administrator.close()
