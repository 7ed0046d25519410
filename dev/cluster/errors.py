"""The one error a person meets here: a sentence saying what to do."""


class SetupError(Exception):
    """The local cluster cannot be had; the message is the whole explanation."""
