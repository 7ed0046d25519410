"""The two custom resources read into our nouns: whole, bare, and times in every form."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reviewbot.decide import Facts, Plan
from reviewbot.engine.records import read_record
from reviewbot.model import (
    RESET,
    Announced,
    Approval,
    Approvals,
    Deployed,
    Failure,
    Logged,
    Merge,
    Phase,
    Preview,
    Record,
    Request,
    Written,
)
from reviewbot.reconcile.status import status
from reviewbot.render.names import Address
from tests.unit.builders import (
    CACHE,
    DATABASE,
    HEAD,
    NOW,
    OLDER,
    REF,
    a_pull,
    a_record,
    a_release,
    a_state,
    merged,
)

ROOT = Path(__file__).resolve().parents[2]

POKE = "reviewbot.dev/poke"


def a_review_app(**status: Any) -> dict[str, Any]:
    metadata = {
        "name": REF.name,
        "uid": "u",
        "resourceVersion": "7",
        "annotations": {POKE: "p2"},
        "labels": {"reviewbot.dev/head": HEAD, "reviewbot.dev/host": "shop-pr-12-x"},
    }
    spec = {"repositoryId": 4711, "installationId": 31, "source": {"pullRequest": {"number": 12}}}
    return {"metadata": metadata, "spec": spec, "status": status}


def test_a_whole_record() -> None:
    time = "2026-05-04T12:00:00+00:00"
    status = {
        "observedPoke": "p1",
        "phase": "Failed",
        "reason": "Crashed",
        "unreadySince": time,
        "release": {"id": "aaaaaaa-1", "sha": HEAD, "at": time},
        "serving": {"id": "bbbbbbb-1", "sha": OLDER, "since": time},
        "failed": {"id": "aaaaaaa-1", "at": time, "reason": "Crashed", "message": "It ended.", "log": "oops"},
        "closedAt": time,
        "again": time,
        "comment": {"id": 5, "digest": "d1"},
        "checkRun": {"id": 6, "digest": "d2", "sha": HEAD},
        "deployments": [{"sha": OLDER, "id": 7, "digest": "d3", "status": 71}, {"sha": HEAD}],
        "deploymentsAgain": time,
    }
    assert read_record(a_review_app(**status)) == Record(
        REF,
        uid="u",
        version="7",
        poke="p2",
        observed_poke="p1",
        phase=Phase.FAILED,
        reason="Crashed",
        unready_since=NOW,
        release=Deployed("aaaaaaa-1", HEAD, NOW),
        serving=Deployed("bbbbbbb-1", OLDER, NOW),
        failed=Failure("aaaaaaa-1", NOW, "Crashed", "It ended.", "oops"),
        closed_at=NOW,
        again=NOW,
        head=HEAD,
        host="shop-pr-12-x",
        comment=Written(5, "d1"),
        check_run=Written(6, "d2", HEAD),
        deployments=(Announced(OLDER, 7, "d3", 71), Announced(HEAD)),
        deployments_again=NOW,
    )


@pytest.mark.parametrize("bare", [{"annotations": None, "labels": None}, {}])
def test_a_bare_record(bare: dict[str, Any]) -> None:
    item = a_review_app()
    item["metadata"] = {"name": REF.name, "uid": "u", "resourceVersion": "7"} | bare
    assert read_record(item | {"status": None}) == Record(REF, uid="u", version="7")
    assert not read_record(item).due


def test_mixed_versions__a_request_that_cannot_be_read_keeps_no_other_from_it() -> None:
    odd = {"verb": "reset", "sha": HEAD, "at": "2026-05-04t12:00:00z"}
    item = a_review_app()
    item["spec"]["requests"] = {"odd": odd, "none": {}, "good": {**odd, "at": "2026-05-04T12:00:00Z"}}
    assert read_record(item).requests == (Request("good", RESET, HEAD, None, NOW),)


def test_times_are_read_in_every_form_that_kubernetes_writes() -> None:
    for text in ("2026-05-04T12:00:00Z", "2026-05-04T14:00:00+02:00", "2026-05-04T12:00:00.000000+00:00"):
        assert read_record(a_review_app(closedAt=text)).closed_at == datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_what_a_pass_leaves_is_read_back() -> None:
    failure, logged = Failure("aaaaaaa-0123456789", NOW, "ReleaseFailed", "It failed.", None), Logged("bbbbbbb-1", "ok")
    wanted = a_release(addons=(DATABASE, CACHE), pull_secret="registry")
    old = a_state(id="bbbbbbb-1", sha=OLDER)
    preview = Preview("active", (old, a_state(ready=False, images={"web": "shop@sha256:1"})), old.id, "uid")
    approvals = Approvals(Approval("alice", NOW, HEAD), Approval("bob", NOW))
    asked = Request("d1", RESET, HEAD, None, NOW)
    before = a_record(
        poke="p2", serving=Deployed(old.id, OLDER, NOW), logged=logged, unready_since=NOW, requests=(asked,)
    )
    facts = Facts(NOW, before, a_pull(merge_sha=OLDER), preview, wanted=wanted, approvals=approvals)
    plan = Plan(Phase.FAILED, "ReleaseFailed", "It failed.", again=NOW, failure=failure)
    patch = status(before, facts, plan, Address("shop-pr-12-x", "https://preview.example.com"))
    read = read_record(merged(a_review_app(), {"status": patch}))
    assert read == Record(
        REF,
        uid="u",
        version="7",
        poke="p2",
        observed_poke="p2",
        phase=Phase.FAILED,
        reason="ReleaseFailed",
        release=Deployed(wanted.id, HEAD, NOW),
        images={"web": "shop@sha256:1"},
        serving=before.serving,
        failed=failure,
        answered=(("d1", NOW),),
        approvals=approvals,
        again=NOW,
        head=HEAD,
        seen=patch["seen"],
        merge=Merge(HEAD, OLDER),
        host="shop-pr-12-x",
        pull_secret="registry",
        addons=("postgresql", "redis"),
        logged=logged,
    )
    described = _described()
    assert set(patch) <= set(described)
    jsonschema.validate(merged({}, patch), {"properties": described})


def _described() -> dict[str, Any]:
    definition = yaml.safe_load((ROOT / "manifests" / "cluster" / "crds" / "reviewapps.yaml").read_text())
    schema: dict[str, Any] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    properties: dict[str, Any] = schema["properties"]["status"]["properties"]
    return properties
