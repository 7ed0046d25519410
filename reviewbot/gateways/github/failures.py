"""GitHub's refusals, sorted into our three kinds by status, headers and words."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from reviewbot.errors import Denied, GiveUp, Unseen, Wait

_SECONDARY_LIMIT = timedelta(seconds=60)
# When it wakes up we are told; this is for when the telling is lost.
_ASLEEP = timedelta(minutes=30)


class RateLimited(Wait):
    """GitHub asks us to stay away until then."""


class NotAccepted(GiveUp):
    """GitHub understands what is asked and does not do it."""


class NotInPlan(Denied):
    """What the account pays for does not include it."""


class Unauthorized(Exception):
    """The key or the token is not accepted, or not yet."""


def failure(status: int, headers: Mapping[str, str], text: str, now: datetime) -> Exception:
    """What a status of 300 or more means to us; 404 is an answer and none of them."""
    message = _message(text)
    if status == 401:
        return Unauthorized()
    if status in {403, 429} and _is_limit(status, headers, message):
        return RateLimited("GitHub's rate limit is reached.", _limit_ends(headers, now))
    if status == 403:
        return _refusal(message, now)
    if status in {410, 422}:
        return NotAccepted(f"GitHub does not accept it: {message}")
    return Unseen(f"GitHub answered {status}")


def _refusal(message: str, now: datetime) -> Exception:
    if "installation has been suspended" in message:
        return Wait("The App's installation is suspended.", now + _ASLEEP)
    if "archived" in message:
        return NotAccepted(f"GitHub does not accept it: {message}")
    kind = NotInPlan if "Upgrade to GitHub" in message else Denied
    return kind(f"GitHub refuses: {message}")


def _message(text: str) -> str:
    try:
        return str(json.loads(text).get("message", ""))[:300]
    except (ValueError, AttributeError):
        return ""


def _is_limit(status: int, headers: Mapping[str, str], message: str) -> bool:
    exhausted = headers.get("x-ratelimit-remaining") == "0"
    return status == 429 or exhausted or "retry-after" in headers or "rate limit" in message.lower()


def _limit_ends(headers: Mapping[str, str], now: datetime) -> datetime:
    after = headers.get("retry-after", "")
    if after.isdigit():
        return now + timedelta(seconds=int(after))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return datetime.fromtimestamp(int(reset), tz=now.tzinfo)
    return now + _SECONDARY_LIMIT
