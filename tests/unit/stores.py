"""A namespace of an API server in memory: just enough of its rules that whoever writes too late is told so."""

import itertools
import pickle
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from reviewbot.errors import Conflict
from tests.unit.builders import merged

Object = dict[str, Any]
Key = tuple[str, str]
T = TypeVar("T")


class Store:
    """Objects by kind and name. A stale resourceVersion or uid is a Conflict; `calls` tells what was asked.

    `before` is called before each call, `written` with what one wrote, before that is answered.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Object] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.before: Callable[[str], None] = lambda _method: None
        self.written: Callable[[Object], None] = lambda _item: None
        self._versions = itertools.count(1)

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        self._call("get", kind, name)
        assert namespace == "reviewbot-system"
        return _copy(self.items.get((kind, name)))

    def items_at(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> tuple[list[Object], str]:
        self._call("list", kind, ",".join(f"{key}={value}" for key, value in (labels or {}).items()))
        assert namespace == "reviewbot-system"
        wanted = (labels or {}).items()
        found = [item for key, item in self.items.items() if key[0] == kind]
        matching = [item for item in found if wanted <= (item["metadata"].get("labels") or {}).items()]
        return _copy(matching), "0"

    def create(self, item: Object) -> bool:
        key = (item["kind"], item["metadata"]["name"])
        self._call("create", *key)
        assert item["metadata"]["namespace"] == "reviewbot-system"
        if key in self.items:
            return False
        # A status that comes with it would be dropped, as with every status subresource.
        stored = {name: value for name, value in _copy(item).items() if name != "status"}
        stored["metadata"]["uid"] = f"uid-of-{key[1]}"
        self._store(key, stored)
        return True

    def patch(
        self, kind: str, name: str, namespace: str, change: Object, subresource: str | None = None
    ) -> Object | None:
        self._call("patch", kind, name)
        assert namespace == "reviewbot-system"
        found = self.items.get((kind, name))
        if found is None:
            return None
        expected = change.get("metadata", {}).get("resourceVersion")
        if expected is not None and expected != found["metadata"]["resourceVersion"]:
            raise Conflict("the object has been modified")
        written = {"status"} if subresource == "status" else set(change) - {"status"}
        stored = merged(found, {part: change[part] for part in written})
        return _copy(self._store((kind, name), stored))

    def delete(self, kind: str, name: str, namespace: str | None = None, **preconditions: str) -> None:
        self._call("delete", kind, name)
        assert namespace == "reviewbot-system"
        found = self.items.get((kind, name))
        if found is None:
            return
        if any(found["metadata"][field] != value for field, value in preconditions.items()):
            raise Conflict("the precondition does not hold")
        del self.items[kind, name]

    def _call(self, method: str, kind: str, name: str) -> None:
        self.calls.append((method, kind, name))
        self.before(method)

    def _store(self, key: Key, item: Object) -> Object:
        item["metadata"]["resourceVersion"] = str(next(self._versions))
        self.items[key] = item
        self.written(item)
        return item


def _copy(value: T) -> T:
    # What is copied is JSON, and this is several times faster than a deep copy.
    copied: T = pickle.loads(pickle.dumps(value))  # noqa: S301
    return copied


def at_once(method: str, effect: Callable[[], Any]) -> Callable[[str], None]:
    """A hook for `before`: the effect happens just before the next call of that method, once."""
    pending = [effect]

    def before(called: str) -> None:
        if called == method and pending:
            pending.pop()()

    return before
