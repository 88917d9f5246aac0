"""CloudWatch's metrics: lines on stdout in its Embedded Metric Format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import time

import msgspec

NAMESPACE = "Likeness"
_MOST_VALUES = 100
"""A metric's values a line, by CloudWatch's own limit."""


def emf_line(
    dimensions: Mapping[str, str], metrics: Mapping[str, tuple[str, Sequence[float]]]
) -> str:
    """`metrics`: name to unit and values. Those without a value are left out."""
    said = {name: (unit, values) for name, (unit, values) in metrics.items() if values}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": unit} for name, (unit, _) in said.items()],
    }
    line = {
        "_aws": {"Timestamp": int(time() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **{name: list(values[:_MOST_VALUES]) for name, (_, values) in said.items()},
    }
    return msgspec.json.encode(line).decode()
