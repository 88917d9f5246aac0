"""Where the query log is kept: a file that stays small, or lines on stdout where there is no disk
to keep one on. Neither ever harms the search it tells of."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from core.errors import LikenessError
from core.query import Query
from core.query_log import asked
from core.search import Answer
from core.stores.disk import insist_on_room

log = logging.getLogger(__name__)

MOST_BYTES = 16 * 1024 * 1024
"""Of the file, some 100,000 searches. It is then put aside, in the place of the one before."""
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class QueryFile:
    """Opened for each line, so that whoever takes it away or makes room harms nothing."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._well = True

    def __call__(self, query: Query, answer: Answer, ms: float) -> None:
        try:
            line = msgspec.json.encode(asked(query, answer, ms)) + b"\n"
            with self._lock:
                insist_on_room(self._path.parent)  # the index needs it more
                if self._write(line) > self._most_bytes:
                    self._path.replace(put_aside(self._path))
        except (OSError, ValueError, LikenessError) as error:
            self._complain(error)
        else:
            self._well = True

    def _write(self, line: bytes) -> int:
        """How large the file is now."""
        file = os.open(self._path, _FLAGS, 0o600)
        try:
            size = os.fstat(file).st_size
            written = os.write(file, line)
            if written < len(line):  # half a line would spoil the next one, too
                os.ftruncate(file, size)
            return size + written
        finally:
            os.close(file)

    def _complain(self, error: Exception) -> None:
        if self._well:
            self._well = False
            log.warning("searches are not logged for the moment: %s", error)


def put_aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def query_lines(query: Query, answer: Answer, ms: float) -> None:
    with suppress(OSError, ValueError):
        sys.stdout.write(msgspec.json.encode(asked(query, answer, ms)).decode() + "\n")
        sys.stdout.flush()
