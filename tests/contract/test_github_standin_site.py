"""The GitHub stand-in has pages for people, verbs for shells, and runs as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from dev.github.reports import Annotation
from tests.contract.github_standin import Scene, standin


@pytest.fixture
def scene() -> Iterator[Scene]:
    with standin() as scene:
        yield scene


def test_people_read_pages_and_nothing_on_them_is_live(scene: Scene) -> None:
    scene.repo.status(scene.pull.head, "unit", "failure")
    output = {"title": "Ready", "summary": "<b>soon</b>"}
    run = scene.repo.check_run(scene.pull.head, scene.ci, "browser", status="in_progress", output=output)
    run.annotations.append(Annotation("app.json", 3, 3, "failure", "<b>no</b>"))
    scene.pull.comment("<img src=x>", by="bob")
    scene.pull.edit(title="<script>")
    page = scene.session.get(f"{scene.url}/acme/shop/pull/1").text
    shown = ("unit", "failure", "browser", "in_progress", "Ready", "app.json:3", "bob")
    told = ("&lt;img src=x&gt;", "&lt;script&gt;", "&lt;b&gt;no&lt;/b&gt;")
    assert [words for words in shown + told if words not in page] == []
    assert "<script>" not in page
    assert "<b>" not in page
    assert "/acme/shop/pull/1" in scene.session.get(f"{scene.url}/acme/shop").text
    assert "/acme/shop" in scene.session.get(scene.url).text
    assert scene.session.get(f"{scene.url}/acme/nothing").status_code == 404
    assert scene.github.requests == []


def test_a_shell_acts_by_http(scene: Scene) -> None:
    def act(path: str, **body: Any) -> requests.Response:
        return scene.session.post(f"{scene.url}/_control/repos/acme/shop/{path}", json=body)

    opened = act("pulls", branch="two", title="Second", files={"a": "b"}).json()
    pushed = act("pulls/2/push", files={"a": "c"}).json()
    assert (opened["number"], opened["head"] != pushed["head"]) == (2, True)
    act("statuses", sha=pushed["head"], context="unit", state="failure")
    act("checks", branch="two", name="browser", state="in_progress")
    act("pulls/2/comments", body="/deploy", by="bob")
    assert "in_progress" in scene.session.get(opened["url"]).text
    assert act("pulls/2/merge").json()["state"] == "merged"
    assert [act("pulls/2/merge").status_code, act("pulls/9/close").status_code] == [422, 404]
    assert scene.github.requests == []


def test_it_runs_by_itself(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Procfile").write_text("web: run\n")
    key, files = str(tmp_path / "key.pem"), str(tmp_path / "app")
    command = [sys.executable, "-m", "dev.github", "--port", "0", "--key", key, "--files", files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ids = json.loads(process.stdout.readline())
        opened = requests.post(f"{ids['url']}/_control/repos/acme/shop/pulls", json={"branch": "b"}, timeout=10)
        process.terminate()
        assert process.wait(10) == 0
    assert opened.json()["number"] == 1
    assert "PRIVATE KEY" in Path(key).read_text()


def test_many_callers_at_once(scene: Scene) -> None:
    address = f"{scene.url}/_control/repos/acme/shop/pulls/1/comments"
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(requests.post, address, json={"body": str(n)}, timeout=10) for n in range(40)]
        assert {future.result().status_code for future in sent} == {200}
    assert sorted(int(comment.body) for comment in scene.pull.comments) == list(range(40))
    assert len({comment.id for comment in scene.pull.comments}) == 40
