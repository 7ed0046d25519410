"""The second port: alive and ready say why not, and metrics speak only of closed sets of ours."""

import pytest

from reviewbot import metrics
from reviewbot.web.ops import create_ops
from tests.unit.posts import PULL_EVENT, Box, deliver


@pytest.mark.parametrize(
    ("alive", "ready", "healthz", "readyz"),
    [
        (None, None, (200, "ok\n"), (200, "ok\n")),
        (None, "not the leader", (200, "ok\n"), (503, "not the leader\n")),
        ("a thread is dead", None, (503, "a thread is dead\n"), (503, "a thread is dead\n")),
        ("a thread is dead", "not the leader", (503, "a thread is dead\n"), (503, "a thread is dead\n")),
    ],
)
def test_probes(alive: str | None, ready: str | None, healthz: tuple[int, str], readyz: tuple[int, str]) -> None:
    client = create_ops(lambda: alive, lambda: ready, metrics.WEB).test_client()
    for path, expected in (("/healthz", healthz), ("/readyz", readyz)):
        reply = client.get(path)
        assert (reply.status_code, reply.text) == expected
        assert reply.mimetype == "text/plain"


def test_probes_ask_each_time() -> None:
    problems = iter([None, "a thread is dead", None])
    client = create_ops(lambda: next(problems), lambda: None, metrics.WEB).test_client()
    assert [client.get("/healthz").status_code for _ in range(3)] == [200, 503, 200]


def deliveries(outcome: str) -> float:
    text = create_ops(lambda: None, lambda: None, metrics.WEB).test_client().get("/metrics").text
    lines = [
        line for line in text.splitlines() if line.startswith(f'reviewbot_deliveries_total{{outcome="{outcome}"}}')
    ]
    return float(lines[0].rpartition(" ")[2]) if lines else 0.0


@pytest.mark.parametrize(
    ("outcome", "event", "payload", "headers"),
    [
        ("accepted", "pull_request", PULL_EVENT, {}),
        ("ignored", "canary-event", b"{}", {}),
        ("malformed", "pull_request", b"canary", {}),
        ("unauthenticated", "pull_request", b"{}", {"X-Hub-Signature-256": "canary"}),
    ],
)
def test_deliveries_are_counted_by_outcome(outcome: str, event: str, payload: object, headers: dict[str, str]) -> None:
    before = deliveries(outcome)
    deliver(Box(), event, payload, **headers)
    assert deliveries(outcome) == before + 1


def test_metrics_repeat_nothing_from_outside() -> None:
    deliver(Box(), "canary-event", PULL_EVENT, **{"User-Agent": "canary"})
    reply = create_ops(lambda: None, lambda: None, metrics.WEB).test_client().get("/metrics")
    assert reply.mimetype == "text/plain"
    assert "canary" not in reply.text


def test_each_process_tells_its_own_metrics() -> None:
    told = {
        name: create_ops(lambda: None, lambda: None, registry).test_client().get("/metrics").text
        for name, registry in (("web", metrics.WEB), ("controller", metrics.CONTROLLER))
    }
    assert ("reviewbot_deliveries" in told["web"], "reviewbot_deliveries" in told["controller"]) == (True, False)
    assert ("reviewbot_leader" in told["web"], "reviewbot_leader" in told["controller"]) == (False, True)
    assert all("python_info" in text for text in told.values())


@pytest.mark.parametrize("path", ["/", "/webhook", "/metrics/x"])
def test_nothing_else_is_there(path: str) -> None:
    assert create_ops(lambda: None, lambda: None, metrics.WEB).test_client().get(path).status_code == 404
