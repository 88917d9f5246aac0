"""The names of a managed Qdrant's collections: aliases, which are given from one to another."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from core.ports import Slot
from core.stores.qdrant_rest import DONE, Json
from core.stores.qdrant_wire import Talk, reading


class _Alias(msgspec.Struct):
    alias_name: str
    collection_name: str


class _Aliases(msgspec.Struct):
    aliases: list[_Alias]


_ALIASES = reading(_Aliases)


def name_of(collection: str, slot: Slot) -> str:
    return collection if slot is Slot.CURRENT else f"{collection}-{slot}"


def named(talk: Talk) -> dict[str, str]:
    """Every alias, and the collection that has it."""
    told = talk.ask("GET", "/aliases", None, _ALIASES)
    return {one.alias_name: one.collection_name for one in told.aliases}


def rename(talk: Talk, names: Mapping[str, str | None]) -> None:
    """Give these names to these collections, or to none, all of them at one moment."""
    actions: list[Json] = [
        {"delete_alias": {"alias_name": name}}
        if collection is None
        # Which takes the name from the one that has it: it is nobody's at no moment.
        else {"create_alias": {"collection_name": collection, "alias_name": name}}
        for name, collection in names.items()
    ]
    talk.ask("POST", "/collections/aliases", {"actions": actions}, DONE)
