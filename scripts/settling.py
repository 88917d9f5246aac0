"""Many products settled side by side, with a bar, and an account of what came of it."""

from __future__ import annotations

import csv
import logging
import os
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Event

from core.errors import LikenessError, Unavailable
from core.indexing import Settled
from core.refusals import Rejected
from scripts.progress import Bar

log = logging.getLogger(__name__)

AT_ONCE = 2 * len(os.sched_getaffinity(0))
"""Half of them compute while the others wait for the bucket."""
_TRIES = 3
_PAUSE = 0.5
_IN_A_ROW = 10
"""So many products that could not be looked at, one after the other: the trouble is not theirs."""
_SHOWN = 20


Settle = Callable[[str, Callable[[], bool]], Settled]
"""A look at a product. One that takes long is to end when it no longer "goes on"."""


@dataclass(slots=True)
class Account:
    """What came of the products that were looked at, also when it was stopped half-way."""

    settled: dict[str, bool] = field(default_factory=dict)
    """Products, and whether the look changed anything."""
    rejected: dict[str, Rejected] = field(default_factory=dict)
    """Objects that can't be used as they are, by key."""
    failed: dict[str, str] = field(default_factory=dict)
    """Products that could not be looked at, and why."""

    @property
    def well(self) -> bool:
        return not self.rejected and not self.failed

    def tell(self, file: Path) -> str:
        """What needs attention, for a person; all of it goes into the file, for a spreadsheet."""
        rows = [("product", product_id, why) for product_id, why in sorted(self.failed.items())]
        rows += [("object", one.key, one.reason) for _, one in sorted(self.rejected.items())]
        if not rows:
            file.unlink(missing_ok=True)  # of a run before this one
            return ""
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as open_file:
            csv.writer(open_file).writerows([("what", "name", "reason"), *rows])
        lines = [f"  {name}: {why}" for _, name, why in rows[:_SHOWN]]
        if len(rows) > _SHOWN:
            lines.append(f"  and {len(rows) - _SHOWN} more")
        return "\n".join(["These could not be used:", *lines, f"They are listed in {file}.\n"])


def settle_all(
    settle: Settle,
    product_ids: Collection[str],
    account: Account,
    title: str,
    at_once: int = AT_ONCE,
) -> None:
    """Look at all of these products. Stopped half-way, those under way are finished.

    Raises Unavailable when it is no use to go on.
    """
    in_a_row = 0
    with Bar(title) as bar:
        bar.show(0, len(product_ids))
        stopped = Event()
        work = partial(_look, settle, account, stopped)
        for done, why in enumerate(_side_by_side(work, product_ids, at_once, stopped), start=1):
            in_a_row = in_a_row + 1 if why else 0
            if in_a_row == _IN_A_ROW:
                raise Unavailable(f"{why} That was the same for {in_a_row} products in a row.")
            bar.show(done, len(product_ids))


def _look(settle: Settle, account: Account, stopped: Event, product_id: str) -> str:
    """Why the product could not be looked at; empty when it could."""
    why = ""
    for attempt in range(_TRIES):
        stopped.wait(_PAUSE * attempt)
        try:
            found = settle(product_id, lambda: not stopped.is_set())
        except Unavailable as error:
            why = error.detail
            continue
        except LikenessError as error:
            why = error.detail
        except Exception:
            log.exception("product %s", product_id)
            why = "Something went wrong on our side; it has been logged."
        else:
            account.settled[product_id] = found.changed
            account.failed.pop(product_id, None)
            account.rejected.update({one.key: one for one in found.rejected})
            return ""
        break
    account.failed[product_id] = why
    return why


def _side_by_side(
    work: Callable[[str], str], product_ids: Collection[str], at_once: int, stopped: Event
) -> Iterator[str]:
    with ThreadPoolExecutor(at_once, "settle") as threads:
        left = iter(product_ids)
        begun: deque[Future[str]] = deque()
        try:
            while True:
                room = 2 * at_once - len(begun)
                begun += [threads.submit(work, one) for one in islice(left, room)]
                if not begun:
                    return
                yield begun.popleft().result()
        finally:
            stopped.set()
            threads.shutdown(wait=True, cancel_futures=True)
