"""What an administrator provides in the cluster: where previews run, add-ons, config vars, the registry's password."""

import base64
import logging
from collections.abc import Mapping

from reviewbot.errors import Denied, GiveUp
from reviewbot.model import Placement, PullRequest, RepositoryId, Service
from reviewbot.reconcile.ports import Cluster, Object
from reviewbot.render.names import CATALOGUE, PLACEMENT, PULL_SECRET, SYSTEM_NAMESPACE, VARS_NAMESPACE
from reviewbot.spec import SpecError, parse_catalogue, parse_placement

log = logging.getLogger(__name__)

_DOCKER = "kubernetes.io/dockerconfigjson"


def placement(cluster: Cluster) -> Placement:
    """Where previews run; GiveUp, for whoever runs the cluster, if that cannot be made out."""
    found = cluster.get("ConfigMap", PLACEMENT, SYSTEM_NAMESPACE) or {}
    try:
        return parse_placement(found.get("data") or {})
    except SpecError as problem:
        sentence = f"The ConfigMap `{PLACEMENT}` in `{SYSTEM_NAMESPACE}` says where previews run, and cannot be used:"
        raise GiveUp(f"{sentence}\n{problem.sentence}") from None


def catalogue(cluster: Cluster) -> dict[str, Service]:
    """Which add-ons there are, by name; GiveUp, for whoever runs the cluster, if that cannot be made out."""
    found = cluster.get("ConfigMap", CATALOGUE, SYSTEM_NAMESPACE) or {}
    try:
        return parse_catalogue(found.get("data") or {})
    except SpecError as problem:
        sentence = (
            f"The ConfigMap `{CATALOGUE}` in `{SYSTEM_NAMESPACE}` says which add-ons there are, and cannot be used:"
        )
        raise GiveUp(f"{sentence}\n{problem.sentence}") from None


def empty_placement() -> Object:
    """The ConfigMap that the admission policy compares pods with; without one it would refuse them all."""
    metadata = {"name": PLACEMENT, "namespace": SYSTEM_NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def vars_name(repository: RepositoryId) -> str:
    """Name of the Secret whose keys are a repository's config vars."""
    return f"repo-{repository}"


def config_vars(cluster: Cluster, pull: PullRequest) -> dict[str, bytes]:
    """The variables given to the pull request's repository; nothing of it goes to a fork."""
    if pull.from_fork:
        return {}
    found = cluster.get("Secret", vars_name(pull.repository), VARS_NAMESPACE) or {}
    return {name: base64.b64decode(value) for name, value in (found.get("data") or {}).items()}


def pull_secret_for(pull: PullRequest, names: Mapping[str, str]) -> str | None:
    """Which Secret its images are pulled with: the owner's, else the one under the empty name; none for a fork."""
    if pull.from_fork:
        return None
    owner = pull.full_name.partition("/")[0].lower()
    return names.get(owner, names.get(""))


def copy_pull_secret(cluster: Cluster, name: str, preview: str) -> None:
    """Bring the preview's copy up to date. One that is there serves on if the original cannot be used any more."""
    try:
        data = _password(cluster, name)
    except GiveUp as unusable:
        if cluster.get("Secret", PULL_SECRET, preview) is None:
            raise
        log.warning("%s keeps the pull secret that it has: %s", preview, unusable.sentence)
        return
    metadata = {"name": PULL_SECRET, "namespace": preview}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "type": _DOCKER, "metadata": metadata, "data": data})


def _password(cluster: Cluster, name: str) -> Object:
    place = f"the Secret `{name}` in `{SYSTEM_NAMESPACE}`"
    try:
        found = cluster.get("Secret", name, SYSTEM_NAMESPACE)
    except Denied:
        role = f"name it in the Role `reviewbot-controller` in `{SYSTEM_NAMESPACE}`"
        raise GiveUp(f"Images are pulled with {place}, which reviewbot may not read: {role}.") from None
    if found is None:
        raise GiveUp(f"Images are pulled with {place}, which is not there. Whoever runs the cluster can create it.")
    if found.get("type") != _DOCKER:
        raise GiveUp(f"Images are pulled with {place}, which must be of type `{_DOCKER}`.")
    return {".dockerconfigjson": found["data"][".dockerconfigjson"]}
