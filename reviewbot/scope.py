"""Which pull requests get a preview at all. Pure: the pull request, the repository's policy, people's decisions in."""

import hashlib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from reviewbot.model import App, Approvals, Exclusion, PullRequest, RepositoryConfig, ScopePolicy

_SHOWN = 5
_UNTOUCHED = Exclusion("Untouched", "Not changed, so not deployed.")


def is_trusted(pull: PullRequest, approvals: Approvals) -> bool:
    """The head is no stranger's work, or somebody with write permission has seen it."""
    return not pull.from_fork or (approvals.trusted is not None and approvals.trusted.sha == pull.head)


def outline(pull: PullRequest) -> str:
    """A digest of all that a listing shows and that a decision rests on: another one is a reason to look again."""
    shown = (pull.head, pull.base_ref, pull.draft, *sorted(pull.labels), pull.from_fork)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def left_out(pull: PullRequest, policy: ScopePolicy) -> Exclusion | None:
    """Why the pull request is left out, as far as can be told without the files that it changes."""
    if policy.branches and not any(_matches(pattern, pull.base_ref) for pattern in policy.branches):
        sentence = (
            f"Only pull requests for {_listed(policy.branches)} get a preview; this one is for `{pull.base_ref}`."
        )
        return Exclusion("Branch", sentence)
    skipped = [label for label in policy.skip_labels if label in pull.labels]
    if skipped:
        return Exclusion("Label", f"Pull requests labelled {_listed(skipped)} get no preview.")
    if policy.labels and not set(policy.labels) & set(pull.labels):
        return Exclusion("Label", f"Only pull requests labelled {_listed(policy.labels)} get a preview.")
    if pull.by_bot and not policy.bots:
        return Exclusion("Bot", "Pull requests of bots get no preview.")
    if pull.draft and not policy.drafts:
        return Exclusion("Draft", "Waiting for the pull request to be ready for review.", waits=True)
    return None


def changes_nothing(paths: Iterable[str], policy: ScopePolicy) -> Exclusion | None:
    """Why the pull request is left out when these are all the files that it changes."""
    if all(any(_matches_path(pattern, path) for pattern in policy.ignore_paths) for path in paths):
        sentence = f"Only files that need no preview are changed ({_listed(policy.ignore_paths)})."
        return Exclusion("Paths", sentence)
    return None


def untouched(config: RepositoryConfig, paths: Iterable[str] | None) -> dict[str, Exclusion | None]:
    """For each app of the repository, why it is left out when these are all the files that the pull request changes.

    What needs no preview touches none. If the files are not known, every app may be touched.
    """
    if paths is None:
        return dict.fromkeys(config.apps)
    ignored = config.scope.ignore_paths
    left = [path for path in paths if not any(_matches_path(pattern, path) for pattern in ignored)]
    return {name: None if any(_is_of(app, path) for path in left) else _UNTOUCHED for name, app in config.apps.items()}


def _is_of(app: App, path: str) -> bool:
    inside = not app.path or path.startswith(f"{app.path}/")
    return inside or any(_matches_path(pattern, path) for pattern in app.paths)


def _matches_path(pattern: str, path: str) -> bool:
    """As in .gitignore: without a slash at any depth, with one at the end all that is in the folder."""
    anywhere = "/" not in pattern.rstrip("/")
    inside = "**" if pattern.endswith("/") else ""
    return _matches(("**/" if anywhere else "") + pattern.lstrip("/") + inside, path)


def _matches(pattern: str, text: str) -> bool:
    """Part by part, each reached place of the pattern at once: a stranger's path can make it neither slow nor deep."""
    steps = pattern.split("/")
    reached = _beyond({0}, steps)
    for part in text.split("/"):
        moved = (at + (steps[at] != "**") for at in reached if at < len(steps) and fnmatchcase(part, steps[at]))
        reached = _beyond(set(moved), steps)
    return len(steps) in reached


def _beyond(reached: set[int], steps: Sequence[str]) -> set[int]:
    # ** may stand for no folder at all.
    for at, step in enumerate(steps):
        if step == "**" and at in reached:
            reached.add(at + 1)
    return reached


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
