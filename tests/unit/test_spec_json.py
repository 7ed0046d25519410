"""app.json as JSON: what is no JSON, or more of it than anybody needs, is refused with its place."""

import pytest

from reviewbot.model import AppSpec, Process
from reviewbot.spec import SpecError, parse_app

WEB = (Process("web", None, 1),)


def refused(app_json: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        parse_app(None, app_json)
    return caught.value.sentence


@pytest.mark.parametrize(
    ("app_json", "sentence"),
    [
        (b"", "1:1: the file is empty"),
        (b" \n ", "1:1: the file is empty"),
        (b"[]", "1:1: must be an object"),
        (b"{", "1:2: expected a key in double quotes"),
        (b'{"a": 1,\r\n}', "2:1: expected a key in double quotes; JSON has no comma after the last one"),
        (b"{'a': 1}", "1:2: expected a key in double quotes"),
        (b"{\n // no\n}", "2:2: expected a key in double quotes; JSON has no comments"),
        (b'{"a": /* no */ 1}', "1:7: expected a value; JSON has no comments"),
        (b"# no\n{}", "1:1: expected a value; JSON has no comments"),
        (b'{"a" 1}', '1:6: expected ":"'),
        (b'{"a": 1 "b": 2}', '1:9: expected "," or "}"'),
        (b'{"a": [1, ]}', "1:11: expected a value; JSON has no comma after the last one"),
        (b'{"a": [1}', '1:9: expected "," or "]"'),
        (b'{"a": 01}', '1:8: expected "," or "}"'),
        (b'{"a": nul}', "1:7: expected a value"),
        (b'{"a":', "1:6: expected a value"),
        (b"{} {}", "1:4: unexpected text after the end"),
        (b'{"a', "1:2: unterminated string"),
        (b'{"a\n": 1}', "1:4: invalid control character"),
        (b'{"\\q": 1}', "1:3: invalid \\escape"),
        (b'{"\\u12": 1}', "1:4: invalid \\uXXXX escape"),
        (b'{"a": NaN}', "1:7: NaN is not allowed"),
        (b'{"a": -Infinity}', "1:7: -Infinity is not allowed"),
        (b'{"a": 1e999}', "1:7: the number is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "1:7: the number has too many digits"),
        (b'{"a": 1,\n "a": 2}', "2:2: a: duplicate key, first on line 1"),
        (b'{"env": {"A": "1", "\\u0041": "2"}}', "1:20: env.A: duplicate key, first on line 1"),
        (b'{"\\udc00": 1}', "1:2: text has half of a surrogate pair"),
        (b"[" * 33 + b"]" * 33, "1:33: nested deeper than 32 levels"),
        (b'{"a":' * 100_000, "1:161: nested deeper than 32 levels"),
        (b"[" + b"0," * 10_000 + b"0]", "1:20000: more than 10000 values"),
        (b" " * (1024 * 1024 + 1), "1:1: the file is larger than 1024 KB"),
        (b'{"a": "\xff"}', "1:8: the file is not UTF-8 text"),
        ("{}".encode("utf-16"), "1:1: the file is not UTF-8 text"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "1:1: this is a Git LFS pointer, not the file; commit the file itself",
        ),
        (b"../app.json", "1:1: expected a value"),
    ],
)
def test_parser_bombs__app_json(app_json: bytes, sentence: str) -> None:
    assert refused(app_json) == f"app.json:{sentence}"


def test_limits_are_inclusive() -> None:
    deepest = b'{"keywords": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert parse_app(None, deepest) == AppSpec(WEB)
    assert parse_app(None, b'{"keywords": [' + b"0," * 9_997 + b"0]}") == AppSpec(WEB)
    assert parse_app(None, b"{}" + b" " * (1024 * 1024 - 2)) == AppSpec(WEB)
