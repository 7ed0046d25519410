"""When the Kubernetes client reads its credentials again."""

import time
from collections.abc import Callable
from typing import Any

# They are good for an hour, and renewed long before that is over.
_EVERY_SECONDS = 10.0


class Refresh:
    """Has them read now and then; by itself the client does it for every call, which costs as much as the call."""

    def __init__(self, read: Callable[[Any], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._at = clock()

    def __call__(self, configuration: Any) -> None:
        """Read them into the configuration if it is time."""
        now = self._clock()
        if now - self._at >= _EVERY_SECONDS:
            self._at = now
            self._read(configuration)
            # What reads them has put itself there again.
            configuration.refresh_api_key_hook = self
