"""What an administrator deletes or changes by hand comes back, without a request to GitHub; what rests is not shown."""

import pytest

from dev.bot.install import kubectl
from dev.github import Pull
from reviewbot.decide import CHECK, UNREADY
from reviewbot.preview import can_answer
from reviewbot.render.names import TENANTS_NAMESPACE
from reviewbot.render.walls import walls
from tests.contract.kube import until
from tests.stories.team import Team

NEXT_CHECK = CHECK * 1.2
GUARDS = "networkpolicies,resourcequotas,limitranges,rolebindings"


def _asked(team: Team) -> int:
    return len(team.repo.github.calls("GET", rf"^/repositories/{team.repo.id}/pulls/"))


def _runs(team: Team, pull: Pull) -> None:
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def _all_stand(team: Team, pull: Pull) -> bool:
    name = team.namespace(pull)
    wanted = {item["metadata"]["name"] for item in walls(name, "", "gateways") if item["kind"] != "ServiceAccount"}
    found = {item["metadata"]["name"] for item in team.look(pull, GUARDS)["items"]}
    account = ("get", "serviceaccount", name, "-n", TENANTS_NAMESPACE, "--ignore-not-found", "-o", "name")
    return wanted <= found and bool(kubectl(team.cluster, *account))


def test_walls_come_back_without_asking_github(team: Team) -> None:
    pull = team.is_running()
    kubectl(team.cluster, "delete", "serviceaccount", team.namespace(pull), "-n", TENANTS_NAMESPACE)
    for kind in GUARDS.split(","):
        team.take(pull, kind, "--all")
    asked, said = _asked(team), team.writes()
    team.waits(NEXT_CHECK)
    assert _all_stand(team, pull)
    assert (_asked(team), team.writes()) == (asked, said)
    _runs(team, pull)


def test_a_wall_that_was_changed_is_put_right(team: Team) -> None:
    pull = team.is_running()
    opened = '{"spec": {"ingress": [{}], "egress": [{}]}}'
    patch = ("patch", "networkpolicy", "default-deny", "-n", team.namespace(pull), "--type=merge", "-p", opened)
    kubectl(team.cluster, *patch)
    team.waits(NEXT_CHECK)
    policy = team.look(pull, "networkpolicy", "default-deny")["spec"]
    assert "ingress" not in policy
    assert "egress" not in policy


@pytest.mark.parametrize("what", ["deployments", "services", "httproutes"])
def test_what_serves_is_applied_again(team: Team, what: str) -> None:
    pull = team.is_running()
    team.take(pull, what, "--all")
    team.waits(NEXT_CHECK)
    assert team.objects(pull, what) != []
    _runs(team, pull)


def test_a_namespace_is_made_again(team: Team) -> None:
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    kubectl(team.cluster, "delete", "namespace", team.namespace(pull), "--wait=false")
    team.waits(NEXT_CHECK)
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    _runs(team, pull)


def test_what_serves_is_checked_while_its_head_waits(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    pull.set_draft(True)
    pull.push({"topic.txt": "2"})
    team.settles()
    for kind in ("httproutes", *GUARDS.split(",")):
        team.take(pull, kind, "--all")
    team.waits(NEXT_CHECK)
    assert _all_stand(team, pull)
    assert team.page(pull).sha == old
    team.nothing_more_happens(pull)


def _scale(team: Team, pull: Pull, replicas: int) -> None:
    (deployment,) = team.objects(pull, "deployments")
    kubectl(team.cluster, "scale", deployment, "-n", team.namespace(pull), f"--replicas={replicas}")
    until("the endpoints to follow", lambda: _can_answer(team, pull) == bool(replicas))


def _can_answer(team: Team, pull: Pull) -> bool:
    return any(can_answer(each) for each in team.look(pull, "endpointslices")["items"])


def test_what_stops_answering_loses_its_route_until_it_answers_again(team: Team) -> None:
    pull = team.is_running()
    lost_at = team.bot.clock()
    _scale(team, pull, 0)
    team.settles(until=lambda: team.objects(pull, "httproutes") == [])
    assert UNREADY <= team.bot.clock() - lost_at < 2 * UNREADY
    assert (team.record(pull).phase, team.record(pull).reason) == ("Deploying", "NotReady")
    _scale(team, pull, 1)
    team.settles()
    _runs(team, pull)


def test_a_moment_without_an_answer_is_not_told(team: Team) -> None:
    pull = team.is_running()
    said = team.writes()
    _scale(team, pull, 0)
    assert team.bot.step()
    _scale(team, pull, 1)
    team.settles()
    assert (team.record(pull).unready_since, team.writes()) == (None, said)
    _runs(team, pull)


def test_what_ceased_to_answer_while_nobody_led_is_seen_at_the_start(team: Team) -> None:
    pull = team.is_running()
    _scale(team, pull, 0)
    team.restarts()
    team.settles(until=lambda: team.objects(pull, "httproutes") == [])
    assert team.record(pull).reason == "NotReady"


def test_the_commit_before_loses_and_regains_the_address_while_the_head_waits(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    pull.push({"topic.txt": "2"})
    team.settles()
    _scale(team, pull, 0)
    team.settles(until=lambda: team.objects(pull, "httproutes") == [])
    assert team.says(pull) == "Waiting for required check “test”, which has not reported."
    _scale(team, pull, 1)
    team.settles(until=lambda: team.objects(pull, "httproutes") != [])
    team.settles()
    assert team.page(pull).sha == old
    team.nothing_more_happens(pull)
