"""GitHub as reconcile needs it: our nouns in and out, addressed by repository id, every page read."""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from reviewbot.errors import Denied, GiveUp, Missing, Unseen
from reviewbot.gateways.github import check_runs, checks, hooks, payloads
from reviewbot.gateways.github.answers import NotOurs
from reviewbot.gateways.github.client import Client
from reviewbot.gateways.github.folders import read_folder
from reviewbot.gateways.github.tokens import Scope
from reviewbot.model import (
    CHECK_NAME,
    ENVIRONMENT,
    Announced,
    Check,
    CheckSuite,
    Delivery,
    Folder,
    InstallationId,
    PullRequest,
    PullRequestRef,
    RepositoryId,
    Requirements,
    Sha,
)
from reviewbot.report import CheckRunText, DeploymentText, purpose
from reviewbot.webhook import is_served

# Whoever changes more files than fit here does not change documentation alone.
_FILE_PAGES = 3
_DELIVERIES = "/app/hook/deliveries"
_DELIVERY_PAGES = 50


# What GitHub calls it, and its users. A link to a file of the repository is shown as that file.
_NO_FILES = {"dir": "a folder", "symlink": "a symbolic link that leads to no file", "submodule": "a submodule"}


class GitHub:
    """Reads and writes for one App. Safe to share between threads."""

    def __init__(self, client: Client, accounts: Iterable[str]) -> None:
        self._client = client
        self._accounts = tuple(accounts)

    # --- reads ------------------------------------------------------------------------------------

    def pull(self, ref: PullRequestRef) -> PullRequest:
        """The pull request as it is now; Missing if GitHub says that there is none, for us."""
        found = self._client.get(_scope(ref), f"pulls/{ref.number}")
        if found is None:
            raise Missing(f"GitHub does not show pull request {ref.number}")
        return payloads.pull(found)

    def open_pulls(self, repository: RepositoryId, installation: InstallationId) -> list[PullRequest]:
        """Every open pull request of the repository; Missing if GitHub says that there is none, for us."""
        items = self._client.pages(Scope(installation, repository), "pulls", {"state": "open", "sort": "created"})
        return [payloads.pull(item) for item in items]

    def installation_of(self, repository: RepositoryId) -> InstallationId | None:
        """The App's installation that covers the repository now; None if there is none, or it is a stranger's."""
        found = self._client.get_as_app(f"/repositories/{repository}/installation")
        if found is None:
            return None
        ((installation, (owner, login)),) = hooks.installations([found])
        return installation if is_served(owner, login, self._accounts) else None

    def regained(self, repository: RepositoryId, installation: InstallationId) -> bool:
        """Whether the App was given a right that it lacked when it was last asked."""
        return self._client.regained(Scope(installation, repository))

    def reported(self, ref: PullRequestRef, sha: Sha) -> tuple[Check, ...]:
        """The latest of each status and check run of the commit."""
        statuses = self._client.pages(_scope(ref), f"commits/{sha}/statuses")
        return (*checks.statuses(statuses), *checks.check_runs(self._check_runs(ref, sha)))

    def suites(self, ref: PullRequestRef, sha: Sha) -> tuple[CheckSuite, ...]:
        """The check suites of the commit."""
        return checks.suites(self._client.pages(_scope(ref), f"commits/{sha}/check-suites", {}, "check_suites"))

    def required(self, ref: PullRequestRef, branch: str) -> Requirements:
        """What rulesets and branch protection require of the branch."""
        scope, quoted = _scope(ref), quote(branch, safe="")
        rules = list(self._client.pages(scope, f"rules/branches/{quoted}", plan_limited=True))
        protection = self._client.get(scope, f"branches/{quoted}")
        if protection is None:
            raise Unseen(f"GitHub does not show the branch {branch}")
        return checks.requirements(rules, protection)

    def file(self, ref: PullRequestRef, path: str, at: str) -> bytes | None:
        """The file's bytes at a commit or branch, None if there is none; GiveUp if it is no ordinary file."""
        found = self._client.get(_scope(ref), f"contents/{quote(path)}", {"ref": at})
        if found is None:
            return None
        what = "dir" if isinstance(found, list) else payloads.kind(found)
        if what != "file":
            raise GiveUp(f"`{path}` is {_NO_FILES.get(str(what), 'something else')}, not a file.")
        if found.get("encoding") != "base64":
            raise GiveUp(f"`{path}` is larger than 1 MB.")
        try:
            return base64.b64decode(found["content"])
        except (binascii.Error, ValueError):
            raise Unseen(f"GitHub sent {path} garbled") from None

    def folder(self, ref: PullRequestRef, path: str, sha: Sha) -> Folder:
        """Every file below the path at the commit; GiveUp if there is no such folder, or too much in it."""
        return read_folder(lambda below, query: self._client.get(_scope(ref), below, query), path, sha)

    def changed_paths(self, ref: PullRequestRef) -> tuple[str, ...] | None:
        """Every path that the pull request touches; None if there are too many to read."""
        items = list(self._client.pages(_scope(ref), f"pulls/{ref.number}/files", most=_FILE_PAGES))
        return None if len(items) >= _FILE_PAGES * 100 else tuple(payloads.changed_paths(items))

    def parents(self, ref: PullRequestRef, sha: Sha) -> tuple[Sha, ...]:
        """What the commit follows, in git's order; Missing if GitHub does not know it."""
        found = self._client.get(_scope(ref), f"git/commits/{sha}")
        if found is None:
            raise Missing(f"GitHub does not show commit {sha}")
        return payloads.parents(found)

    def may_write(self, ref: PullRequestRef, sender: tuple[int, str]) -> bool:
        """That user, by id and login, has permission to write to the repository now."""
        number, login = sender
        found = self._client.get(_scope(ref), f"collaborators/{quote(login, safe='')}/permission")
        return found is not None and payloads.may_write(found, number)

    # --- writes -----------------------------------------------------------------------------------

    def find_check_run(self, ref: PullRequestRef, sha: Sha, *, unfinished: bool) -> int | None:
        """The id of our newest check run on the commit, if there is one; if need be one that is `unfinished`."""
        runs = self._check_runs(ref, sha)
        own = checks.own_check_runs(runs, CHECK_NAME, self._client.app_id, unfinished=unfinished)
        return max(own, default=None)

    def _check_runs(self, ref: PullRequestRef, sha: Sha) -> Iterator[dict[str, Any]]:
        # Always asked in the same way: what was asked before and has not changed costs nothing.
        return self._client.pages(_scope(ref), f"commits/{sha}/check-runs", {"filter": "latest"}, "check_runs")

    def create_check_run(self, ref: PullRequestRef, sha: Sha, text: CheckRunText) -> int:
        """Make our check run on the commit; its id."""
        run = check_runs.body(text, check_runs.annotations(text))
        body = {"name": CHECK_NAME, "head_sha": sha, "external_id": ref.name, **run}
        return self._created(self._client.write(_scope(ref), "POST", "check-runs", body))

    def update_check_run(self, ref: PullRequestRef, check_run: int, text: CheckRunText) -> bool:
        """Change our check run; False if it is gone, was made by another App, or has ended and does not go on."""
        path, new = f"check-runs/{check_run}", check_runs.annotations(text)
        if new:
            said = self._client.first(_scope(ref), f"{path}/annotations")
            if said is None:
                return False
            new = check_runs.unsaid(new, said)
        try:
            changed = self._client.write(_scope(ref), "PATCH", path, check_runs.body(text, new))
        except NotOurs:
            return False
        return changed is not None and check_runs.shows(changed, text)

    def find_comments(self, ref: PullRequestRef, marker: str) -> list[int]:
        """The ids of our comments that carry the marker, oldest first; a marker pasted by others counts not."""
        comments = self._client.pages(_scope(ref), f"issues/{ref.number}/comments")
        return sorted(payloads.own_comments(comments, marker, self._client.app_id))

    def create_comment(self, ref: PullRequestRef, body: str) -> int:
        """Write our comment; its id."""
        return self._created(self._client.write(_scope(ref), "POST", f"issues/{ref.number}/comments", {"body": body}))

    def update_comment(self, ref: PullRequestRef, comment: int, body: str) -> bool:
        """Change our comment; False if somebody deleted it."""
        return self._client.write(_scope(ref), "PATCH", f"issues/comments/{comment}", {"body": body}) is not None

    def delete_comment(self, ref: PullRequestRef, comment: int) -> None:
        """Remove a comment of ours that says what another one says."""
        self._client.write(_scope(ref), "DELETE", f"issues/comments/{comment}", {})

    def find_deployment(self, ref: PullRequestRef, sha: Sha) -> int | None:
        """The id of our deployment of the commit for this pull request, if it has been made."""
        return min((each.id for each in self._deployments(ref, {"sha": sha}) if each.id), default=None)

    def find_deployments(self, ref: PullRequestRef) -> list[Announced]:
        """Our deployments for this pull request, of whatever commit; the newest hundred at most."""
        return self._deployments(ref, {})

    def _deployments(self, ref: PullRequestRef, query: Mapping[str, str]) -> list[Announced]:
        full = {**query, "task": _task(ref), "environment": ENVIRONMENT}
        found = self._client.first(_scope(ref), "deployments", full)
        if found is None:
            raise Denied("GitHub does not show deployments.")
        return list(payloads.own_deployments(found, self._deployment_payload(ref)))

    def create_deployment(self, ref: PullRequestRef, sha: Sha) -> int:
        """Make our deployment of the commit; its id."""
        body = {
            "ref": sha,
            "task": _task(ref),
            "environment": ENVIRONMENT,
            "description": purpose(ref),
            "payload": self._deployment_payload(ref),
            # By default GitHub would merge the default branch into the pull request's, and wait for every check.
            "auto_merge": False,
            "required_contexts": [],
            "transient_environment": True,
            "production_environment": False,
        }
        return self._created(self._client.write(_scope(ref), "POST", "deployments", body))

    def update_deployment(
        self, ref: PullRequestRef, deployment: int, text: DeploymentText, *, last: int | None, new: bool
    ) -> int | None:
        """Have this be our deployment's latest status, once: its id, or None if the deployment is gone.

        `last` is the latest that we know of; Unseen if GitHub answers from before it. `new` says that nobody can have
        written another one yet, so that is not looked up.
        """
        path = f"deployments/{deployment}/statuses"
        if not new:
            found = self._client.first(_scope(ref), path)
            if found is None:
                return None
            said = payloads.said_already(found, text.state, text.url, last)
            if said is not None:
                return said
        body = {"state": text.state, "description": text.description, "auto_inactive": False}
        urls = {"environment_url": text.url, "log_url": text.log_url}
        body |= {name: url for name, url in urls.items() if url}
        made = self._client.write(_scope(ref), "POST", path, body)
        return None if made is None else self._created(made)

    def _deployment_payload(self, ref: PullRequestRef) -> dict[str, Any]:
        # Another App of the same code may serve the same repository.
        return {"app": self._client.app_id, "record": ref.name}

    # --- the App's own ----------------------------------------------------------------------------

    def deliveries(self, since: datetime) -> list[Delivery]:
        """The App's webhook deliveries since then, newest first; of a very long list its newest part."""
        found: list[Delivery] = []
        for items in islice(self._client.pages_as_app(_DELIVERIES), _DELIVERY_PAGES):
            page = hooks.deliveries(items)
            found += [each for each in page if each.at >= since]
            if page and page[-1].at < since:
                break
        return found

    def deliver_again(self, delivery: Delivery) -> None:
        """Have the event delivered once more; one that GitHub has forgotten is lost."""
        self._client.write_as_app(f"{_DELIVERIES}/{delivery.id}/attempts")

    def installations(self) -> dict[InstallationId, tuple[int, str]]:
        """Where the App is installed: the id and the login of each account."""
        return {
            key: account
            for items in self._client.pages_as_app("/app/installations")
            for key, account in hooks.installations(items)
        }

    def repositories(self, installation: InstallationId) -> list[tuple[RepositoryId, str]]:
        """Every repository that the installation covers, by id and name; archived ones aside."""
        return list(
            hooks.repositories(self._client.pages_of(installation, "/installation/repositories", "repositories"))
        )

    # --- looking up -------------------------------------------------------------------------------

    def locate(self, full_name: str, number: int) -> PullRequestRef:
        """The pull request of that name and number; GiveUp if the App is not installed there."""
        installation = self._client.get_as_app(f"/repos/{full_name}/installation")
        if installation is None:
            raise GiveUp(f"The App is not installed on {full_name}, or there is no such repository.")
        found = InstallationId(installation["id"])
        repository = self._client.repository_id(found, full_name)
        return PullRequestRef(repository, found, number)

    @staticmethod
    def _created(answer: Any) -> int:
        if not isinstance(answer, Mapping) or "id" not in answer:
            raise Unseen("GitHub did not say what it created")
        return int(answer["id"])


def _scope(ref: PullRequestRef) -> Scope:
    return Scope(ref.installation, ref.repository)


def _task(ref: PullRequestRef) -> str:
    return f"reviewbot:pr-{ref.number}"
