"""Image templates and references."""

import pytest

from reviewbot.errors import GiveUp
from reviewbot.spec import NoMergeCommit, image_for

SHA, MERGE = "0123456789abcdef0123456789abcdef01234567", "f" * 40
VALUES: dict[str, str | None] = {
    "sha": SHA,
    "short_sha": SHA[:7],
    "merge_sha": MERGE,
    "pr": "12",
    "branch": "feature/Grüße_1.x",
    "owner": "Octo-Org",
    "repo": "My.Shop",
}


@pytest.mark.parametrize(
    ("template", "image"),
    [
        ("ghcr.io/{owner}/{repo}:{sha}", f"ghcr.io/octo-org/my.shop:{SHA}"),
        ("app:{short_sha}", "app:0123456"),
        ("localhost:5000/a/b_c/d__e:{merge_sha}", f"localhost:5000/a/b_c/d__e:{MERGE}"),
        ("registry.example.com:443/x:pr-{pr}", "registry.example.com:443/x:pr-12"),
        ("x:{branch}", "x:feature-Gr--e_1.x"),
        ("x:{pr}-{pr}", "x:12-12"),
        ("x", "x"),
        (f"x:1@sha256:{MERGE}", f"x:1@sha256:{MERGE}"),
    ],
)
def test_fills_in(template: str, image: str) -> None:
    assert image_for(template, VALUES) == image


def test_a_long_branch_is_cut_to_the_length_of_a_tag() -> None:
    assert image_for("x:{branch}", {"branch": "b" * 300}) == "x:" + "b" * 128


@pytest.mark.parametrize("values", [{}, {"merge_sha": None}, {"merge_sha": ""}])
def test_waits_for_the_merge_commit(values: dict[str, str | None]) -> None:
    with pytest.raises(NoMergeCommit) as caught:
        image_for("x:{merge_sha}", values)
    assert caught.value.sentence == "GitHub has not made the merge commit yet."


def test_does_not_wait_for_what_is_not_used() -> None:
    assert image_for("x:{pr}", {"pr": "1", "merge_sha": None}) == "x:1"


def test_a_missing_value_is_a_bug() -> None:
    with pytest.raises(KeyError):
        image_for("x:{sha}", {"sha": None})


KNOWN = "known are {sha}, {short_sha}, {merge_sha}, {pr}, {branch}, {owner}, {repo}"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("x:{tag}", f"The image template `x:{{tag}}` cannot be used: unknown placeholder {{tag}}; {KNOWN}"),
        ("x:{sha", 'The image template `x:{sha` cannot be used: a single "{" is not allowed'),
        ("x:{pr}}", 'The image template `x:{pr}}` cannot be used: a single "}" is not allowed'),
    ],
)
def test_refuses_templates(template: str, sentence: str) -> None:
    with pytest.raises(GiveUp) as caught:
        image_for(template, VALUES)
    assert caught.value.sentence == sentence


@pytest.mark.parametrize(
    "image",
    [
        "", "X", "x:", ":x", "x:-a", "x:.a", "x:a b", "x:a\n", "/x", "x/", "a//b", "x--", "-x",
        "https://r.io/x", "r.io:x/y", "r.io/Y", "x@sha256:abc", "x@" + "0" * 64, "x:" + "t" * 129, "x:ü",
        "a/" * 300 + "x", "x:a:b",
    ],
)  # fmt: skip
def test_refuses_what_no_registry_has(image: str) -> None:
    with pytest.raises(GiveUp) as caught:
        image_for(image, VALUES)
    shown = image.replace("\n", "�")
    shown = shown if len(image) <= 60 else shown[:60] + "…"
    assert caught.value.sentence == (f"`{shown}` is not a valid image reference; see `image` in .github/reviewbot.yml")


def test_paths_shell_ssrf__a_branch_cannot_name_another_image() -> None:
    assert image_for("x:{branch}", {"branch": "a@sha256:0/../b:c"}) == "x:a-sha256-0-..-b-c"
