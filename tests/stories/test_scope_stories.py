"""Which pull requests get a preview is the repository's to say; whoever gets none is told why, and can ask for one."""

from datetime import timedelta

from tests.stories.conftest import Founded
from tests.stories.team import READY, Team

CONFIG = ".github/reviewbot.yml"


def _rules(team: Team, rules: str, branch: str = "main") -> None:
    """The base branch says something more from now on."""
    config = team.repo.model.commits[team.repo.head(branch)].files[CONFIG]
    assert isinstance(config, bytes)
    team.repo.push(branch, {CONFIG: f"{config.decode()}\n{rules}\n"})


def _has_none(team: Team, *says: str | None) -> bool:
    pull = team.repo.pull(max(team.repo.model.pulls))
    return team.check(pull) == ("completed", "neutral", *says) and (team.in_cluster(pull), pull.comments) == ([], [])


def test_only_documentation_changed(team: Team) -> None:
    pull = team.opens(files={"README.md": "better", "docs/a.txt": "new"})
    team.ci_passes(pull)
    team.settles()
    says = "Only files that need no preview are changed (*.md, *.rst, *.adoc, /LICENSE*, /docs/)."
    assert _has_none(team, says)
    assert "`pull_requests`" in team.summary(pull)
    team.nothing_more_happens(pull)

    pull.push({"app.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head


def test_a_bot_gets_none_until_somebody_asks_for_it(team: Team) -> None:
    team.repo.github.account("updates[bot]", "Bot")
    pull = team.opens(author="updates[bot]")
    team.ci_passes(pull)
    team.settles()
    assert _has_none(team, "Pull requests of bots get no preview.")

    team.asks(pull, "create", by="mallory")
    team.settles()
    assert _has_none(team, "Pull requests of bots get no preview.")
    team.asks(pull, "create")
    team.settles()
    assert team.page(pull).sha == pull.head
    pull.push({"more.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert team.record(pull).approvals.created is not None


def test_labels(team: Team) -> None:
    _rules(team, "pull_requests: {labels: [preview], skip_labels: [wip]}")
    pull = team.opens()
    team.ci_passes(pull)
    team.settles()
    assert _has_none(team, "Only pull requests labelled preview get a preview.")
    pull.label("preview")
    team.settles()
    assert team.page(pull).sha == pull.head

    # Of this one no event comes; the listing shows it.
    team.repo.github.loses = lambda _: True
    pull.label("wip")
    team.waits(timedelta(minutes=13))
    assert team.in_cluster(pull) == []
    assert team.check(pull) == ("completed", "neutral", "Pull requests labelled wip get no preview.")
    assert team.active(pull) == []
    team.nothing_more_happens(pull)


def test_base_changed__out_of_scope_and_back(team: Team) -> None:
    team.repo.push("next", {"next.txt": "1"})
    _rules(team, "pull_requests: {branches: [main]}", "next")
    pull = team.is_running()
    said, objects = team.writes(), team.objects(pull, "deployments", "services", "pods")
    pull.edit(title="Another title")
    team.settles()
    assert (team.writes(), team.objects(pull, "deployments", "services", "pods")) == (said, objects)

    pull.edit(base="next")
    team.settles()
    says = "Only pull requests for main get a preview; this one is for next."
    assert (team.check(pull)[2], team.in_cluster(pull), team.active(pull)) == (says, [], [])
    assert says in team.comment(pull).replace("`", "")
    pull.edit(base="main")
    team.settles()
    assert team.page(pull).sha == pull.head
    assert team.active(pull) == [pull.head]
    team.nothing_more_happens(pull)


def test_base_changed__other_checks_are_required(team: Team) -> None:
    team.repo.push("next", {"next.txt": "1"})
    team.repo.require_checks(["lint"], "next")
    pull = team.opens(base="next")
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull)[2] == "Waiting for required check “lint”, which has not reported."
    assert team.in_cluster(pull) == []
    pull.edit(base="main")
    team.settles(until=lambda: bool(team.in_cluster(pull)))


def test_back_to_draft_and_on(team: Team) -> None:
    pull = team.is_running()
    first = pull.head
    pull.set_draft(True)
    team.settles()
    assert team.check(pull)[0] == "queued"
    pull.push({"half.txt": "1"})
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == first
    pull.set_draft(False)
    team.settles()
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def test_drafts_where_they_are_wanted(found: Founded) -> None:
    team = found()
    _rules(team, "pull_requests: {drafts: true}")
    pull = team.opens(draft=True)
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head


def test_a_comment_only_on_failure(team: Team) -> None:
    _rules(team, "comment: on-failure")
    pull = team.is_running()
    assert pull.comments == []
    pull.push({"app.json": "{"})
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.comment(pull).startswith("**Preview: failed**")
    pull.push({"app.json": "{}"})
    team.ci_passes(pull)
    team.settles()
    assert team.comment(pull).startswith("**Preview: ready**")


def test_no_comment(team: Team) -> None:
    _rules(team, "comment: off")
    pull = team.is_running()
    pull.close()
    team.settles()
    assert pull.comments == []


def test_one_comment_forever__a_locked_conversation(team: Team) -> None:
    pull = team.opens()
    pull.lock()
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert "does not let the App comment here" in team.summary(pull)
    assert pull.comments == []
    team.nothing_more_happens(pull)

    pull.lock(False)
    team.waits(timedelta(hours=1))
    assert team.comment(pull).startswith(READY)
    assert "comment here" not in team.summary(pull)
