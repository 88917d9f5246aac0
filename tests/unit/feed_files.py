"""Feeds of the formats of others, as their public documentation has them, and reading them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from core.feeds import BadRow, Row
from core.feeds.reading import Feed, Format, Wanted, open_feed

FEEDS = Path(__file__).parents[1] / "fixtures" / "feeds"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
WEB = "https://photos.example/"


def read(name: str, currency: str | None = None) -> Feed:
    return open_feed(lambda: (FEEDS / name).open("rb"), Wanted(currency=currency), NOW)


def of_bytes(data: bytes, wanted: Wanted | None = None) -> Feed:
    return open_feed(lambda: io.BytesIO(data), wanted or Wanted(), NOW)


def of_text(text: str, format: Format | None = None) -> Feed:
    return of_bytes(text.encode(), Wanted(format=format))


def by_id(feed: Feed) -> dict[str, Row]:
    return {row.product_id: row for row in feed.rows() if isinstance(row, Row)}


def bad(feed: Feed) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in feed.rows() if isinstance(row, BadRow)]
