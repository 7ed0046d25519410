"""Config vars of an administrator's, over those of the file."""

import pytest

from reviewbot.model import AppSpec, ConfigVar, Process
from reviewbot.spec import gaps, with_config_vars

CANARY = "c4n4ry"
APP = AppSpec(
    (Process("web", None, 1),),
    (ConfigVar("FIXED", "file's"), ConfigVar("KEY", generated=True), ConfigVar("NEEDED"), ConfigVar("OTHER", "kept")),
    warnings=("a warning",),
)


def test_they_stand_over_values_generated_ones_and_gaps() -> None:
    given = {"NEEDED": b"there", "FIXED": b"given", "KEY": b"", "MORE": "höi\n".encode()}
    made = with_config_vars(APP, given, "Secret repo-1")
    assert made == AppSpec(
        APP.processes,
        (
            ConfigVar("FIXED", "given"),
            ConfigVar("KEY", ""),
            ConfigVar("MORE", "höi\n"),
            ConfigVar("NEEDED", "there"),
            ConfigVar("OTHER", "kept"),
        ),
        warnings=APP.warnings,
    )
    assert (gaps(APP), gaps(made)) == (("NEEDED",), ())


def test_without_any_nothing_changes() -> None:
    assert with_config_vars(APP, {}, "Secret repo-1") == APP


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("my-key", CANARY.encode(), "a variable's name has only letters, digits and _, no digit first"),
        ("1", CANARY.encode(), "a variable's name has only letters, digits and _, no digit first"),
        (".env", CANARY.encode(), "a variable's name has only letters, digits and _, no digit first"),
        ("PORT", CANARY.encode(), "reviewbot sets this itself"),
        ("REVIEWBOT_X", CANARY.encode(), "reviewbot sets this itself"),
        ("HEROKU_APP_NAME", CANARY.encode(), "reviewbot sets this itself"),
        ("BINARY", CANARY.encode() + b"\xff", "its value is not text"),
        ("NUL", CANARY.encode() + b"\0", "its value has a NUL character"),
    ],
)
def test_what_is_not_used_is_told_without_its_value(name: str, value: bytes, reason: str) -> None:
    made = with_config_vars(APP, {name: value}, "Secret repo-1")
    assert made.env == APP.env
    assert made.warnings == (*APP.warnings, f"Secret repo-1: {name} is not used: {reason}")
    assert CANARY not in str(made)


def test_a_secret_full_of_mistakes_is_told_shortly() -> None:
    made = with_config_vars(APP, {f"a-{number}": b"" for number in range(30)}, "Secret repo-1")
    assert len(made.warnings) == 12
    assert made.warnings[-1] == "and 20 more"
