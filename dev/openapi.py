"""`python -m dev.openapi`: what GitHub publishes about its API, cut down to what the stand-in serves.

Run it when the stand-in gains a route or an event, and now and then for GitHub's own news: it fetches the newest
description with `npm pack` and writes tests/contract/openapi/github.json, which the contract tests read. Needs npm.
Every schema there is plain JSON Schema, and closed: a member that GitHub does not describe is an error.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from functools import reduce
from pathlib import Path
from typing import IO, Any, cast

from dev.github.api.routes import ELSEWHERE, IN_REPOSITORY

Json = dict[str, Any]
WRITTEN = Path(__file__).resolve().parents[1] / "tests" / "contract" / "openapi" / "github.json"
PACKAGE = "@octokit/openapi"
MANIFEST = "package/package.json"
MEMBER = "package/generated/api.github.com.json"

EVENTS = {
    "check_run": ("completed", "created", "requested_action", "rerequested"),
    "check_suite": ("completed", "requested", "rerequested"),
    "deployment": ("created",),
    "deployment_status": ("created",),
    "installation": ("created", "deleted", "new_permissions_accepted", "suspend", "unsuspend"),
    "installation_repositories": ("added", "removed"),
    "issue_comment": ("created", "deleted", "edited"),
    "merge_group": ("checks_requested",),
    "pull_request": (
        "closed",
        "converted_to_draft",
        "edited",
        "labeled",
        "locked",
        "opened",
        "ready_for_review",
        "reopened",
        "synchronize",
        "unlabeled",
        "unlocked",
    ),
    "push": ("",),
    "repository": (
        "archived",
        "created",
        "deleted",
        "privatized",
        "publicized",
        "renamed",
        "transferred",
        "unarchived",
    ),
    "status": ("",),
}
# served under a second address that is described nowhere
SAME_AS = {
    "/repos/{}/{}/contents": "/repos/{}/{}/contents/{}",
    "/repos/{}/{}/statuses/{}": "/repos/{}/{}/commits/{}/statuses",
}
# what says nothing of a value's shape
PROSE = {"default", "deprecated", "description", "example", "examples", "externalDocs", "readOnly", "title"}
FORMATS = {"date-time", "uri"}


def operations() -> list[tuple[str, str]]:
    """The method and the path with nameless places of every route that answers with a body."""
    found = [(route.method, route.path) for route in ELSEWHERE]
    found += [(route.method, f"/repos/<owner>/<name>{route.path}") for route in IN_REPOSITORY]
    return sorted((method, nameless(path)) for method, path in found if method != "DELETE")


def nameless(path: str) -> str:
    """A route's path with its places unnamed, as GitHub has other names for them."""
    return re.sub(r"[<{][^>}]*[>}]", "{}", path.replace("/repositories/<int:repository_id>", "/repos/{}/{}"))


def fetched() -> tuple[str, Json]:
    """The newest description and its version."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        [packed] = Path(folder).glob("*.tgz")
        with tarfile.open(packed) as archive:
            return _member(archive, MANIFEST)["version"], _member(archive, MEMBER)


def _member(archive: tarfile.TarFile, name: str) -> Json:
    found: Json = json.load(cast(IO[bytes], archive.extractfile(name)))
    return found


def trimmed(version: str, document: Json) -> Json:
    """Only what is served: replies by operation and status, payloads by event, and the schemas they mention."""
    replies = {f"{method} {path}": _replies(document, method, path) for method, path in operations()}
    payloads = {
        f"{event}.{action}" if action else event: _payload(document, event, action)
        for event, actions in EVENTS.items()
        for action in actions
    }
    return {
        "$defs": _mentioned(document, [replies, payloads]),
        "payloads": payloads,
        "replies": replies,
        "source": {"package": PACKAGE, "version": version},
    }


def _replies(document: Json, method: str, path: str) -> Json:
    described = {nameless(each): methods for each, methods in document["paths"].items()}
    operation = described.get(path, {}).get(method.lower()) or described[SAME_AS[path]][method.lower()]
    found = {}
    for status, reply in operation["responses"].items():
        named = reply.get("$ref", "").rpartition("/")[2]
        content = (document["components"]["responses"][named] if named else reply).get("content", {})
        if "application/json" in content:
            found[status] = _schema(document, content["application/json"]["schema"])
    return found


def _payload(document: Json, event: str, action: str) -> Json:
    name = "-".join(filter(None, (event, action))).replace("_", "-")
    body = document["x-webhooks"][name]["post"]["requestBody"]
    return _schema(document, body["content"]["application/json"]["schema"])


def _mentioned(document: Json, roots: list[Json]) -> Json:
    every, found = document["components"]["schemas"], dict[str, Any]()
    front = _names(roots)
    while front:
        name = front.pop()
        if name not in found:
            found[name] = _schema(document, every[name])
            front |= _names(found[name])
    return found


def _names(value: Any) -> set[str]:
    return set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(value)))


def _schema(document: Json, of: Json) -> Json:
    """One schema in JSON Schema's own words."""
    if "allOf" in of:
        of = _flat(document, of)
    kept = {key: value for key, value in of.items() if key not in PROSE and not key.startswith("x-")}
    nullable = kept.pop("nullable", False)
    if kept.get("format") not in FORMATS:
        kept.pop("format", None)
    if "$ref" in kept:
        kept = {"$ref": kept["$ref"].replace("#/components/schemas/", "#/$defs/")}
    # many of the alternatives overlap, so that one of them means any of them
    if choices := kept.pop("oneOf", None) or kept.pop("anyOf", None):
        kept["anyOf"] = [_schema(document, one) for one in choices]
    _descend(document, kept)
    return _or_null(kept) if nullable else kept


def _flat(document: Json, schema: Json) -> Json:
    """What a schema says by reference and in parts, said in one, so that it can be closed."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        return _flat(document, document["components"]["schemas"][name])
    own = {key: value for key, value in schema.items() if key != "allOf"}
    return reduce(_merged, [_flat(document, part) for part in schema.get("allOf", ())], own)


def _merged(one: Json, other: Json) -> Json:
    """Both at once; where they differ the later has the last word."""
    whole = one | other
    for key in one.keys() & other.keys():
        if key == "required" and isinstance(one[key], list):
            whole[key] = sorted({*one[key], *other[key]})
        elif isinstance(one[key], dict) and isinstance(other[key], dict):
            whole[key] = _merged(one[key], other[key])
    return whole


def _descend(document: Json, schema: Json) -> None:
    if "items" in schema:
        schema["items"] = _schema(document, schema["items"])
    if "properties" in schema:
        schema["properties"] = {name: _schema(document, one) for name, one in schema["properties"].items()}
    if isinstance(schema.get("additionalProperties"), dict):
        schema["additionalProperties"] = _schema(document, schema["additionalProperties"])
    elif schema.get("properties"):
        schema["additionalProperties"] = False


def _or_null(schema: Json) -> Json:
    if not isinstance(schema.get("type"), str):
        return {"anyOf": [schema, {"type": "null"}]}
    wider = schema | {"type": [schema["type"], "null"]}
    if "enum" in wider and None not in wider["enum"]:
        wider["enum"] = [*wider["enum"], None]
    return wider


def main() -> None:
    """Write it."""
    WRITTEN.parent.mkdir(exist_ok=True)
    WRITTEN.write_text(json.dumps(trimmed(*fetched()), sort_keys=True, indent=0, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
