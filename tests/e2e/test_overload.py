"""A server of one processor, asked by far more shoppers than it can answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.running import running_shop
from tests.e2e.shoppers import Shoppers, photo, words

_SHOPPERS = 60
_SECONDS = 4.0


@contextmanager
def one_processor() -> Iterator[None]:
    """For what is started meanwhile."""
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("processes can't be bound to a processor here")
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(ours)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


def test_everybody_is_told_something_and_the_next_one_is_answered(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with ExitStack() as closing:
        with one_processor():
            shop = closing.enter_context(running_shop(tmp_path))
        shoppers = Shoppers(shop.client.base_url.port or 0)
        for ask in (words, photo):
            for keep in (True, False):
                shoppers.come(_SHOPPERS // 4, ask, keep=keep)
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            assert shop.client.get("/health/live").status_code == 200
            assert shop.client.get("/health").status_code == 200
            time.sleep(0.2)
        told = shoppers.go()
        assert told.lost == []
        assert told.statuses.keys() <= {200, 503}
        assert told.statuses[200] > 0
        assert told.unexplained == 0
        assert shop.search("a red mug") == []
        assert shop.client.get("/health").status_code == 200
    answered, refused = told.statuses[200], told.statuses[503]
    said = f"{answered} answered and {refused} sent away in {_SECONDS:.0f} s"
    record_property(f"{_SHOPPERS} shoppers who never pause", said)
