""".github/reviewbot.yml: what is read, what is refused and where."""

import codecs

import pytest

from reviewbot.model import ChecksPolicy, CommentPolicy, RepositoryConfig, ScopePolicy
from reviewbot.spec import SpecError, parse_config


def refused(text: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        parse_config(text)
    return caught.value.sentence.replace(".github/reviewbot.yml:", "")


def test_a_whole_file() -> None:
    text = b"""\
# how reviewbot runs this repository
image: ghcr.io/{owner}/{repo}:{sha}
health: /healthz
port: 3000
run_as_user: 1000
checks:
  require: [build, 'test (3.12)']
  ignore:
    - deploy
  quiet: 30
pull_requests:
  drafts: true
  bots: yes
  branches: [main, release/*]
  labels: [preview]
  skip_labels: [no-preview]
  ignore_paths: ["*.md"]
comment: on-failure
logs: public
"""
    expected = RepositoryConfig(
        image="ghcr.io/{owner}/{repo}:{sha}",
        health="/healthz",
        port=3000,
        run_as_user=1000,
        public_logs=True,
        scope=ScopePolicy(True, True, ("main", "release/*"), ("preview",), ("no-preview",), ("*.md",)),
        comment=CommentPolicy.ON_FAILURE,
        checks=ChecksPolicy(require=("build", "test (3.12)"), ignore=("deploy",), quiet=30),
    )
    assert parse_config(text) == expected
    assert parse_config(codecs.BOM_UTF8 + text.replace(b"\n", b"\r\n")) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"\n# nothing\n",
        b"---\n",
        b"null",
        b"{}",
        b"image:\nhealth: ~\nchecks:\nport:\nrun_as_user: ~\nlogs:\n",
        b"checks: {quiet: }",
    ],
)
def test_nothing_to_say(text: bytes | None) -> None:
    assert parse_config(text) == RepositoryConfig()


@pytest.mark.parametrize(
    ("text", "image"),
    [
        (b"image: app:{branch}-{short_sha}", "app:{branch}-{short_sha}"),
        (b'image: "localhost:5000/{repo}:pr-{pr}"', "localhost:5000/{repo}:pr-{pr}"),
        (b"image: 'r.io/{owner}/x:{merge_sha}'", "r.io/{owner}/x:{merge_sha}"),
        (b"image: >-\n  r.io/x:{sha}\n", "r.io/x:{sha}"),
        (b"image: nginx@sha256:" + b"0" * 64, "nginx@sha256:" + "0" * 64),
    ],
)
def test_image(text: bytes, image: str) -> None:
    assert parse_config(text) == RepositoryConfig(image=image)


@pytest.mark.parametrize(("text", "quiet"), [(b"0", 0), (b"600", 600), (b"+30", 30), (b"030", 30)])
def test_quiet(text: bytes, quiet: int) -> None:
    assert parse_config(b"checks: {quiet: " + text + b"}") == RepositoryConfig(checks=ChecksPolicy(quiet=quiet))


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        (b"on", CommentPolicy.ON),
        (b"off", CommentPolicy.OFF),
        (b"'off'", CommentPolicy.OFF),
        (b"no", CommentPolicy.OFF),
        (b"on-failure", CommentPolicy.ON_FAILURE),
    ],
)
def test_comment(text: bytes, policy: CommentPolicy) -> None:
    assert parse_config(b"comment: " + text) == RepositoryConfig(comment=policy)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        (b"{}", ScopePolicy()),
        (b"{drafts: , ignore_paths: }", ScopePolicy()),
        (b"{drafts: false, bots: off}", ScopePolicy()),
        (b"{ignore_paths: []}", ScopePolicy(ignore_paths=())),
    ],
)
def test_pull_requests(text: bytes, scope: ScopePolicy) -> None:
    assert parse_config(b"pull_requests: " + text) == RepositoryConfig(scope=scope)


KEYS = (
    "known are image, health, port, run_as_user, env, sizes, addons, limits, manifests, serve,"
    " apps, checks, pull_requests, comment, logs"
)
PORT = "must be a whole number from 1 to 65535"
USER = "must be a whole number from 1 to 999999999"
LOGS = "must be public, or left out"
KNOWN = "known are {sha}, {short_sha}, {merge_sha}, {pr}, {branch}, {owner}, {repo}"
TEXT = "must be a string; put it in quotes"
QUIET = "must be a whole number from 0 to 600"
PATH = "must be a path such as /healthz"
TAB = "a tab is not allowed here; YAML is indented with spaces"
NAMES = "must be a list of names such as [build, test]"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"image: a:{sha1}", f"1:10: image: unknown placeholder {{sha1}}; {KNOWN}"),
        (b'image: "a:{}"', f"1:11: image: unknown placeholder {{}}; {KNOWN}"),
        (b"health: /\nimage: 'a:{SHA}'", f"2:11: image: unknown placeholder {{SHA}}; {KNOWN}"),
        (b"image: a:{sha", '1:10: image: a single "{" is not allowed'),
        (b"image: a:sha}", '1:13: image: a single "}" is not allowed'),
        (b'image: "a:\\u007bx"', '1:8: image: a single "{" is not allowed'),
        (b"image: >-\n  a:{\n", '1:8: image: a single "{" is not allowed'),
        (
            b'image: "a:{{sha}}"',
            '1:11: image: a single "{" is not allowed\n1:17: image: a single "}" is not allowed',
        ),
        (b"image: My App:{sha}", "1:8: image: would not make a valid image reference"),
        (b'image: ""', "1:8: image: would not make a valid image reference"),
        (b"image: {sha}", "1:8: image: must be a string"),
        (b"image: 1.0", f"1:8: image: {TEXT}"),
        (b"image: 2024-01-01", f"1:8: image: {TEXT}"),
        (b"health: no", f"1:9: health: {TEXT}"),
        (b"health: healthz", f"1:9: health: {PATH}"),
        (b"health: //evil.example", f"1:9: health: {PATH}"),
        (b"health: /a b", f"1:9: health: {PATH}"),
        (b'health: "/a\\u0000"', f"1:9: health: {PATH}"),
        (b"health: /" + b"a" * 1024, f"1:9: health: {PATH}"),
        (b"port: 0", f"1:7: port: {PORT}"),
        (b"port: 65536", f"1:7: port: {PORT}"),
        (b"port: '80'", f"1:7: port: {PORT}"),
        (b"port: true", f"1:7: port: {PORT}"),
        (b"run_as_user: 0", f"1:14: run_as_user: {USER}"),
        (b"run_as_user: root", f"1:14: run_as_user: {USER}"),
        (b"run_as_user: -5", f"1:14: run_as_user: {USER}"),
        (b"run_as_user: 1000000000", f"1:14: run_as_user: {USER}"),
        (b"comment: never", "1:10: comment: must be one of on, on-failure, off"),
        (b"comment: [on]", "1:10: comment: must be one of on, on-failure, off"),
        (b"comment: {on: on}", "1:10: comment: must be one of on, on-failure, off"),
        (b"comment: [{}]", "1:10: comment: must be one of on, on-failure, off"),
        (b"pull_requests: all", "1:16: pull_requests: must be settings such as `drafts: …`"),
        (b"pull_requests: {drafts: deploy}", "1:25: pull_requests.drafts: must be true or false"),
        (b"pull_requests: {bots: 1}", "1:23: pull_requests.bots: must be true or false"),
        (b"pull_requests: {branches: main}", f"1:27: pull_requests.branches: {NAMES}"),
        (
            b"pull_requests: {paths: []}",
            "1:17: pull_requests.paths: unknown key;"
            " known are drafts, bots, branches, labels, skip_labels, ignore_paths",
        ),
        (b"logs: off", f"1:7: logs: {LOGS}"),
        (b"logs: private", f"1:7: logs: {LOGS}"),
        (b"logs: [public]", f"1:7: logs: {LOGS}"),
        (b"checks: [build]", "1:9: checks: must be settings such as `require: …`"),
        (b"checks: {require: build}", f"1:19: checks.require: {NAMES}"),
        (b"checks: {ignore: {a: b}}", f"1:18: checks.ignore: {NAMES}"),
        (b"checks:\n  require:\n  - on\n  - 1", f"3:5: checks.require: {TEXT}\n4:5: checks.require: {TEXT}"),
        (
            b"checks: {ignore: [' ', ~]}",
            "1:19: checks.ignore: must not be empty\n1:24: checks.ignore: must be a string",
        ),
        (b"checks: {quiet: 601}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: -1}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: 1.5}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: 1:30}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: yes}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: '30'}", f"1:17: checks.quiet: {QUIET}"),
        (b"checks: {quiet: " + b"9" * 5000 + b"}", f"1:17: checks.quiet: {QUIET}"),
        (
            b"imag: x\nchecks:\n  required: []\n  quiet: x\n1: 2\n",
            f"1:1: imag: unknown key; {KEYS}\n"
            "3:3: checks.required: unknown key; known are require, ignore, quiet\n"
            f"4:10: checks.quiet: {QUIET}\n"
            f"5:1: 1: unknown key; {KEYS}",
        ),
        (b"hello", "1:1: must be settings such as `image: …`"),
        (b"- image: a", "1:1: must be settings such as `image: …`"),
    ],
)
def test_refuses(text: bytes, sentence: str) -> None:
    assert refused(text) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"image: a\nhealth: /\nimage: b", "3:1: image: duplicate key, first on line 1"),
        (b"checks: {quiet: 1, quiet: 2}", "1:20: checks.quiet: duplicate key, first on line 1"),
        (b"a: &x 1", "1:4: anchors and aliases are not allowed"),
        (b"a: *x", "1:4: anchors and aliases are not allowed"),
        (b"&x a: 1", "1:1: anchors and aliases are not allowed"),
        (b"<<: {image: a}", f"1:1: <<: unknown key; {KEYS}"),
        (b"a: !!python/object/apply:os.system [x]", "1:4: tags are not allowed"),
        (b"!!map {}", "1:1: tags are not allowed"),
        (b"image: ! a", "1:8: tags are not allowed"),
        (b"image: a\n---\nimage: b", "2:1: only one document is allowed"),
        (b"? [a]\n: b", "1:3: a key must be a string"),
        (b"image: a\n health: b", "2:8: mapping values are not allowed here"),
        (b"\timage: a", f"1:1: {TAB}"),
        (b"checks:\n\tquiet: 1", f"2:1: {TAB}"),
        (b"checks:\n  require:\n  \t- a", f"3:3: {TAB}"),
        (b"image: [a", "1:10: expected ',' or ']', but got '<stream end>'"),
        (b"image: a\n\x00", "2:1: a control character is not allowed here"),
        (b'image: "\\uD800"', "1:8: image: text has half of a surrogate pair"),
        (b'"\\uDFFF": 1', "1:1: text has half of a surrogate pair"),
        (b'image: "\\U00110000"', "1:11: a number is out of range"),
        (b'image: "\\UFFFFFFFF"', "1:11: a number is out of range"),
        (b"%YAML " + b"1" * 5000 + b".1\n---\n", "1:7: a number is out of range"),
        (b"\xff", "1:1: the file is not UTF-8 text"),
        ("image: a".encode("utf-16"), "1:1: the file is not UTF-8 text"),
        (b"#" * (64 * 1024 + 1), "1:1: the file is larger than 64 KB"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "1:1: this is a Git LFS pointer, not the file; commit the file itself",
        ),
    ],
)
def test_parser_bombs__yaml_we_do_not_take(text: bytes, sentence: str) -> None:
    assert refused(text) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"[" * 30_000, "1:17: nested deeper than 16 levels"),
        (b"- " * 30_000, "1:33: nested deeper than 16 levels"),
        (b"{a: " * 2_000, "1:65: nested deeper than 16 levels"),
        (b"[" + b"a," * 30_000 + b"]", "1:2000: more than 1000 values"),
        (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "1:4: anchors and aliases are not allowed"),
    ],
)
def test_parser_bombs__config(text: bytes, sentence: str) -> None:
    assert refused(text) == sentence
