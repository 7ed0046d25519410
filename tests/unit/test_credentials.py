"""How often the cluster's credentials are read again."""

from types import SimpleNamespace
from typing import Any

from reviewbot.gateways.credentials import Refresh


def test_they_are_read_now_and_then_and_not_for_every_call() -> None:
    times = [0.0]
    reads = []

    def read(configuration: Any) -> None:
        reads.append(times[-1])
        # As the client's own does.
        configuration.refresh_api_key_hook = read

    configuration = SimpleNamespace(refresh_api_key_hook=Refresh(read, lambda: times[-1]))
    for now in (1.0, 9.9, 10.0, 10.1, 19.9, 20.0, 21.0):
        times.append(now)
        configuration.refresh_api_key_hook(configuration)
    assert reads == [10.0, 20.0]
