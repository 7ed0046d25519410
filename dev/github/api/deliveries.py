"""An app's log of its webhook deliveries: three days of attempts, newest first, and the wish for another one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from dev.github import shapes, webhooks
from dev.github.api.http import Call, Refused, Reply, invalid, not_found, number
from dev.github.log import Delivery

KEPT = timedelta(days=3)
CURSOR = "v1_"
OUTCOMES = {"success": range(200, 400), "failure": range(400, 600)}


def listing(call: Call) -> Reply:
    found, size, cursor = _log(call), number(call, "per_page", 30, 100), call.query.get("cursor")
    if wanted := call.query.get("status"):
        if wanted not in OUTCOMES:
            raise invalid("status", f"{wanted} is neither success nor failure", "HookDelivery")
        found = [one for one in found if one.status_code in OUTCOMES[wanted]]
    if cursor is not None:
        found = _from(found, cursor)
    shown, following = found[:size], found[size : size + 1]
    query = {**call.query, "cursor": f"{CURSOR}{following[0].id}"} if following else {}
    headers = {"Link": f'<{call.url}?{urlencode(query)}>; rel="next"'} if query else {}
    return Reply([_brief(one) for one in shown], headers=headers)


def get(call: Call) -> Reply:
    found = _find(call)
    return Reply(
        _brief(found)
        | {
            "url": found.app.webhook_url or "",
            "request": {"headers": found.headers, "payload": json.loads(found.body)},
            "response": {"headers": found.answer_headers, "payload": found.answer},
        }
    )


def redeliver(call: Call) -> Reply:
    webhooks.redeliver(call.store, _find(call))
    return Reply({}, 202)


def _log(call: Call) -> list[Delivery]:
    """What has an outcome and is not forgotten yet: older ones are gone, to be read and to be sent again."""
    since = call.store.now() - KEPT
    kept = [(d.delivered_at, d) for d in call.store.deliveries if d.app is call.app and d.delivered_at]
    return [d for at, d in sorted(kept, key=lambda pair: (pair[0], pair[1].id), reverse=True) if at > since]


def _from(found: list[Delivery], cursor: str) -> list[Delivery]:
    for index, one in enumerate(found):
        if cursor == f"{CURSOR}{one.id}":
            return found[index:]
    raise Refused(400, "Bad Request")


def _find(call: Call) -> Delivery:
    found = next((one for one in _log(call) if one.id == call.args["id"]), None)
    if found is None:
        raise not_found()
    return found


def _brief(of: Delivery) -> dict[str, Any]:
    return {
        "id": of.id,
        "guid": of.guid,
        "delivered_at": shapes.time(of.delivered_at),
        "redelivery": of.redelivery,
        "duration": of.duration,
        "status": of.status,
        "status_code": of.status_code,
        "event": of.event,
        "action": of.action,
        "installation_id": of.installation_id,
        "repository_id": of.repository_id,
        "throttled_at": shapes.time(of.throttled_at),
    }
