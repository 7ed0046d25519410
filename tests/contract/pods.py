"""Pods that every wall accepts, with changes, alone and in everything that makes pods."""

from typing import Any

from tests.contract.kube import Account, Object, thing

DEPLOYMENT_CONTROLLER = "system:serviceaccount:kube-system:deployment-controller"


def pod_spec(container: Object | None = None, **fields: Any) -> Object:
    """A spec that both walls accept, with changes."""
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [one(**(container or {}))],
        **fields,
    }


def one(**fields: Any) -> Object:
    """A container that both walls accept, with changes."""
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    security |= fields.pop("securityContext", {})
    return {"name": "web", "image": "localhost/none", "securityContext": security, **fields}


def pod(where: str, container: Object | None = None, **fields: Any) -> Object:
    return thing("Pod", "web", where, spec=pod_spec(container, **fields))


def every_kind(where: str, spec: Object) -> list[Object]:
    """The spec as a pod and as the template of everything that makes pods."""
    labels = {"app": "web"}
    common = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}
    ends = {"template": {"spec": {**spec, "restartPolicy": "Never"}}}
    return [
        thing("Pod", "web", where, spec=spec),
        thing("Deployment", "web", where, spec=common),
        thing("StatefulSet", "web", where, spec={**common, "serviceName": "web"}),
        thing("DaemonSet", "web", where, spec=common),
        thing("ReplicaSet", "web", where, spec=common),
        thing("Job", "web", where, spec=ends),
        thing("CronJob", "web", where, spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": ends}}),
    ]


def volume(**source: Any) -> Object:
    return {"volumes": [{"name": "v", **source}]}


def verdicts(admin: Account, where: str, spec: Object) -> dict[str, str]:
    """Kind -> the refusal, empty if accepted."""
    return {item["kind"]: admin.try_create(item).message for item in every_kind(where, spec)}
