""".github/reviewbot.yml: how the app runs, several apps of one repository, and the settings' effect on the files."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reviewbot.model import (
    Addon,
    AddonChoice,
    App,
    AppSpec,
    ConfigVar,
    Limits,
    Process,
    RepositoryConfig,
    Script,
)
from reviewbot.spec import BUILT_IN, SpecError, parse_app, parse_config


def refused(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        parse_config(text.encode())
    return caught.value.sentence.replace(".github/reviewbot.yml:", "")


def test_a_whole_file() -> None:
    text = """\
env:
  RAILS_ENV: staging
  EMPTY: ""
sizes: {worker: standard-2x}
addons:
  postgresql: {size: basic, storage: 2Gi}
  redis: off
  search:
limits: {ready: 120, release: 20m, postdeploy: 1h, pr_predestroy: 30s}
manifests: ./deploy//preview/
serve: shop:8080
"""
    assert parse_config(text.encode()) == RepositoryConfig(
        env={"RAILS_ENV": "staging", "EMPTY": ""},
        sizes={"worker": "standard-2x"},
        addons={
            "postgresql": AddonChoice(size="basic", storage="2Gi"),
            "redis": AddonChoice(wanted=False),
            "search": AddonChoice(),
        },
        limits=Limits(timedelta(minutes=2), timedelta(minutes=20), timedelta(hours=1), timedelta(seconds=30)),
        manifests="deploy/preview",
        serve="shop:8080",
    )


@pytest.mark.parametrize("text", ["env:\nsizes:\naddons:\nlimits:\nmanifests:\nserve:\napps:\n", "{env: {}, apps: {}}"])
def test_nothing_to_say(text: str) -> None:
    assert parse_config(text.encode()) == RepositoryConfig()


TEXT = "must be a string; put it in quotes"
TIME = "must be a time in seconds, or such as 90s, 10m or 1h; at most"
FOLDER = "must be a folder of the repository, such as deploy/preview"
SERVICE = "must be the name of a Service, or name:port"
SETTINGS = "must be settings such as `name: …`"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("env: [A]", f"1:6: env: {SETTINGS}"),
        ("env: {A: 1}", f"1:10: env.A: {TEXT}"),
        ("env: {A: no}", f"1:10: env.A: {TEXT}"),
        ("env: {A: 1:30}", f"1:10: env.A: {TEXT}"),
        ("env: {A: 010}", f"1:10: env.A: {TEXT}"),
        ("env: {A: 2024-01-01}", f"1:10: env.A: {TEXT}"),
        ("env: {A: 1.0}", f"1:10: env.A: {TEXT}"),
        ("env: {A: =}", f"1:10: env.A: {TEXT}"),
        ("env:\n  A:\n", '2:5: env.A: has no value; write "" for an empty one'),
        ("env: {A: {b: c}}", "1:10: env.A: must be a string"),
        ('env: {A: "\\0"}', "1:10: env.A: must not have a NUL character"),
        ("env: {A-B: x}", "1:7: env.A-B: a name has only letters, digits and _, no digit first"),
        ("env: {PORT: '1'}", "1:7: env.PORT: reviewbot sets this itself"),
        ("env: {REVIEWBOT_URL: x}", "1:7: env.REVIEWBOT_URL: reviewbot sets this itself"),
        ("sizes: {web: 2}", f"1:14: sizes.web: {TEXT}"),
        ("sizes: {web: a b}", "1:14: sizes.web: must be the name of a size such as standard-2x"),
        ("addons: [redis]", f"1:9: addons: {SETTINGS}"),
        ("addons: {redis: none}", "1:17: addons.redis: must be off, or settings such as `size: …`"),
        ("addons: {redis: {plan: x}}", "1:18: addons.redis.plan: unknown key; known are size, storage"),
        ("addons: {redis: {storage: 1}}", "1:27: addons.redis.storage: must be a size such as 512Mi or 2Gi"),
        (
            "addons: {REDIS: off}",
            "1:10: addons.REDIS: a name has only lower-case letters, digits and inner -, at most 40 characters",
        ),
        ("limits: 10m", "1:9: limits: must be settings such as `ready: …`"),
        (
            "limits: {deploy: 1}",
            "1:10: limits.deploy: unknown key; known are ready, release, postdeploy, pr_predestroy",
        ),
        ("limits: {ready: 0}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {ready: 3601}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {release: 61m}", f"1:19: limits.release: {TIME} 1h"),
        ("limits: {postdeploy: 2h}", f"1:22: limits.postdeploy: {TIME} 1h"),
        ("limits: {pr_predestroy: 601}", f"1:25: limits.pr_predestroy: {TIME} 10m"),
        ("limits: {ready: 1:30}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {ready: 10 m}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {ready: yes}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {ready: -5}", f"1:17: limits.ready: {TIME} 1h"),
        ("limits: {ready: 999999999}", f"1:17: limits.ready: {TIME} 1h"),
        ("manifests: /etc", f"1:12: manifests: {FOLDER}"),
        ("manifests: ../other", f"1:12: manifests: {FOLDER}"),
        ("manifests: a/../../b", f"1:12: manifests: {FOLDER}"),
        ("manifests: .", f"1:12: manifests: {FOLDER}"),
        ('manifests: ""', f"1:12: manifests: {FOLDER}"),
        ("manifests: 'a\\b'", f"1:12: manifests: {FOLDER}"),
        ('manifests: "a\\nb"', f"1:12: manifests: {FOLDER}"),
        ("manifests: 1", f"1:12: manifests: {TEXT}"),
        ("manifests: k8s\nserve: Web", f"2:8: serve: {SERVICE}"),
        ("manifests: k8s\nserve: web:0", f"2:8: serve: {SERVICE}"),
        ("manifests: k8s\nserve: web:65536", f"2:8: serve: {SERVICE}"),
        ("manifests: k8s\nserve: web:-http", f"2:8: serve: {SERVICE}"),
        ("manifests: k8s\nserve: web:8-0", f"2:8: serve: {SERVICE}"),
        ("serve: web", "1:1: serve: names a Service, but there are no `manifests`"),
    ],
)
def test_refuses(text: str, sentence: str) -> None:
    assert refused(text) == sentence


APPS = b"""\
image: ghcr.io/acme/{repo}:{sha}
port: 3000
env: {LEVEL: top, SHARED: yes-please}
limits: {ready: 1m}
comment: off
apps:
  api:
    path: services/api/
    image: ghcr.io/acme/api:{sha}
    env: {LEVEL: api}
    limits: {release: 5m}
  site: {path: ., health: /up, manifests: k8s, serve: site}
"""


def test_several_apps_have_what_is_said_for_all() -> None:
    top = RepositoryConfig(
        image="ghcr.io/acme/{repo}:{sha}",
        port=3000,
        env={"LEVEL": "top", "SHARED": "yes-please"},
        limits=Limits(ready=timedelta(minutes=1)),
    )
    api = replace(
        top,
        image="ghcr.io/acme/api:{sha}",
        env={"LEVEL": "api", "SHARED": "yes-please"},
        limits=Limits(ready=timedelta(minutes=1), release=timedelta(minutes=5)),
    )
    found = parse_config(APPS)
    site = replace(top, health="/up", manifests="k8s", serve="site")
    comment = found.comment
    apps = {"api": App("services/api", replace(api, comment=comment)), "site": App("", replace(site, comment=comment))}
    assert found == replace(top, comment=comment, apps=apps)


LABEL = "a name has only lower-case letters, digits and inner -, at most 20 characters"


@pytest.mark.parametrize(
    ("apps", "sentence"),
    [
        ("[a]", f"1:7: apps: {SETTINGS}"),
        ("{a: }", "1:10: apps.a: must be settings such as `path: …`"),
        ("{a: {}}", "1:8: apps.a: lacks path"),
        ("{a: {path: }}", "1:8: apps.a: lacks path"),
        ("{a: {path: /}}", f"1:18: apps.a.path: {FOLDER}"),
        ("{A: {path: a}}", f"1:8: apps.A: {LABEL}"),
        ("{-a: {path: a}}", f"1:8: apps.-a: {LABEL}"),
        ("{" + "a" * 21 + ": {path: a}}", f"1:8: apps.{'a' * 21}: {LABEL}"),
        ("{a: {path: a, port: x}}", "1:27: apps.a.port: must be a whole number from 1 to 65535"),
        ("{a: {path: a, serve: web}}", "1:21: apps.a.serve: names a Service, but there are no `manifests`"),
        (
            "{a: {path: a, comment: off}}",
            "1:21: apps.a.comment: unknown key; known are path, paths, image, health, port, run_as_user, env, sizes,"
            " addons, limits, manifests, serve",
        ),
        (
            "{" + ", ".join(f"a{number}: {{path: a}}" for number in range(11)) + "}",
            "1:158: apps: more than 10 apps",
        ),
    ],
)
def test_apps_refused(apps: str, sentence: str) -> None:
    assert refused(f"apps: {apps}") == sentence


FILES = (b"web: run\nworker: work\nrelease: migrate", b'{"formation": {"worker": {"quantity": 1, "size": "basic"}}}')
PARSED = AppSpec((Process("web", "run", 1), Process("worker", "work", 1, "basic")), release=Script("migrate"))


def test_sizes_stand_over_the_formations() -> None:
    config = RepositoryConfig(sizes={"worker": "Standard-2X", "release": "eco"})
    assert parse_app(*FILES, config=config) == replace(
        PARSED,
        processes=(Process("web", "run", 1), Process("worker", "work", 1, "standard-2x")),
        release=Script("migrate", "eco"),
    )


def test_settings_without_effect_are_told() -> None:
    config = RepositoryConfig(
        sizes={"clock": "basic", "web": "huge"}, addons={"redis": AddonChoice(), "search": AddonChoice(size="x")}
    )
    known = "known are basic, default, eco, free, hobby, performance-m, standard-1x, standard-2x"
    there = "not used, as app.json has no such add-on; there is"
    assert parse_app(*FILES, config=config) == replace(
        PARSED,
        warnings=(
            f".github/reviewbot.yml: addons.redis: {there} none",
            f".github/reviewbot.yml: addons.search: {there} none",
            ".github/reviewbot.yml: sizes.clock: not used, as no such process runs; there is web, worker, release",
            f".github/reviewbot.yml: sizes.web: unknown size huge, not used; {known}",
        ),
    )


def test_size_and_storage_of_an_add_on() -> None:
    config = RepositoryConfig(
        addons={"redis": AddonChoice(size="Basic", storage="3Gi"), "jobs": AddonChoice(size="huge"), "x": AddonChoice()}
    )
    app = parse_app(None, b'{"addons": ["redis", {"plan": "redis", "as": "JOBS"}]}', config=config)
    redis = BUILT_IN["redis"]
    assert app.addons == (
        Addon("redis", "REDIS_URL", replace(redis, size="basic", storage="3Gi")),
        Addon("jobs", "JOBS_URL", redis),
    )
    assert [str(told).partition(";")[0] for told in app.warnings] == [
        ".github/reviewbot.yml: addons.x: not used, as app.json has no such add-on",
        ".github/reviewbot.yml: addons.jobs.size: unknown size huge, not used",
    ]


def test_variables_stand_over_app_jsons() -> None:
    app_json = b'{"env": {"A": "file", "B": {"generator": "secret"}, "C": {}, "D": "kept"}}'
    config = RepositoryConfig(env={"A": "over", "B": "over", "C": "", "E": "new"})
    assert parse_app(None, app_json, config=config).env == (
        ConfigVar("A", "over"),
        ConfigVar("B", "over"),
        ConfigVar("C", ""),
        ConfigVar("D", "kept"),
        ConfigVar("E", "new"),
    )


@pytest.mark.parametrize("serve", ["web", "web:8080", "web:http", "web:8080-tcp", "w-1:h"])
def test_a_service_and_its_port(serve: str) -> None:
    assert parse_config(f"manifests: k8s\nserve: {serve}\n".encode()).serve == serve
