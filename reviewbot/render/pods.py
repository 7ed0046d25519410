"""What every pod of a preview has in common: it is confined, placed, and reads its config vars from Secrets."""

from collections.abc import Mapping
from typing import Any

from reviewbot.model import HealthCheck, Nodes, Release, Resources, Toleration
from reviewbot.render.names import PULL_SECRET
from reviewbot.render.secrets import ADDRESS, addon_name, config_name, generated_name

Object = dict[str, Any]

_GRACE_SECONDS = 10
# An image of Cloud Native Buildpacks sets up its environment in there; every other one has just a shell.
_SHELL = 'if [ -x /cnb/lifecycle/launcher ]; then exec /cnb/lifecycle/launcher "$0"; fi; exec /bin/sh -c "$0"'


def pod(release: Release, container: Object, user: int | None = None, **more: Any) -> Object:
    """The spec of a pod with this one container, run as `user`, where one is named."""
    security: Object = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if user:
        security["runAsUser"] = user
    return {
        "serviceAccountName": "default",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "securityContext": security,
        **({"imagePullSecrets": [{"name": PULL_SECRET}]} if release.pull_secret else {}),
        **place(release.nodes),
        "containers": [container],
        **more,
    }


def confined(name: str, image: str, resources: Resources | None) -> Object:
    """A container without any privilege."""
    container: Object = {
        "name": name,
        "image": image,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    if resources and (resources.requests or resources.limits):
        container["resources"] = {"requests": dict(resources.requests), "limits": dict(resources.limits)}
    return container


def app_container(release: Release, name: str, command: str | None, size: str) -> Object:
    """A container of the app itself, with its config vars; without a command it is the image's own entry point."""
    container = confined(name, release.image, release.resources.get(size))
    container["envFrom"] = [{"secretRef": {"name": config_name(release.id)}}]
    container["env"] = variables(release)
    if command is not None:
        container["command"] = ["/bin/sh", "-c", _SHELL, command]
    return container


def variables(release: Release) -> list[Object]:
    """Variables of the app whose values only the cluster knows: its add-ons' addresses and what is generated."""
    return [
        *(
            from_secret(addon.variable, addon_name(addon.name), ADDRESS)
            for addon in release.addons
            # Another database than the preview's own may have been named for it.
            if addon.variable not in release.config
        ),
        *(from_secret(variable, generated_name(variable), variable) for variable in release.generated),
    ]


def from_secret(variable: str, secret: str, key: str) -> Object:
    """An environment variable whose value stands in a Secret."""
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def probe(check: HealthCheck, port: int) -> Object:
    """How the kubelet asks after a container's health."""
    times = {"periodSeconds": check.period, "timeoutSeconds": check.timeout, "failureThreshold": check.attempts}
    if check.delay:
        times["initialDelaySeconds"] = check.delay
    return {**_question(check, check.port or port), **times}


def _question(check: HealthCheck, port: int) -> Object:
    if check.command:
        return {"exec": {"command": list(check.command)}}
    return {"httpGet": {"path": check.path, "port": port}} if check.path else {"tcpSocket": {"port": port}}


def place(nodes: Nodes) -> Mapping[str, Any]:
    """The fields of a pod that say on which nodes it runs, as the policy reviewbot-tenant-placement wants them."""
    fields = {
        "nodeSelector": dict(nodes.selector),
        "tolerations": [_toleration(each) for each in nodes.tolerations],
        "runtimeClassName": nodes.runtime_class,
    }
    return {name: value for name, value in fields.items() if value}


def _toleration(toleration: Toleration) -> Object:
    taint = {"key": toleration.key, "effect": toleration.effect}
    if toleration.value is None:
        return {**taint, "operator": "Exists"}
    return {**taint, "operator": "Equal", "value": toleration.value}
