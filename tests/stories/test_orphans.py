"""What was left behind on one side only is found, by its record, its namespace or its account."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from dev.bot.install import SYSTEM, kubectl
from dev.github import Pull
from reviewbot.decide import STUCK
from reviewbot.model import InstallationId, PullRequestRef, RepositoryId
from reviewbot.render.names import TENANTS_NAMESPACE, namespace
from reviewbot.render.walls import managed_namespace
from tests.stories.team import Team

SWEEP = timedelta(minutes=2)
RESYNC = timedelta(minutes=13)
GONE = "The pull request was closed; nothing of its preview is left."


def _ref(team: Team, number: int) -> PullRequestRef:
    return PullRequestRef(RepositoryId(team.repo.id), InstallationId(team.installation), number)


def test_state_lost_or_old__everything_at_rest(team: Team) -> None:
    pull = team.is_running()
    before, said = team.status(pull), team.writes()
    team.forgets()
    team.waits(SWEEP)
    after = team.status(pull)
    assert all(after[key] == before[key] for key in ("host", "comment", "checkRun", "deployments"))
    assert [write for write in team.writes()[len(said) :] if write.startswith("POST")] == []
    assert team.bot.mailbox.repository(f"repo-{team.repo.id}") is not None
    team.runs(pull)


def test_state_lost_or_old__everything_where_nothing_runs(team: Team) -> None:
    pull = team.opens()
    team.settles()
    team.forgets()
    team.waits(SWEEP)
    assert team.check(pull) == ("queued", None, "Waiting for required check “test”, which has not reported.")
    assert team.check_runs(pull) == 1
    team.nothing_more_happens(pull)


def test_state_lost_or_old__everything_during_a_push(team: Team) -> None:
    pull = team.is_running()
    for steps in (2, 5, 8, 11):
        pull.push({"topic.txt": f"{steps} steps"})
        team.ci_passes(pull)
        team.repo.github.settle()
        for _ in range(steps):
            team.bot.advance()
        team.forgets()
        team.waits(SWEEP)
        team.runs(pull)


def test_state_lost_or_old__everything_and_the_pull_request_was_closed(team: Team) -> None:
    pull = team.is_running()
    team.repo.github.loses = lambda _: True
    pull.close()
    team.forgets()
    team.waits(SWEEP)
    assert (team.in_cluster(pull), team.active(pull)) == ([], [])
    assert GONE in team.comment(pull)
    team.nothing_more_happens(pull)


def test_state_lost_or_old__a_record_from_before_the_last_push(team: Team) -> None:
    pull = team.is_running()
    name = team.record(pull).ref.name
    old = kubectl(team.cluster, "get", "reviewapp", name, "-n", SYSTEM, "-o", "json")
    pull.push({"topic.txt": "2"})
    team.ci_passes(pull)
    team.settles()
    restored = json.loads(old)
    for field in ("resourceVersion", "uid", "creationTimestamp", "managedFields"):
        restored["metadata"].pop(field, None)
    kubectl(team.cluster, "replace", "-f", "-", stdin=json.dumps(restored))
    kubectl(team.cluster, "replace", "--subresource=status", "-f", "-", stdin=json.dumps(restored))
    team.restarts()
    team.waits(SWEEP)
    team.runs(pull)


def test_state_lost_or_old__a_repository_that_is_not_on_record(team: Team) -> None:
    pull = team.is_running()
    kubectl(team.cluster, "delete", "repository", f"repo-{team.repo.id}", "-n", SYSTEM)
    team.restarts()
    team.waits(SWEEP)
    team.repo.github.loses = lambda _: True
    pull.close()
    team.waits(RESYNC)
    assert team.in_cluster(pull) == []


def _plants(team: Team, item: dict[str, Any]) -> None:
    kubectl(team.cluster, "create", "-f", "-", stdin=json.dumps(item))


def test_orphans_both_ways(team: Team) -> None:
    pull, emptied, closed = team.is_running(), team.is_running(branch="emptied"), team.opens("closed")
    closed.close()
    team.settles()
    orphan = namespace(_ref(team, 40))
    kubectl(team.cluster, "create", "serviceaccount", orphan, "-n", TENANTS_NAMESPACE)
    nobodys = _ref(team, 41)
    for ref in (nobodys, _ref(team, closed.number)):
        _plants(team, managed_namespace(ref))
    kubectl(team.cluster, "delete", "namespace", team.namespace(emptied))
    team.restarts()
    team.settles()
    shown = ("get", "serviceaccount", orphan, "-n", TENANTS_NAMESPACE, "--ignore-not-found", "-o", "name")
    assert kubectl(team.cluster, *shown) != ""
    team.waits(SWEEP)
    assert kubectl(team.cluster, *shown) == ""
    assert team.in_cluster(closed) == []
    # GitHub has to say for a while that there is no such pull request.
    team.waits(RESYNC)
    gone = ("get", "namespace", namespace(nobodys), "--ignore-not-found", "-o", "name")
    assert kubectl(team.cluster, *gone) == ""
    for each in (pull, emptied):
        team.runs(each)
    team.nothing_more_happens(closed)


@contextmanager
def _held(team: Team, pull: Pull) -> Iterator[Callable[[], None]]:
    """Somebody's finalizer in the preview's namespace; what is handed out takes it away."""
    name, config = team.namespace(pull), {"name": "held", "finalizers": ["example.com/hold"]}
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": config}
    kubectl(team.cluster, "create", "-n", name, "-f", "-", stdin=json.dumps(item))
    free = ("patch", "configmap", "held", "-n", name, "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    released: list[bool] = []

    def release() -> None:
        if not released:
            kubectl(team.cluster, *free)
            released.append(True)

    try:
        yield release
    finally:
        release()


def test_stuck_terminating(team: Team) -> None:
    pull = team.is_running()
    with _held(team, pull) as release:
        pull.close()
        team.settles(until=lambda: team.record(pull).phase == "Closing" and _conditions(team, pull))
        team.bot.clock.skip(STUCK)
        team.settles()
        assert "example.com/hold" in team.summary(pull)
        assert "example.com/hold" in team.comment(pull)
        other = team.is_running(branch="other")
        said, asked = team.writes(), team.asked()
        for _ in range(6):
            team.waits(timedelta(minutes=10))
        assert team.writes() == said
        assert team.asked() - asked < 30
        release()
        kubectl(team.cluster, "wait", "--for=delete", f"namespace/{team.namespace(pull)}", "--timeout=60s")
    team.waits(timedelta(minutes=6))
    assert team.check(pull)[2] == GONE
    team.runs(other)


def test_terminating_namespace(team: Team) -> None:
    """Somebody deleted it, and it takes its time: that is no failure of a commit that was pushed meanwhile."""
    pull = team.is_running()
    first = team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"]
    with _held(team, pull) as release:
        kubectl(team.cluster, "delete", "namespace", team.namespace(pull), "--wait=false")
        pull.push({"topic.txt": "2"})
        team.ci_passes(pull)
        waits = "Waiting for the previous preview to be gone."
        team.settles(until=lambda: waits in (team.says(pull) or ""))
        team.bot.clock.skip(timedelta(seconds=30))
        for _ in range(5):
            team.bot.advance()
        assert team.check(pull)[:2] == ("in_progress", None)
        release()
    team.settles()
    assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] != first
    team.runs(pull)


def test_ttl_uses_server_time(team: Team) -> None:
    """By a clock that is a day ahead everything is old, and nothing goes that is wanted."""
    old, young = team.is_running(), team.opens("young")
    kept = team.look(old, "namespace", team.namespace(old))["metadata"]["uid"]
    kubectl(team.cluster, "create", "-f", "-", stdin=json.dumps(managed_namespace(_ref(team, young.number))))
    fresh = team.look(young, "namespace", team.namespace(young))["metadata"]["uid"]
    team.bot.clock.skip(timedelta(days=1))
    team.restarts()
    team.settles()
    for pull, uid in ((old, kept), (young, fresh)):
        assert team.look(pull, "namespace", team.namespace(pull))["metadata"]["uid"] == uid
    team.ci_passes(young)
    team.settles()
    team.runs(young)
    team.runs(old)


def _conditions(team: Team, pull: Pull) -> bool:
    status = team.look(pull, "namespace", team.namespace(pull))["status"]
    return any("example.com/hold" in each["message"] for each in status.get("conditions", ()))
