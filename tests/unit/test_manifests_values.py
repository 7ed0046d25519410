"""Scalars without quotes, read as kubectl reads them."""

import math

import pytest

from reviewbot.manifests.values import kubectl_value
from reviewbot.spec.tree import Value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("y", True),
        ("Yes", True),
        ("ON", True),
        ("true", True),
        ("n", False),
        ("NO", False),
        ("Off", False),
        ("False", False),
        ("oN", "oN"),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("1_000", 1000),
        ("0644", 420),
        ("-0o17", -15),
        ("0x1F", 31),
        ("0x01", 1),
        ("0b11", 3),
        # Not octal, so a fraction, which is whole.
        ("08", 8),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000),
        ("-2.5e-1", -0.25),
        (".inf", math.inf),
        ("-.Inf", math.inf),
        (".NaN", math.inf),
        ("9" * 65, math.inf),
        ("9" * 20, 10**20 - 1),
        # Sixty-based numbers and dates are text.
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        ("1.2.3", "1.2.3"),
        ("_1", "_1"),
        ("-", "-"),
        ("+", "+"),
        (".", "."),
        ("-v", "-v"),
        ("0xZ", "0xZ"),
        ("<<", "<<"),
        ("web", "web"),
    ],
)
def test_what_a_scalar_means(text: str, value: Value) -> None:
    found = kubectl_value(text)
    assert (type(found), found) == (type(value), value)
