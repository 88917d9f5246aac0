"""The items of RSS and Atom, one after the other, as the file is read.

The parser is Python's own expat. A document type is refused, and without one there are no entities
that could swell or lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from core.errors import InvalidRequest
from core.feeds.source import MAX_LINE, MAX_TEXT, TOO_MUCH

_GOOGLE = "http://base.google.com/ns/1.0"
_ROOTS = {"rss", "feed", "RDF"}
_ITEMS = {"item", "entry"}
_KNOWN = {
    *("", "http://purl.org/rss/1.0/"),
    *("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
}
_MAX_DEPTH = 64
_PIECE = 64 * 1024


class Item(NamedTuple):
    number: int
    """Of the line in which it begins."""
    values: Mapping[str, list[str]]


def items(file: BinaryIO) -> Iterator[Item]:
    """Raises InvalidRequest where the file can't be read on."""
    reading = _Reading()
    left = MAX_TEXT
    try:
        while piece := file.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise InvalidRequest(TOO_MUCH)
            reading.parser.Parse(piece, False)
            yield from reading.take()
        reading.parser.Parse(b"", True)
    except ExpatError as error:
        raise InvalidRequest(
            f"from line {error.lineno} on the file is not well-formed XML: {error}"
        ) from error
    yield from reading.take()


class _Reading:
    def __init__(self) -> None:
        self.parser = ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._done: list[Item] = []
        self._depth = 0
        self._item_depth = 0
        """Of the item that is open; 0 where there is none."""
        self._line = 0
        self._own: dict[str, list[str]] = {}
        self._googles: dict[str, list[str]] = {}
        self._parts: list[str] = []
        self._left = MAX_LINE

    def take(self) -> list[Item]:
        done, self._done = self._done, []
        return done

    @property
    def _is_in_field(self) -> bool:
        """What lies deeper is a field's own affair: the price of a way to send it is not the
        item's."""
        return self._item_depth > 0 and self._depth == self._item_depth + 1

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        space, name = _parts(tag)
        if self._depth == 1 and name not in _ROOTS:
            raise InvalidRequest(f"this is neither RSS nor Atom: it begins with <{name}>")
        if self._depth > _MAX_DEPTH:
            raise InvalidRequest(TOO_MUCH)
        if self._is_in_field:
            self._parts = []
            if name == "link" and attributes.get("rel", "alternate") == "alternate":
                self._parts.append(attributes.get("href", ""))
        elif not self._item_depth and name in _ITEMS and space in _KNOWN:
            self._item_depth, self._line = self._depth, self.parser.CurrentLineNumber
            self._own, self._googles, self._left = {}, {}, MAX_LINE

    def _text(self, text: str) -> None:
        if self._is_in_field:
            self._left -= len(text)
            if self._left < 0:
                raise InvalidRequest(TOO_MUCH)
            self._parts.append(text)

    def _end(self, tag: str) -> None:
        space, name = _parts(tag)
        value = "".join(self._parts).strip()
        if self._is_in_field and value and (space == _GOOGLE or space in _KNOWN):
            fields = self._googles if space == _GOOGLE else self._own
            fields.setdefault(name, []).append(value)
        elif self._depth == self._item_depth:
            self._done.append(Item(self._line, self._own | self._googles))
            self._item_depth = 0
        self._depth -= 1

    def _refuse(self, *_: object) -> None:
        raise InvalidRequest("a file with a document type (<!DOCTYPE ...>) is not read; remove it")


def _parts(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition(" ")
    return space, name
