"""A preview's Secrets. None is ever changed: another config is another release's, and the others are written once."""

import hashlib
from typing import Any

from reviewbot.model import Addon, Release

Object = dict[str, Any]

PASSWORD = "PASSWORD"  # noqa: S105 - a key
ADDRESS = "URL"


def config_secret(release: Release, namespace: str) -> Object:
    """The release's config vars: of its own, so an old pod never reads a new value."""
    return _secret(config_name(release.id), namespace, dict(release.config))


def generated_secret(variable: str, value: str, namespace: str) -> Object:
    """One generated value; written once in a preview's life and shared by its releases."""
    return _secret(generated_name(variable), namespace, {variable: value})


def addon_secret(addon: Addon, password: str, namespace: str) -> Object:
    """An add-on's password and the address that the app finds it at; written once in the life of its data."""
    values = {"PASSWORD": password, "HOST": addon.name, "PORT": str(addon.service.port)}
    address = addon.service.url
    for name, value in values.items():
        address = address.replace(f"$({name})", value)
    return _secret(addon_name(addon.name), namespace, {PASSWORD: password, ADDRESS: address})


def config_name(release_id: str) -> str:
    """Name of a release's config Secret; the id is already a hash of the content."""
    return f"reviewbot-config-{release_id}"


def generated_name(variable: str) -> str:
    """Name of the Secret of one generated value."""
    return f"reviewbot-generated-{hashlib.sha256(variable.encode()).hexdigest()[:10]}"


def addon_name(addon: str) -> str:
    """Name of the Secret of one add-on."""
    return f"reviewbot-addons-{addon}"


def _secret(name: str, namespace: str, values: dict[str, str]) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": values,
        "immutable": True,
    }
