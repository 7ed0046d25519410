"""`GitHub`: the state with the verbs that set a scene, for tests and for the demo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from dev.github import git, keys, shapes, webhooks
from dev.github.repo import Repo
from dev.github.state import Account, App, Installation, Repository
from dev.github.store import Store

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "statuses": "read",
    "deployments": "write",
    "pull_requests": "write",
    "issues": "read",
}


class AppOptions(TypedDict, total=False):
    private_key: str
    permissions: dict[str, str]
    events: Iterable[str]
    webhook_url: str
    webhook_secret: str
    auto_suites: bool


class GitHub(Store):
    def create_app(self, slug: str, **options: Unpack[AppOptions]) -> App:
        """Register an app. One with a webhook secret hears events and gets a check suite at every push."""
        with self.lock:
            number, key = self.next_id(), options.get("private_key")
            app = App(
                id=number,
                client_id=f"Iv23li{number:014d}",
                slug=slug,
                public_key=keys.public_key(key) if key else None,
                permissions=dict(options.get("permissions", PERMISSIONS)),
                events=set(options.get("events", webhooks.PERMISSION)),
                bot=self.account(f"{slug}[bot]", "Bot"),
                owner=self.account("octo-apps", "Organization"),
                hook_id=self.next_id(),
                webhook_url=options.get("webhook_url"),
                webhook_secret=options.get("webhook_secret"),
                auto_suites=options.get("auto_suites", "webhook_secret" in options),
            )
            self.apps[number] = app
            return app

    def install(self, app: App, login: str, only: Iterable[Repo] | None = None) -> Installed:
        """Install an app on all repositories of an account, or on some."""
        with self.lock:
            made = Installation(
                id=self.next_id(),
                app=app,
                account=self.account(login, "Organization"),
                permissions=dict(app.permissions),
                created_at=self.now(),
                selection="all" if only is None else "selected",
                repository_ids={repo.id for repo in only or ()},
            )
            self.installations[made.id] = made
            installed = Installed(self, made)
            installed.announce("created", self.account("alice"))
            return installed

    def create_repository(self, full_name: str, files: git.Changes | None = None, private: bool = True) -> Repo:
        with self.lock:
            login, _, name = full_name.partition("/")
            repo = Repository(self.next_id(), self.account(login, "Organization"), name, {}, self.now(), private)
            author, first = self.account("alice"), git.apply({}, files or {"README.md": f"# {name}\n"})
            repo.collaborators[author.id] = "write"
            self.repositories[repo.id] = repo
            repo.branches["main"] = git.commit(repo, (), first, f"Begin {full_name}", author, self.now())
            made = Repo(self, repo)
            made.announce(author)
            return made

    def repo(self, full_name: str) -> Repo:
        """The verbs of a repository that exists."""
        with self.lock:
            found = self.repository(full_name)
            if found is None:
                raise LookupError(f"no repository is called {full_name}")
            return Repo(self, found)


class Installed:
    """An app on an account."""

    def __init__(self, github: Store, model: Installation) -> None:
        self.github = github
        self.model = model
        self.id = model.id

    def announce(self, action: str, sender: Account, repositories: bool = True) -> None:
        body: dict[str, Any] = {
            "action": action,
            "installation": shapes.installation(self.github.api_url, self.model),
        }
        if repositories:
            found = self.github.repositories_of(self.model)
            body["repositories"] = [shapes.repository_brief(repo) for repo in found]
        webhooks.tell(self.github, self.model, "installation", body, sender)

    def suspend(self, by: str = "alice") -> None:
        with self.github.lock:
            self.model.suspended_at = self.github.now()
            self.announce("suspend", self.github.account(by))

    def unsuspend(self, by: str = "alice") -> None:
        with self.github.lock:
            self.model.suspended_at = None
            self.announce("unsuspend", self.github.account(by))

    def uninstall(self, by: str = "alice") -> None:
        with self.github.lock:
            self.announce("deleted", self.github.account(by))
            self.model.deleted = True

    def accept_permissions(self, permissions: dict[str, str], by: str = "alice") -> None:
        with self.github.lock:
            self.model.permissions = dict(permissions)
            self.announce("new_permissions_accepted", self.github.account(by), repositories=False)

    def add(self, repo: Repo, by: str = "alice") -> None:
        with self.github.lock:
            self.model.repository_ids.add(repo.id)
            self._changed("added", repo, by)

    def remove(self, repo: Repo, by: str = "alice") -> None:
        """Take one repository away; an installation on all becomes one on those that are left."""
        with self.github.lock:
            if self.model.selection == "all":
                self.model.repository_ids = {r.id for r in self.github.repositories_of(self.model)}
                self.model.selection = "selected"
            self.model.repository_ids.discard(repo.id)
            self._changed("removed", repo, by)

    def _changed(self, action: str, repo: Repo, by: str) -> None:
        repo.tell_installation(self.model, action, self.github.account(by))
