"""The plain alternative: `kubectl apply` of the same objects, `kubectl rollout status`, then asking the address."""

import json
import time
from datetime import UTC, datetime

from dev.bench.ours import CLOSELY
from dev.bot.install import kubectl
from dev.demo.shown import Visitor, until
from dev.demo.stage import FULL_NAME, Stage, sample_files
from reviewbot.model import (
    InstallationId,
    PullRequest,
    PullRequestRef,
    PullState,
    ReleaseState,
    RepositoryConfig,
    RepositoryId,
    Sha,
)
from reviewbot.render.names import Address, host_label, namespace
from reviewbot.render.release import Surroundings, release
from reviewbot.render.route import route
from reviewbot.render.secrets import config_secret, generated_secret
from reviewbot.render.walls import Object, managed_namespace, walls
from reviewbot.render.workload import process_name, tenant_objects
from reviewbot.spec import parse_app

# Repository ids of the stand-in are far away from this one.
_REPOSITORY = RepositoryId(7)


def seconds_to_answer(stage: Stage, visitor: Visitor, number: int, sha: str, every: float = CLOSELY) -> float:
    """From `kubectl apply` to the page, for the sample app at a commit whose image is there; asked for as `ours` is."""
    ref = _ref(number)
    address = Address(host_label(ref, FULL_NAME, "bench"), stage.cluster.previews_url)
    deployment, everything = _objects(stage, ref, sha, address)
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": everything})
    began = time.monotonic()
    kubectl(stage.cluster, "apply", "-f", "-", stdin=text)
    kubectl(stage.cluster, "rollout", "status", f"deployment/{deployment}", "-n", namespace(ref))
    until(lambda: visitor.get(address.url).sha == sha, "the plain page", every=every)
    return time.monotonic() - began


def ends(stage: Stage, number: int) -> None:
    """Have all of it go."""
    kubectl(stage.cluster, "delete", "namespace", namespace(_ref(number)), "--wait=false")


def _ref(number: int) -> PullRequestRef:
    return PullRequestRef(_REPOSITORY, InstallationId(7), number)


def _objects(stage: Stage, ref: PullRequestRef, sha: str, address: Address) -> tuple[str, list[Object]]:
    name, files = namespace(ref), sample_files(stage.cluster)
    app = parse_app(files["Procfile"].encode(), files["app.json"].encode())
    pull = PullRequest(
        ref.number,
        PullState.OPEN,
        False,
        "",
        Sha(sha),
        "topic",
        ref.repository,
        "main",
        ref.repository,
        FULL_NAME,
        True,
    )
    wanted = release(
        app, pull, stage.cluster.sample_image(sha), RepositoryConfig(health="/healthz"), Surroundings(address, "")
    )
    # The account's owner would be the namespace's uid, which nobody knows before it is made.
    guards = [item for item in walls(name, "", "reviewbot-gateway") if item["kind"] != "ServiceAccount"]
    return process_name("web", wanted.id), [
        managed_namespace(ref),
        *guards,
        *(generated_secret(variable, "0" * 64, name) for variable in wanted.generated),
        config_secret(wanted, name),
        *tenant_objects(wanted, name),
        route(name, address.host, _as_state(wanted.id, sha), stage.cluster.gateway),
    ]


def _as_state(release_id: str, sha: str) -> ReleaseState:
    return ReleaseState(release_id, Sha(sha), datetime.now(UTC), frozenset(), ready=True)
