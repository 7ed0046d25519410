"""The way of a process to the cluster, through a proxy."""

import json
import ssl
from base64 import b64decode
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.faults.proxy import Connect


def to_cluster(own: Path) -> Connect:
    """Connections to the API server that a kubeconfig names."""
    told = yaml.safe_load(own.read_text())["clusters"][0]["cluster"]
    trust = ssl.create_default_context(cadata=b64decode(told["certificate-authority-data"]).decode())
    server = urlsplit(told["server"])
    return partial(HTTPSConnection, server.hostname or "", server.port, context=trust, timeout=60)


def kubeconfig(own: Path, server: str, folder: Path) -> Path:
    """The same account's kubeconfig for another address, in the folder."""
    config = yaml.safe_load(own.read_text())
    config["clusters"][0]["cluster"] = {"server": server}
    path = folder / f"proxied-{own.name}"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path
