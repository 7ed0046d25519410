"""Posts deliveries, one after another in a thread of its own, and keeps the outcome; never tries again."""

from __future__ import annotations

import queue
import threading
import time

import requests

from dev.github.log import Delivery
from dev.github.store import Store

PATIENCE = 10.0


class Hookshot:
    """A context: while it lasts, what the store sends out is posted to the apps that have an address."""

    def __init__(self, store: Store, patience: float = PATIENCE) -> None:
        self._store = store
        self._patience = patience
        self._queue: queue.Queue[Delivery | None] = queue.Queue()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="hookshot", daemon=True)

    def __enter__(self) -> Hookshot:
        self._thread.start()
        with self._store.lock:
            self._store.outbox, self._store.settle = self._queue.put, self.settle
        return self

    def __exit__(self, *_: object) -> None:
        with self._store.lock:
            self._store.outbox, self._store.settle = None, lambda: None
        self._stopping = True
        self._queue.put(None)
        self._thread.join()

    def settle(self) -> None:
        """Wait until everything sent so far has its outcome."""
        self._queue.join()

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._queue.get()) is not None:
                try:
                    self._post(session, delivery)
                finally:
                    self._queue.task_done()
            self._queue.task_done()

    def _post(self, session: requests.Session, delivery: Delivery) -> None:
        url, started = delivery.app.webhook_url, time.monotonic()
        if url is None or self._stopping or self._store.loses(delivery):
            return
        code, status, answer = 502, "failed to connect to host", None
        try:
            answer = session.post(
                url,
                data=delivery.body,
                headers=delivery.headers,
                timeout=self._patience,
                allow_redirects=False,
            )
            code, status = answer.status_code, ""
        except requests.Timeout:
            code, status = 504, "timed out"
        except requests.RequestException:
            answer = None
        with self._store.lock:
            delivery.ended(self._store.now(), code, status, round(time.monotonic() - started, 2))
            if answer is not None:
                delivery.answer_headers, delivery.answer = dict(answer.headers), answer.text
