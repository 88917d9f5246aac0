"""Prometheus's metrics, of this process since its start: what is counted, and how it is written.

Written by hand: the contract's names are older than the rule that a counter's ends in `_total`,
which the usual library would hold us to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import LikenessError
from core.search import Answer

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "visual_search_"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts what happens. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._searches: Counter[str] = Counter()
        self._recalls: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._whole, self._inference, self._index = _Histogram(), _Histogram(), _Histogram()

    def count(self, answers: Iterable[Answer], error_code: str | None) -> None:
        """What one request came to."""
        with self._lock:
            if error_code is not None:
                self._errors[error_code] += 1
            for answer in answers:
                self._searches[answer.type] += 1
                self._recalls[answer.cache] += 1
                self._whole.observe(sum(answer.timings.values()))
                for part, histogram in (("embed_ms", self._inference), ("search_ms", self._index)):
                    if part in answer.timings:
                        histogram.observe(answer.timings[part])

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All of it, and what stands now: gauges by name, each with what it is."""
        with self._lock:
            lines = [
                *_counter("total_searches", "Searches answered", "query_type", self._searches),
                *_counter("cache_answers_total", "How the cache did", "outcome", self._recalls),
                *_counter("errors_total", "Requests refused or failed", "code", self._errors),
                *self._whole.lines("search_duration_seconds", "A whole search"),
                *self._inference.lines(
                    "clip_inference_duration_seconds", "Making a query's vectors"
                ),
                *self._index.lines("qdrant_search_duration_seconds", "Asking the index"),
            ]
        for name, (what, value) in gauges.items():
            lines += [*_head(name, what, "gauge"), f"{_PREFIX}{name} {value:g}"]
        return "\n".join(lines) + "\n"


class Counting:
    """Counts each request, and lets whoever answers one get at the counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["metrics"] = self._metrics
        try:
            await self._app(scope, receive, send)
        except Exception:
            scope["error_code"] = LikenessError.code
            raise
        finally:
            self._metrics.count(scope.get("answers", ()), scope.get("error_code"))


class _Histogram:
    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def observe(self, milliseconds: float) -> None:
        seconds = milliseconds / 1000
        self._counts[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    def lines(self, name: str, what: str) -> Iterator[str]:
        yield from _head(name, what, "histogram")
        reached = 0
        for bound, count in zip((*map(str, _BOUNDS), "+Inf"), self._counts, strict=True):
            reached += count
            yield f'{_PREFIX}{name}_bucket{{le="{bound}"}} {reached}'
        yield f"{_PREFIX}{name}_sum {self._seconds:.6f}"
        yield f"{_PREFIX}{name}_count {reached}"


def _counter(name: str, what: str, label: str, counts: Mapping[str, int]) -> Iterator[str]:
    """`label` takes its values from our own code alone, so that none wants escaping."""
    yield from _head(name, what, "counter")
    for value, count in sorted(counts.items()):
        yield f'{_PREFIX}{name}{{{label}="{value}"}} {count}'


def _head(name: str, what: str, kind: str) -> tuple[str, str]:
    return f"# HELP {_PREFIX}{name} {what}.", f"# TYPE {_PREFIX}{name} {kind}"
