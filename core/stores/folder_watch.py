"""Watches the bucket's folder and says which products want another look.

An event is a hint and no more: what happened is read from the folder afterwards, by whoever
looks. So it is enough to name every product that may have changed, and where events may have
been lost, to name them all. The system loses events without a word when its queue of 16,384
overflows, and the watching library does not pass on the little it is told; what is suspicious
(a great many changes at once, a process that was held up, a folder that is another one than
before) therefore counts as a loss, and now and then a loss is taken for granted.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import msgspec
from watchfiles import Change, watch

from core.bucket import IMAGES, place
from core.stores import spellings

log = logging.getLogger(__name__)
logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it tells of every single batch

_TICK_MS = 100
_STEP_MS = 20
_BURST = 2000
"""From how many changed paths at once the queue may have overflowed: with the four or more events
of a copied file, its 16,384 places are good for 4,000 files."""

_HELD_UP = 1.0
"""A tick that took so many seconds means that nobody emptied the queue meanwhile."""

_QUIET = 0.25
"""A file that did not change for so long is taken for complete."""

_PATIENCE = 5.0
"""A file that never stops changing is looked at as often as this; so is everything in doubt."""

_SAFETY = 60.0
_SAFETY_SHARE = 30
"""Everything is looked at once a minute, but not more than a thirtieth of the time is spent so."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


def changed_products(folder: Path, stop: Event) -> Iterator[set[str] | None]:
    """Ids of products that may have changed, as soon as their files are quiet; None for any.

    The first is always a None, given once the watch stands: who then compares everything and goes
    on with what follows misses nothing. Ends soon after `stop` is set, and for no other reason.
    """
    restless = _Restless()
    pause = _FIRST_PAUSE
    while not stop.is_set():
        began = time.monotonic()
        try:
            yield from _until_in_doubt(folder, stop, restless)
        except Exception:
            if time.monotonic() - began > _SAFETY:
                pause = _FIRST_PAUSE
            log.exception("watching %s failed; everything is looked at in %g s", folder, pause)
            stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _until_in_doubt(folder: Path, stop: Event, restless: _Restless) -> Iterator[set[str] | None]:
    """One watch, from None to the moment when something may have escaped it."""
    if not folder.is_dir():
        log.warning("%s is gone; waiting for it", folder)
        yield None
        while not folder.is_dir():
            if stop.wait(_TICK_MS / 1000):
                return
    root = folder.resolve()
    watched = _identity(root)
    ticks = watch(
        root,
        watch_filter=None,
        debounce=_TICK_MS,
        step=_STEP_MS,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    with closing(ticks):
        changes = next(ticks, None)  # from here on the watch stands
        asked = time.monotonic()
        yield None
        answered = time.monotonic()
        doubtful = answered + max(_SAFETY, (answered - asked) * _SAFETY_SHARE)
        while changes is not None:
            if [path for change, path in changes if not _note(change, path, str(root), restless)]:
                doubtful = min(doubtful, time.monotonic())
            if quiet := restless.take_quiet():
                yield quiet
            asked = time.monotonic()
            # Looking at everything meets half-written files too: better wait for them a little.
            if asked > doubtful + (_PATIENCE if restless else 0) or _identity(root) != watched:
                return
            changes = next(ticks, None)
            answered = time.monotonic()
            if answered - asked > _HELD_UP or (changes and len(changes) >= _BURST):
                doubtful = min(doubtful, answered)


def _note(change: Change, path: str, root: str, restless: _Restless) -> bool:
    """False where a change concerns not certain products but all."""
    key = path[len(root) + 1 :]
    if key in ("", IMAGES[:-1]):
        return change is Change.modified  # its times or permissions
    if not key.startswith(IMAGES) or "/." in key:
        return True
    mode = _mode(path)
    is_folder, is_file = stat.S_ISDIR(mode), stat.S_ISREG(mode)
    if change is Change.deleted:
        is_folder = is_file = False  # whatever is there now, nobody knows what it was
    spellings.note(key)
    as_file = None if is_folder else place(key)
    in_folder = None if is_file else place(f"{IMAGES}{key.split('/')[1]}/_.jpg")
    for where in (as_file, in_folder):
        if where is not None:
            restless.touch(where.product_id, path, hold=is_folder)
    return True


class _Touched(msgspec.Struct):
    since: float
    due: float = 0.0
    paths: set[str] = msgspec.field(default_factory=set)


class _Restless:
    """Products whose files changed a moment ago and may still be being written."""

    def __init__(self) -> None:
        self._touched: dict[str, _Touched] = {}

    def __bool__(self) -> bool:
        return bool(self._touched)

    def touch(self, product_id: str, path: str, *, hold: bool) -> None:
        """`hold` is for new folders: what lies in them is watched only from a moment later, so
        they are looked at after that moment."""
        now = time.monotonic()
        touched = self._touched.setdefault(product_id, _Touched(since=now))
        touched.paths.add(path)
        if hold:
            touched.due = now + _QUIET

    def take_quiet(self) -> set[str]:
        now = time.monotonic()
        quiet = set()
        for product_id, touched in self._touched.items():
            if touched.due > now:
                continue
            unrest = max(map(_unrest, touched.paths))
            if unrest > 0 and now - touched.since < _PATIENCE:
                touched.due = now + unrest
            else:
                quiet.add(product_id)
        for product_id in quiet:
            del self._touched[product_id]
        return quiet


def _unrest(path: str) -> float:
    """How many seconds are missing until the file, or those in the folder, were left alone."""
    age = time.time() - max(map(_modified, _with_all_in_it(path)))
    # What was modified in the future comes from another clock and tells nothing.
    return _QUIET - age if 0 <= age < _QUIET else 0.0


def _with_all_in_it(path: str) -> Iterator[str]:
    yield path
    for parent, _, names in os.walk(path):
        yield from (f"{parent}/{name}" for name in names)


def _modified(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def _mode(path: str) -> int:
    """Zero for what is not there."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
