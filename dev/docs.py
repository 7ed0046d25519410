"""`make docs`: what is told about settings, metrics and keys of files, written from where they are defined."""

import json
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from pydantic.fields import FieldInfo

from reviewbot import metrics
from reviewbot.settings import Common, ControllerSettings, Settings, WebSettings
from reviewbot.spec import BUILT_IN, schema_text
from reviewbot.spec.catalogue import REQUIRED, SERVICE_KEYS

_ADDONS = """\
# Add-ons

What stands in `app.json`'s `addons` is looked up in a catalogue, by name or by another name; plans do not matter. These
are built in:

| name | other names | image | config var |
|---|---|---|---|
{built_in}

Whoever runs the cluster adds more in the ConfigMap `reviewbot-addons` in `reviewbot-system`: one key for each, its
value YAML. A key with a built-in's name changes only what it says. `env`, `args` and `url` may hold `$(PASSWORD)`,
which is made for each preview, `$(HOST)` and `$(PORT)`. What is changed later reaches a preview's server with its next
look, but its address and its volume only when the preview is reset. Written by `make docs` from
`reviewbot/spec/catalogue.py`.

| key | needed | meaning |
|---|---|---|
{keys}

```yaml
apiVersion: v1
kind: ConfigMap
metadata: {{name: reviewbot-addons, namespace: reviewbot-system}}
data:
  postgresql: |
    image: docker.io/library/postgres:16
  mailhog: |
    image: docker.io/mailhog/mailhog:v1.0.1
    port: 1025
    url: smtp://$(HOST):$(PORT)
    variable: SMTP_URL
    user: 1000
    aliases: [sendgrid, mailgun]
```
"""
ROOT = Path(__file__).resolve().parents[1]


def settings_page() -> str:
    """docs/settings.md, whole."""
    rows = [_row(name, field) for name, field in sorted(_fields().items())]
    return "\n".join(
        [
            "# Settings",
            "",
            "Settings are environment variables. A process that lacks one it needs says so, with every other problem,",
            "and does not start. Written by `make docs` from `reviewbot/settings.py`.",
            "",
            "| name | needed by | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def metrics_page() -> str:
    """docs/metrics.md, whole."""
    return "\n".join(
        [
            "# Metrics",
            "",
            "Each process tells its own at `/metrics` of its second port (`REVIEWBOT_OPS_PORT`), beside what",
            "Prometheus' client tells of any. No label names a repository. Only the controller with the Lease counts.",
            "[alerts.yml](alerts.yml) has alerts to begin with. Written by `make docs` from `reviewbot/metrics.py`.",
            "",
            *_metrics("reviewbot web", metrics.WEB),
            *_metrics("reviewbot controller", metrics.CONTROLLER),
        ]
    )


def addons_page() -> str:
    """docs/addons.md, whole."""
    built_in = [
        f"| `{each.name}` | {', '.join(f'`{alias}`' for alias in each.aliases)} | `{each.image}` | `{each.variable}` |"
        for each in BUILT_IN.values()
    ]
    keys = [
        f"| `{name}` | {'for a new one' if name in REQUIRED else ''} | {key.about} |"
        for name, key in SERVICE_KEYS.items()
    ]
    return _ADDONS.format(built_in="\n".join(built_in), keys="\n".join(keys))


def _metrics(process: str, registry: CollectorRegistry) -> list[str]:
    rows = [_metric(each) for each in sorted(registry.collect(), key=lambda each: each.name)]
    return [f"## {process}", "", "| name | type | labels | meaning |", "|---|---|---|---|", *rows, ""]


def _metric(metric: Metric) -> str:
    # Every value of every label is there from the start.
    values: dict[str, dict[str, None]] = {}
    for sample in metric.samples:
        for label, value in sample.labels.items():
            values.setdefault(label, {})[value] = None
    values.pop("le", None)
    labels = "<br>".join(f"`{label}`: {', '.join(found)}" for label, found in values.items())
    name = metric.name + ("_total" if metric.type == "counter" else "")
    return f"| `{name}` | {metric.type} | {labels} | {metric.documentation} |"


def app_json() -> str:
    """app.json, whole: reviewbot is a Heroku-style app itself."""
    # PORT is the platform's to say.
    env = {name: _entry(field) for name, field in sorted(_fields().items()) if name != "PORT"}
    content = {
        "name": "reviewbot",
        "description": "A running copy of the app for every pull request, once its tests pass.",
        "keywords": ["review apps", "kubernetes", "github"],
        "env": env,
        "formation": {"web": {"quantity": 1}, "worker": {"quantity": 1}},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _fields() -> dict[str, FieldInfo]:
    return {str(field.alias): field for field in Settings.model_fields.values()}


def _row(name: str, field: FieldInfo) -> str:
    roles: dict[str, type[Common]] = {"web": WebSettings, "controller": ControllerSettings}
    needing = [role for role, kind in roles.items() if any(each.alias == name for each in kind.model_fields.values())]
    default = "required" if field.is_required() else _default(field)
    return f"| `{name}` | {', '.join(needing)} | {default} | {field.description} |"


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if value is None:
        return ""
    return f"`{','.join(value) if isinstance(value, tuple) else value}`"


def _entry(field: FieldInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {"description": field.description, "required": field.is_required()}
    if field.alias == "REVIEWBOT_HOST_KEY":
        entry = {"description": field.description, "generator": "secret"}
    return entry


def main() -> None:
    """Write them all."""
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "settings.md").write_text(settings_page())
    (ROOT / "docs" / "metrics.md").write_text(metrics_page())
    (ROOT / "docs" / "addons.md").write_text(addons_page())
    (ROOT / "docs" / "reviewbot.schema.json").write_text(schema_text())
    (ROOT / "app.json").write_text(app_json())


if __name__ == "__main__":
    main()
