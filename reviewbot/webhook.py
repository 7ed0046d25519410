"""Bytes and headers in, pokes out. Pure: no Flask, no network, no clock.

A payload may only name what to look at; what happened is read afresh by whoever is poked.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from reviewbot.model import AppId, InstallationId, PullRequestRef, RepositoryId, Sha

# GitHub sends nothing above 25 MB; the margin is for whoever counts megabytes another way.
MAXIMUM_BODY = 27_000_000
_PREFIX = "sha256="
_LONGEST_ACTION = 64


class Unauthenticated(Exception):
    """The signature is absent, malformed or not ours."""


class Malformed(Exception):
    """Signed, but not a payload: the sentence says why."""


@dataclass(frozen=True)
class PullRequestPoke:
    """Look again at this pull request."""

    ref: PullRequestRef


@dataclass(frozen=True)
class CommitPoke:
    """Look again at whatever has this commit as its head; `asker` is who wants it tried again, id and login."""

    repository: RepositoryId
    installation: InstallationId
    full_name: str
    sha: Sha
    asker: tuple[int, str] | None = None


@dataclass(frozen=True)
class RepositoryPoke:
    """List this repository's pull requests again."""

    repository: RepositoryId
    installation: InstallationId
    full_name: str


@dataclass(frozen=True)
class KnownPoke:
    """List again what is on record of this installation, or of one repository, and nothing else."""

    installation: InstallationId
    repository: RepositoryId | None = None


Body = bytes | bytearray
Poke = PullRequestPoke | CommitPoke | RepositoryPoke | KnownPoke


@dataclass(frozen=True)
class Heard:
    """What a delivery asks to look at, and what happened, in GitHub's own word."""

    pokes: tuple[Poke, ...] = ()
    action: str = ""


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


# Kubernetes stores them as 64 bits.
_Id = Annotated[StrictInt, Field(gt=0, lt=2**63)]


class _Account(_Payload):
    id: _Id
    login: StrictStr = Field("", pattern=r"^[!-~]{0,100}$")


class _App(_Payload):
    id: _Id


class _Run(_Payload):
    head_sha: StrictStr = Field(pattern=r"^[0-9a-f]{40}$")
    app: _App | None = None


class _Numbered(_Payload):
    number: Annotated[StrictInt, Field(gt=0, lt=2**31)]


class _Repository(_Payload):
    id: _Id
    full_name: StrictStr = Field(pattern=r"^[^/\s]+/[^/\s]+$", max_length=256)
    owner: _Account | None = None


class _Installation(_Payload):
    id: _Id
    account: _Account | None = None


class _Event(_Payload):
    action: StrictStr = ""
    installation: _Installation
    repository: _Repository | None = None
    pull_request: _Numbered | None = None
    check_run: _Run | None = None
    check_suite: _Run | None = None
    sha: StrictStr | None = Field(None, pattern=r"^[0-9a-f]{40}$")
    sender: _Account | None = None
    repositories: tuple[_Repository, ...] = ()
    repositories_added: tuple[_Repository, ...] = ()
    repositories_removed: tuple[_Repository, ...] = ()


def authenticate(body: Body, signature: str | None, secrets: Sequence[str]) -> None:
    """Check `X-Hub-Signature-256` over the raw bytes against every live secret, in constant time."""
    if signature is None or not signature.startswith(_PREFIX):
        raise Unauthenticated
    # Bytes, because compare_digest refuses text that is not ASCII; latin-1 is what WSGI decoded with.
    given = signature.removeprefix(_PREFIX).encode("latin-1", "replace")
    matches = [
        hmac.compare_digest(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), given)
        for secret in secrets
    ]
    if not any(matches):
        raise Unauthenticated


def hear(event: str, body: Body, own: AppId, accounts: Iterable[str]) -> Heard:
    """What an authenticated delivery says; it asks for nothing if its event is unknown or its account foreign.

    Raises Malformed when the payload of an event we handle cannot be read.
    """
    handler = _HANDLERS.get(event)
    if handler is None:
        return Heard()
    payload = _parse(body)
    asked = handler(payload, own) if _is_served(payload, accounts) else ()
    return Heard(asked, payload.action[:_LONGEST_ACTION])


def is_served(number: int, login: str, accounts: Iterable[str]) -> bool:
    """The account of that id and login is among those that are served."""
    # A login may be all digits; an entry that is, is an id.
    return any(str(number) == each if each.isdigit() else login.lower() == each.lower() for each in accounts)


def _parse(body: Body) -> _Event:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON that can be read") from None
    if not isinstance(document, Mapping):
        raise Malformed("the body is not a JSON object")
    try:
        return _Event.model_validate(document)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors()[:5])
        raise Malformed(f"missing or of the wrong type: {places}") from None


def _is_served(payload: _Event, accounts: Iterable[str]) -> bool:
    owner = payload.repository.owner if payload.repository else payload.installation.account
    if owner is None:
        return False
    return is_served(owner.id, owner.login, accounts)


def _pull_request(payload: _Event, _own: AppId) -> tuple[Poke, ...]:
    if payload.repository is None or payload.pull_request is None:
        raise Malformed("a pull request event without repository or pull_request")
    ref = PullRequestRef(
        RepositoryId(payload.repository.id),
        InstallationId(payload.installation.id),
        payload.pull_request.number,
    )
    return (PullRequestPoke(ref),)


def _run(payload: _Event, own: AppId) -> tuple[Poke, ...]:
    run = payload.check_run or payload.check_suite
    if run is None:
        raise Malformed("a check event without check_run or check_suite")
    # Our own check runs are our own words; only a person's "re-run" comes from outside.
    ours = run.app is not None and run.app.id == own
    if ours and payload.action != "rerequested":
        return ()
    (poke,) = _commit(payload, run.head_sha)
    sender = payload.sender
    # GitHub lets only those who may write to the repository ask for it.
    return (replace(poke, asker=(sender.id, sender.login)),) if ours and sender and sender.login else (poke,)


def _status(payload: _Event, _own: AppId) -> tuple[Poke, ...]:
    if payload.sha is None:
        raise Malformed("a status event without sha")
    return _commit(payload, payload.sha)


def _commit(payload: _Event, sha: str) -> tuple[CommitPoke]:
    if payload.repository is None:
        raise Malformed("a check event without repository")
    repository = payload.repository
    return (
        CommitPoke(
            RepositoryId(repository.id),
            InstallationId(payload.installation.id),
            repository.full_name,
            Sha(sha),
        ),
    )


def _installation(payload: _Event, _own: AppId) -> tuple[Poke, ...]:
    # Nothing can be read of an installation that is asleep, and nothing has changed.
    if payload.action == "suspend":
        return ()
    installation = InstallationId(payload.installation.id)
    listed = (*payload.repositories, *payload.repositories_added, *filter(None, (payload.repository,)))
    # What may be gone gets no record for it, nor is it taken for the installation's that lost it.
    gone = (*payload.repositories_removed, *(listed if payload.action == "deleted" else ()))
    if gone:
        return tuple(KnownPoke(installation, RepositoryId(each.id)) for each in gone)
    if payload.action != "created" and not listed:
        return (KnownPoke(installation),)
    return tuple(RepositoryPoke(RepositoryId(each.id), installation, each.full_name) for each in listed)


_HANDLERS: dict[str, Callable[[_Event, AppId], tuple[Poke, ...]]] = {
    "pull_request": _pull_request,
    "check_run": _run,
    "check_suite": _run,
    "status": _status,
    "installation": _installation,
    "installation_repositories": _installation,
    "repository": _installation,
}
