"""The steps of a plan, carried out. Every effect is find-or-create under a deterministic name.

Any of them may be cut anywhere and repeated from the start.
"""

import secrets
from contextlib import suppress

from reviewbot.decide import Apply, Arm, Forget, Prune, Remove, Restore, Step, Switch, Unroute
from reviewbot.errors import GiveUp, Wait
from reviewbot.model import PullRequestRef, Release, ReleaseState
from reviewbot.reconcile import provided
from reviewbot.reconcile.ports import Cluster, Object, Source
from reviewbot.render import names
from reviewbot.render.names import Address, namespace, tenant
from reviewbot.render.route import route
from reviewbot.render.walls import managed_namespace, walls
from reviewbot.render.workload import (
    config_name,
    config_secret,
    generated_secret,
    process_name,
    tenant_objects,
)

# A preview has nothing to lose, and its pods' own grace would hold the namespace for half a minute.
_LAST_GRACE_SECONDS = 1
# What the bot may only create, not change: one that is there is left alone.
_WRITTEN_ONCE = {"ServiceAccount", "RoleBinding"}


class Actor:
    """Writes to the cluster that previews run on."""

    def __init__(self, source: Source, cluster: Cluster, gateway: str) -> None:
        self._source = source
        self._cluster = cluster
        self._gateway = gateway

    def act(self, step: Step, ref: PullRequestRef, address: Address) -> None:
        """Carry out one step for one pull request."""
        match step:
            case Arm(pull_secret):
                self.arm(ref, pull_secret)
            case Apply(release):
                self._apply(namespace(ref), release)
            case Switch(release):
                self._switch(ref, release, address)
            case Restore(release):
                self._restore(ref, release, address)
            case Unroute():
                self._cluster.delete("HTTPRoute", names.ROUTE, namespace(ref))
            case Prune(release):
                self._prune(namespace(ref), release)
            case Remove(uid):
                self._remove(namespace(ref), uid)
            case Forget():
                # Nothing but the record is left, and that is the caller's.
                return

    def restore_rights(self, ref: PullRequestRef) -> None:
        """Bind what our account and the tenant's may do in the preview, where that is missing."""
        for item in self._walls(ref):
            if item["kind"] in _WRITTEN_ONCE:
                self._cluster.create(item)

    def _walls(self, ref: PullRequestRef) -> list[Object]:
        name = namespace(ref)
        found = self._cluster.get("Namespace", name)
        if found is None:
            raise Wait(f"namespace {name} went away while it was being made")
        return walls(name, found["metadata"]["uid"], self._gateway.partition("/")[0])

    def arm(self, ref: PullRequestRef, pull_secret: str | None) -> None:
        """Make the namespace and its walls, or complete them and put them right; with the pull secret of that name."""
        self._cluster.create(provided.empty_placement())
        self._cluster.create(managed_namespace(ref))
        for item in self._walls(ref):
            if item["kind"] in _WRITTEN_ONCE:
                self._cluster.create(item)
            else:
                self._cluster.apply(item)
        if pull_secret:
            provided.copy_pull_secret(self._cluster, pull_secret, namespace(ref))
        else:
            self._cluster.delete("Secret", names.PULL_SECRET, namespace(ref))

    def _apply(self, name: str, release: Release) -> None:
        for variable in release.generated:
            self._cluster.create(generated_secret(variable, secrets.token_hex(32), name))
        self._cluster.create(config_secret(release, name))
        for item in tenant_objects(release, name):
            self._cluster.apply(item, tenant(name))

    def _switch(self, ref: PullRequestRef, release: ReleaseState, address: Address) -> None:
        # The head may have moved, or the pull request closed, while the release was getting ready.
        pull = self._source.pull(ref)
        if not pull.live or pull.head != release.sha:
            raise Wait("the pull request moved on while its release was getting ready")
        self._cluster.apply(route(namespace(ref), address.host, release, self._gateway))

    def _restore(self, ref: PullRequestRef, release: ReleaseState, address: Address) -> None:
        if not self._source.pull(ref).live:
            raise Wait("the pull request was closed while its release was getting ready again")
        self._cluster.apply(route(namespace(ref), address.host, release, self._gateway))

    def _prune(self, name: str, release: ReleaseState) -> None:
        account = tenant(name)
        self._cluster.delete_as(account, "Service", process_name("web", release.id), name)
        for process in sorted(release.processes | {"web"}):
            self._cluster.delete_as(account, "Deployment", process_name(process, release.id), name)
        self._cluster.delete("Secret", config_name(release.id), name)

    def _remove(self, name: str, uid: str) -> None:
        self._cluster.delete("HTTPRoute", names.ROUTE, name)
        self._cluster.delete("Namespace", name, uid=uid)
        # Our rights inside may be gone already; they go last, so no pod is left then.
        with suppress(GiveUp):
            self._cluster.delete_pods(name, _LAST_GRACE_SECONDS)
        self._cluster.delete("ServiceAccount", name, names.TENANTS_NAMESPACE)
