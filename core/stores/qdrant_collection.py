"""A managed Qdrant's collection: made where there is none, and asked what it was made for.

That lies in it as a point no search finds, written last: a collection that has it is whole,
whatever happened while it was being made.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import msgspec

from core.errors import IndexMismatch, IndexUnavailable
from core.stores import qdrant_rest as rest
from core.stores.qdrant_folder import MadeFor
from core.stores.qdrant_payload import INDEXED, Field
from core.stores.qdrant_rest import CLIP, WORDS, Json
from core.stores.qdrant_talk import count, retrieve
from core.stores.qdrant_wire import Refused, Talk, Wire, reading

log = logging.getLogger(__name__)

MARK = "0b0f5a4c-8f0e-5d55-9c39-6c1f1c6f0a11"
_KIND = "made_for"
_TAKEN = (HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST)


class _Params(msgspec.Struct):
    vectors: Json | None = None
    sparse_vectors: Json | None = None


class _Config(msgspec.Struct):
    params: _Params


class _Information(msgspec.Struct):
    config: _Config


_INFORMATION = reading(_Information)


class Collection:
    """A collection by way of a wire, looked for before the first question and after it was gone."""

    def __init__(self, wire: Wire, made_for: MadeFor, large: bool) -> None:
        self._wire = wire
        self._made_for = made_for
        self._large = large
        self._ensured = False
        self._closed = False

    @contextmanager
    def within(self, seconds: float) -> Iterator[Talk]:
        """Questions to the collection that together may take so long."""
        if self._closed:
            raise IndexUnavailable("The index is closed.")
        talk = self._wire.within(seconds)
        try:
            if not self._ensured:
                _ensure(talk, self._made_for, self._large)
                self._ensured = True
            yield talk
        except Refused as refused:
            log.error("qdrant refuses: %s", refused)
            if refused.status == HTTPStatus.NOT_FOUND:
                self._ensured = False
            raise IndexUnavailable("The vector index can't do what was asked of it.") from refused

    def close(self) -> None:
        self._closed = True
        self._wire.close()


def _ensure(talk: Talk, made_for: MadeFor, large: bool) -> None:
    """Raises IndexMismatch for a collection of another model, or of somebody else."""
    try:
        found = _found(talk)
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        _create(talk, made_for, large)
        found = None
    if found is None:
        # Its making was cut short, or another process is at it, or it is somebody else's.
        if _unused(talk, made_for):
            _finish(talk, made_for)
        found = _found(talk)
    if found is None:
        raise IndexMismatch("The collection is none of ours. Choose another COLLECTION.")
    if found != made_for:
        raise IndexMismatch(
            f"The collection was made for {found}, but this is {made_for}. Set MODEL back, or "
            "choose another COLLECTION."
        )


def _found(talk: Talk) -> MadeFor | None:
    mark = retrieve(talk, MARK, [_KIND])
    try:
        return None if mark is None else msgspec.convert(mark.carries.get(_KIND), MadeFor)
    except msgspec.ValidationError as error:
        raise IndexMismatch(
            "The collection does not say what it was made for. Choose another COLLECTION."
        ) from error


def _create(talk: Talk, made_for: MadeFor, large: bool) -> None:
    try:
        talk.ask("PUT", "", rest.collection(made_for.dimension, large), rest.DONE)
    except Refused as refused:
        if refused.status not in _TAKEN:
            raise
        # Another process has made it since; if it was something else, the next request says so.


def _unused(talk: Talk, made_for: MadeFor) -> bool:
    params = talk.ask("GET", "", None, _INFORMATION).config.params
    clip = (params.vectors or {}).get(CLIP)
    size = clip.get("size") if isinstance(clip, dict) else None
    like_ours = size == made_for.dimension and WORDS in (params.sparse_vectors or {})
    return like_ours and count(talk, {}) == 0


def _finish(talk: Talk, made_for: MadeFor) -> None:
    for field, schema in INDEXED.items():
        index = {"field_name": field, "field_schema": schema}
        talk.ask("PUT", "/index?wait=true", index, rest.DONE)
    payload = {Field.KIND: _KIND, _KIND: msgspec.to_builtins(made_for)}
    # Of two processes that make it for two models, the first decides.
    mark = {"points": [rest.point(MARK, {}, payload)], "update_mode": "insert_only"}
    talk.ask("PUT", "/points?wait=true", mark, rest.DONE)
