"""SIGTERM in the midst of work: whoever got through to the server is answered.

A request counts as accepted once its connection is, by the system. For more rounds:
`SIGTERM_ROUNDS=20 make test ARGS="tests/e2e/test_sigterm.py -n0 -s"`.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.e2e.running import RunningShop
from tests.e2e.shoppers import Shoppers, photo, words

ROUNDS = int(os.environ.get("SIGTERM_ROUNDS", "3"))


def test_no_accepted_request_is_lost(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = Random(23)
    answered = too_late = 0
    for _ in range(ROUNDS):
        shop = RunningShop(tmp_path)
        shop.wait_until_healthy()
        shoppers = Shoppers(shop.client.base_url.port or 0)
        shoppers.come(3, words, keep=False)
        shoppers.come(3, words, keep=True)
        shoppers.come(2, photo, keep=False)
        shoppers.come(2, photo, keep=True)
        time.sleep(chance.uniform(0.2, 0.8))
        assert shop.end(signal.SIGTERM) == 0
        told = shoppers.gone()
        assert told.lost == []
        assert set(told.statuses) <= {200, 503}
        assert told.statuses[200] > 0
        assert told.unexplained == 0
        answered += told.statuses.total()
        too_late += told.too_late
    said = f"{answered} answered, none lost; {too_late} came too late on a kept connection"
    record_property(f"after {ROUNDS} times SIGTERM", said)
    assert "Traceback" not in shop.log.read_text()
