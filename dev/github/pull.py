"""The verbs of a pull request: what people do to it."""

from __future__ import annotations

from typing import Any

from dev.github import git, shapes_pulls
from dev.github.effects import comments, pulls
from dev.github.reports import Comment, Deployment
from dev.github.state import PullRequest, Ref, Repository
from dev.github.store import Store


class Pull:
    def __init__(self, store: Store, model: PullRequest) -> None:
        self.github = store
        self.model = model
        self.number = model.number

    @property
    def head(self) -> str:
        return self.model.head.sha

    @property
    def comments(self) -> list[Comment]:
        with self.github.lock:
            return [comment for comment in self.model.repo.comments.values() if comment.number == self.number]

    @property
    def deployments(self) -> list[Deployment]:
        """Those of any commit the pull request's branch has held."""
        repo = self.model.repo
        mine = set(git.ancestors(repo, self.head)) - set(git.ancestors(repo, self.model.base.sha))
        with self.github.lock:
            return [deployment for deployment in repo.deployments.values() if deployment.sha in mine]

    def _branch(self) -> Repository:
        if self.model.head.repo is None:
            raise ValueError("the repository of the branch is gone")
        return self.model.head.repo

    def push(self, changes: git.Changes, message: str = "More work") -> str:
        with self.github.lock:
            repo, who = self._branch(), self.model.user
            files = git.apply(repo.commits[self.head].files, changes)
            sha = git.commit(repo, (self.head,), files, message, who, self.github.now())
            pulls.move_branch(self.github, repo, self.model.head.ref, sha, who)
            return sha

    def force_push(self, sha: str) -> None:
        with self.github.lock:
            pulls.move_branch(self.github, self._branch(), self.model.head.ref, sha, self.model.user)

    def delay_merge(self) -> None:
        """The merge commit stays the one of this head, whatever is pushed, until GitHub has caught up."""
        with self.github.lock:
            self.model.merge_lags = True

    def catch_up(self) -> None:
        with self.github.lock:
            self.model.merge_lags = False
            pulls.refresh_merge(self.github, self.model)

    def close(self, by: str = "alice") -> None:
        with self.github.lock:
            pulls.close(self.github, self.model, self.github.account(by))

    def reopen(self, by: str = "alice") -> None:
        with self.github.lock:
            pulls.reopen(self.github, self.model, self.github.account(by))

    def merge(self, by: str = "alice") -> str:
        with self.github.lock:
            return pulls.merge(self.github, self.model, self.github.account(by))

    def queue(self, by: str = "alice") -> str:
        """Put it into the merge queue; the commit that is tested there."""
        with self.github.lock:
            return pulls.queue(self.github, self.model, self.github.account(by))

    def edit(self, title: str | None = None, base: str | None = None, by: str = "alice") -> None:
        with self.github.lock:
            changes: dict[str, Any] = {}
            if title is not None:
                changes["title"] = {"from": self.model.title}
                self.model.title = title
            if base is not None:
                changes["base"] = {"ref": {"from": self.model.base.ref}, "sha": {"from": self.model.base.sha}}
                self.model.base = Ref(self.model.repo, base, self.model.repo.branches[base])
                pulls.refresh_merge(self.github, self.model)
            self._emit("edited", by, changes=changes)

    def set_draft(self, draft: bool, by: str = "alice") -> None:
        with self.github.lock:
            self.model.draft = draft
            self._emit("converted_to_draft" if draft else "ready_for_review", by)

    def label(self, name: str, by: str = "alice") -> None:
        with self.github.lock:
            self.model.labels.append(name)
            self._emit("labeled", by, label=shapes_pulls.label(self.github.api_url, self.model.repo, name))

    def unlabel(self, name: str, by: str = "alice") -> None:
        with self.github.lock:
            self.model.labels.remove(name)
            self._emit("unlabeled", by, label=shapes_pulls.label(self.github.api_url, self.model.repo, name))

    def lock(self, locked: bool = True, by: str = "alice") -> None:
        with self.github.lock:
            self.model.locked = locked
            self._emit("locked" if locked else "unlocked", by)

    def comment(self, body: str, by: str = "alice") -> Comment:
        with self.github.lock:
            return comments.create(self.github, self.model, self.github.account(by), body)

    def edit_comment(self, comment_id: int, body: str, by: str = "alice") -> None:
        with self.github.lock:
            comment = self.model.repo.comments[comment_id]
            comments.edit(self.github, comment, body, self.github.account(by))

    def delete_comment(self, comment_id: int, by: str = "alice") -> None:
        with self.github.lock:
            comment = self.model.repo.comments[comment_id]
            comments.delete(self.github, comment, self.github.account(by))

    def delete_fork(self) -> None:
        with self.github.lock:
            if not self.model.from_fork:
                raise ValueError("the branch is not in a fork")
            self._branch().deleted = True
            self.model.head.repo = None

    def _emit(self, action: str, by: str, **extra: Any) -> None:
        pulls.emit(self.github, self.model, action, self.github.account(by), **extra)
