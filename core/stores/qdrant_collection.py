"""A managed Qdrant's collection: made where there is none, and asked what it was made for.

That lies in it as a point no search finds, written last: a collection that has it is whole,
whatever happened while it was being made. Our name is an alias of it, which can be given to
another one (see qdrant_shelf).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

import msgspec

from core.errors import IndexMismatch, IndexUnavailable
from core.ports import Slot
from core.stores import qdrant_rest as rest
from core.stores.qdrant_aliases import name_of, rename
from core.stores.qdrant_payload import INDEXED, Field, MadeFor
from core.stores.qdrant_rest import WORDS, Json
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
    """The collection that has our name, looked for before the first question, and again after
    Qdrant refused one: another may have our name by now.

    One that was made for another model is neither asked nor written to. But where our former one
    was kept, questions are answered from it, so that a shop can change its model with shoppers in
    it; what is to be written waits for a process that has the model.
    """

    def __init__(
        self, wire: Wire, name: str, made_for: MadeFor, *, large: bool = False, make: bool = True
    ) -> None:
        """`make`: whether to make it where there is none."""
        self._wire = wire
        self._name = name
        self._made_for = made_for
        self._large = large
        self._make = make
        self._found = ""
        self._closed = False

    @contextmanager
    def reading(self, seconds: float) -> Iterator[Talk]:
        """Questions to the collection that together may take so long."""
        with self._asking(seconds) as talk:
            yield talk.about(self._found)

    @contextmanager
    def writing(self, seconds: float) -> Iterator[Talk]:
        with self._asking(seconds) as talk:
            if self._found != self._name:
                self._ensure(talk)
            yield talk.about(self._name)

    def close(self) -> None:
        self._closed = True
        self._wire.close()

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[Talk]:
        if self._closed:
            raise IndexUnavailable("The index is closed.")
        talk = self._wire.within(seconds)
        try:
            if not self._found:
                self._find(talk)
            yield talk
        except Refused as refused:
            log.error("qdrant refuses: %s", refused)
            if refused.status == HTTPStatus.NOT_FOUND:
                self._found = ""
            elif refused.status == HTTPStatus.BAD_REQUEST:  # as a vector of another name is
                with suppress(Refused):
                    self._find(talk)
            raise IndexUnavailable("The vector index can't do what was asked of it.") from refused

    def _find(self, talk: Talk) -> None:
        self._found = ""
        try:
            self._ensure(talk)
        except IndexMismatch as mismatch:
            former = name_of(self._name, Slot.PREVIOUS)
            if what_for(talk.about(former)) != self._made_for:
                raise
            log.warning("%s What was kept of before answers searches.", mismatch.detail)
            self._found = former

    def _ensure(self, talk: Talk) -> None:
        """Raises IndexMismatch for a collection of another model, or of somebody else."""
        ours = talk.about(self._name)
        try:
            found = _mark(ours)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND or not self._make:
                raise
            first = f"{self._name}-1"  # the same for all who find that there is none
            found = make(talk.about(first), self._made_for, self._large)
            if found is not None:
                rename(talk, {self._name: first})
        if found is None:
            raise IndexMismatch("The collection is none of ours. Choose another COLLECTION.")
        if found != self._made_for:
            raise IndexMismatch(
                f"The collection was made for {found}, but this is {self._made_for}. Set MODEL "
                "back, or index anew for this model: python -m scripts.reindex."
            )
        self._found = self._name


def what_for(talk: Talk) -> MadeFor | None:
    """What the collection was made for; None when there is none."""
    try:
        return _mark(talk)
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def make(talk: Talk, made_for: MadeFor, large: bool) -> MadeFor | None:
    """Make it, or what is wanting of it, and say what it is for now: another process may be at it,
    for another model, and the first decides."""
    try:
        talk.ask("PUT", "", rest.collection(made_for, large), rest.DONE)
    except Refused as refused:
        if refused.status not in _TAKEN:
            raise
    if _mark(talk) is None and _unused(talk, made_for):
        _finish(talk, made_for)
    return _mark(talk)


def _mark(talk: Talk) -> MadeFor | None:
    mark = retrieve(talk, MARK, [_KIND])
    try:
        return None if mark is None else msgspec.convert(mark.carries.get(_KIND), MadeFor)
    except msgspec.ValidationError as error:
        raise IndexMismatch(
            "The collection does not say what it was made for. Choose another COLLECTION."
        ) from error


def _unused(talk: Talk, made_for: MadeFor) -> bool:
    params = talk.ask("GET", "", None, _INFORMATION).config.params
    clip = (params.vectors or {}).get(rest.clip(made_for))
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
