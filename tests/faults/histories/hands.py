"""What an administrator takes away by hand in a preview's namespace."""

from reviewbot.gateways import cluster as gateway

# With these gone nothing runs until it is brought up again; of the others a preview that runs notices nothing.
VITAL = {"Deployment", "Service", "Namespace"}
KINDS = ("HTTPRoute", "NetworkPolicy", "ResourceQuota", "Deployment", "Service", "Namespace")


def take(admin: gateway.Cluster, kind: str, namespace: str) -> bool:
    """Delete all of the kind in the namespace, or the namespace itself; whether there was something."""
    if admin.get("Namespace", namespace) is None:
        return False
    if kind == "Namespace":
        admin.delete(kind, namespace)
        return True
    found = admin.items(kind, namespace)
    for item in found:
        admin.delete(kind, item["metadata"]["name"], namespace)
    return bool(found)
