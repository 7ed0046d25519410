"""Somebody else's words made harmless, so that they stand in ours without power over them."""

import re

from reviewbot.model import About

_CODE_SPAN = re.compile(r"((?<!`)`[^`]+`(?!`))")
# What would make a heading, a list or a rule of the line.
_LINE_START = re.compile(r"^(\s*\d*)([#+=.)-])")
_MEANINGFUL = re.compile(r"[@#](?=\w)|(?:https?|ftp)(?=:)|www(?=\.)|GH(?=-\d)", re.IGNORECASE)
_NAME_LIMIT = 60
_DESCRIPTION_LIMIT = 200
# Nothing in it can end the attribute that it stands in.
_IMAGE = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~/%+-]{1,500}\.(?:png|svg|jpe?g|gif|webp)")


def inert(text: str) -> str:
    """Somebody else's text without power over ours: no mention, link, markup or invisible character.

    What stands in a code span of its own line stays one; every other backtick is only a character.
    """
    lines = ("".join(_span(part) for part in _CODE_SPAN.split(printable(line))) for line in text.splitlines())
    return "  \n".join(_LINE_START.sub(r"\1\\\2", line) for line in lines if line.strip())


def printable(text: str) -> str:
    """The text without characters that cannot be seen."""
    return "".join(character for character in text if character.isprintable())


def plain(text: str, most: int) -> str:
    """One line that is nowhere read as markdown, cut to that many characters."""
    words = printable(" ".join(text.split())).replace("`", "")
    return words if len(words) <= most else f"{words[: most - 1]}…"


def name_of(about: About) -> str:
    """The app's name, fit for a headline; empty without one."""
    return inert(plain(about.name, _NAME_LIMIT))


def description_of(about: About) -> str:
    """What the app is, in one line; empty if that is not said."""
    return inert(plain(about.description, _DESCRIPTION_LIMIT))


def logo_of(about: About) -> str:
    """The app's logo as an image of a line's height; empty unless it is the https address of a picture."""
    return f'<img src="{about.logo}" height="20" alt="">' if _IMAGE.fullmatch(about.logo) else ""


def _span(part: str) -> str:
    if _CODE_SPAN.fullmatch(part):
        return part
    escaped = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = re.sub(r"([\\`*_\[\]|~$])", r"\\\1", escaped)
    # An invisible space keeps the words readable and takes GitHub's meaning away.
    return _MEANINGFUL.sub("\\g<0>\N{ZERO WIDTH SPACE}", marked)
