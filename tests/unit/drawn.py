"""Facts drawn at random: whatever may be true of a pull request, likely or not."""

import random
from dataclasses import replace
from datetime import timedelta

from reviewbot.decide import RESETTING, Facts
from reviewbot.model import (
    REDEPLOY,
    Addon,
    AddonState,
    Approval,
    Approvals,
    Cause,
    Deployed,
    Exclusion,
    Failure,
    Folder,
    JobState,
    Kustomization,
    OwnObjects,
    Phase,
    Preview,
    Process,
    PullState,
    Record,
    Release,
    ReleaseState,
    RepositoryId,
    Request,
    Script,
    Served,
    Sha,
    Stage,
    Trouble,
    Verdict,
)
from reviewbot.render.addons import definition
from tests.unit.builders import (
    CACHE,
    DATABASE,
    HEAD,
    NOW,
    OLDER,
    REPOSITORY,
    a_job,
    a_pull,
    a_record,
    a_release,
    a_state,
    minutes,
    seconds,
)

SHAS = [HEAD, OLDER, Sha("c" * 40)]
AGES = [seconds(0), seconds(3), minutes(5), minutes(10), minutes(15), minutes(60), timedelta(days=8)]
ENDING = [Stage.RUNNING, Stage.RUNNING, Stage.SUCCEEDED, Stage.SUCCEEDED, Stage.SUCCEEDED, Stage.FAILED]
SETTING_UP = [Stage.RUNNING, Stage.SUCCEEDED, Stage.SUCCEEDED, Stage.FAILED]
WITH_ALL = a_release(addons=(DATABASE, CACHE))
DEFINITIONS = {addon.name: definition(addon, WITH_ALL) for addon in WITH_ALL.addons}
PROCESSES = [Process("web", "bin/web", 1), Process("worker", "bin/work", 2)]
SERVED = Served("web", 80, 8080)
NAMES = [("Deployment", "web"), ("Service", "web"), ("ConfigMap", "settings")]
OWN = OwnObjects(tuple({"kind": kind, "metadata": {"name": name}} for kind, name in NAMES[:2]), SERVED)


def a_trouble_by(draw: random.Random) -> Trouble:
    return Trouble(draw.choice(list(Cause)), "Something is wrong.", draw.random() < 0.5)


def a_job_by(draw: random.Random, kind: str, release: str, stages: list[Stage]) -> JobState | None:
    stage = draw.choice(stages)
    more = {"output": None} if draw.random() < 0.3 else {}
    trouble = a_trouble_by(draw) if draw.random() < 0.3 and stage in {Stage.RUNNING, Stage.FAILED} else None
    since = NOW - draw.choice(AGES) if stage is Stage.RUNNING else None
    return a_job(stage, kind, release=release, trouble=trouble, since=since, **more) if draw.random() < 0.6 else None


def a_server_by(draw: random.Random, addon: Addon) -> AddonState:
    leaving = draw.random() < 0.1
    return AddonState(
        addon.name,
        draw.choice([DEFINITIONS[addon.name], DEFINITIONS[addon.name], "another"]),
        whole=not leaving and draw.random() < 0.9,
        ready=draw.random() < 0.7,
        leaving=leaving,
        undeleted=not leaving or draw.random() < 0.3,
        trouble=a_trouble_by(draw) if draw.random() < 0.2 else None,
        since=draw.choice([None, NOW - draw.choice(AGES)]),
    )


def a_state_by(draw: random.Random) -> ReleaseState:
    sha = draw.choice(SHAS)
    release = f"{sha[:7]}-{draw.randrange(2)}"
    trouble, own = a_trouble_by(draw), draw.random() < 0.2
    # Hardly any preview is on its way out, and one that is gets nothing else.
    last = [*ENDING, *[Stage.SUSPENDED] * 30]
    return a_state(
        id=release,
        phase=a_job_by(draw, "release", release, ENDING),
        predestroy=a_job_by(draw, "pr-predestroy", release, last),
        sha=sha,
        since=NOW - draw.choice(AGES),
        processes=frozenset(draw.sample(["web", "worker"], draw.randrange(3))),
        ready=draw.random() < 0.5,
        trouble=trouble if draw.random() < 0.3 else None,
        objects=frozenset(draw.sample(NAMES, draw.randrange(4))) if own else frozenset(),
        served=SERVED if own else None,
        rendering=a_job_by(draw, "kustomize", release, ENDING) if draw.random() < 0.3 else None,
    )


def a_preview_by(draw: random.Random) -> Preview:
    namespace = draw.choices(["absent", "active", "terminating", "foreign"], [3, 8, 1, 1])[0]
    if namespace != "active":
        return Preview(namespace, uid="uid" if namespace == "terminating" else None)  # type: ignore[arg-type]
    states = {state.id: state for state in (a_state_by(draw) for _ in range(draw.randrange(4)))}
    routed = draw.choice([None, "gone-0", *states])
    return Preview(
        "active",
        tuple(states.values()),
        routed,
        "uid",
        addons=tuple(a_server_by(draw, addon) for addon in (DATABASE, CACHE) if draw.random() < 0.9),
        postdeploy=a_job_by(draw, "postdeploy", f"{draw.choice(SHAS)[:7]}-{draw.randrange(2)}", SETTING_UP),
        stopping=draw.random() < 0.1,
        answers=draw.random() < 0.2,
    )


def a_record_by(draw: random.Random) -> Record:
    sha = draw.choice(SHAS)
    serving = Deployed(f"{sha[:7]}-{draw.randrange(2)}", sha, NOW - draw.choice(AGES))
    failed = Failure(
        f"{SHAS[0][:7]}-{draw.randrange(2)}", NOW - draw.choice(AGES), draw.choice(list(Cause)), "It failed."
    )
    asked = Request("d1", REDEPLOY, SHAS[0], None, NOW)
    return a_record(
        failed=failed if draw.random() < 0.2 else None,
        requests=(asked,) if draw.random() < 0.2 else (),
        serving=serving if draw.random() < 0.5 else None,
        closed_at=NOW - draw.choice(AGES) if draw.random() < 0.5 else None,
        phase=draw.choice([None, *Phase]),
        reason=draw.choice([None, None, None, RESETTING]),
        unready_since=NOW - draw.choice(AGES) if draw.random() < 0.5 else None,
        again=NOW + draw.choice([-1, 1]) * draw.choice(AGES) if draw.random() < 0.5 else None,
    )


def a_wanted_by(draw: random.Random, head: Sha) -> Release | None:
    processes = tuple(PROCESSES[: draw.choice([1, 2])])
    wanted = a_release(
        id=f"{head[:7]}-{draw.randrange(2)}",
        sha=head,
        processes=processes,
        addons=draw.choice([(), (), (DATABASE,), (DATABASE, CACHE)]),
        command=draw.choice([None, Script("bin/migrate")]),
        postdeploy=draw.choice([None, Script("bin/seed")]),
        predestroy=draw.choice([None, Script("bin/tidy")]),
    )
    unrendered = Kustomization(Folder("deploy", {}), "kustomize:1")
    made = [wanted, replace(wanted, processes=(), own=OWN), replace(wanted, processes=(), unrendered=unrendered)]
    return draw.choices([*made, None], [12, 2, 2, 4])[0]


DRAFT = Exclusion("Draft", "Waiting for the pull request to be ready for review.", waits=True)
LABEL = Exclusion("Label", "Pull requests labelled `no-preview` get no preview.")


def facts_by(draw: random.Random) -> Facts:
    head = draw.choice(SHAS[:2])
    pull = a_pull(
        head=head,
        state=draw.choices(list(PullState), [6, 1, 1, 1])[0],
        archived=draw.random() < 0.1,
        head_repository=draw.choices([REPOSITORY, RepositoryId(5), None], [18, 1, 1])[0],
    )
    until = NOW + seconds(30) if draw.random() < 0.5 else None
    return Facts(
        now=NOW,
        record=a_record_by(draw),
        pull=pull,
        preview=a_preview_by(draw),
        verdict=draw.choice([None, Verdict(True, "Green."), Verdict(False, "Not green.", until)]),
        wanted=a_wanted_by(draw, head),
        problem=draw.choice([None, "Something is wrong with app.json."]),
        reset=draw.random() < 0.1,
        answered=draw.choice([None, f"{head[:7]}-0", f"{head[:7]}-1"]),
        excluded=draw.choices([None, DRAFT, LABEL], [18, 1, 1])[0],
        approvals=Approvals(
            draw.choice([None, Approval("alice", NOW, SHAS[0])]),
            draw.choices([None, Approval("alice", NOW)], [4, 1])[0],
        ),
    )
