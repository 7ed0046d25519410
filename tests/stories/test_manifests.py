"""A repository's own manifests: deployed in place of its processes, updated where they are, and taken away."""

import pytest

from dev.bot.install import kubectl
from dev.cluster import Cluster
from dev.github import Pull
from reviewbot.decide import CHECK
from tests.stories.conftest import Founded
from tests.stories.own import FOLDER, GREETING, MANIFESTS, SHOP, WEB, placed, repository
from tests.stories.team import Team

KINDS = ("deployments", "services", "configmaps", "jobs")
INDEX = """\
apiVersion: batch/v1
kind: Job
metadata: {name: index}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: index, image: "${IMAGE}", command: ["true"]}]
"""
EXTRA = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: extra}
data: {more: "1"}
---
""" + INDEX.replace("index", "once")
ROOT = SHOP.replace("        image: ${IMAGE}\n", "        image: ${IMAGE}\n        securityContext: {runAsUser: 0}\n")
CRASHING = SHOP.replace("        image: ${IMAGE}\n", "        image: ${IMAGE}\n        command: [sh, -c, exit 3]\n")


@pytest.fixture
def team(found: Founded, cluster: Cluster) -> Team:
    return found(**repository(cluster, MANIFESTS))


def own(team: Team, pull: Pull) -> list[str]:
    """What there is of the repository's own objects."""
    names = team.objects(pull, *KINDS)
    kept = (each.split("/")[1] for each in names if "kube-root-ca" not in each)
    return sorted({each.rpartition(pull.head[:7])[0].rstrip("-") or each for each in kept})


def images(team: Team, pull: Pull) -> dict[str, str]:
    """The image of each Deployment."""
    items = team.look(pull, "deployments")["items"]
    return {each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]["image"] for each in items}


def test_services_that_answer_through_each_other(team: Team) -> None:
    pull = team.is_running()
    page = team.page(pull)
    assert (page.status, page.sha) == (200, pull.head)
    host = team.url(pull).split("//")[1].partition(":")[0]
    assert f"Hello from {host} at {pull.head}" in page.text
    assert own(team, pull) == ["greeting", "release", "shop", "web"]
    assert set(images(team, pull).values()) == {f"localhost/acme/shop:{pull.head}"}
    policies = team.look(pull, "networkpolicies")["items"]
    assert "allow-from-gateway-8081" in [each["metadata"]["name"] for each in policies]
    assert "The release phase wrote:\n\n```text\nmigrating\n```" in team.summary(pull)
    team.nothing_more_happens(pull)

    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)


def test_push_replaces_and_prunes(team: Team) -> None:
    """Where they are, and what is no longer there goes; a Job, which cannot be changed, is made again."""
    pull = team.is_running(files=placed({"extra.yaml": EXTRA, "index.yaml": INDEX}))
    assert own(team, pull) == ["extra", "greeting", "index", "once", "release", "shop", "web"]
    kubectl(team.cluster, "create", "configmap", "administrators", "-n", team.namespace(pull))
    first = pull.head
    kept = {each["metadata"]["uid"] for each in team.look(pull, "deployments")["items"]}
    changed = {"greeting.yaml": GREETING.replace("Hello", "Bye"), "index.yaml": INDEX.replace("true", "echo")}
    pull.push({**placed(changed), "deploy/preview/extra.yaml": None})
    team.ci_passes(pull)
    team.settles()
    page = team.page(pull)
    assert page.sha == pull.head != first
    assert "Bye from" in page.text
    assert own(team, pull) == ["administrators", "greeting", "index", "release", "shop", "web"]
    assert {each["metadata"]["uid"] for each in team.look(pull, "deployments")["items"]} == kept
    assert "changes the manifests" in team.summary(pull)
    assert team.active(pull) == [pull.head]
    team.nothing_more_happens(pull)


def test_what_a_preview_may_not_have_is_shown_in_its_place(team: Team) -> None:
    pull = team.opens(files={"topic.txt": "1", **placed({"shop.yaml": ROOT})})
    team.ci_passes(pull)
    team.settles()
    place = "failure deploy/preview/shop.yaml:12:38"
    field = "spec.template.spec.containers.securityContext.runAsUser"
    assert team.annotations(pull) == [f"{place} {field}: must be another user than 0: no preview runs as root"]
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)

    good = pull.push(placed({"shop.yaml": SHOP}))
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == good
    pull.push(placed({"shop.yaml": ROOT}))
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[1] == "failure"
    assert (team.page(pull).status, team.page(pull).sha) == (200, good)
    assert set(images(team, pull).values()) == {f"localhost/acme/shop:{good}"}
    team.nothing_more_happens(pull)


ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: mine}}
spec:
  hostnames: ["{host}"]
  rules: [{{backendRefs: [{{name: web, port: 8000}}]}}]
"""


def test_host_hijack(team: Team) -> None:
    """Whoever names somebody else's host gets nothing, not even when nobody has it any more."""
    first = team.is_running(branch="first")
    host = team.url(first).split("//")[1].partition(":")[0]
    thief = team.opens("thief", files={"thief.txt": "1", **placed({"route.yaml": ROUTE.format(host=host)})})
    team.ci_passes(thief)
    team.settles()
    [told] = team.annotations(thief)
    assert "HTTPRoute is not allowed: the address is made by reviewbot" in told
    assert team.in_cluster(thief) == []
    assert team.page(first).sha == first.head
    first.close()
    thief.push({f"{FOLDER}/route.yaml": None, "thief.txt": "2"})
    team.ci_passes(thief)
    team.settles()
    assert team.page(thief).sha == thief.head
    assert team.url(thief) != team.url(first)
    assert (team.page(first).status >= 400, team.page(first).sha) == (True, "")
    team.nothing_more_happens(thief)


def test_push_replaces_and_prunes__or_changes_nothing(team: Team) -> None:
    """What cannot be changed where it is leaves all of it as it was, and is told."""
    pull = team.is_running()
    good = pull.head
    for web, why in (
        (WEB.replace("app: web", "app: w"), "field is immutable"),
        (WEB.replace("spec: {selector", "spec: {clusterIP: None, selector"), "may not change once set"),
    ):
        pull.push(placed({"greeting.yaml": GREETING.replace("Hello", "Bye"), "web.yaml": web}))
        team.ci_passes(pull)
        team.settles()
        assert why in team.summary(pull)
        assert team.page(pull).sha == good
        assert "Hello from" in team.look(pull, "configmap", "greeting")["data"]["GREETING"]
        team.nothing_more_happens(pull)


def test_the_pods_before_serve_on_while_the_new_ones_do_not_get_ready(team: Team) -> None:
    pull = team.is_running()
    good = pull.head
    pull.push(placed({"shop.yaml": CRASHING}))
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == "Process shop keeps ending (Error, exit code 3)."
    assert team.check(pull)[1] == "failure"
    assert (team.page(pull).status, team.page(pull).sha) == (200, good)
    assert f"(still serving `{good[:7]}`)" in team.comment(pull)
    team.nothing_more_happens(pull)

    pull.push(placed({"shop.yaml": SHOP}))
    team.ci_passes(pull)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert team.page(pull).sha == pull.head
    team.nothing_more_happens(pull)


def test_what_somebody_deleted_comes_back(team: Team) -> None:
    pull = team.is_running()
    team.take(pull, "configmap", "greeting")
    team.waits(CHECK * 2)
    assert "greeting" in own(team, pull)
    assert team.page(pull).sha == pull.head


KUSTOMIZATION = """\
resources: [base]
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: greeting}
    data: {GREETING: "Patched for ${HOST}"}
"""
BASE = {f"base/{name}": text for name, text in MANIFESTS.items()}
RENDERED = {
    **BASE,
    "base/kustomization.yaml": "resources: [greeting.yaml, shop.yaml, web.yaml]\n",
    "kustomization.yaml": KUSTOMIZATION,
}


@pytest.fixture
def kustomizer(found: Founded, cluster: Cluster) -> Team:
    """A team whose bot renders with the image of the local world."""
    team = found(**repository(cluster, RENDERED))
    team.restarts(REVIEWBOT_KUSTOMIZE_IMAGE=cluster.kustomize_image())
    return team


def test_a_kustomization_is_rendered_in_the_preview(kustomizer: Team, cluster: Cluster) -> None:
    team = kustomizer
    pull = team.is_running()
    assert "Patched for" in team.page(pull).text
    assert own(team, pull) == ["greeting", "kustomize", "release", "shop", "web"]
    uids = {each["metadata"]["uid"] for each in team.look(pull, "jobs")["items"]}
    team.nothing_more_happens(pull)

    # What was rendered is read again, and not rendered again.
    team.restarts(REVIEWBOT_KUSTOMIZE_IMAGE=cluster.kustomize_image())
    team.nothing_more_happens(pull)
    assert {each["metadata"]["uid"] for each in team.look(pull, "jobs")["items"]} == uids

    pull.push(placed({"kustomization.yaml": KUSTOMIZATION.replace("Patched", "Mended")}))
    team.ci_passes(pull)
    team.settles()
    assert team.page(pull).sha == pull.head
    assert "Mended for" in team.page(pull).text
    assert own(team, pull) == ["greeting", "kustomize", "release", "shop", "web"]
    team.nothing_more_happens(pull)

    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []


def test_nothing_is_rendered_before_the_tests_pass(kustomizer: Team) -> None:
    pull = kustomizer.opens()
    kustomizer.settles()
    assert kustomizer.in_cluster(pull) == []


def test_a_kustomization_that_loads_from_elsewhere(kustomizer: Team) -> None:
    team = kustomizer
    remote = KUSTOMIZATION.replace("[base]", "[base, https://github.com/acme/base]")
    pull = team.opens(files=placed({"kustomization.yaml": remote}))
    team.ci_passes(pull)
    team.settles()
    message = "resources: nothing is loaded from elsewhere; copy it into the folder"
    assert team.annotations(pull) == [f"failure {FOLDER}/kustomization.yaml:1:19 {message}"]
    assert team.in_cluster(pull) == []
    team.nothing_more_happens(pull)


def test_a_kustomization_that_cannot_be_rendered(kustomizer: Team) -> None:
    team = kustomizer
    pull = team.is_running()
    good = pull.head
    pull.push(placed({"kustomization.yaml": KUSTOMIZATION.replace("name: greeting", "name: nothing")}))
    team.ci_passes(pull)
    team.settles()
    assert (team.says(pull) or "").startswith("Rendering the kustomization failed. Process kustomize ended")
    assert "no matches for" in team.summary(pull)
    assert team.page(pull).sha == good
    team.nothing_more_happens(pull)


def test_what_comes_of_a_kustomization_is_looked_at_like_any_other(kustomizer: Team) -> None:
    team = kustomizer
    pull = team.opens(files=placed({"base/shop.yaml": ROOT}))
    team.ci_passes(pull)
    team.settles()
    assert team.check(pull)[1] == "failure"
    assert "must be another user than 0: no preview runs as root" in team.summary(pull)
    assert team.annotations(pull) == []
    assert team.objects(pull, "deployments", "services") == []
    team.nothing_more_happens(pull)
