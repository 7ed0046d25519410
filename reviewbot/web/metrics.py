"""What is counted, for /metrics. Labels come from closed sets of ours, never from outside."""

from prometheus_client import Counter

DELIVERIES = Counter("reviewbot_deliveries_total", "Webhook deliveries by what became of them.", ["outcome"])
