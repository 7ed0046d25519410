"""Kubernetes objects that a repository brings along, from files to what is applied: pure, and refused as a whole."""

from reviewbot.manifests.confine import Into, confined
from reviewbot.manifests.kustomization import MAX_OUTPUT, check_kustomization, is_kustomization, rendered
from reviewbot.manifests.objects import Manifest
from reviewbot.manifests.read import read
from reviewbot.manifests.serve import own_objects, served
from reviewbot.manifests.template import ORIGIN

__all__ = [
    "MAX_OUTPUT",
    "ORIGIN",
    "Into",
    "Manifest",
    "check_kustomization",
    "confined",
    "is_kustomization",
    "own_objects",
    "read",
    "rendered",
    "served",
]
