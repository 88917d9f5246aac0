"""A shop that a real process serves, which is killed in the midst of what it does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.e2e.running import RunningShop
from tests.faults.instance import Told
from tests.faults.oracle import Known, Name
from tests.faults.world import searched
from tests.photos import jpeg

PRODUCT = st.sampled_from(["mug", "teapot"])
DROPPED = st.sampled_from(["lamp", "chair"])
MOMENT = st.floats(0, 0.1)
"""Seconds after something was asked, in which it is mostly still under way."""


class Served(RuleBasedStateMachine):
    """What is told of it, and what must hold. Whoever makes one of it says how it is started, and
    what else happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.products = {name: Known() for name in ("mug", "teapot")}
        self.bucket: dict[str, int] = {}
        self.number = 0
        self.shop = self.started()

    def started(self) -> RunningShop:
        raise NotImplementedError

    def put_into_bucket(self, product: str, photo: bytes | None) -> bool:
        """False where there is no room for it, nor for what was there."""
        raise NotImplementedError

    def may_refuse(self, told: Told) -> bool:
        """Whether there is a reason for this not to be done now."""
        raise NotImplementedError

    @rule(product=PRODUCT)
    def put(self, product: str) -> None:
        name = self.another_name(product)
        self.change(product, "PUT", {"name": name}, lambda _: name)

    @rule(product=PRODUCT)
    def patch(self, product: str) -> None:
        name = self.another_name(product)
        self.change(product, "PATCH", {"name": name}, lambda was: was and name)

    @rule(product=PRODUCT)
    def delete(self, product: str) -> None:
        self.change(product, "DELETE", None, lambda _: None)

    @rule(product=PRODUCT, other=PRODUCT, moment=MOMENT)
    def is_killed_while_it_puts(self, product: str, other: str, moment: float) -> None:
        self.put(other)
        name = self.another_name(product)
        self.change(product, "PUT", {"name": name}, lambda _: name, moment)
        self.starts_again()

    @rule(product=PRODUCT, other=PRODUCT, moment=MOMENT)
    def is_killed_while_it_deletes(self, product: str, other: str, moment: float) -> None:
        self.put(other)
        self.change(product, "DELETE", None, lambda _: None, moment)
        self.starts_again()

    def starts_again(self) -> None:
        self.shop = self.started()
        for product in self.products:
            self.look(product)

    @rule(product=DROPPED)
    def drop(self, product: str) -> None:
        self.number += 1
        if self.put_into_bucket(product, jpeg(self.number)):
            self.bucket[product] = self.number
        else:
            self.bucket.pop(product, None)

    @rule(product=DROPPED)
    def take_away(self, product: str) -> None:
        self.put_into_bucket(product, None)
        self.bucket.pop(product, None)

    @rule(product=PRODUCT)
    def look(self, product: str) -> None:
        told = self.told("GET", f"/products/{product}")
        assert told.status in (200, 404), told.body
        self.products[product].is_seen(told.body["name"] if told.status == 200 else None)

    @rule()
    def search(self) -> None:
        told = self.told("POST", "/search", {"text_query": "brown things"})
        assert told.status == 200, told.body
        found = searched(told)
        for product, known in self.products.items():
            known.is_found(found.get(product), by=0, stale=False)

    def told(self, method: str, path: str, said: Any = None) -> Told:
        answer = self.shop.client.request(method, path, json=said)
        body = answer.json() if answer.content else None
        return Told(answer.status_code, body, answer.elapsed.total_seconds())

    def change(
        self,
        product: str,
        method: str,
        said: Any,
        to: Callable[[Name], Name],
        killed_after: float | None = None,
    ) -> None:
        known, path = self.products[product], f"/products/{product}"
        if killed_after is None:
            told: Told | None = self.told(method, path, said)
        else:
            told = self.told_by_a_victim(killed_after, method, path, said)
        if told is not None and told.status == 404:
            assert None in known.possible, "what was acknowledged is lost"
            known.possible = {None}
            return
        assert told is None or told.well or self.may_refuse(told), told.body
        known.changes(0, to, told is not None and told.well)
        known.pending[0] = set()  # it is over, whether it was done or not

    def told_by_a_victim(self, moment: float, *asked: Any) -> Told | None:
        """What it still said before it was killed."""
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(self.told, *asked)
            sleep(moment)
            self.shop.kill()
            try:
                return answer.result()
            except (httpx.TransportError, RuntimeError):  # the line is cut, or is ours no more
                return None

    def another_name(self, product: str) -> str:
        self.number += 1
        return f"Brown {product} {self.number}"

    def is_as_the_bucket_says(self) -> bool:
        for product in ("lamp", "chair"):
            hits = self.shop.search_photo(jpeg(self.bucket.get(product, 0)), limit=50)
            score = {hit["product_id"]: hit["similarity_score"] for hit in hits}.get(product)
            if (product in self.bucket) != (score is not None) or (score or 1) < 0.999:
                return False
        return True
