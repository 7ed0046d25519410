"""The catalogue of add-ons: what is built in, what an administrator adds or changes, every mistake with its place."""

from dataclasses import replace

import pytest

from reviewbot.model import Service
from reviewbot.spec import BUILT_IN, SpecError, parse_catalogue

SEARCH = """\
image: registry.example.com/search:2
port: 7700
url: http://$(HOST):$(PORT)?key=$(PASSWORD)
variable: SEARCH_URL
user: 1000
"""


def refused(**data: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        parse_catalogue({name.replace("_", "-"): text for name, text in data.items()})
    return [str(problem) for problem in caught.value.problems]


def test_what_is_built_in() -> None:
    assert parse_catalogue({}) == dict(BUILT_IN)
    assert {name: (each.variable, each.aliases) for name, each in BUILT_IN.items()} == {
        "postgresql": ("DATABASE_URL", ("heroku-postgresql",)),
        "redis": ("REDIS_URL", ("heroku-redis", "rediscloud")),
    }


def test_one_more() -> None:
    whole = SEARCH + (
        "env: {KEY: $(PASSWORD), EMPTY: ''}\nargs: [--data, /srv, $(HOST)]\nstorage: 512Mi\nmount: /srv\n"
        "size: standard-2x\naliases: [heroku-search, found]\n"
    )
    plain = Service(
        name="search",
        image="registry.example.com/search:2",
        port=7700,
        url="http://$(HOST):$(PORT)?key=$(PASSWORD)",
        variable="SEARCH_URL",
        user=1000,
    )
    assert parse_catalogue({"search": SEARCH}) == {**BUILT_IN, "search": plain}
    assert parse_catalogue({"search": whole})["search"] == replace(
        plain,
        env={"KEY": "$(PASSWORD)", "EMPTY": ""},
        args=("--data", "/srv", "$(HOST)"),
        storage="512Mi",
        mount="/srv",
        size="standard-2x",
        aliases=("heroku-search", "found"),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "image:\nenv: ~"])
def test_an_override_without_a_word_changes_nothing(text: str) -> None:
    assert parse_catalogue({"redis": text}) == dict(BUILT_IN)


def test_an_override_changes_what_it_names() -> None:
    found = parse_catalogue({"postgresql": "image: registry.example.com/postgres:16\nstorage: 2Gi\n"})
    expected = replace(BUILT_IN["postgresql"], image="registry.example.com/postgres:16", storage="2Gi")
    assert found == {**BUILT_IN, "postgresql": expected}


NAME = "1:1: a name is of lower-case letters, digits and inner -, a letter first, at most 40 characters"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: lacks image, port, url, variable, user"),
        ("port: 1\nurl: x\nvariable: A\nuser: 1", "1:1: lacks image"),
        ("image: Not One", "1:8: image: must be an image reference"),
        (SEARCH + "port: 1", "6:1: port: duplicate key, first on line 2"),
        (SEARCH + "plan: x", "6:1: plan: unknown key; known are image, port, url, variable, user, env, args, storage,"),
        (SEARCH + "user: 0", "6:1: user: duplicate key, first on line 5"),
        (SEARCH + "storage: 1G", "6:10: storage: must be a size such as 512Mi or 2Gi"),
        (SEARCH + "storage: 0Gi", "6:10: storage: must be a size such as 512Mi or 2Gi"),
        (SEARCH + "storage: 5", "6:10: storage: must be a size such as 512Mi or 2Gi"),
        (SEARCH + "env: {A: $(SECRET)}", "6:10: env.A: unknown $(SECRET); known are $(PASSWORD), $(HOST), $(PORT)"),
        (SEARCH + "env: {A: 1}", "6:10: env.A: must be a string; put it in quotes"),
        (SEARCH + "env: {A-B: x}", "6:7: env.A-B: a name has only letters, digits and _, no digit first"),
        (SEARCH + 'env: {A: "\\0"}', "6:10: env.A: must not have a NUL character"),
        (SEARCH + "args: --x", "6:7: args: must be a list"),
        (SEARCH + "args: [1]", "6:8: args: must be a string; put it in quotes"),
        (SEARCH + "mount: data", "6:8: mount: must be a path such as /data"),
        (SEARCH + "aliases: [A b]", "6:11: aliases: must be an add-on's name"),
        (SEARCH + "size: Huge", "6:7: size: must be the name of a size"),
        ("user: 0", "1:7: user: must be a whole number from 1 to 999999999"),
        ("port: 70000", "1:7: port: must be a whole number from 1 to 65535"),
        ("variable: PORT", "1:11: variable: must be a config var's name"),
        ("variable: REVIEWBOT_X", "1:11: variable: must be a config var's name"),
        ("[]", "1:1: must be settings such as `image: …`"),
        ("image: [", "1:9: "),
        ("a: &x 1", "1:4: anchors and aliases are not allowed"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, problem: str) -> None:
    (told,) = refused(search=text)
    assert told.startswith(f"search:{problem}")


@pytest.mark.parametrize("name", ["A", "1st", "-a", "a.b", "reviewbot", "reviewbot-config", "a" * 41])
def test_names_that_no_server_can_have(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_catalogue({name: SEARCH})
    assert caught.value.sentence == f"{name}:{NAME}"


def test_a_name_means_one_thing() -> None:
    assert refused(search=SEARCH + "aliases: [redis]", other=SEARCH + "aliases: [heroku-redis]") == [
        "aliases:1:1: heroku-redis would mean both redis and other",
        "aliases:1:1: redis would mean both redis and search",
    ]


def test_every_problem_at_once() -> None:
    told = refused(search="port: x", redis="port: y", REDIS="")
    assert [line.partition(" ")[0] for line in told] == ["REDIS:1:1:", "redis:1:7:", "search:1:7:"]
