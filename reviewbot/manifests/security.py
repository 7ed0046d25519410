"""Security contexts, of pods and of containers: Pod Security's rules for what they may say."""

from reviewbot.manifests.fixed import Fixed, check_fixed, refuse
from reviewbot.manifests.objects import entries, table, text
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node

_ROOT = "no preview runs as root"
_FIXED: Fixed = {
    "runAsNonRoot": ((True,), _ROOT),
    "privileged": ((False,), "no preview is privileged"),
    "allowPrivilegeEscalation": ((False,), "no preview is privileged"),
    "procMount": (("Default", ""), "no preview sees the machine's processes"),
}
_PROFILES: Fixed = {"type": (("RuntimeDefault", "Localhost"), "no preview runs unconfined")}
_SELINUX: Fixed = {"type": (("container_t", "container_init_t", "container_kvm_t", ""), "no preview runs unconfined")}
# The safe ones of Pod Security in the version that namespaces are pinned to.
_SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
)


def check_security(node: Node | None, report: Report) -> None:
    """The security context of a pod or of a container."""
    fields = table(node, report)
    check_fixed(fields, _FIXED, report)
    user = fields.get("runAsUser")
    if user is not None and user.value == 0:
        report.problem(user.place, f"must be another user than 0: {_ROOT}", user.path)
    for profile in ("seccompProfile", "appArmorProfile"):
        check_fixed(table(fields.get(profile), report), _PROFILES, report)
    selinux = table(fields.get("seLinuxOptions"), report)
    check_fixed(selinux, _SELINUX, report)
    refuse(selinux, dict.fromkeys(("user", "role"), "no preview runs unconfined"), report)
    refuse(fields, {"windowsOptions": "previews run on Linux"}, report)
    _check_capabilities(table(fields.get("capabilities"), report).get("add"), report)
    for sysctl in entries(fields.get("sysctls"), report):
        name = table(sysctl, report).get("name")
        if name is not None and text(name, report) not in _SYSCTLS:
            report.problem(name.place, f"only these can be set: {', '.join(_SYSCTLS)}", name.path)


def _check_capabilities(added: Node | None, report: Report) -> None:
    for each in entries(added, report):
        if text(each, report) != "NET_BIND_SERVICE":
            report.problem(each.place, "only NET_BIND_SERVICE can be added", each.path)
