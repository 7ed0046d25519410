"""The verbs of a repository: what people and their CI do in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from dev.github import git
from dev.github.effects import checks, pulls
from dev.github.owned import Owned
from dev.github.pull import Pull
from dev.github.reports import CheckRun, CheckSuite, Status
from dev.github.state import Account, App, PullRequest, Ref, Repository


class PullOptions(TypedDict, total=False):
    title: str
    body: str | None
    author: str
    draft: bool
    base: str
    fork: bool


class RunOptions(TypedDict, total=False):
    status: str
    conclusion: str
    output: Mapping[str, str]
    details_url: str


class Repo(Owned):
    def head(self, branch: str = "main") -> str:
        return self.model.branches[branch]

    def push(self, branch: str, changes: git.Changes, author: str = "alice", message: str = "Work") -> str:
        """Add a commit to a branch, which starts at the default branch's head if it is new."""
        with self.github.lock:
            who, repo = self.github.account(author), self.model
            parent = repo.branches.get(branch, repo.branches[repo.default_branch])
            files = git.apply(repo.commits[parent].files, changes)
            sha = git.commit(repo, (parent,), files, message, who, self.github.now())
            pulls.move_branch(self.github, repo, branch, sha, who)
            return sha

    def force_push(self, branch: str, sha: str, author: str = "alice") -> None:
        with self.github.lock:
            pulls.move_branch(self.github, self.model, branch, sha, self.github.account(author))

    def delete_branch(self, branch: str, by: str = "alice") -> None:
        with self.github.lock:
            pulls.delete_branch(self.github, self.model, branch, self.github.account(by))

    def open_pull_request(
        self, branch: str, changes: git.Changes | None = None, **options: Unpack[PullOptions]
    ) -> Pull:
        """Open one from a branch, after a commit of these changes on it; a fork belongs to the author."""
        with self.github.lock:
            author = self.github.account(options.get("author", "alice"))
            title = options.get("title", branch)
            source = self.fork(author.login) if options.get("fork") else self
            if changes is not None or branch not in source.model.branches:
                source.push(branch, changes or {f"{branch}.txt": title}, author.login, title)
            made = self._new_pull(author, Ref(source.model, branch, source.head(branch)), options)
            pulls.emit(self.github, made, "opened", author)
            return Pull(self.github, made)

    def _new_pull(self, author: Account, head: Ref, options: PullOptions) -> PullRequest:
        repo, now, base = self.model, self.github.now(), options.get("base", self.model.default_branch)
        # the number after the pull request's id is its issue's
        number, _ = self.github.next_id(), self.github.next_id()
        made = PullRequest(
            id=number,
            number=max(repo.pulls, default=0) + 1,
            repo=repo,
            user=author,
            title=options.get("title", head.ref),
            body=options.get("body"),
            head=head,
            base=Ref(repo, base, repo.branches[base]),
            created_at=now,
            updated_at=now,
            head_owner=head.repo.owner if head.repo else author,
            draft=options.get("draft", False),
        )
        repo.pulls[made.number] = made
        pulls.refresh_merge(self.github, made)
        return made

    def fork(self, login: str) -> Repo:
        """That account's fork, made when there is none."""
        with self.github.lock:
            every = self.github.repositories.values()
            found = [r for r in every if r.fork_of is self.model and r.owner.login == login and not r.deleted]
            if found:
                return Repo(self.github, found[0])
            repo, owner = self.model, self.github.account(login)
            made = Repository(self.github.next_id(), owner, repo.name, repo.commits, self.github.now())
            made.private = repo.private
            made.fork_of, made.branches = repo, dict(repo.branches)
            self.github.repositories[made.id] = made
            return Repo(self.github, made)

    def pull(self, number: int) -> Pull:
        return Pull(self.github, self.model.pulls[number])

    def status(self, sha: str, context: str, state: str = "success", by: str = "ci-user") -> Status:
        with self.github.lock:
            fields = {"context": context, "state": state}
            return checks.create_status(self.github, self.model, sha, self.github.account(by), fields)

    def check_run(self, sha: str, app: App, name: str, **options: Unpack[RunOptions]) -> CheckRun:
        """Report a run, `success` unless said otherwise: a new one, or news of the one still unfinished."""
        with self.github.lock:
            fields: dict[str, Any] = {"name": name} | options
            if options.get("status", "completed") == "completed":
                fields.setdefault("conclusion", "success")
            suite = checks.suite_for(self.github, self.model, app, sha)
            open_runs = [run for run in suite.runs if run.name == name and run.status != "completed"]
            if open_runs:
                checks.update_run(self.github, open_runs[-1], fields)
                return open_runs[-1]
            return checks.create_run(self.github, self.model, app, sha, fields)

    def check_suite(self, sha: str, app: App, conclusion: str | None = None, *, another: bool = False) -> CheckSuite:
        """A suite of an app, with no runs until some are reported; with a conclusion it ends before any is.

        GitHub Actions has `another` for each workflow.
        """
        with self.github.lock:
            found = checks.open_suite if another else checks.suite_for
            suite = found(self.github, self.model, app, sha)
            if conclusion is not None:
                checks.end_suite(self.github, suite, conclusion)
            return suite

    def rerequest(self, subject: CheckRun | CheckSuite, by: str = "alice") -> None:
        """Someone presses Re-run."""
        with self.github.lock:
            who = self.github.account(by)
            if isinstance(subject, CheckRun):
                checks.emit_run(self.github, subject, "rerequested", who)
            else:
                checks.emit_suite(self.github, subject, "rerequested", who)

    def press(self, run: CheckRun, identifier: str, by: str = "alice") -> None:
        """Someone presses one of the run's own buttons."""
        with self.github.lock:
            action, who = {"identifier": identifier}, self.github.account(by)
            checks.emit_run(self.github, run, "requested_action", who, requested_action=action)
