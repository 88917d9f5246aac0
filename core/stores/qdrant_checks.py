"""Whether a managed Qdrant answers, and whether its collection is whole and made for our model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import msgspec

from core.errors import IndexUnavailable, LikenessError
from core.findings import Finding, doubtful, failed, fine
from core.ports import Slot
from core.stores.qdrant_aliases import name_of, named
from core.stores.qdrant_collection import what_for
from core.stores.qdrant_payload import INDEXED, MadeFor
from core.stores.qdrant_rest import Json
from core.stores.qdrant_wire import Refused, Talk, Wire, reading

_SECONDS = 10.0


class _Greeting(msgspec.Struct):
    version: str


_GREETING = msgspec.json.Decoder(_Greeting).decode


class _Information(msgspec.Struct):
    status: str
    payload_schema: Json = {}


_INFORMATION = reading(_Information)


def version_of(url: str, api_key: str | None) -> str:
    """Raises IndexUnavailable."""
    with closing(Wire(url, api_key)) as wire:
        try:
            return wire.within(_SECONDS).ask("GET", "/", None, _GREETING).version
        except Refused as refused:
            raise IndexUnavailable("The vector index does not tell its version.") from refused


def look_at_qdrant(
    url: str, api_key: str | None, collection: str, model: str, dimension: int
) -> Iterator[Finding]:
    part = "Qdrant"
    with closing(Wire(url, api_key)) as wire:
        talk = wire.within(_SECONDS)
        try:
            names = named(talk)
            yield fine(part, "answers, and takes the key")
            yield from _look_at_collection(talk, names, collection, MadeFor(model, dimension))
        except LikenessError as error:
            yield failed(part, error.detail, "check QDRANT_URL, QDRANT_API_KEY and the cluster")
        except Refused as refused:
            yield failed(part, f"refuses: {refused}", "give a key that may manage collections")


def _look_at_collection(
    talk: Talk, names: dict[str, str], collection: str, made_for: MadeFor
) -> Iterator[Finding]:
    part = f"collection {collection}"
    ours = talk.about(collection)
    found = what_for(ours)
    if found is None:
        make = "python -m scripts.sync makes it"
        yield doubtful(part, "is not there yet, or none of ours", make)
        return
    if found == made_for:
        yield fine(part, f"is {names.get(collection, collection)}, of {found}")
    else:
        to_do = "set MODEL back, or index anew: python -m scripts.reindex"
        yield failed(part, f"is of {found}, but this is {made_for}", to_do)
    told = ours.ask("GET", "", None, _INFORMATION)
    missing = sorted(set(INDEXED) - told.payload_schema.keys())
    if missing:
        to_do = "index anew: python -m scripts.reindex --again"
        yield failed(part, f"has no payload index on {', '.join(missing)}", to_do)
    else:
        yield fine(part, f"has every payload index, and is {told.status}")
    for slot, to_do in (
        (Slot.NEXT, "end it: python -m scripts.reindex"),
        (Slot.PREVIOUS, "when all is well, free it: python -m scripts.reindex --drop-old"),
    ):
        if name_of(collection, slot) in names:
            yield doubtful(part, f"a {slot} one lies beside it", to_do)
