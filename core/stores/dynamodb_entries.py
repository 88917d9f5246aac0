"""A cache entry as an item of the table, and back."""

from __future__ import annotations

import zlib
from math import ceil

from core.stores.dynamodb_table import Item, number, place
from core.stores.entries import Entry

_LARGEST = 400_000
"""DynamoDB takes items of 409,600 bytes; beside its value an entry has a few hundred."""


def entry_place(scope: str, key: str) -> str:
    return place("entry", f"{len(scope)}:{scope}{key}")


def to_item(at: str, entry: Entry) -> Item | None:
    """The entry as an item, or None when it is too large to be one.

    What has expired is seen by `fresh_until` and `stale_until`, in milliseconds. `expires_at` is
    for DynamoDB, which deletes the item some time after it, or days later.
    """
    packed = zlib.compress(entry.value, 1)
    small = len(packed) < len(entry.value)
    value = packed if small else entry.value
    if len(value) > _LARGEST:
        return None
    return {
        "pk": {"S": at},
        "packed" if small else "plain": {"B": value},
        "generation": number(entry.generation),
        "fresh_until": number(round(entry.fresh_until * 1000)),
        "stale_until": number(round(entry.stale_until * 1000)),
        "expires_at": number(ceil(entry.stale_until)),
    }


def from_item(item: Item) -> Entry | None:
    """The entry, or None when the item is none: written by another release, perhaps."""
    try:
        value = zlib.decompress(item["packed"]["B"]) if "packed" in item else item["plain"]["B"]
        return Entry(
            bytes(value),
            int(item["generation"]["N"]),
            int(item["fresh_until"]["N"]) / 1000,
            int(item["stale_until"]["N"]) / 1000,
        )
    except (KeyError, TypeError, ValueError, zlib.error):
        return None
