"""SIGTERM in the midst of work: whoever got through to the server is answered, and what the worker
took from its queue is done with or back there.

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

from tests.aws import LocalAws
from tests.aws_bucket import bucket_on
from tests.e2e.running import RunningShop, eventually
from tests.e2e.shoppers import Shoppers, photo, words
from tests.e2e.workers import worker_on
from tests.photos import jpeg

ROUNDS = int(os.environ.get("SIGTERM_ROUNDS", "3"))
A_ROUND = 40
"""Photos, several batches of them."""


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


def test_no_message_is_lost_and_no_product_half_done(
    aws: LocalAws, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = Random(24)
    # What is left in hand would be nobody's for longer than the test takes, and what is given out
    # more than thrice a dead letter.
    bucket = bucket_on(aws, holding=600, receives=3)
    names: dict[str, str] = {}
    given_back = 0
    with worker_on(aws, bucket, tmp_path) as worker:
        for round_ in range(ROUNDS):
            for number in range(round_ * A_ROUND, (round_ + 1) * A_ROUND):
                names[f"p{number}"] = f"Photo {number}"
                bucket.put(f"images/p{number}.jpg", jpeg(number), {"name": f"Photo {number}"})
            before = worker.batches() if round_ else 0
            worker.start()
            eventually(lambda before=before: worker.batches() > before, 60)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.2))
            assert worker.end() == 0
            assert bucket.given_out() == 0
            with worker.index() as index:
                listings = index.page(1000).listings
            found = {one.product.id: (one.product.name, len(one.photos)) for one in listings}
            assert found == {one: (names[one], 1) for one in found}
            assert bucket.messages() >= len(names) - len(found)
            given_back += bucket.messages()
        worker.start()
        eventually(lambda: bucket.messages() == 0, 120)
        assert worker.end() == 0
        with worker.index() as index:
            assert {one.product.id for one in index.page(1000).listings} == names.keys()
        assert bucket.dead.take() == []
    assert given_back > 0  # or it was never ended in the midst of anything
    said = f"{len(names)} photos, none lost; {given_back} were left in the queue"
    record_property(f"after a worker's {ROUNDS} times SIGTERM", said)
