"""Events that come from elsewhere, perhaps more than once, each of which is worked once."""

from __future__ import annotations

from collections.abc import Callable

from core import budget
from core.ports import Once

REMEMBERED_SECONDS = 86_400
_UNDER_WAY_SECONDS = 300
"""Longer than the work takes. What a process that was killed had begun may be begun again then."""
_TO_TELL_SECONDS = 2.0
"""How an event ended is told even where its time is up, or the next attempt would wait in vain."""


def deliver(once: Once, event: str, work: Callable[[], object]) -> bool | None:
    """Whether this was the one that did the work; None while another is still at it.

    Only what is done is remembered for long: work that fails, or dies with its process, is worked
    when the event comes again.
    """
    under_way, done = f"event under way {event}", f"event done {event}"
    if not once.first(under_way, _UNDER_WAY_SECONDS):
        return None
    try:
        if once.came(done):
            return False
        work()
        with budget.at_least(_TO_TELL_SECONDS):
            once.first(done, REMEMBERED_SECONDS)
        return True
    finally:
        with budget.at_least(_TO_TELL_SECONDS):
            once.forget(under_way)
