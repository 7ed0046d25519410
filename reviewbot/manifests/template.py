"""What every pod of a preview gets, whatever its template says: no account, no privileges, its place, config vars."""

from reviewbot.manifests.objects import Object
from reviewbot.model import Release
from reviewbot.render.names import PULL_SECRET, RELEASE
from reviewbot.render.pods import place, variables
from reviewbot.render.secrets import config_name

# A label of what comes from a repository's own manifests. Together with the release it tells what to prune.
ORIGIN = "reviewbot.dev/origin"
MAX_GRACE_SECONDS = 30


def owned(labels: Object, release: Release) -> Object:
    """Labels with ours among them."""
    return {**labels, RELEASE: release.id, ORIGIN: "manifests"}


def confined_template(template: Object, release: Release) -> Object:
    """A checked pod template as it is applied; its annotations are left out, they speak to others in the cluster.

    Pods that do not run the release's image carry no release's label, so that a push does not start a database again.
    """
    labels = owned(template.get("metadata", {}).get("labels", {}), release)
    if not any(container.get("image") == release.image for container in template["spec"]["containers"]):
        del labels[RELEASE]
    return {**template, "metadata": {"labels": labels}, "spec": _pod(template["spec"], release)}


def _pod(spec: Object, release: Release) -> Object:
    pod = {
        **spec,
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": _pod_security(spec.get("securityContext", {})),
        **place(release.nodes),
    }
    if spec.get("terminationGracePeriodSeconds", 0) > MAX_GRACE_SECONDS:
        pod["terminationGracePeriodSeconds"] = MAX_GRACE_SECONDS
    if release.pull_secret:
        pod["imagePullSecrets"] = [{"name": PULL_SECRET}]
    for name in ("initContainers", "containers"):
        if name in spec:
            pod[name] = [_container(each, release, pod["securityContext"]) for each in spec[name]]
    return pod


def _pod_security(given: Object) -> Object:
    return {"seccompProfile": {"type": "RuntimeDefault"}, **given, "runAsNonRoot": True}


def _container(given: Object, release: Release, pod_security: Object) -> Object:
    security = given.get("securityContext", {})
    capabilities = {**security.get("capabilities", {}), "drop": ["ALL"]}
    container = {
        **given,
        "securityContext": {**security, "allowPrivilegeEscalation": False, "capabilities": capabilities},
    }
    if given.get("image") != release.image:
        return container
    if release.run_as_user and "runAsUser" not in {**security, **pod_security}:
        container["securityContext"]["runAsUser"] = release.run_as_user
    return container | _config_vars(given, release)


def _config_vars(given: Object, release: Release) -> Object:
    """Ours come first: of several values of a variable Kubernetes takes the last, and of its kinds `env`."""
    own = given.get("env", [])
    names = {variable.get("name") for variable in own}
    ours = [each for each in variables(release) if each["name"] not in names]
    sources = [{"secretRef": {"name": config_name(release.id)}}, *given.get("envFrom", [])]
    return {"envFrom": sources, "env": [*ours, *own]}
