"""One progress bar for everything a person waits for: rate and time left on a terminal, a plain
line now and then where the output is a file."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType

_WIDTH = 30
_PLAIN_EVERY_SECONDS = 5.0


class Bar:
    def __init__(self, title: str) -> None:
        self._title = title
        self._began = monotonic()
        self._said = 0.0
        self._done = 0
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Bar:
        return self

    def show(self, done: int, total: int) -> None:
        self._done = done
        now = monotonic()
        pause = 0.1 if self._live else _PLAIN_EVERY_SECONDS
        if done < total and now - self._said < pause:
            return
        self._said = now
        rate = done / max(now - self._began, 1e-6)
        left = (total - done) / rate if rate else 0.0
        filled = _WIDTH * done // max(total, 1)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        line = f"{self._title:<30} {bar} {done}/{total}  {rate:.0f}/s  {left:.0f} s left "
        sys.stderr.write(f"\r{line}" if self._live else f"{line}\n")
        sys.stderr.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        end = "\n" if self._live else ""
        if kind is None:
            seconds = monotonic() - self._began
            sys.stderr.write(f"{end}{self._title}: {self._done} in {seconds:.1f} s\n")
        else:
            sys.stderr.write(f"{end}{self._title}: stopped at {self._done}\n")
