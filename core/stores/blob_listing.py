"""A page of a container's listing, which comes as XML.

The parser is Python's own expat, and there is no document type in what it is given: without one
there are no entities that could grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from core.ports import StoredObject


class _Reader:
    """The blobs, as dicts of what their elements say. Folders are no blobs."""

    def __init__(self) -> None:
        self.blobs: list[dict[str, str]] = []
        self.marker = ""
        self._words: list[str] = []
        self._encoded = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._words = []
        self._encoded = attributes.get("Encoded") == "true"
        if name == "Blob":
            self.blobs.append({})

    def words(self, some: str) -> None:
        self._words.append(some)

    def end(self, name: str) -> None:
        said = "".join(self._words)
        self._words = []
        if name == "NextMarker":
            self.marker = said
        elif self.blobs:
            self.blobs[-1].setdefault(name, unquote(said) if self._encoded else said)
        self._encoded = False


def page(xml: bytes) -> tuple[list[StoredObject], str]:
    """The blobs of this page, and where the next one begins; empty when this is the last. A
    ValueError for what is no listing."""
    from xml.parsers.expat import ExpatError, ParserCreate  # no start lists a container

    reader, parser = _Reader(), ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    try:
        parser.Parse(xml, True)
        return [
            stored(one["Name"], int(one["Content-Length"]), one["Etag"], one["Last-Modified"])
            for one in reader.blobs
            if one.get("ResourceType") != "directory"
        ], reader.marker
    except (ExpatError, KeyError) as error:
        raise ValueError(f"no listing: {type(error).__name__}") from error


def stored(key: str, size: int, etag: str, modified: str) -> StoredObject:
    """The ETag changes with the content and with the metadata."""
    return StoredObject(key, etag.strip('"'), size, parsedate_to_datetime(modified).timestamp())
