"""What an object of each kind may say beside its metadata, and how much of each kind there may be."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from reviewbot.manifests.fixed import Fixed, Refused, check_fixed, refuse
from reviewbot.manifests.naming import check_labels
from reviewbot.manifests.objects import Manifest, down, entries, needed, table, text, whole
from reviewbot.manifests.pods import check_template
from reviewbot.render.walls import QUOTA
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, members

MAX_REPLICAS = 10
# kube-root-ca.crt is in every namespace, and rendering a kustomization takes one for each of two releases.
_FOREIGN_CONFIG_MAPS = 3
# The first setup, and for each of two releases what renders it, its release phase and the script of its end.
_FOREIGN_JOBS = 7
_MOST = {
    "ConfigMap": int(QUOTA["count/configmaps"]) - _FOREIGN_CONFIG_MAPS,
    "PersistentVolumeClaim": int(QUOTA["persistentvolumeclaims"]),
    "Service": int(QUOTA["services"]),
    "Deployment": int(QUOTA["count/deployments.apps"]),
    # The release before has Jobs of its own until the next one serves.
    "Job": (int(QUOTA["count/jobs.batch"]) - _FOREIGN_JOBS) // 2,
    "CronJob": int(QUOTA["count/cronjobs.batch"]),
}

_OUTSIDE = "a preview is reached through reviewbot's route alone"
_ADDRESSES = "each preview has addresses of its own"
_SERVICE_REFUSED: Refused = dict.fromkeys(
    (
        "externalIPs",
        "externalName",
        "loadBalancerIP",
        "loadBalancerClass",
        "loadBalancerSourceRanges",
        "healthCheckNodePort",
    ),
    _OUTSIDE,
)
_SERVICE_FIXED: Fixed = {
    "type": (("ClusterIP", ""), _OUTSIDE),
    "clusterIP": (("None", ""), _ADDRESSES),
}
_VOLUME = "a preview's volumes are new ones"
_CLASS = "a preview's volumes are of the cluster's default class"
_CLAIM_REFUSED: Refused = dict.fromkeys(("volumeName", "selector", "dataSource", "dataSourceRef"), _VOLUME)
_JOB_REFUSED: Refused = dict.fromkeys(("selector", "manualSelector"), "Kubernetes makes it")


def check_kind(manifest: Manifest, report: Report) -> None:
    """All that is to be said against the object, as one of its kind."""
    _RULES[manifest.kind](manifest.node, report)


def counts(manifests: Iterable[Manifest]) -> Mapping[str, int]:
    """The kinds of which there are more than the preview's quota lets be, with what it lets be."""
    found = Counter(manifest.kind for manifest in manifests)
    return {kind: most for kind, most in _MOST.items() if found[kind] > most}


def _config_map(node: Node, report: Report) -> None:
    for name in ("data", "binaryData"):
        data = table(node, report).get(name)
        # A key without a value is one all the same.
        for child in members(data, report).values() if data else ():
            text(child, report)


def _claim(node: Node, report: Report) -> None:
    spec = table(needed(node, "spec", report), report)
    refuse(spec, _CLAIM_REFUSED, report)
    # An empty one is said too: it asks for a volume that is there.
    if "storageClassName" in spec:
        report.problem(spec["storageClassName"].key, f"must be left out: {_CLASS}", spec["storageClassName"].path)


def _service(node: Node, report: Report) -> None:
    spec = table(needed(node, "spec", report), report)
    refuse(spec, _SERVICE_REFUSED, report)
    check_fixed(spec, _SERVICE_FIXED, report)
    if any(each.value != "None" for each in entries(spec.get("clusterIPs"), report)):
        refuse(spec, {"clusterIPs": _ADDRESSES}, report)
    for port in entries(spec.get("ports"), report):
        whole(needed(port, "port", report), report)
        on_nodes = table(port, report).get("nodePort")
        if on_nodes is not None and on_nodes.value != 0:
            report.problem(on_nodes.key, f"must be left out: {_OUTSIDE}", on_nodes.path)
    check_labels(spec.get("selector"), report)


def _deployment(node: Node, report: Report) -> None:
    spec = needed(node, "spec", report)
    _at_most(down(spec, report, "replicas"), report)
    check_labels(down(spec, report, "selector", "matchLabels"), report)
    _template(spec, report)


def _stateful_set(node: Node, report: Report) -> None:
    _deployment(node, report)
    for claim in entries(down(node, report, "spec", "volumeClaimTemplates"), report):
        check_labels(down(needed(claim, "metadata", report), report, "labels"), report)
        _claim(claim, report)


def _job(node: Node, report: Report) -> None:
    spec = needed(node, "spec", report)
    for name in ("parallelism", "completions"):
        _at_most(down(spec, report, name), report)
    refuse(table(spec, report), _JOB_REFUSED, report)
    _template(spec, report)


def _cron_job(node: Node, report: Report) -> None:
    job = needed(needed(node, "spec", report), "jobTemplate", report)
    check_labels(down(job, report, "metadata", "labels"), report)
    if job is not None:
        _job(job, report)


def _template(spec: Node | None, report: Report) -> None:
    template = needed(spec, "template", report)
    needed(needed(template, "spec", report), "containers", report)
    check_template(template, report)


def _at_most(node: Node | None, report: Report) -> None:
    number = whole(node, report)
    if node is not None and number is not None and number > MAX_REPLICAS:
        report.problem(node.place, f"may be at most {MAX_REPLICAS}", node.path)


_RULES: Mapping[str, Callable[[Node, Report], None]] = {
    "ConfigMap": _config_map,
    "PersistentVolumeClaim": _claim,
    "Service": _service,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "Job": _job,
    "CronJob": _cron_job,
}
