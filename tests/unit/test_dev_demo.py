"""What the demo does when its story is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from dev.demo import __main__ as demo


def test_once_it_cleans_up_and_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    happened: list[str] = []

    @contextmanager
    def stage(_: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(cluster=SimpleNamespace(kubeconfig="here"))
        happened.append("cleaned up")

    monkeypatch.setattr(demo, "stage", stage)
    monkeypatch.setattr(demo, "play", lambda _: happened.append("the story"))
    monkeypatch.setattr("sys.argv", ["demo", "--once"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert demo.main() == 0
    assert happened == ["the story", "cleaned up"]
    assert capsys.readouterr().out.endswith("Everything is as it was.\n")
