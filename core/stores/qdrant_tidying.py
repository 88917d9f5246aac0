"""An index that has grown large is put in order beside, while the shop is open.

The engine holds Python's lock while it works, for seconds or for minutes, in which nobody would be
answered and no signal heard. So a process of its own does it, with a copy, and the copy takes the
index's place: see qdrant_held. Whoever is killed meanwhile, the index is whole.

    python -m core.stores.qdrant_tidying <shard> <dimension> <MANY> <process that asked>
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from time import perf_counter

from core.errors import IndexUnavailable, LikenessError
from core.stores import qdrant_shard as shards
from core.stores.disk import room, taken
from core.stores.qdrant_held import HeldShard

log = logging.getLogger(__name__)

LEAST_REST, _AFTER_FAILURE = 10.0, 3600.0
_REST = 3
"""So many times as long as it took, nothing is tidied: a catalogue that is being imported grows
by then, so that it is copied less often the larger it is."""
_ROOT = Path(__file__).parents[2]
_PARENT_DEATH = 1  # PR_SET_PDEATHSIG of prctl.h


class Tidier:
    """Tidies a held index whenever so much of it is new that it pays."""

    def __init__(self, held: HeldShard) -> None:
        self._held = held
        self._thread: Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = Event()
        self._only_one = Lock()

    def look(self) -> None:
        """Cheap: for after every change."""
        alive = self._thread is not None and self._thread.is_alive()
        if self._is_due() and not alive and not self._ended.is_set():
            self._thread = Thread(target=self._tidy_while_due, name="tidier", daemon=True)
            self._thread.start()

    def tidy(self) -> None:
        """Now. Raises IndexUnavailable, OSError."""
        with self._only_one:
            if room(self._held.folder.path) < 2 * taken(self._held.folder.shard):
                raise IndexUnavailable("There is no room on the disk to tidy the index up.")
            path = self._held.folder.beside()
            try:
                self._held.copy(path, self._copy)
                self._in_a_process_of_its_own(path)
                self._held.exchange(path)
            except BaseException:
                self._held.forget_copy()
                shutil.rmtree(path, ignore_errors=True)
                raise

    def close(self) -> None:
        self._ended.set()
        if self._child is not None:
            self._child.kill()
        if self._thread is not None:
            self._thread.join()

    def _is_due(self) -> bool:
        return self._held.untidy >= shards.MANY

    def _tidy_while_due(self) -> None:
        rest = LEAST_REST
        while self._is_due() and not self._ended.wait(rest):
            began = perf_counter()
            log.info("the index is being tidied up, beside: %s of it is new", self._held.untidy)
            try:
                self.tidy()
            except (LikenessError, OSError) as error:
                if self._ended.is_set():
                    return
                log.warning("the index stays as it is, searches may be slow: %s", error)
                rest = _AFTER_FAILURE
            else:
                spent = perf_counter() - began
                log.info("the index was tidied up in %.0f s", spent)
                rest = max(LEAST_REST, _REST * spent)

    def _copy(self, source: str, to: str) -> None:
        if self._ended.is_set():
            raise IndexUnavailable("The index is being closed.")
        shutil.copyfile(source, to)

    def _in_a_process_of_its_own(self, path: Path) -> None:
        command = [sys.executable, "-m", __name__, path, self._held.dimension, shards.MANY]
        words = [*map(str, command), str(os.getpid())]
        with subprocess.Popen(words, cwd=_ROOT, stdin=subprocess.DEVNULL) as self._child:  # noqa: S603
            if self._ended.is_set():
                self._child.kill()
        if self._child.returncode:
            raise IndexUnavailable(f"Who tidied the index up ended by {self._child.returncode}.")


def main(path: Path, dimension: int, many: int, asked_by: int) -> None:
    _end_with(asked_by)
    os.nice(19)
    with suppress(OSError):  # where memory is short, rather this process than the shop
        Path("/proc/self/oom_score_adj").write_text("1000")
    shards.MANY = many
    shard = shards.load_shard(path, dimension)
    shard.optimize()
    shard.close()


def _end_with(process: int) -> None:
    """Even where that one is killed; a signal's own effect needs no lock of Python's."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PARENT_DEATH, signal.SIGKILL)
    if os.getppid() != process:
        sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
