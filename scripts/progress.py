"""One progress bar for everything a person waits for: rate and time left on a terminal, a plain
line now and then where the output is a file."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType

_WIDTH = 30
_PLAIN_EVERY_SECONDS = 5.0


class Bar:
    """`unit="B"` shows bytes as people read them; `already` is what was there before it began,
    which says nothing about the rate."""

    def __init__(self, title: str, *, unit: str = "", already: int = 0) -> None:
        self._title = title
        self._unit = unit
        self._already = already
        self._began = monotonic()
        self._said = 0.0
        self._done = already
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
        rate = max(done - self._already, 0) / max(now - self._began, 1e-6)
        left = (total - done) / rate if rate else 0.0
        filled = _WIDTH * done // max(total, 1)
        bar = "█" * filled + "·" * (_WIDTH - filled)
        counts = f"{self._amount(done)}/{self._amount(total)}  {self._amount(rate)}/s"
        line = f"{self._title:<30} {bar} {counts}  {left:.0f} s left "
        sys.stderr.write(f"\r{line}\033[K" if self._live else f"{line}\n")
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
            sys.stderr.write(f"{end}{self._title}: {self._amount(self._done)} in {seconds:.1f} s\n")
        else:
            sys.stderr.write(f"{end}{self._title}: stopped at {self._amount(self._done)}\n")

    def _amount(self, count: float) -> str:
        if not self._unit:
            return f"{count:.0f}"
        for prefix in ("", "k", "M"):
            if count < 1000:
                return f"{count:.0f} {prefix}{self._unit}"
            count /= 1000
        return f"{count:.2f} G{self._unit}"
