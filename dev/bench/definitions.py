"""What repositories say: definitions read and rendered per second of processor time, and how both grow.

Reading stands beside the plain loaders, rendering beside writing its objects out as JSON.
"""

import json
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any, TypeVar

import yaml

from dev.bench.figures import Figure
from reviewbot.model import (
    AppSpec,
    InstallationId,
    PullRequest,
    PullRequestRef,
    PullState,
    RepositoryConfig,
    RepositoryId,
    Sha,
)
from reviewbot.render.addons import addon_objects
from reviewbot.render.names import Address, namespace
from reviewbot.render.release import Surroundings, release
from reviewbot.render.workload import tenant_objects
from reviewbot.spec import parse_app, parse_config
from reviewbot.spec.placement import parse_placement

T = TypeVar("T")

_SECONDS = 0.5
_ROUNDS = 5
_REF = PullRequestRef(RepositoryId(7), InstallationId(7), 1)
_PULL = PullRequest(
    number=1,
    state=PullState.OPEN,
    draft=False,
    title="",
    head=Sha("a" * 40),
    head_ref="topic",
    head_repository=RepositoryId(7),
    base_ref="main",
    repository=RepositoryId(7),
    full_name="acme/shop",
    private=True,
)
_AROUND = Surroundings(Address("shop-pr-1-abcdefghij", "https://preview.example.com"), "key", parse_placement({}))
_PROCFILE = b"release: bin/migrate\nweb: bin/web --port $PORT\nworker: bin/work\n"


def figures() -> Iterator[Figure]:
    """The figures as people read them."""
    manifest, settings = _app_json(20), _config(20)
    app = parse_app(_PROCFILE, manifest)
    objects = _render(app)
    yield Figure(
        f"Procfile and app.json, {len(_PROCFILE + manifest)} bytes",
        _rate(lambda: parse_app(_PROCFILE, manifest)),
        "splitlines and json.loads: " + _rate(lambda: (_PROCFILE.decode().splitlines(), json.loads(manifest))),
    )
    yield Figure(
        f"reviewbot.yml, {len(settings)} bytes",
        _rate(lambda: parse_config(settings)),
        "yaml.safe_load: " + _rate(lambda: yaml.safe_load(settings)),
    )
    yield Figure(
        f"{len(objects)} objects of a release rendered",
        _rate(lambda: _render(app)),
        "json.dumps of them: " + _rate(lambda: json.dumps(objects)),
    )
    apps = (parse_app(_PROCFILE, _app_json(size)) for size in (300, 3000))
    growths = {
        "app.json": _growth(lambda text: parse_app(None, text), _app_json(300), _app_json(3000)),
        "reviewbot.yml": _growth(parse_config, _config(40), _config(400)),
        "rendering": _growth(_render, *apps),
    }
    for what, times in growths.items():
        yield Figure(f"ten times as much of it: {what}", f"{times:.1f} times as long")


def _render(app: AppSpec) -> list[dict[str, Any]]:
    made, where = release(app, _PULL, "shop:1", RepositoryConfig(), _AROUND), namespace(_REF)
    return [
        *(item for addon in made.addons for item in addon_objects(addon, made, where)),
        *tenant_objects(made, where),
    ]


def _app_json(variables: int) -> bytes:
    env = {f"VARIABLE_{number}": {"description": "What it is for", "value": "x" * 20} for number in range(variables)}
    formation = {"web": {"quantity": 1}}
    return json.dumps({"env": env, "formation": formation, "addons": ["heroku-postgresql"]}, indent=2).encode()


def _config(variables: int) -> bytes:
    lines = [f"  VARIABLE_{number}: {'x' * 20}" for number in range(variables)]
    return "\n".join(["image: ghcr.io/acme/shop:{sha}", "health: /up", "env:", *lines, ""]).encode()


def _per_second(call: Callable[[], object]) -> float:
    times, start = 0, process_time()
    while (spent := process_time() - start) < _SECONDS:
        call()
        times += 1
    return times / spent


def _rate(call: Callable[[], object]) -> str:
    return f"{_per_second(call):,.0f} a second of processor time"


def _growth(work: Callable[[T], object], small: T, large: T) -> float:
    return _fastest(lambda: work(large)) / _fastest(lambda: work(small))


def _fastest(call: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(_ROUNDS):
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)


if __name__ == "__main__":
    print("\n".join(map(str, figures())))
