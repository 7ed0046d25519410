"""The part of GitHub that we write to, in memory: what is there, what was written, and replies that get lost."""

import itertools
from dataclasses import replace

from reviewbot.errors import Denied, Unseen
from reviewbot.model import Announced, PullRequestRef, Sha
from reviewbot.report import CheckRunText, DeploymentText


class Board:
    """Check runs, comments and deployments by id, all of them ours; `denies` holds the kinds we may not write."""

    def __init__(self) -> None:
        self.check_runs: dict[int, tuple[Sha, CheckRunText]] = {}
        self.comments: dict[int, str] = {}
        self.deployments: dict[int, tuple[Sha, list[DeploymentText]]] = {}
        self.tasks: dict[int, PullRequestRef] = {}
        self.denies: set[str] = set()
        self.writes: list[str] = []
        self.loses_next_reply = False
        # How many of a deployment's last statuses an answer lacks.
        self.behind = 0
        self._ids = itertools.count(1)
        self._deployment_ids = itertools.count(101)

    def find_check_run(self, _ref: PullRequestRef, sha: Sha, *, unfinished: bool) -> int | None:
        found = {number: text.status for number, (at, text) in self.check_runs.items() if at == sha}
        return max((number for number in found if not unfinished or found[number] != "completed"), default=None)

    def create_check_run(self, _ref: PullRequestRef, sha: Sha, text: CheckRunText) -> int:
        number = self._next()
        self.check_runs[number] = (sha, text)
        return self._written("create check run", number)

    def update_check_run(self, _ref: PullRequestRef, check_run: int, text: CheckRunText) -> bool:
        if check_run not in self.check_runs:
            return False
        sha, was = self.check_runs[check_run]
        ended = was.status == "completed" != text.status
        kept = replace(text, status=was.status, conclusion=was.conclusion) if ended else text
        self.check_runs[check_run] = (sha, kept)
        return bool(self._written("update check run", check_run)) and not ended

    def find_comments(self, _ref: PullRequestRef, marker: str) -> list[int]:
        return sorted(number for number, body in self.comments.items() if marker in body)

    def create_comment(self, _ref: PullRequestRef, body: str) -> int:
        self._allow("create comment")
        number = self._next()
        self.comments[number] = body
        return self._written("create comment", number)

    def update_comment(self, _ref: PullRequestRef, comment: int, body: str) -> bool:
        if comment not in self.comments:
            return False
        self.comments[comment] = body
        return bool(self._written("update comment", comment))

    def delete_comment(self, _ref: PullRequestRef, comment: int) -> None:
        self._written("delete comment", comment)
        self.comments.pop(comment, None)

    def find_deployment(self, _ref: PullRequestRef, sha: Sha) -> int | None:
        self._allow("find deployment")
        return min((number for number, (at, _) in self.deployments.items() if at == sha), default=None)

    def find_deployments(self, ref: PullRequestRef) -> list[Announced]:
        self._allow("find deployment")
        return [Announced(sha, number) for number, (sha, _) in self.deployments.items() if self.tasks[number] == ref]

    def create_deployment(self, ref: PullRequestRef, sha: Sha) -> int:
        self._allow("create deployment")
        number = next(self._deployment_ids)
        self.deployments[number], self.tasks[number] = (sha, []), ref
        return self._written("create deployment", number)

    def update_deployment(
        self, _ref: PullRequestRef, deployment: int, text: DeploymentText, *, last: int | None, new: bool
    ) -> int | None:
        """A status's id is its number."""
        self._allow("update deployment")
        if deployment not in self.deployments:
            return None
        said = self.deployments[deployment][1]
        if not new:
            seen = said[: len(said) - self.behind]
            if len(seen) < (last or 0):
                raise Unseen("an older answer")
            if seen and seen[-1].state == text.state and seen[-1].url.startswith(text.url):
                return len(seen)
        said.append(text)
        self._written(f"{text.state} deployment", deployment)
        return len(said)

    def _allow(self, what: str) -> None:
        if what in self.denies:
            raise Denied("Resource not accessible by integration")

    def _next(self) -> int:
        return next(number for number in self._ids if number > max([0, *self.comments, *self.check_runs]))

    def _written(self, what: str, number: int) -> int:
        self.writes.append(f"{what} {number}")
        if self.loses_next_reply:
            self.loses_next_reply = False
            raise Unseen("the reply was lost")
        return number
