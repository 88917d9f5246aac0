"""What shoppers look for, as an operator who asked for it is told: what was said, and what came of
it. No photo, no key and no address, nothing that ties a search to who made it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec

from core.product import fact_word
from core.query import Query
from core.search import Answer

_MOST_WORDS, _MOST_FILTERS, _MOST_LETTERS = 200, 10, 100


class Asked(msgspec.Struct, omit_defaults=True, tag_field="log", tag="query"):
    """A search that was answered. A line of JSON; at most some 2 kB of text."""

    time: str
    type: str
    hits: int
    ms: float
    words: str = ""
    filters: list[str] = []
    """As `name=value`."""
    best: float | None = None
    """The highest cosine among the hits; of a degraded answer, how many words are in common."""
    offset: int = 0
    """Where it is not the first page that was asked for."""
    degraded: bool = False


def asked(query: Query, answer: Answer, ms: float) -> Asked:
    return Asked(
        time=datetime.now(UTC).isoformat(timespec="milliseconds"),
        type=answer.type,
        hits=len(answer.hits),
        ms=round(ms, 1),
        words=(query.words or "")[:_MOST_WORDS],
        filters=[one[:_MOST_LETTERS] for one in islice(_filters(query), _MOST_FILTERS)],
        best=round(max(hit.similarity for hit in answer.hits), 4) if answer.hits else None,
        offset=query.offset,
        degraded=answer.degraded,
    )


def _filters(query: Query) -> Iterator[str]:
    filters = query.filters
    yield from (f"category={one}" for one in filters.categories)
    yield from (f"attributes.{name}={'|'.join(any_of)}" for name, any_of in filters.attributes)
    for name, value in (
        ("price_min", filters.price_min),
        ("price_max", filters.price_max),
        ("in_stock", filters.in_stock),
        ("score_threshold", query.score_threshold),
    ):
        if value is not None:
            yield f"{name}={fact_word(value)}"
