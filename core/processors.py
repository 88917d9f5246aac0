"""How many processors this process may use: those it is bound to, or a share of them where its
container has a quota."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, inf
from pathlib import Path
from threading import BoundedSemaphore

from core import budget
from core.errors import OutOfTime

_TOLD = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")


def cpus() -> int:
    """As whole ones: who may use half of one, uses one half of the time."""
    return max(1, ceil(share()))


class AtOnce:
    """Work that keeps a processor busy, so much of it at once: more would not be done sooner, and
    only take more memory."""

    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waited for no longer than whoever asked waits for the answer."""
        seconds = budget.left()
        if not self._free.acquire(timeout=None if seconds == inf else seconds):
            raise OutOfTime("Its turn did not come in the time there is for an answer.")
        try:
            yield
        finally:
            self._free.release()


def share(told: Path = _TOLD, groups: Path = _GROUPS) -> float:
    """All that the system says may be missing or of another form: then only what is sure counts."""
    return min((_bound_to(), *_quotas(told, groups)))


def _bound_to() -> float:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(told: Path, groups: Path) -> Iterator[float]:
    """Of the group this process is in and of all that is in. A container sees its own as the
    outermost, by whatever path the machine knows it."""
    for line in _said(told).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            roots, read = (groups, groups / "unified"), _quota_of_two
        elif "cpu" in controllers.split(","):
            roots, read = (groups / "cpu", groups / controllers), _quota_of_one
        else:
            continue
        for root in roots:
            group = root / path.lstrip("/")
            for folder in (group, *group.parents):
                if not folder.is_relative_to(root):
                    break
                yield from read(folder)


def _quota_of_two(folder: Path) -> Iterator[float]:
    """Version 2 has both in one file, such as `50000 100000`."""
    quota, _, period = _said(folder / "cpu.max").partition(" ")
    yield from _ratio(quota, period)


def _quota_of_one(folder: Path) -> Iterator[float]:
    quota, period = (_said(folder / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    yield from _ratio(quota, period)


def _ratio(quota: str, period: str) -> Iterator[float]:
    try:
        of, whole = int(quota), int(period)
    except ValueError:  # "max", or nothing at all
        return
    if of > 0 and whole > 0:  # -1 is no quota
        yield of / whole


def _said(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
