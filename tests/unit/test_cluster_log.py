"""What the API server answers for a container's log, and what of it is one."""

from typing import Any

import pytest

from reviewbot.errors import Denied, GiveUp, Unseen
from reviewbot.gateways.cluster import LOG_BYTES, Cluster

GONE = b"unable to retrieve container logs for containerd://21a2213ac969"
FORBIDDEN = b'{"message": "pods is forbidden: User \\"system:serviceaccount:x:y\\" cannot get resource", "reason": "x"}'


class Api:
    """The client of one answer."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self._body = body
        self.asked: tuple[Any, ...] = ()

    def param_serialize(self, method: str, path: str, query_params: Any, header_params: Any, **_: Any) -> tuple[()]:
        self.asked = (method, path, dict(query_params), header_params)
        return ()

    def call_api(self, _request_timeout: Any) -> "Api":
        assert _request_timeout
        return self

    def read(self) -> bytes:
        return self._body


def read(api: Api) -> str | None:
    return Cluster(api, lambda: None).log("rb-x", "web-x", "web", 20, previous=True)  # type: ignore[arg-type]


def test_what_is_asked_for() -> None:
    api = Api(200, "hellö\n".encode())
    assert read(api) == "hellö\n"
    query = {"container": "web", "tailLines": "20", "limitBytes": str(LOG_BYTES), "previous": "true"}
    assert api.asked == ("GET", "/api/v1/namespaces/rb-x/pods/web-x/log", query, {"Accept": "*/*"})


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (200, b"", ""),
        (200, b"\xff\n", "\N{REPLACEMENT CHARACTER}\n"),
        # The runtime's excuse is not the app's output.
        (200, GONE, None),
        (400, b'{"message": "previous terminated container not found"}', None),
        (404, b"{}", None),
        # What the limit cut is left out.
        (200, b"a\n" + b"b" * LOG_BYTES, "a\n"),
    ],
)
def test_what_is_a_log(status: int, body: bytes, text: str | None) -> None:
    assert read(Api(status, body)) == text


def test_a_whole_output() -> None:
    def output(api: Api) -> bytes | None:
        return Cluster(api, lambda: None).output("rb-x", "render-x", "kustomize", 2048)  # type: ignore[arg-type]

    api = Api(200, b"\xff" * 2048)
    assert output(api) == b"\xff" * 2048
    query = {"container": "kustomize", "limitBytes": "2049"}
    assert api.asked == ("GET", "/api/v1/namespaces/rb-x/pods/render-x/log", query, {"Accept": "*/*"})
    assert [output(Api(*answer)) for answer in ((200, b""), (200, GONE), (400, b"{}"), (404, b"{}"))] == [
        b"",
        None,
        None,
        None,
    ]
    with pytest.raises(GiveUp, match=r"^kustomize wrote more than 2 KB\.$"):
        output(Api(200, b"a" * 2049))


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [(403, FORBIDDEN, Denied), (403, b'{"message": "exceeded quota: x"}', GiveUp), (503, b"", Unseen)],
)
def test_what_cannot_be_read(status: int, body: bytes, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        read(Api(status, body))
    assert isinstance(caught.value, Denied) == (failure is Denied)
