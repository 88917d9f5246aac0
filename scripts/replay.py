"""Sends dead letters back to the queue they came from: events of the bucket whose files could not
be indexed, after you have put the files right. Each is sent before it is removed, so stopped at
any moment, an event may lie in both queues (which harms nothing), and never in none.

The queue is INDEX_QUEUE_URL; that of the dead letters is the one its redrive policy names. What the
filters leave stays where it is. What is still wrong comes back with the reason of today.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from math import inf
from time import time

from core.errors import InvalidRequest, Misconfigured
from core.ports import Message, Queue
from core.settings import Settings
from handlers import choices
from handlers.bucket_events import changes
from scripts.command import ATTENTION, DONE, parser, run
from scripts.progress import Bar

_EXAMPLES = """examples:
  python -m scripts.replay --dry-run                what lies there, since when, and why?
  python -m scripts.replay                          send all of it back
  python -m scripts.replay --prefix images/shoes-   only events of these files
  python -m scripts.replay --reason "not a JPEG"    only those with this in their reason
  python -m scripts.replay --older-than 2h          only those that have lain for two hours"""
_HOLD_SECONDS = 300
"""For so long a letter is kept from others, and from ourselves, if it is not let go sooner."""
_WAIT_SECONDS = 2
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NO_REASON = "no reason was told: whoever had it was killed each time"


@dataclass(frozen=True, slots=True)
class Letter:
    message: Message
    key: str
    reason: str
    age: float

    @classmethod
    def of(cls, message: Message) -> Letter:
        key, reason = message.labels.get("Key", ""), message.labels.get("Reason", "")
        try:
            told = changes(message.body)
            key = key or (told[0].key if told else "")
        except InvalidRequest as error:
            reason = reason or error.detail
        return cls(message, key, reason or _NO_REASON, max(0.0, time() - message.sent))

    def fits(self, options: argparse.Namespace) -> bool:
        return (
            self.key.startswith(options.prefix)
            and options.reason.casefold() in self.reason.casefold()
            and options.older_than <= self.age <= options.newer_than
        )

    def tell(self) -> str:
        return f"{_told(self.age):>4}  {self.key or '(no file)'}  {self.reason}"


def main() -> int:
    options = _options()
    return run(
        lambda settings: replay(settings, options),
        "Stopped. What was sent back is in the queue; all else lies where it lay.",
    )


def replay(settings: Settings, options: argparse.Namespace) -> int:
    queue = choices.queue(settings)
    if queue is None:
        raise Misconfigured("INDEX_QUEUE_URL is not set, so there is no queue to send them to.")
    round_ = Round(queue, options)
    try:
        with Bar("Dead letters") as bar:
            round_.go(bar)
    finally:
        round_.let_go()
        round_.tell()
    return ATTENTION if round_.returned else DONE


class Round:
    """One look at each of the dead letters."""

    def __init__(self, queue: Queue, options: argparse.Namespace) -> None:
        self._queue = queue
        self._dead = queue.dead_letters
        self._options = options
        self._held: dict[str, Message] = {}
        self._sent: set[str] = set()
        self.fitting: list[Letter] = []
        self.left = 0
        self.returned: list[Letter] = []
        """Those that we sent back and that came to lie here again, while we looked."""

    def go(self, bar: Bar) -> None:
        about = self._dead.waiting()
        while taken := self._dead.take(_WAIT_SECONDS):
            new = [message for message in taken if message.id not in self._held]
            self._held |= {message.id: message for message in taken}
            self._dead.hold(taken, _HOLD_SECONDS)
            for message in new:
                self._look_at(Letter.of(message))
                done = len(self.fitting) + self.left
                bar.show(done, max(done, about))

    def _look_at(self, letter: Letter) -> None:
        message = letter.message
        # SQS keeps a message's id when it moves it; who moves one by hand labels it with the id.
        if {message.id, message.labels.get("FirstMessageId")} & self._sent:
            self.returned.append(letter)
        elif not letter.fits(self._options):
            self.left += 1
        else:
            if not self._options.dry_run:
                self._sent.add(self._queue.send(message.body))
                self._dead.delete([self._held.pop(message.id)])
            self.fitting.append(letter)

    def let_go(self) -> None:
        """What stays is there for others again, at once."""
        self._dead.hold(list(self._held.values()), 0)

    def tell(self) -> None:
        dry = self._options.dry_run
        for letter in sorted(self.fitting, key=lambda one: -one.age) if dry else self.returned:
            print(letter.tell())
        for reason, count in Counter(one.reason for one in self.fitting).most_common(10):
            print(f"{count:>6} x {reason}", file=sys.stderr)
        done = "would be sent back" if dry else "sent back"
        print(f"{len(self.fitting)} {done}, {self.left} left as they are.", file=sys.stderr)
        if self.returned:
            print(f"{len(self.returned)} came back: their files are still wrong.", file=sys.stderr)


def _options() -> argparse.Namespace:
    options = parser("replay", __doc__, _EXAMPLES)
    options.add_argument("--dry-run", action="store_true", help="list them, and do no more")
    options.add_argument("--prefix", default="", help="only of files whose keys begin with this")
    options.add_argument("--reason", default="", help="only those whose reason has this in it")
    for name, default in (("--older-than", 0.0), ("--newer-than", inf)):
        options.add_argument(
            name, type=_seconds, default=default, metavar="AGE", help="such as 30m, 2h or 3d"
        )
    return options.parse_args()


def _seconds(raw: str) -> float:
    found = re.fullmatch(r"(\d+)([smhd])", raw)
    if not found:
        raise argparse.ArgumentTypeError(f"must be a number and s, m, h or d, not {raw!r}")
    return int(found[1]) * _UNITS[found[2]]


def _told(seconds: float) -> str:
    for unit in "dhm":
        if seconds >= _UNITS[unit]:
            return f"{seconds // _UNITS[unit]:.0f}{unit}"
    return f"{seconds:.0f}s"


if __name__ == "__main__":
    sys.exit(main())
