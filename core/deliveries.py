"""Events that come from elsewhere, perhaps more than once, each of which is worked once."""

from __future__ import annotations

from collections.abc import Callable

from core.ports import Once

REMEMBERED_SECONDS = 86_400
_UNDER_WAY_SECONDS = 300
"""Longer than the work takes. What a process that was killed had begun may be begun again then."""


def deliver(once: Once, event: str, work: Callable[[], object]) -> bool | None:
    """Whether this was the one that did the work; None while another is still at it.

    Only what is done is remembered for long: work that fails, or dies with its process, is worked
    when the event comes again.
    """
    under_way, done = f"event under way {event}", f"event done {event}"
    if not once.first(under_way, _UNDER_WAY_SECONDS):
        return None
    try:
        if not once.first(done, _UNDER_WAY_SECONDS):
            return False
        try:
            work()
        except BaseException:
            once.forget(done)
            raise
        once.forget(done)
        once.first(done, REMEMBERED_SECONDS)
        return True
    finally:
        once.forget(under_way)
