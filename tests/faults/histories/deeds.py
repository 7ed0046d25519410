"""All that may happen in a repository, each as a deed that a history can be made of."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.faults.histories import hands
from tests.faults.histories.expected import MAIN, NEXT, OLD, WIP
from tests.faults.histories.ledger import BROKEN
from tests.faults.histories.mail import EVENTS, FATES
from tests.faults.histories.rest import Rest
from tests.faults.histories.scene import NAMES, OURS, THEIRS, Scene
from tests.stories.team import TEST

LINT = "lint"


@dataclass(frozen=True)
class Deed:
    """What is done, and to what."""

    verb: Callable[..., None]
    arguments: tuple[Any, ...] = ()

    def __call__(self, scene: Scene) -> None:
        self.verb(scene, *self.arguments)

    def __repr__(self) -> str:
        return f"{self.verb.__name__}{self.arguments}"


# --- people ---------------------------------------------------------------------------------------


def pushes(scene: Scene, name: str) -> None:
    files = scene.team.repo.model.commits[scene.team.repo.head()].files
    scene.lives[name].pull.push({"app.json": files["app.json"], "more.txt": secrets.token_hex(8)})


def pushes_what_is_broken(scene: Scene, name: str) -> None:
    scene.lives[name].pull.push({"app.json": BROKEN, "more.txt": secrets.token_hex(8)})


def pushes_back(scene: Scene, name: str) -> None:
    life = scene.lives[name]
    life.pull.force_push(life.commits[-2:][0])


def closes_or_reopens(scene: Scene, name: str) -> None:
    pull = scene.lives[name].pull
    if pull.model.state == "open":
        pull.close()
    elif pull.model.merged_at is None:
        pull.reopen()


def merges_or_opens_another(scene: Scene) -> None:
    life = scene.lives[OURS]
    if life.pull.model.state == "open" and not life.known.broken:
        life.pull.merge()
    elif life.pull.model.merged_at:
        scene.opens(OURS)


def retargets(scene: Scene, name: str, base: str) -> None:
    pull = scene.lives[name].pull
    if pull.model.state == "open":
        pull.edit(base=base)


def drafts_or_undrafts(scene: Scene, name: str) -> None:
    pull = scene.lives[name].pull
    pull.set_draft(not pull.model.draft)


def labels_or_unlabels(scene: Scene, name: str) -> None:
    pull = scene.lives[name].pull
    (pull.unlabel if WIP in pull.model.labels else pull.label)(WIP)


def trusts(scene: Scene, by: str) -> None:
    life = scene.lives[THEIRS]
    if Rest(life, scene.admin).record:
        scene.team.asks(life.pull, "trust", by)
        if by == "alice":
            life.is_trusted()


def deletes_the_comment(scene: Scene, name: str) -> None:
    pull = scene.lives[name].pull
    for comment in pull.comments:
        pull.delete_comment(comment.id)


def presses_rerun(scene: Scene, name: str) -> None:
    repo, head = scene.team.repo, scene.lives[name].pull.head
    own = [run for run in repo.model.runs if run.suite.app is scene.team.app and run.suite.head_sha == head]
    for run in own[-1:]:
        repo.rerequest(run)


def rename_the_repository(scene: Scene) -> None:
    scene.team.repo.rename(f"shop-{secrets.token_hex(4)}")


def suspend_or_wake_the_app(scene: Scene) -> None:
    # Of what happens meanwhile no event tells.
    scene.unseen = True
    if scene.is_asleep:
        scene.team.installed.unsuspend()
    else:
        scene.team.installed.suspend()


# --- CI -------------------------------------------------------------------------------------------


def ci_passes(scene: Scene, name: str) -> None:
    pull = scene.lives[name].pull
    scene.team.ci_passes(pull)
    scene.team.repo.check_run(pull.head, scene.team.ci, LINT)


def ci_reports(scene: Scene, name: str, check: str, conclusion: str) -> None:
    head = scene.lives[name].pull.head
    scene.team.cluster.sample_image(head)
    if conclusion:
        scene.team.repo.check_run(head, scene.team.ci, check, conclusion=conclusion)
    else:
        scene.team.repo.check_run(head, scene.team.ci, check, status="in_progress")


def ci_is_late(scene: Scene, name: str, conclusion: str) -> None:
    before = scene.lives[name].commits[-2:][0]
    scene.team.cluster.sample_image(before)
    scene.team.repo.check_run(before, scene.team.ci, TEST, conclusion=conclusion)


# --- what goes wrong, and time --------------------------------------------------------------------


def webhooks_are(scene: Scene, fate: str, event: str) -> None:
    scene.mail.meets(fate, event)


def late_webhooks_arrive(scene: Scene, backwards: bool, most: int) -> None:
    scene.mail.arrives(backwards, most)


def an_administrator_deletes(scene: Scene, name: str, kind: str) -> None:
    life = scene.lives[name]
    if hands.take(scene.admin, kind, scene.team.namespace(life.pull)):
        scene.unseen = True
        life.loses(kind)


def the_bot_starts_anew(scene: Scene) -> None:
    scene.team.restarts()


def the_bot_works(scene: Scene, steps: int) -> None:
    scene.team.repo.github.settle()
    for _ in range(steps):
        scene.team.bot.advance()


def all_comes_to_rest(scene: Scene) -> None:
    scene.rests()


# How often each kind of deed is done, among all of them, and with what.
_SHARES: dict[Callable[..., None], tuple[int, tuple[tuple[Any, ...], ...]]] = {
    the_bot_works: (16, (tuple(range(1, 13)),)),
    all_comes_to_rest: (10, ()),
    ci_passes: (14, (NAMES,)),
    pushes: (9, (NAMES,)),
    trusts: (6, (("alice", "alice", "alice", "mallory"),)),
    webhooks_are: (6, (FATES, EVENTS)),
    an_administrator_deletes: (5, (NAMES, hands.KINDS)),
    closes_or_reopens: (5, (NAMES,)),
    ci_reports: (5, (NAMES, (TEST, LINT, "scan"), ("", "failure", "success"))),
    pushes_back: (4, (NAMES,)),
    retargets: (4, (NAMES, (MAIN, MAIN, NEXT, OLD))),
    drafts_or_undrafts: (3, (NAMES,)),
    labels_or_unlabels: (3, (NAMES,)),
    late_webhooks_arrive: (3, ((True, False), (1, 2, 3))),
    pushes_what_is_broken: (2, (NAMES,)),
    ci_is_late: (2, (NAMES, ("success", "failure"))),
    merges_or_opens_another: (2, ()),
    deletes_the_comment: (2, (NAMES,)),
    presses_rerun: (2, (NAMES,)),
    the_bot_starts_anew: (2, ()),
    rename_the_repository: (1, ()),
    suspend_or_wake_the_app: (2, ()),
}


def _deeds() -> Iterator[list[Deed]]:
    for verb, (share, arguments) in _SHARES.items():
        yield from [[Deed(verb, each) for each in product(*arguments)]] * share


# One of the lists, and one of it, is a deed as likely as it should be.
DEEDS = tuple(_deeds())
