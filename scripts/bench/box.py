"""A container's limits without a container: a control group of our own, with a share of a processor
and so much memory. Needs root, and control groups of either version. It was tried with the first;
there were none of the second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

_GROUPS = Path("/sys/fs/cgroup")
_PERIOD = 100_000
_FIRST = "262144"
"""Of the processors, whatever it may have of them: it is not to be measured what others do."""
_EMPTY_WITHIN = 10.0


class NoBox(Exception):
    """Says why there can't be one here."""


class Box:
    def __init__(self, cpu: Path, memory: Path) -> None:
        self._cpu = cpu
        self._memory = memory
        self._two = cpu == memory

    def command(self, inside: Sequence[str]) -> tuple[str, ...]:
        """The same command, put into the box before it begins."""
        enter = "".join(
            f"echo $$ > {group}/cgroup.procs && " for group in {self._cpu, self._memory}
        )
        return ("/bin/sh", "-c", f'{enter}exec "$@"', "sh", *inside)

    def peak_megabytes(self) -> float:
        """The most there was at once, the pages of files among it that nobody else had read."""
        name = "memory.peak" if self._two else "memory.max_usage_in_bytes"
        return int((self._memory / name).read_text()) / 1e6

    def killed(self) -> int:
        """How many processes, for want of memory."""
        told = self._memory / ("memory.events" if self._two else "memory.oom_control")
        words = told.read_text().split()
        return int(words[words.index("oom_kill") + 1])

    def limit(self, share: float, megabytes: int) -> None:
        quota, size = int(share * _PERIOD), str(megabytes * 2**20)
        if self._two:
            _write(self._cpu / "cpu.max", f"{quota} {_PERIOD}")
            _write(self._cpu / "cpu.weight", "10000")
            _write(self._memory / "memory.max", size)
            return
        _write(self._cpu / "cpu.cfs_period_us", str(_PERIOD))
        _write(self._cpu / "cpu.cfs_quota_us", str(quota))
        _write(self._cpu / "cpu.shares", _FIRST)
        _write(self._memory / "memory.limit_in_bytes", size)

    def empty(self) -> None:
        until = monotonic() + _EMPTY_WITHIN
        while (left := self._inside()) and monotonic() < until:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            sleep(0.05)

    def _inside(self) -> list[int]:
        return [int(pid) for pid in (self._cpu / "cgroup.procs").read_text().split()]


@contextmanager
def box(share: float, megabytes: int) -> Iterator[Box]:
    name = f"likeness-bench-{os.getpid()}"
    roots = [_GROUPS] * 2
    if not (_GROUPS / "cgroup.controllers").exists():
        roots = [_GROUPS / "cpu", _GROUPS / "memory"]
    made = [root / name for root in dict.fromkeys(roots)]
    try:
        for folder in made:
            folder.mkdir()
        limited = Box(made[0], made[-1])
        limited.limit(share, megabytes)
    except OSError as error:
        _remove(made)
        raise NoBox(f"no control group can be made here: {error}") from error
    try:
        yield limited
    finally:
        limited.empty()
        _remove(made)


def _remove(groups: Sequence[Path]) -> None:
    for folder in groups:
        with suppress(OSError):
            folder.rmdir()


def _write(file: Path, text: str) -> None:
    file.write_text(text)
