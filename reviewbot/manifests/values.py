"""What a YAML scalar without quotes means to kubectl: YAML 1.1 without its sixty-based numbers, and dates are text."""

import math
import re

from reviewbot.spec.tree import Value

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **{form: True for word in ("y", "yes", "true", "on") for form in (word, word.title(), word.upper())},
    **{form: False for word in ("n", "no", "false", "off") for form in (word, word.title(), word.upper())},
}
_WHOLE = re.compile(r"[-+]?(?:0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_OCTAL = re.compile(r"([-+]?)0(?=[0-7])")
_MAX_LENGTH = 64
_MAX_EXACT = 2.0**53


def kubectl_value(text: str) -> Value:
    """The scalar as kubectl would send it; infinity stands for a number that nobody could."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NO_NUMBER.fullmatch(text):
        return math.inf
    digits = text.replace("_", "")
    if not _FRACTION.fullmatch(digits) and not _WHOLE.fullmatch(digits):
        return text
    if len(digits) > _MAX_LENGTH:
        return math.inf
    if _WHOLE.fullmatch(digits):
        octal = _OCTAL.match(digits)
        return int(f"{octal[1]}0o{digits[octal.end() :]}" if octal else digits, 0)
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) < _MAX_EXACT else number
