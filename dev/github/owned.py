"""The verbs of a repository's owner: its rules, its people, its name and its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dev.github import shapes, webhooks
from dev.github.state import Account, Installation, Repository, RequiredCheck
from dev.github.store import Store


class Owned:
    def __init__(self, store: Store, model: Repository) -> None:
        self.github = store
        self.model = model
        self.id = model.id

    @property
    def full_name(self) -> str:
        return self.model.full_name

    def require_checks(self, required: Iterable[str | RequiredCheck], branch: str = "main") -> None:
        """By a ruleset."""
        with self.github.lock:
            self.model.rulesets[branch] = [_required(one) for one in required]

    def require_workflows(self, files: Iterable[str], branch: str = "main") -> None:
        """By a ruleset, files of this repository; GitHub does not say what checks they report."""
        with self.github.lock:
            self.model.workflows[branch] = list(files)

    def protect(self, required: Iterable[str | RequiredCheck], branch: str = "main") -> None:
        """By classic branch protection."""
        with self.github.lock:
            self.model.protections[branch] = [_required(one) for one in required]

    def collaborator(self, login: str, role: str) -> None:
        with self.github.lock:
            self.model.collaborators[self.github.account(login).id] = role

    def announce(self, by: Account) -> None:
        """A new repository is told to the apps that are installed on all of the account's."""
        self._emit("created", by.login)
        for installation in self._installations():
            self.tell_installation(installation, "added", by)

    def rename(self, name: str, by: str = "alice") -> None:
        with self.github.lock:
            was = self.model.name
            self._leave_name()
            self.model.name = name
            self._emit("renamed", by, changes={"repository": {"name": {"from": was}}})

    def transfer(self, login: str, by: str = "alice") -> None:
        with self.github.lock:
            who, was = self.github.account(by), self.model.owner
            for installation in self._installations():
                self.tell_installation(installation, "removed", who)
            self._leave_name()
            self.model.owner = self.github.account(login, "Organization")
            for installation in self._installations():
                self.tell_installation(installation, "added", who)
            owner = {"organization": shapes.organization(self.github.api_url, was)}
            self._emit("transferred", by, changes={"owner": {"from": owner}})

    def archive(self, by: str = "alice") -> None:
        with self.github.lock:
            self.model.archived = True
            self._emit("archived", by)

    def unarchive(self, by: str = "alice") -> None:
        with self.github.lock:
            self.model.archived = False
            self._emit("unarchived", by)

    def set_private(self, private: bool, by: str = "alice") -> None:
        with self.github.lock:
            self.model.private = private
            self._emit("privatized" if private else "publicized", by)

    def delete(self, by: str = "alice") -> None:
        with self.github.lock:
            self._emit("deleted", by)
            self.model.deleted = True

    def _leave_name(self) -> None:
        self.github.old_names[self.model.full_name.casefold()] = self.id

    def _installations(self) -> list[Installation]:
        return [one for one in self.github.installations.values() if one.covers(self.model)]

    def _emit(self, action: str, by: str, **extra: Any) -> None:
        body = {"action": action} | extra
        webhooks.emit(self.github, self.model, "repository", body, self.github.account(by))

    def tell_installation(self, installation: Installation, action: str, sender: Account) -> None:
        """The app learns that its installation gained or lost this repository."""
        brief = [shapes.repository_brief(self.model)]
        body = {
            "action": action,
            "installation": shapes.installation(self.github.api_url, installation),
            "repository_selection": installation.selection,
            "repositories_added": brief if action == "added" else [],
            "repositories_removed": brief if action == "removed" else [],
            "requester": None,
        }
        webhooks.tell(self.github, installation, "installation_repositories", body, sender)


def _required(one: str | RequiredCheck) -> RequiredCheck:
    return RequiredCheck(one) if isinstance(one, str) else one
