"""The App's own tokens, signed with its key and by GitHub's time."""

import time
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# Reading a key proves that its primes are some, which takes far longer than signing with it.
_read = cache(load_pem_private_key)

# Ours begin a minute in the past and end five minutes later, so this much never matters.
_TOLERATED_SECONDS = 30


class Signer:
    """Signs by this machine's clock, corrected by what GitHub has told of its own."""

    def __init__(self, private_key: str) -> None:
        self._key = _read(private_key.encode(), password=None)
        self._behind = 0

    def __call__(self, claims: dict[str, Any]) -> str:
        """A token with these claims."""
        times = {name: claims[name] + self._behind for name in ("iat", "exp")}
        return jwt.encode(claims | times, self._key, algorithm="RS256")  # type: ignore[arg-type]  # RSA, as GitHub makes

    def corrected(self, told: datetime | None) -> bool:
        """GitHub refused a token when its clock told that time; whether one that is signed now would be another."""
        if told is None:
            return False
        # The times of the claims are PyGithub's, which reads the same clock.
        behind = round(told.timestamp() - time.time())
        if abs(behind - self._behind) <= _TOLERATED_SECONDS:
            return False
        self._behind = behind
        return True

    def by_our_clock(self, told: datetime) -> datetime:
        """When it is that time at GitHub, as far as its clock is known to differ."""
        return told - timedelta(seconds=self._behind)
