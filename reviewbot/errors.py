"""The three kinds of failure; whatever is neither Wait nor GiveUp is a bug: loud, and retried with backoff."""

from datetime import datetime


class Wait(Exception):
    """Not now: the outside world asks for patience. Nothing is wrong and nobody needs to act."""

    def __init__(self, sentence: str, until: datetime | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.until = until


class NotYet(Wait):
    """Not before then. Others come first: nothing was tried, so nothing is known of how it would have gone."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence, until)
        self.until: datetime = until


class RateLimited(NotYet):
    """We have asked too much, and are not answered before then, whatever happens meanwhile."""


class Unseen(Wait):
    """Something could not be read, which never means that it is not there."""


class Missing(Wait):
    """GitHub says that there is no such thing, for us. It is believed to be gone only if it says so for a while."""


class Conflict(Wait):
    """Somebody else wrote first: read again and decide again."""


class GiveUp(Exception):
    """It will not work until a person changes something; the sentence tells them what."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Denied(GiveUp):
    """We have not been given the right to do this here."""
