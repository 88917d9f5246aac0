"""What the commands of an operator have in common: how they begin, are stopped, and end."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from core.errors import LikenessError
from core.settings import Settings, load_settings
from handlers.configure import secrets

DONE, ATTENTION, FAILED, STOPPED = 0, 1, 2, 130
EXIT_CODES = """exit codes:
  0    all is done and well
  1    done, but something needs your attention; what, is listed
  2    it could not be done; the message says why
  130  stopped by Ctrl-C; the same command goes on from there"""


def parser(name: str, description: str | None, epilog: str = "") -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"python -m scripts.{name}",
        description=description,
        epilog="\n\n".join(part for part in (epilog, EXIT_CODES) if part),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def positive(raw: str) -> int:
    if not raw.isascii() or not raw.isdigit() or int(raw) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, not {raw!r}")
    return int(raw)


def run(work: Callable[[Settings], int], stopped: str) -> int:
    """The exit code. `stopped`: what to say to whoever pressed Ctrl-C."""

    def with_settings() -> int:
        settings = load_settings(look_up=secrets(), exposed=False)
        # What goes right is told by bars and summaries.
        level = max(logging.WARNING, logging.getLevelNamesMapping()[settings.log_level])
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s")
        return work(settings)

    return guarded(with_settings, stopped)


@contextmanager
def to_the_end(why: str) -> Iterator[None]:
    """What is short and not to be left half-way: who presses Ctrl-C is told so."""

    def wait(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        print(f"\n{why}", file=sys.stderr)

    before = [(one, signal.signal(one, wait)) for one in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for one, handler in before:
            signal.signal(one, handler)


def guarded(work: Callable[[], int], stopped: str) -> int:
    # Said, because a shell has what it starts in the background ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return work()
    except LikenessError as error:
        print(f"{error.code}: {error.detail}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"\n{stopped}", file=sys.stderr)
        return STOPPED
