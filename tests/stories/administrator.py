"""The cluster's administrator in stories: kubectl's words for what is seen and deleted there, over one connection.

A kubectl of its own for each look costs more than what is looked at.
"""

import argparse
import functools
from typing import Any

from kubernetes.client.api_client import ApiClient

from dev.cluster import Cluster
from tests.contract.kube import KINDS, Account, Answer, Object, configuration, path_of, until
from tests.stories.home import RECORDS, WRITTEN

_WORDS = argparse.ArgumentParser(exit_on_error=False, add_help=False)
_WORDS.add_argument("kinds")
_WORDS.add_argument("name", nargs="?", default="")
_WORDS.add_argument("-l", dest="labels", default="")
_WORDS.add_argument("--field-selector", dest="fields", default="")
_WORDS.add_argument("--all", action="store_true")


class Administrator:
    """May do everything; fails where kubectl would."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def get(self, namespace: str, *what: str) -> Any:
        """One object where it is named, otherwise `items`: every one of the kinds that is selected."""
        words = _WORDS.parse_args(what)
        if words.name:
            return _done(self._account.call("GET", _path(_kind(words.kinds), namespace, words.name)))
        query = {"labelSelector": words.labels, "fieldSelector": words.fields}
        return {"items": [each for word in words.kinds.split(",") for each in self._items(word, namespace, query)]}

    def find(self, namespace: str, kind: str, name: str) -> Object | None:
        """The object, or None if it is not there."""
        answer = self._account.call("GET", path_of(kind, namespace, name))
        return None if answer.code == 404 else _done(answer)

    def names(self, namespace: str, *kinds: str) -> list[str]:
        """What there is of the kinds, by kind and name."""
        found = self.get(namespace, ",".join(kinds))["items"]
        return sorted(f"{_resource(each)}/{each['metadata']['name']}" for each in found)

    def patch(self, namespace: str, kind: str, name: str, change: Object) -> None:
        """Merge the change into the object."""
        changed = _done(self._account.patch(path_of(kind, namespace, name), change))
        if kind in RECORDS:
            WRITTEN.note(changed)

    def delete(self, namespace: str, *what: str) -> None:
        """The named one, or all that are selected; waits until they are gone."""
        words = _WORDS.parse_args(what)
        if words.name:
            found = [self.get(namespace, *what)]
        else:
            assert words.all or words.labels, f"which {words.kinds}?"
            found = self.get(namespace, *what)["items"]
        for item in found:
            self.delete_soon(namespace, item["kind"], item["metadata"]["name"])
        for item in found:
            self._await_end(namespace, item)

    def delete_soon(self, namespace: str, kind: str, name: str) -> None:
        """Ask for its end, if it is there."""
        answer = self._account.call("DELETE", path_of(kind, namespace, name))
        assert answer.code == 404 or answer.done, answer.message
        if kind in RECORDS:
            WRITTEN.note(None)

    def _await_end(self, namespace: str, item: Object) -> None:
        kind, metadata = item["kind"], item["metadata"]

        def is_gone() -> bool:
            found = self.find(namespace, kind, metadata["name"])
            return found is None or found["metadata"]["uid"] != metadata["uid"]

        until(f"the end of {kind} {metadata['name']}", is_gone)

    def _items(self, word: str, namespace: str, query: dict[str, str]) -> list[Object]:
        kind = _kind(word)
        listed = _done(self._account.call("GET", _path(kind, namespace), query=query))
        # An item of a list does not say what it is.
        return [{"apiVersion": listed["apiVersion"], "kind": kind, **each} for each in listed["items"]]


@functools.cache
def administrator(cluster: Cluster) -> Administrator:
    """The one of this process."""
    return Administrator(Account(ApiClient(configuration(cluster))))


def _path(kind: str, namespace: str, name: str = "") -> str:
    # The older of its two groups, as kubectl has it.
    found = path_of(kind, "" if kind == "Namespace" else namespace, name)
    return found.replace("/apis/events.k8s.io/v1/", "/api/v1/")


def _kind(word: str) -> str:
    """What people mean by a word, in singular or plural."""
    (kind,) = [each for each in KINDS if word in {each.lower(), path_of(each).rpartition("/")[2]}]
    return kind


def _resource(item: Object) -> str:
    group = item["apiVersion"].rpartition("/")[0]
    return str(item["kind"]).lower() + (f".{group}" if group else "")


def _done(answer: Answer) -> Object:
    assert answer.done, answer.message
    return answer.body
