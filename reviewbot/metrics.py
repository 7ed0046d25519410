"""What is counted and measured, for /metrics of either process; docs/metrics.md is written from here.

Labels come from closed sets of ours, never from outside, and every combination is there from the start.
"""

from itertools import product

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from reviewbot.model import Phase

WEB = CollectorRegistry()
CONTROLLER = CollectorRegistry()

_WORK = ("reconcile", "tell")
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_MINUTES = (1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 900)

DELIVERIES = Counter(
    "reviewbot_deliveries_total", "Webhook deliveries by what became of them.", ["outcome"], registry=WEB
)

PULL_REQUESTS = Gauge("reviewbot_pull_requests", "Pull requests on record, by phase.", ["phase"], registry=CONTROLLER)
PASSES = Counter(
    "reviewbot_passes_total",
    "Passes over a record by how they ended: `wait` for the outside world, `gave_up` for a person, `bug` is ours.",
    ["work", "outcome"],
    registry=CONTROLLER,
)
PASS_SECONDS = Histogram(
    "reviewbot_pass_seconds", "How long a pass took.", ["work"], registry=CONTROLLER, buckets=_SECONDS
)
QUEUE_DUE = Gauge("reviewbot_queue_due", "Records that are due and wait for a worker.", ["work"], registry=CONTROLLER)
QUEUE_OLDEST = Gauge(
    "reviewbot_queue_oldest_seconds",
    "For how long the record that is due longest has waited for a worker.",
    ["work"],
    registry=CONTROLLER,
)
GITHUB_REQUESTS = Counter(
    "reviewbot_github_requests_total",
    "Requests to GitHub by kind and by answer; `not_modified` costs nothing of the rate limit.",
    ["kind", "answer"],
    registry=CONTROLLER,
)
GITHUB_REMAINING = Gauge(
    "reviewbot_github_rate_limit_remaining",
    "What is left of the hourly rate limit, of the installation that has least; NaN while none has been heard of.",
    registry=CONTROLLER,
)
GREEN_TO_READY = Histogram(
    "reviewbot_green_to_ready_seconds",
    "From the first look that found a commit green until its address answered; a release that failed is not in it.",
    registry=CONTROLLER,
    buckets=_MINUTES,
)
LISTING_AGE = Gauge(
    "reviewbot_listing_age_seconds",
    "Since when the repository listed longest ago has not been listed; every one is, about every ten minutes.",
    registry=CONTROLLER,
)
LEADER = Gauge("reviewbot_leader", "1 where this controller holds the Lease.", registry=CONTROLLER)
WALLS = Gauge(
    "reviewbot_walls_hold", "1 where the cluster refused all forbidden writes at the start.", registry=CONTROLLER
)

for _labels in ("accepted", "ignored", "malformed", "unauthenticated", "unavailable"):
    DELIVERIES.labels(_labels)
for _phase in Phase:
    PULL_REQUESTS.labels(_phase)
for _pair in product(_WORK, ("ok", "wait", "gave_up", "bug")):
    PASSES.labels(*_pair)
for _work in _WORK:
    PASS_SECONDS.labels(_work)
    QUEUE_DUE.labels(_work)
    QUEUE_OLDEST.labels(_work)
for _pair in product(("read", "write", "token"), ("ok", "not_modified", "not_found", "limited", "refused", "error")):
    GITHUB_REQUESTS.labels(*_pair)
