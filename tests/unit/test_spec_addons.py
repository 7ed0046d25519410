"""app.json's add-ons: found in the catalogue, attached under a name, and what they provide."""

import pytest

from reviewbot.model import Addon, AddonChoice, AppSpec, ConfigVar, RepositoryConfig
from reviewbot.spec import BUILT_IN, SpecError, gaps, with_config_vars
from tests.unit import definitions

POSTGRESQL = Addon("postgresql", "DATABASE_URL", BUILT_IN["postgresql"])
REDIS = Addon("redis", "REDIS_URL", BUILT_IN["redis"])


def parsed(addons: str, env: str = "{}", config: RepositoryConfig | None = None) -> AppSpec:
    app_json = f'{{"addons": {addons},\n"env": {env}}}'.encode()
    return definitions.parsed(None, app_json, config=config or RepositoryConfig())


@pytest.mark.parametrize(
    ("addons", "expected"),
    [
        ("[]", ()),
        ('["heroku-postgresql"]', (POSTGRESQL,)),
        ('["postgresql", "rediscloud:30"]', (POSTGRESQL, REDIS)),
        ('[" Heroku-Redis:premium-0"]', (REDIS,)),
        ('[{"plan": "heroku-postgresql:standard-0"}]', (POSTGRESQL,)),
        ('[{"plan": "redis", "as": "JOB_QUEUE"}]', (Addon("job-queue", "JOB_QUEUE_URL", BUILT_IN["redis"]),)),
        (
            '["redis", {"plan": "heroku-redis", "as": "cache"}, "postgresql"]',
            (REDIS, Addon("cache", "CACHE_URL", BUILT_IN["redis"]), POSTGRESQL),
        ),
    ],
)
def test_found_in_the_catalogue(addons: str, expected: tuple[Addon, ...]) -> None:
    app = parsed(addons)
    assert (app.addons, app.warnings) == (expected, ())


UNKNOWN = "as the catalogue has no such add-on; whoever runs the cluster can add it to the ConfigMap reviewbot-addons"


@pytest.mark.parametrize(
    ("addons", "warning"),
    [
        ('["papertrail:choklad"]', f"app.json:1:13: addons: nothing is set up for papertrail, {UNKNOWN}"),
        (
            '[{"plan": "papertrail", "as": "LOGS"}]',
            f"app.json:1:22: addons: nothing is set up for papertrail, {UNKNOWN}",
        ),
        ('["a:1", {"plan": "B"}]', f"app.json:1:13: addons: nothing is set up for a, b, {UNKNOWN}"),
    ],
)
def test_what_the_catalogue_has_not_is_told(addons: str, warning: str) -> None:
    app = parsed(addons)
    assert (app.addons, app.warnings) == ((), (warning,))


def test_what_is_not_used_is_told() -> None:
    app = parsed(
        '[{"plan": "redis", "options": {"version": "7"}, "config": {}}, {"plan": "postgresql", "options": {}}]'
    )
    assert app.addons == (REDIS, POSTGRESQL)
    assert app.warnings == (
        "app.json:1:31: addons.options: not used",
        "app.json:1:60: addons.config: unknown key, ignored",
    )


AS = "must be of letters, digits and inner _, a letter first, at most 40 characters, and not REVIEWBOT"


@pytest.mark.parametrize(
    ("addons", "sentence"),
    [
        ('"redis"', '1:12: addons: must be a list such as ["heroku-postgresql"]'),
        ('{"redis": {}}', '1:12: addons: must be a list such as ["heroku-postgresql"]'),
        ("[1]", '1:13: addons: must be a name, or an object with a "plan"'),
        ("[{}]", '1:13: addons: has no "plan"'),
        ('[""]', "1:13: addons: names no add-on"),
        ('[":free"]', "1:13: addons: names no add-on"),
        ('[{"plan": 5}]', "1:22: addons.plan: must be a string; put it in quotes"),
        ('[{"plan": "redis", "as": 5}]', "1:37: addons.as: must be a string; put it in quotes"),
        ('[{"plan": "redis", "as": ""}]', f"1:37: addons.as: {AS}"),
        ('[{"plan": "redis", "as": "1ST"}]', f"1:37: addons.as: {AS}"),
        ('[{"plan": "redis", "as": "A_"}]', f"1:37: addons.as: {AS}"),
        ('[{"plan": "redis", "as": "ÄÖ"}]', f"1:37: addons.as: {AS}"),
        ('[{"plan": "redis", "as": "REVIEWBOT"}]', f"1:37: addons.as: {AS}"),
        ('[{"plan": "redis", "as": "REVIEWBOT_CONFIG"}]', f"1:37: addons.as: {AS}"),
        ('["redis", "heroku-redis"]', "1:22: addons: a second add-on for REDIS_URL, redis; give one of them another"),
        ('[{"plan": "redis", "as": "DATABASE"}, "postgresql"]', "1:50: addons: a second add-on for DATABASE_URL; give"),
        ('[{"plan": "redis", "as": "POSTGRESQL"}, "postgresql"]', "1:52: addons: a second add-on for postgresql; give"),
    ],
)
def test_refused(addons: str, sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        parsed(addons)
    assert caught.value.sentence.startswith(f"app.json:{sentence}")
    assert len(caught.value.problems) == 1


def test_a_required_variable_that_an_add_on_provides_is_no_gap() -> None:
    app = parsed('["postgresql"]', '{"DATABASE_URL": {"required": true}, "REDIS_URL": {}}')
    assert (gaps(app), app.warnings) == (("REDIS_URL",), ())


def test_a_value_that_an_add_on_stands_over_is_told() -> None:
    config = RepositoryConfig(env={"REDIS_URL": "ours"})
    app = parsed('["postgresql", "redis"]', '{"DATABASE_URL": "postgres://a", "REDIS_URL": {}}', config)
    assert app.env == ()
    assert app.warnings == (
        "app.json:2:9: env.DATABASE_URL: not used, as the add-on postgresql gives its own",
        ".github/reviewbot.yml: env.REDIS_URL: not used, as the add-on redis gives its own",
    )


def test_an_administrators_value_stands_over_the_add_ons() -> None:
    app = with_config_vars(parsed('["postgresql"]', '{"DATABASE_URL": "x"}'), {"DATABASE_URL": b"given"}, "Secret")
    assert app.env == (ConfigVar("DATABASE_URL", "given"),)
    assert app.addons == (POSTGRESQL,)


def test_an_add_on_that_is_switched_off_provides_nothing() -> None:
    config = RepositoryConfig(addons={"postgresql": AddonChoice(wanted=False)})
    app = parsed('["postgresql", "redis"]', '{"DATABASE_URL": "kept", "REDIS_URL": {}}', config)
    assert (app.addons, app.env, app.warnings) == ((REDIS,), (ConfigVar("DATABASE_URL", "kept"),), ())
    assert gaps(parsed('["postgresql"]', '{"DATABASE_URL": {}}', config)) == ("DATABASE_URL",)
