"""Who may ask the model now, and who had better come again: a line that is kept short, so that
whoever stands in it is answered in time."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import ParamSpec, TypeVar

from core.errors import Overloaded

P = ParamSpec("P")
T = TypeVar("T")

_MOST = 16
"""Under way at once for each processor, however fast they are."""
_PATIENCE = 1.0
"""How many seconds one may be expected to wait before it is begun with."""
_FEW = 3
"""Before oneself, whom anybody waits for, however slow the model is."""
_MOMENT = 0.01
"""A wait that makes nobody late: many who ask for what is in the cache are through in that."""
_CALM = 1.0
"""For how many seconds nobody must have been sent away, before the line may be long again."""
_RECENT = 0.1
"""How much the last one counts in the average."""


class Admission:
    """A rush of shoppers is let in and waits a little. Once somebody had to be sent away, more is
    asked than can be done, and a line would only make everybody in it late: until that is over,
    there is none but one that is over in a moment.

    Belongs to the thread of the event loop.
    """

    def __init__(
        self, processors: int, beside: int = 0, now: Callable[[], float] = monotonic
    ) -> None:
        """`beside`: how many more may be worked on, because some wait for others' servers."""
        self._few = processors + beside
        self._most = _MOST * processors
        self._now = now
        self._under_way = 0
        self._last_done = 0.0
        self._each: float | None = None
        self._sent_away = -inf

    @property
    def under_way(self) -> int:
        return self._under_way

    def insist_on_room(self) -> None:
        """For doors that would rather know before they read what is asked."""
        if not self._has_room():
            self._sent_away = self._now()
            raise Overloaded("More is asked at the moment than can be answered. Come again soon.")

    async def run(self, work: Callable[P, T], *args: P.args, **said: P.kwargs) -> T:
        """In a thread, as one of those under way."""
        with self.one_more():
            return await to_thread(work, *args, **said)

    def _has_room(self) -> bool:
        if self._under_way < self._few:
            return True
        waits = self._under_way * (self._each or 0.0)
        if self._now() - self._sent_away < _CALM:
            soon = self._each is not None and waits <= _MOMENT
        else:
            soon = waits <= _PATIENCE or self._under_way <= _FEW
        return soon and self._under_way < self._most

    @contextmanager
    def one_more(self, *, usual: bool = True) -> Iterator[None]:
        """`usual`: whether how long it takes tells how long others will."""
        self.insist_on_room()
        if self._under_way == 0:
            self._last_done = self._now()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._done(usual)

    def _done(self, usual: bool) -> None:
        """How long it took since the one before, or since there was something to do: what each adds
        to the line, whatever they are and however many are worked on at once."""
        now = self._now()
        took, self._last_done = now - self._last_done, now
        if usual:
            self._each = took if self._each is None else self._each + _RECENT * (took - self._each)
