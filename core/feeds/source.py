"""A feed's bytes as text: unpacked, in whichever encoding it came, and never without end."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import BinaryIO

import msgspec

from core.errors import InvalidRequest

Opener = Callable[[], BinaryIO]
"""Opens the file from its beginning; it is read more than once."""

MAX_LINE = 2**20
MAX_TEXT = 20 * 100 * 2**20
"""Of all lines: a small file can be compressed from one that never ends."""
TOO_MUCH = "from here on there is more than is read of a feed"
_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b"
_FALLBACK = "cp1252"
"""What spreadsheets write that do not write UTF-8."""


class Kind(StrEnum):
    TABLE = "table"
    OBJECTS = "objects"
    XML = "xml"


class Source(msgspec.Struct, frozen=True):
    open_file: Opener
    kind: Kind
    encoding: str
    """Of a table or of objects. XML says its own."""

    @property
    def note(self) -> str:
        told = "It is not UTF-8, and was read as Windows-1252."
        return told if self.encoding == _FALLBACK else ""

    def lines(self) -> Iterator[str]:
        with self.data() as file:
            left = MAX_TEXT
            text = io.TextIOWrapper(file, encoding=self.encoding, newline="")
            while line := text.readline(MAX_LINE + 1):
                left -= len(line)
                if len(line) > MAX_LINE or left < 0:
                    raise InvalidRequest(TOO_MUCH)
                yield line

    @contextmanager
    def data(self) -> Iterator[BinaryIO]:
        with _readable(), self.open_file() as file, _unpacked(file) as plain:
            yield plain


def look_at(open_file: Opener) -> Source:
    """What kind of file it is, whatever its name says. Raises InvalidRequest for one that can't be
    read."""
    with _readable(), open_file() as file, _unpacked(file) as plain:
        head = plain.read(_PIECE)
        utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        begin = head.decode("utf-16" if utf16 else "utf-8-sig", "replace").lstrip()[:1]
        kind = {"<": Kind.XML, "{": Kind.OBJECTS}.get(begin, Kind.TABLE)
        if utf16:
            return Source(open_file, kind, "utf-16")
        is_utf8 = kind is Kind.XML or _is_utf8(head, plain)
    return Source(open_file, kind, "utf-8-sig" if is_utf8 else _FALLBACK)


def _is_utf8(head: bytes, file: BinaryIO) -> bool:
    """All of it: the first letter that tells may stand in the last line. Where a file is cut off,
    its rows are read up to there, so that is not told here."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    left = MAX_TEXT
    piece = head
    try:
        while piece and left > 0:
            decoder.decode(piece)
            left -= len(piece)
            piece = file.read(_PIECE)
        if not piece:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except (EOFError, OSError, zlib.error):
        pass
    return True


def _unpacked(file: BinaryIO) -> BinaryIO:
    packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[return-value]


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            "from here on the file is in no encoding that is known here; save it as UTF-8"
        ) from error
    except (EOFError, OSError, zlib.error) as error:
        raise InvalidRequest("from here on the file is cut off or damaged") from error
