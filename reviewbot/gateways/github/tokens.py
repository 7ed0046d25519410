"""Installation tokens: one for each repository, made when it is needed, shared by every thread."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.model import InstallationId, RepositoryId

_RENEW_BEFORE = timedelta(minutes=5)
# A token that was just made is not known everywhere at GitHub; another one would be just as new.
_SETTLES = timedelta(seconds=10)


@dataclass(frozen=True)
class Scope:
    """A token's reach: one repository of one installation."""

    installation: InstallationId
    repository: RepositoryId


@dataclass(frozen=True)
class Token:
    """A secret, and the time it is good for. A `narrow` one has less than all that we could use."""

    secret: str
    made: datetime
    expires: datetime
    narrow: bool = False

    def __repr__(self) -> str:
        return f"Token(expires={self.expires})"


class Tokens:
    """Tokens by scope. Safe to share between threads."""

    def __init__(self, mint: Callable[[Scope], Token], clock: Callable[[], datetime]) -> None:
        self._mint = mint
        self._clock = clock
        self._tokens: dict[Scope, Token] = {}
        self._lacking: set[Scope] = set()
        self._minting: defaultdict[Scope, threading.Lock] = defaultdict(threading.Lock)

    def get(self, scope: Scope) -> Token:
        """The token of the scope, a new one if need be."""
        # One refresh per repository, however many workers want it; repositories do not wait for each other.
        with self._minting[scope]:
            token = self._tokens.get(scope)
            if token is None or token.expires <= self._clock() + _RENEW_BEFORE:
                token = self._tokens[scope] = self._mint(scope)
                (self._lacking.add if token.narrow else self._lacking.discard)(scope)
            return token

    def lacks(self, scope: Scope) -> bool:
        """The last token of the scope has less than all that we could use."""
        return scope in self._lacking

    def another(self, scope: Scope) -> Token:
        """A new token, whatever is left of the one before."""
        with self._minting[scope]:
            self._tokens.pop(scope, None)
        return self.get(scope)

    def refused(self, scope: Scope, token: Token) -> None:
        """GitHub does not accept the token: have another one made, unless it is only too new."""
        with self._minting[scope]:
            if self._tokens.get(scope) is token and not self.is_new(token):
                del self._tokens[scope]

    def is_new(self, token: Token) -> bool:
        """GitHub may refuse the token only because not all of it has heard of it."""
        return self._clock() < token.made + _SETTLES
