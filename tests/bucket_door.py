"""The bench behind a door that is given messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.indexing import Settled
from core.ports import Queue
from handlers.bucket_batch import Processed, process
from tests.bucket_messages import messages
from tests.indexing_bench import Bench


class Door(Bench):
    """Keeps a tally of looks, and lets them fail."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[str] = []
        settle = self.indexing.settle
        self.fails: Callable[[str], None] = lambda product_id: None

        def looked(product_id: str) -> Settled:
            self.looks.append(product_id)
            self.fails(product_id)
            return settle(product_id)

        self.indexing.settle = looked  # type: ignore[method-assign]

    def process(
        self,
        bodies: Sequence[str],
        seconds_left: Callable[[], float] = lambda: 900.0,
        queue: Queue | None = None,
        times: int = 1,
    ) -> Processed:
        return process(self.indexing.settle, messages(bodies, times), queue, seconds_left)

    def found(self) -> set[str]:
        return {listing.product.id for listing in self.index.page(100).listings}
