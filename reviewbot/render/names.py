"""Every name, label and address we make: deterministic, so that a half-finished run can be resumed."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from reviewbot.model import PullRequestRef

SYSTEM_NAMESPACE = "reviewbot-system"
TENANTS_NAMESPACE = "reviewbot-tenants"
VARS_NAMESPACE = "reviewbot-vars"
MANAGED = "reviewbot.dev/managed"
APP = "reviewbot.dev/app"
RELEASE = "reviewbot.dev/release"
PROCESS = "reviewbot.dev/process"
JOB = "reviewbot.dev/job"
ADDON = "reviewbot.dev/addon"
DEFINITION = "reviewbot.dev/definition"
SHA = "reviewbot.dev/sha"
# What serves of a repository's own objects: the port of its Service that gets the address.
SERVED = "reviewbot.dev/served"
# A pod that reaches nothing and nobody, as the network policies of previews have it.
NETWORK = "reviewbot.dev/network"
NO_NETWORK = "none"
RELEASE_HEADER = "X-Reviewbot-Release"
SHA_HEADER = "X-Reviewbot-Sha"
ROUTE = "preview"
# Where an administrator says on which nodes previews run.
PLACEMENT = "reviewbot-placement"
# Where an administrator says which add-ons there are.
CATALOGUE = "reviewbot-addons"
# What the registry's password is called in every preview.
PULL_SECRET = "reviewbot-pull"  # noqa: S105 - a name

_LABEL_LIMIT = 63


def namespace(ref: PullRequestRef) -> str:
    """`rb-` and 20 base32 characters of a hash: valid, distinct and independent of renames."""
    return f"rb-{_base32(hashlib.sha256(_path(ref).encode()).digest())[:20]}"


def host_label(ref: PullRequestRef, repository: str, key: str) -> str:
    """`<repository>[-<app>]-pr-<n>-<10 characters of an HMAC>`: readable, and not guessable without the key."""
    digest = hmac.new(key.encode(), _path(ref).encode(), hashlib.sha256).digest()
    suffix = (f"-{ref.app}" if ref.app else "") + f"-pr-{ref.number}-{_base32(digest)[:10]}"
    slug = re.sub(r"[^a-z0-9]+", "-", repository.rpartition("/")[2].lower()).strip("-") or "app"
    return slug[: _LABEL_LIMIT - len(suffix)].rstrip("-") + suffix


@dataclass(frozen=True)
class Address:
    """Where a preview answers: `host` in certificates and routes, `url` for people (it keeps the port)."""

    label: str
    previews_url: str

    @property
    def host(self) -> str:
        """The preview's host, one label below the previews' own."""
        return f"{self.label}.{urlsplit(self.previews_url).hostname}"

    @property
    def url(self) -> str:
        """The preview's address, without a trailing slash."""
        parts = urlsplit(self.previews_url)
        return f"{parts.scheme}://{self.host}" + (f":{parts.port}" if parts.port else "")


def tenant(namespace_name: str) -> str:
    """The user name of the account a preview's own objects are applied as."""
    return f"system:serviceaccount:{TENANTS_NAMESPACE}:{namespace_name}"


def url_variable(app: str) -> str:
    """The config var with the address of one of several apps."""
    return f"REVIEWBOT_URL_{app.upper().replace('-', '_')}"


def _path(ref: PullRequestRef) -> str:
    return f"{ref.repository}/{ref.number}" + (f"/{ref.app}" if ref.app else "")


def _base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode().lower().rstrip("=")
