"""CloudWatch's metrics: lines on stdout in its Embedded Metric Format."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from time import time

import msgspec

NAMESPACE = "Likeness"
UNITS = {
    "IndexingMessages": "Count",
    "IndexingFailures": "Count",
    "DeadLettered": "Count",
    "IndexedProducts": "Count",
    "IndexingDelay": "Seconds",
    "Searches": "Count",
    "CacheHits": "Count",
    "SearchMs": "Milliseconds",
    "EmbedMs": "Milliseconds",
    "FetchMs": "Milliseconds",
}
"""Every metric there is, for alarms and dashboards to refer to."""
_MOST_VALUES = 100
"""A metric's values a line, by CloudWatch's own limit."""


def emit(dimensions: Mapping[str, str], metrics: Mapping[str, Sequence[float]]) -> None:
    sys.stdout.write(emf_line(dimensions, metrics) + "\n")
    sys.stdout.flush()


def emf_line(dimensions: Mapping[str, str], metrics: Mapping[str, Sequence[float]]) -> str:
    """Metrics without a value are left out."""
    said = {name: values for name, values in metrics.items() if values}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in said],
    }
    line = {
        "_aws": {"Timestamp": int(time() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **{name: list(values[:_MOST_VALUES]) for name, values in said.items()},
    }
    return msgspec.json.encode(line).decode()
