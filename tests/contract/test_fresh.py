"""What a preview's namespace is in its first moments, and what a process finds in it."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from dev.bot.install import Accounts, kubectl
from dev.cluster import Cluster as World
from reviewbot.decide import Apply, Arm
from reviewbot.errors import Denied
from reviewbot.gateways.cluster import Cluster, connect
from reviewbot.model import Cause, InstallationId, PullRequestRef, RepositoryId, Script
from reviewbot.preview.trouble import find_trouble
from reviewbot.reconcile.act import Actor
from reviewbot.render.jobs import release_job
from reviewbot.render.names import Address, namespace
from reviewbot.render.secrets import config_secret
from reviewbot.render.workload import tenant_objects
from tests.contract.kube import Account, path_of, preview_name, tenant, until
from tests.unit.builders import a_release

ADDRESS = Address("shop", "https://preview.example.com")
# Of an image that nobody has: what counts is that there is a pod.
RELEASE = a_release(image="localhost/none")
REPOSITORY = RepositoryId(int(preview_name()[3:13], 16))
REFS = [PullRequestRef(REPOSITORY, InstallationId(1), number) for number in range(1, 11)]


@pytest.fixture
def own(installed: Accounts) -> Iterator[Cluster]:
    made = connect(str(installed.controller))
    yield made
    made.close()


@pytest.fixture
def swept(admin: Account) -> Iterator[None]:
    yield
    for ref in REFS:
        admin.call("DELETE", path_of("Namespace", name=namespace(ref)))


def _applied(actor: Actor, ref: PullRequestRef) -> bool:
    try:
        actor.act(Apply(RELEASE), ref, ADDRESS)
    except Denied:
        return False
    return True


@pytest.mark.usefixtures("swept")
def test_fresh_namespace_races(own: Cluster, admin: Account) -> None:
    """Each is used the moment it is there. Pods need no account's token, so none waits for the account to be made."""
    actor: Any = Actor(None, own, "gateways/shared")  # type: ignore[arg-type]
    for ref in REFS:
        actor.act(Arm(), ref, ADDRESS)
        until("rights are in effect", partial(_applied, actor, ref), 10)
    for ref in REFS:
        pods = path_of("Pod", namespace(ref))
        until("its pod is there", lambda pods=pods: len(admin.call("GET", pods).body["items"]) == 1)  # type: ignore[misc]


def test_not_ready_is_explained__what_pod_security_refuses(admin: Account, managed: str) -> None:
    """It takes the Deployment and refuses its pods; why is in the Deployment's own conditions a moment later."""
    deployment, _ = tenant_objects(RELEASE, managed)
    deployment["spec"]["template"]["spec"]["securityContext"]["runAsUser"] = 0
    assert admin.create(deployment).done
    path = path_of("Deployment", managed, deployment["metadata"]["name"])

    def told() -> bool:
        trouble = find_trouble([admin.call("GET", path).body], [])
        return trouble is not None and "violates PodSecurity" in trouble.sentence and trouble.cause is Cause.REFUSED

    until("it is told", told)


def test_in_namespace_privilege__no_token_is_in_a_pod(world: World, admin: Account, managed: str) -> None:
    script = "ls -R /var/run/secrets /run/secrets 2>&1 | sed 's/.*: //'; id -u"
    release = a_release(image=world.kustomize_image(), command=Script(script), run_as_user=1000)
    job = release_job(release, managed)
    assert admin.create(config_secret(release, managed)).done
    assert admin.acting_as(tenant(managed)).create(job).done
    path = path_of("Job", managed, job["metadata"]["name"])
    until("it is over", lambda: "succeeded" in admin.call("GET", path).body["status"], 60)
    said = kubectl(world, "logs", f"job/{job['metadata']['name']}", "-n", managed)
    assert said == "No such file or directory\nNo such file or directory\n1000\n"


@pytest.fixture
def world(cluster: World) -> World:
    if not cluster.tools:
        pytest.skip("a cluster that somebody brings has images of its own")
    return cluster
