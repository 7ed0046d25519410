"""From facts to whole plans: a row for each thing that can be true of an open pull request."""

from dataclasses import replace
from typing import Any

import pytest

from reviewbot.decide import (
    BLOCKED,
    DRAIN,
    Apply,
    Arm,
    Plan,
    Prune,
    Remove,
    Switch,
    decide,
)
from reviewbot.model import (
    Approval,
    Approvals,
    Cause,
    Exclusion,
    Limits,
    Phase,
    Preview,
    Problem,
    Process,
    PullState,
    ReleaseState,
    Sha,
    Trouble,
    Verdict,
)
from reviewbot.reconcile.look import UNNAMED
from tests.unit.builders import HEAD, NOW, OLDER, a_pull, a_record, a_release, a_state, minutes, seconds
from tests.unit.decisions import (
    NEXT_CHECK,
    OLD,
    QUIET,
    READY,
    RED,
    RETRY,
    STARTING,
    STRAY,
    WANTED,
    active,
    deploying,
    facts,
    serving,
)


def test_a_foreign_namespace_is_not_touched() -> None:
    plan = decide(facts(preview=Preview("foreign")))
    sentence = "The preview's namespace exists and is not ours; nothing was touched."
    assert plan == Plan(Phase.FAILED, "NameTaken", sentence)


UNTRUSTED = Plan(
    Phase.SKIPPED,
    "Fork",
    "Pull requests from forks get no preview until somebody with write permission trusts the commit."
    " Each commit has to be trusted anew.",
)


def trusted(sha: Sha | None) -> Approvals:
    return Approvals(trusted=Approval("alice", NOW, sha))


@pytest.mark.parametrize("head_repository", [None, 5])
@pytest.mark.parametrize("draft", [True, False])
def test_forks_get_nothing(head_repository: Any, draft: bool) -> None:
    pull = a_pull(head_repository=head_repository, draft=draft)
    plan = decide(facts(pull=pull))
    assert plan == UNTRUSTED


@pytest.mark.parametrize("sha", [OLDER, None])
def test_what_was_trusted_stays_when_another_commit_comes(sha: Sha | None) -> None:
    pull = a_pull(head_repository=None)
    preview = active(OLD, routed=OLD.id)
    assert decide(facts(pull=pull, preview=preview, approvals=trusted(sha))) == UNTRUSTED


def test_a_trusted_commit_of_a_fork_is_deployed_like_any_other() -> None:
    plan = decide(facts(pull=a_pull(head_repository=None), approvals=trusted(HEAD)))
    assert plan.steps == (Arm(), Apply(WANTED))
    waiting = decide(facts(pull=a_pull(head_repository=None), approvals=trusted(HEAD), verdict=RED))
    assert (waiting.phase, waiting.steps) == (Phase.WAITING, ())


@pytest.mark.parametrize("preview", [Preview("absent"), active(READY, routed=READY.id)])
def test_a_draft_waits_and_keeps_what_it_has(preview: Preview) -> None:
    draft = Exclusion("Draft", "Waiting for the pull request to be ready for review.", waits=True)
    plan = decide(facts(excluded=draft, preview=preview))
    assert plan == Plan(Phase.WAITING, "Draft", draft.sentence)


LABEL = Exclusion("Label", "Pull requests labelled `no-preview` get no preview.")


@pytest.mark.parametrize(
    ("preview", "steps"),
    [
        (Preview("absent"), None),
        (active(READY, routed=READY.id), (Remove("namespace-uid"),)),
        (Preview("terminating", uid="namespace-uid"), ()),
    ],
)
def test_what_is_left_out_is_removed(preview: Preview, steps: Any) -> None:
    plan = decide(facts(excluded=LABEL, preview=preview))
    going = Plan(Phase.SKIPPED, "Label", LABEL.sentence, steps or (), NOW + seconds(0.5), in_flight=True, ends=True)
    assert plan == (Plan(Phase.SKIPPED, "Label", LABEL.sentence, ends=True) if steps is None else going)


def test_what_is_left_out_though_somebody_asked_for_it_is_removed() -> None:
    # As an app is that is named no more: what people may overrule is not told of here.
    approvals = Approvals(created=Approval("alice", NOW))
    plan = decide(facts(excluded=UNNAMED, wanted=None, approvals=approvals, preview=active(READY, routed=READY.id)))
    assert (plan.phase, plan.steps) == (Phase.SKIPPED, (Remove("namespace-uid"),))


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (RED, Plan(Phase.WAITING, "Checks", RED.sentence)),
        (QUIET, Plan(Phase.WAITING, "Checks", QUIET.sentence, again=QUIET.until)),
        (None, Plan(Phase.WAITING, "Checks", "Waiting for checks.")),
    ],
)
@pytest.mark.parametrize("preview", [Preview("absent"), Preview("terminating"), active(OLD)])
def test_not_green_waits_and_keeps_what_it_has(preview: Preview, verdict: Any, expected: Plan) -> None:
    assert decide(facts(preview=preview, verdict=verdict, wanted=None)) == expected


def test_rerun_after_green_takes_nothing_back() -> None:
    plan = decide(facts(preview=active(READY, routed=READY.id), verdict=RED, record=serving(READY)))
    assert plan == Plan(Phase.RUNNING, "ChecksChanged", "`aaaaaaa` is running.", again=NEXT_CHECK)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        ("app.json:1:1: the file is not JSON", "app.json:1:1: the file is not JSON"),
        (None, "The commit's definition could not be read."),
    ],
)
def test_a_definition_problem_fails_and_keeps_what_runs(problem: str | None, sentence: str) -> None:
    preview = active(OLD)
    plan = decide(facts(preview=preview, wanted=None, problem=problem))
    assert plan == Plan(Phase.FAILED, "Definition", sentence)


def test_the_places_of_what_is_wrong_go_with_its_sentence() -> None:
    problems = (Problem("app.json", 1, 15, "env.A: value must be a string"),)
    undefined = {"preview": active(OLD), "wanted": None, "problem": "It is wrong.", "problems": problems}
    assert decide(facts(**undefined)) == Plan(Phase.FAILED, "Definition", "It is wrong.", problems=problems)
    assert decide(facts(**undefined, verdict=Verdict(False, "Waiting."))).problems == ()


def test_what_whoever_runs_the_cluster_must_mend_is_tried_again() -> None:
    preview = active(OLD, routed=OLD.id)
    plan = decide(facts(preview=preview, wanted=None, blocked="The ConfigMap cannot be used."))
    assert plan == Plan(Phase.FAILED, "Installation", "The ConfigMap cannot be used.", again=NOW + BLOCKED)


def test_a_pull_secret_comes_with_the_walls() -> None:
    private = replace(WANTED, pull_secret="registry")
    assert decide(facts(wanted=private)).steps == (Arm("registry"), Apply(private))


def test_terminating_namespace_is_waited_for() -> None:
    plan = decide(facts(preview=Preview("terminating", uid="old-uid")))
    sentence = "Waiting for the previous preview to be gone."
    assert plan == deploying("NamespaceTerminating", sentence, after=seconds(0.5))


TWO = (Process("web", "bin/web", 1), Process("worker", "bin/work", 2))


@pytest.mark.parametrize(
    ("preview", "wanted", "stale"),
    [
        (Preview("absent"), WANTED, []),
        (active(), WANTED, []),
        # What serves stays, whatever it is; what never did makes room.
        (active(OLD, routed=OLD.id), WANTED, []),
        (active(STRAY, OLD, routed=OLD.id), WANTED, [STRAY]),
        (active(STRAY), WANTED, [STRAY]),
        # Half applied: its Service, or one of its processes, is not there.
        (active(a_state(processes=frozenset())), WANTED, []),
        (active(a_state(processes=frozenset({"web"}))), a_release(processes=TWO), []),
    ],
)
def test_apply(preview: Preview, wanted: Any, stale: list[ReleaseState]) -> None:
    steps = (Arm(), Apply(wanted), *(Prune(each) for each in stale))
    plan = decide(facts(preview=preview, wanted=wanted))
    assert plan == deploying("Applying", "Deploying `aaaaaaa`.", *steps)


@pytest.mark.parametrize("preview", [active(STARTING), active(OLD, STARTING, routed=OLD.id)])
def test_starting(preview: Preview) -> None:
    assert decide(facts(preview=preview)) == deploying("Starting", "Deploying `aaaaaaa`.")


@pytest.mark.parametrize("routed", [None, OLD.id, "gone-0123456789"])
def test_switching(routed: str | None) -> None:
    plan = decide(facts(preview=active(OLD, READY, routed=routed), record=serving(OLD)))
    assert plan == deploying("Switching", "Deploying `aaaaaaa`.", Switch(READY), after=seconds(0))


@pytest.mark.parametrize("answered", [None, OLD.id])
@pytest.mark.parametrize("record", [a_record(), serving(OLD)])
def test_probing(record: Any, answered: str | None) -> None:
    preview = active(OLD, READY, routed=READY.id)
    plan = decide(facts(preview=preview, record=record, answered=answered))
    assert plan == deploying("Probing", "Deploying `aaaaaaa`.", after=seconds(0.1))


@pytest.mark.parametrize("answered", [None, READY.id])
def test_address_is_probed_again(answered: str | None) -> None:
    before = serving(READY, since=minutes(6))
    plan = decide(facts(preview=active(READY, routed=READY.id), record=before, answered=answered))
    assert plan.reason == ("Ready" if answered else "Probing")


@pytest.mark.parametrize(("age", "silent"), [(Limits().ready - seconds(1), False), (Limits().ready, True)])
def test_not_ready_is_explained__an_address_that_stays_silent(age: Any, silent: bool) -> None:
    plan = decide(facts(preview=active(a_state(since=NOW - age), routed=READY.id)))
    if silent:
        sentence = "`aaaaaaa` is ready, but its address does not answer through the gateway."
        assert plan == Plan(Phase.FAILED, "AddressSilent", sentence, again=NOW + RETRY)
    else:
        assert plan == deploying("Probing", "Deploying `aaaaaaa`.", after=seconds(0.1))


@pytest.mark.parametrize(
    ("record", "answered"),
    [(a_record(), READY.id), (serving(OLD), READY.id), (serving(READY), None), (serving(READY), READY.id)],
)
def test_running(record: Any, answered: str | None) -> None:
    plan = decide(facts(preview=active(READY, routed=READY.id), record=record, answered=answered))
    assert plan == Plan(Phase.RUNNING, "Ready", "`aaaaaaa` is running.", again=NEXT_CHECK)


@pytest.mark.parametrize("final", [False, True])
def test_what_runs_and_cannot_keep_all_of_it_up_says_so(final: bool) -> None:
    ailing = replace(READY, trouble=Trouble(Cause.CRASH, "Process `worker` keeps ending.", final))
    plan = decide(facts(preview=active(ailing, routed=READY.id), record=serving(READY)))
    reason, why = ("Ailing", " Process `worker` keeps ending.") if final else ("Ready", "")
    assert plan == Plan(Phase.RUNNING, reason, f"`aaaaaaa` is running.{why}", again=NEXT_CHECK)


@pytest.mark.parametrize(
    ("record", "answered", "until"),
    [
        (serving(OLD), READY.id, NOW + DRAIN),
        (serving(READY, since=seconds(0)), None, NOW + DRAIN),
        (serving(READY, since=seconds(4)), None, NOW + DRAIN - seconds(4)),
    ],
)
def test_draining(record: Any, answered: str | None, until: Any) -> None:
    preview = active(OLD, READY, routed=READY.id)
    plan = decide(facts(preview=preview, record=record, answered=answered))
    assert plan == Plan(Phase.RUNNING, "Ready", "`aaaaaaa` is running.", again=until)


def test_pruning() -> None:
    preview = active(OLD, STRAY, READY, routed=READY.id)
    plan = decide(facts(preview=preview, record=serving(READY, since=DRAIN)))
    assert plan == Plan(Phase.RUNNING, "Ready", "`aaaaaaa` is running.", (Prune(OLD), Prune(STRAY)), NEXT_CHECK)


def test_the_same_commit_with_other_config_is_another_release() -> None:
    before = a_state(id="aaaaaaa-9999999999", since=NOW - minutes(60))
    plan = decide(facts(preview=active(before, routed=before.id), verdict=RED))
    assert plan == deploying("Applying", "Deploying `aaaaaaa`.", Arm(), Apply(WANTED))


@pytest.mark.parametrize("state", [PullState.CLOSED, PullState.MERGED])
def test_open_is_the_only_state_that_deploys(state: PullState) -> None:
    assert decide(facts(pull=a_pull(state=state))).phase is Phase.CLOSED


def test_the_head_is_named_by_its_first_seven_characters() -> None:
    assert decide(facts()).sentence == f"Deploying `{HEAD[:7]}`."
