"""What GitHub's refusals mean, sorted into our failures. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from reviewbot.errors import Denied, GiveUp, Unseen, Wait

# When it wakes up we are told; this is for when the telling is lost.
_ASLEEP = timedelta(minutes=30)


class NotAccepted(GiveUp):
    """GitHub understands what is asked and does not do it."""


class NotInPlan(Denied):
    """What the account pays for does not include it."""


class NotOurs(Denied):
    """Another App made it, maybe the one that this one was before it was registered anew."""


class NotAllowed(Denied):
    """The token lacks the right, or GitHub does not know of it yet."""


class Unauthorized(Exception):
    """GitHub does not accept who we say we are; `told` is what time it was there."""

    def __init__(self, told: datetime | None) -> None:
        super().__init__()
        self.told = told


def failure(status: int, headers: Mapping[str, str], text: str, now: datetime) -> Exception:
    """What an answer of 300 or more means, limits aside; 404 is an answer and none of them."""
    message = message_of(text)
    if status == 401:
        return Unauthorized(_told_time(headers))
    if status == 403:
        return _refusal(message, now)
    if status in {410, 422}:
        return NotAccepted(f"GitHub does not accept it: {message}")
    return Unseen(f"GitHub answered {status}")


def _refusal(message: str, now: datetime) -> Exception:
    if "installation has been suspended" in message:
        return Wait("The App's installation is suspended.", now + _ASLEEP)
    kinds = {
        "Resource not accessible by integration": NotAllowed,
        "Upgrade to GitHub": NotInPlan,
        "Invalid app_id": NotOurs,
        "Repository was archived": NotAccepted,
    }
    kind = next((kind for words, kind in kinds.items() if message.startswith(words)), Denied)
    return kind(f"GitHub refuses: {message}")


def is_limit(status: int, headers: Mapping[str, str], text: str) -> bool:
    """The answer asks for patience: by a status of its own, a header, or in words only."""
    if status not in {403, 429}:
        return False
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or exhausted or "retry-after" in headers or "rate limit" in message_of(text).lower()


def is_without_commit(text: str) -> bool:
    """The answer 404 says nothing of what was asked for, as the branch or commit it was to be read at is not there."""
    return message_of(text).startswith("No commit found for the ref")


def asked_patience(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """For how long GitHub asks us to stay away; None if it does not say."""
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdigit():
        return timedelta(seconds=int(after))
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        # By GitHub's own clock, as ours may differ.
        return datetime.fromtimestamp(int(reset), tz=UTC) - (_told_time(headers) or now)
    return None


def message_of(text: str) -> str:
    """GitHub's own words, if the answer has any."""
    try:
        return str(json.loads(text).get("message", ""))[:300]
    except (ValueError, AttributeError):
        return ""


def content(status: int, text: str) -> Any:
    """What an answer holds, which is something unless its status says otherwise; Unseen if it cannot be read."""
    if status in {202, 204} and not text:
        return None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise Unseen("GitHub's answer is not JSON") from None
    if body is None:
        raise Unseen("GitHub's answer is empty")
    return body


def items_of(body: Any, member: str | None) -> list[dict[str, Any]]:
    """The items of a page, which may stand under a name."""
    items = body.get(member) if member and isinstance(body, Mapping) else body
    if not isinstance(items, list):
        raise Unseen("GitHub's answer is not a list")
    return items


def _told_time(headers: Mapping[str, str]) -> datetime | None:
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return told if told.tzinfo else None
