"""Feeds: files that tell of many products. Which of the bucket's objects are feeds, and what their
rows are; how they are read is in rooms of their own, which no start waits for.
"""

from __future__ import annotations

import msgspec

from core.facts import Facts

FEEDS = "feeds/"
MAX_FEED_BYTES = 100 * 2**20
_KINDS = {"csv", "tsv", "jsonl", "xml"}


class Row(msgspec.Struct, frozen=True):
    """What a feed says of one product, in one row of a table or in several."""

    line: int
    product_id: str
    said: Facts
    photos: tuple[str, ...] | None = None
    """Addresses, in their order; None where nothing is said of photos."""
    withdrawn: bool = False
    """The feed says that this is not for sale, so nobody shall find it."""


class BadRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that can't be taken, or the place from which the file can't be read on."""

    line: int
    reason: str
    product_id: str = ""


def is_feed(key: str) -> bool:
    hidden = any(not part or part.startswith(".") for part in key.split("/"))
    return key.startswith(FEEDS) and not hidden and _kind(key) in _KINDS


def _kind(key: str) -> str:
    return key.lower().removesuffix(".gz").rpartition(".")[2]
