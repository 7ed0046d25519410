"""What an administrator deletes or changes by hand comes back, without a request to GitHub; what rests is not shown."""

import json
from typing import Any

from dev.bot.install import kubectl
from dev.github import Pull
from reviewbot.decide import CHECK, UNREADY
from reviewbot.preview import can_answer
from reviewbot.render.names import MANAGED, TENANTS_NAMESPACE
from reviewbot.render.walls import POD_SECURITY, walls
from tests.contract.kube import until
from tests.stories.team import Team

NEXT_CHECK = CHECK * 1.2
GUARDS = "networkpolicies,resourcequotas,limitranges,rolebindings"


def _asked(team: Team) -> int:
    return len(team.repo.github.calls("GET", rf"^/repositories/{team.repo.id}/pulls/"))


Wall = tuple[str, str, str]


def _walls(team: Team, pull: Pull) -> list[Wall]:
    made = walls(team.namespace(pull), "", "gateways")
    return [(each["kind"], each["metadata"]["name"], each["metadata"]["namespace"]) for each in made]


def _standing(team: Team, pull: Pull) -> set[Wall]:
    own, theirs = team.look(pull, GUARDS)["items"], _accounts(team, pull)
    return {(each["kind"], each["metadata"]["name"], each["metadata"]["namespace"]) for each in [*own, *theirs]}


def _accounts(team: Team, pull: Pull) -> list[dict[str, Any]]:
    named = f"--field-selector=metadata.name={team.namespace(pull)}"
    shown = kubectl(team.cluster, "get", "serviceaccounts", "-n", TENANTS_NAMESPACE, named, "-o", "json")
    return list(json.loads(shown)["items"])


def test_drift_and_hand_edits__each_wall_comes_back_without_asking_github(team: Team) -> None:
    pull = team.is_running()
    asked, said, expected = _asked(team), team.writes(), _walls(team, pull)
    for kind, name, where in expected:
        kubectl(team.cluster, "delete", kind, name, "-n", where)
        team.waits(NEXT_CHECK)
        assert set(expected) <= _standing(team, pull), kind
    for kind in GUARDS.split(","):
        team.take(pull, kind, "--all")
    team.waits(NEXT_CHECK)
    assert set(expected) <= _standing(team, pull)
    for wall, change in CHANGES.items():
        _is_put_right(team, pull, wall, change)
    assert (_asked(team), team.writes()) == (asked, said)
    team.runs(pull)


CHANGES: dict[str, dict[str, Any]] = {
    "networkpolicy/default-deny": {"ingress": [{}], "egress": [{}]},
    "resourcequota/preview": {"hard": {"pods": "1000", "services.nodeports": "5"}},
    "limitrange/preview": {"limits": []},
}


def _is_put_right(team: Team, pull: Pull, wall: str, change: dict[str, Any]) -> None:
    before = team.look(pull, *wall.split("/"))["spec"]
    patch = ("--type=merge", "-p", json.dumps({"spec": change}))
    kubectl(team.cluster, "patch", wall, "-n", team.namespace(pull), *patch)
    assert team.look(pull, *wall.split("/"))["spec"] != before
    team.waits(NEXT_CHECK)
    assert team.look(pull, *wall.split("/"))["spec"] == before


def test_drift_and_hand_edits__a_label_that_is_gone_is_told_until_somebody_puts_it_back(team: Team) -> None:
    """reviewbot may change no namespace, and what a namespace is marked with decides whose it is."""
    pull = team.is_running()
    space = ("label", "namespace", team.namespace(pull), "--overwrite")
    kubectl(team.cluster, *space, f"{POD_SECURITY}=privileged")
    team.waits(NEXT_CHECK)
    assert f"lost its label `{POD_SECURITY}=restricted`" in team.summary(pull)
    assert team.check(pull)[1] == "failure"
    assert team.page(pull).sha == pull.head
    said = team.writes()
    team.waits(NEXT_CHECK)
    team.nothing_more_happens(pull)
    assert team.writes() == said
    kubectl(team.cluster, *space, f"{POD_SECURITY}=restricted")
    team.waits(NEXT_CHECK)
    team.runs(pull)
    kubectl(team.cluster, *space, f"{MANAGED}-")
    team.waits(NEXT_CHECK)
    assert "is not ours; nothing was touched" in team.summary(pull)
    kubectl(team.cluster, *space, f"{MANAGED}=true")
    team.bot.mailbox.poke(team.record(pull).ref)
    team.settles()
    team.runs(pull)


def test_drift_and_hand_edits__what_serves_is_applied_again(team: Team) -> None:
    pull = team.is_running()
    for what in ("deployments", "services", "httproutes"):
        team.take(pull, what, "--all")
        team.waits(NEXT_CHECK)
        assert team.objects(pull, what) != []
        team.runs(pull)


def test_drift_and_hand_edits__a_namespace_is_made_again_once(team: Team) -> None:
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    kubectl(team.cluster, "delete", "namespace", team.namespace(pull), "--wait=false")
    team.waits(NEXT_CHECK)
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    team.runs(pull)


def test_what_serves_is_checked_while_its_head_waits(team: Team) -> None:
    pull = team.is_running()
    old = pull.head
    pull.set_draft(True)
    pull.push({"topic.txt": "2"})
    team.settles()
    for kind in ("httproutes", *GUARDS.split(",")):
        team.take(pull, kind, "--all")
    team.waits(NEXT_CHECK)
    assert set(_walls(team, pull)) <= _standing(team, pull)
    # The gateway takes its time to hear of it.
    until("its page", lambda: team.page(pull).sha == old)
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
    team.runs(pull)


def test_a_moment_without_an_answer_is_not_told(team: Team) -> None:
    pull = team.is_running()
    said = team.writes()
    _scale(team, pull, 0)
    team.bot.advance()
    assert team.record(pull).unready_since is not None
    _scale(team, pull, 1)
    team.settles()
    assert (team.record(pull).unready_since, team.writes()) == (None, said)
    team.runs(pull)


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
