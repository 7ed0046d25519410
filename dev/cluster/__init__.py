"""A local Kubernetes cluster with a Gateway, built from Go modules; or any cluster the user brings."""

from dev.cluster.archive import Image
from dev.cluster.cluster import Cluster
from dev.cluster.errors import SetupError
from dev.cluster.lifecycle import current, down, ensure_up, world

__all__ = ["Cluster", "Image", "SetupError", "current", "down", "ensure_up", "world"]
