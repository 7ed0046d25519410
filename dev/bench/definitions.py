"""Reading what repositories say: definitions per second of processor time, beside the plain loaders, and its growth."""

import json
from collections.abc import Callable
from time import process_time

import yaml

from reviewbot.spec import parse_app, parse_config

_SECONDS = 0.5
_ROUNDS = 5
_PROCFILE = b"release: bin/migrate\nweb: bin/web --port $PORT\nworker: bin/work\n"


def table() -> list[str]:
    """The figures as people read them."""
    manifest, settings = _app_json(20), _config(20)
    files = _PROCFILE + manifest
    apps = _per_second(lambda: parse_app(_PROCFILE, manifest))
    configs = _per_second(lambda: parse_config(settings))
    plain_apps = _per_second(lambda: (_PROCFILE.decode().splitlines(), json.loads(manifest)))
    plain_configs = _per_second(lambda: yaml.safe_load(settings))
    return [
        f"Procfile and app.json, {len(files)} bytes: {apps:,.0f} a second of processor time",
        f"  splitlines and json.loads: {plain_apps:,.0f}",
        f"reviewbot.yml, {len(settings)} bytes: {configs:,.0f} a second of processor time",
        f"  yaml.safe_load: {plain_configs:,.0f}",
        "ten times as much takes, times as long:",
        f"  app.json: {_growth(lambda text: parse_app(None, text), _app_json(300), _app_json(3000)):.1f}",
        f"  reviewbot.yml: {_growth(parse_config, _config(40), _config(400)):.1f}",
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


def _growth(parse: Callable[[bytes], object], small: bytes, large: bytes) -> float:
    return _fastest(lambda: parse(large)) / _fastest(lambda: parse(small))


def _fastest(call: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(_ROUNDS):
        start = process_time()
        call()
        times.append(process_time() - start)
    return min(times)


if __name__ == "__main__":
    print("\n".join(table()))
