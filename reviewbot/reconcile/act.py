"""The steps of a plan, carried out. Every effect is find-or-create under a deterministic name.

Any of them may be cut anywhere and repeated from the start.
"""

from contextlib import suppress

from reviewbot.decide import NAME_TAKEN, Arm, Forget, Remove, Restore, Run, Step, Switch, Unroute
from reviewbot.errors import Conflict, GiveUp, Wait
from reviewbot.model import PullRequestRef, ReleaseState, Sha
from reviewbot.preview import is_ours
from reviewbot.reconcile import provided
from reviewbot.reconcile.ports import Cluster, Object, Source
from reviewbot.reconcile.tenant import Tenant
from reviewbot.render import names
from reviewbot.render.names import Address, namespace
from reviewbot.render.route import route
from reviewbot.render.walls import POD_SECURITY, RESTRICTED, gateway_policy, managed_namespace, walls

# A preview has nothing to lose, and its pods' own grace would hold the namespace for half a minute.
_LAST_GRACE_SECONDS = 1
# What the bot may only create, not change: one that is there is left alone.
_WRITTEN_ONCE = {"ServiceAccount", "RoleBinding"}


class Actor:
    """Writes to the cluster that previews run on. `proxies` is where those of the gateway run, if not beside it."""

    def __init__(self, source: Source, cluster: Cluster, gateway: str, proxies: str | None = None) -> None:
        self._source = source
        self._cluster = cluster
        self._gateway = gateway
        self._proxies = proxies or gateway.partition("/")[0]

    def act(self, step: Step, ref: PullRequestRef, address: Address) -> None:
        """Carry out one step for one pull request."""
        match step:
            case Arm():
                self.arm(ref, step)
            case Run(release):
                # It cannot be taken back, so it must not begin for a commit that is out of date already.
                self._require_head(ref, release.sha)
                Tenant(self._cluster, namespace(ref)).act(step)
            case Switch(release):
                self._switch(ref, release, address)
            case Restore(release):
                self._restore(ref, release, address)
            case Unroute():
                self._cluster.delete("HTTPRoute", names.ROUTE, namespace(ref))
            case Remove(uid):
                self._remove(namespace(ref), uid)
            case Forget():
                # Nothing but the record is left, and that is the caller's.
                return
            case _:
                Tenant(self._cluster, namespace(ref)).act(step)

    def restore_rights(self, ref: PullRequestRef) -> None:
        """Bind what our account and the tenant's may do in the preview, where that is missing."""
        for item in self._walls(self._namespace(ref)):
            if item["kind"] in _WRITTEN_ONCE:
                self._cluster.create(item)

    def _namespace(self, ref: PullRequestRef) -> Object:
        name = namespace(ref)
        found = self._cluster.get("Namespace", name)
        if found is None:
            raise Wait(f"namespace {name} went away while it was being made")
        return found

    def _walls(self, space: Object, port: int | str | None = None) -> list[Object]:
        name = space["metadata"]["name"]
        more = [] if port is None else [gateway_policy(name, self._proxies, port)]
        return [*walls(name, space["metadata"]["uid"], self._proxies), *more]

    def arm(self, ref: PullRequestRef, step: Arm) -> None:
        """Make the namespace and its walls, or complete them and put them right."""
        self._cluster.create(provided.empty_placement())
        self._cluster.create(managed_namespace(ref))
        space = self._namespace(ref)
        _check(ref, space)
        for item in self._walls(space, step.port):
            if item["kind"] in _WRITTEN_ONCE:
                self._cluster.create(item)
            else:
                self._cluster.apply(item)
        if step.pull_secret:
            provided.copy_pull_secret(self._cluster, step.pull_secret, namespace(ref))
        else:
            self._cluster.delete("Secret", names.PULL_SECRET, namespace(ref))

    def _switch(self, ref: PullRequestRef, release: ReleaseState, address: Address) -> None:
        # The head may have moved, or the pull request closed, while the release was getting ready.
        self._require_head(ref, release.sha)
        self._cluster.apply(route(namespace(ref), address.host, release, self._gateway))

    def _require_head(self, ref: PullRequestRef, sha: Sha) -> None:
        pull = self._source.pull(ref)
        if not pull.live or pull.head != sha:
            raise Conflict("the pull request moved on while its release was getting ready")

    def _restore(self, ref: PullRequestRef, release: ReleaseState, address: Address) -> None:
        if not self._source.pull(ref).live:
            raise Conflict("the pull request was closed while its release was getting ready again")
        self._cluster.apply(route(namespace(ref), address.host, release, self._gateway))

    def _remove(self, name: str, uid: str) -> None:
        self._cluster.delete("HTTPRoute", names.ROUTE, name)
        self._cluster.delete("Namespace", name, uid=uid)
        # Our rights inside may be gone already; they go last, so no pod is left then.
        with suppress(GiveUp):
            self._cluster.delete_pods(name, _LAST_GRACE_SECONDS)
        self._cluster.delete("ServiceAccount", name, names.TENANTS_NAMESPACE)


def _check(ref: PullRequestRef, space: Object) -> None:
    # Somebody else may have been faster, or have unlocked it: we may not change namespaces, so a person has to.
    if not is_ours(ref, space):
        raise GiveUp(NAME_TAKEN)
    metadata = space["metadata"]
    if metadata["labels"].get(POD_SECURITY) != RESTRICTED:
        label = f"{POD_SECURITY}={RESTRICTED}"
        raise GiveUp(f"Namespace {metadata['name']} lost its label `{label}`. Put it back, or delete the namespace.")
