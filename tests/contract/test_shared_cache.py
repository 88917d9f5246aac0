"""What a cache does that several instances share, beside what every Cache does."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.ports import Cache
from core.stores.dynamodb_cache import DynamoCache
from core.stores.entries import BoundedEntries
from core.stores.layered_cache import LayeredCache
from tests.aws import LocalAws
from tests.tables import Clock, asked, client, items, new_table, table


class Shop:
    """One table, and as many instances over it as a test wants."""

    def __init__(self, server: LocalAws, layers: bool) -> None:
        self.server = server
        self.layers = layers
        self.clock = Clock()
        self.table = new_table(server)

    def instance(self) -> Cache:
        far = DynamoCache(table(self.server, self.table, self.clock))
        return LayeredCache(BoundedEntries(), far) if self.layers else far

    def items(self) -> list[dict[str, Any]]:
        """The entries that lie in the table, expired or not."""
        return [i for i in items(self.server, self.table) if i["pk"]["S"].startswith("entry:")]


@pytest.fixture(params=["aws_server", "dynalite_server"])
def server(request: pytest.FixtureRequest) -> LocalAws:
    found: LocalAws = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=[False, True], ids=["table", "layers"])
def shop(request: pytest.FixtureRequest, server: LocalAws) -> Shop:
    return Shop(server, request.param)


@pytest.fixture
def layers(server: LocalAws) -> Shop:
    return Shop(server, layers=True)


def put(cache: Cache, key: str, value: bytes, scope: str = "products", **more: Any) -> None:
    cache.put(key, value, 60, scope, cache.get(key, scope).generation, **more)


def test_what_one_keeps_the_others_find(shop: Shop) -> None:
    put(shop.instance(), "key", b"value")
    assert shop.instance().get("key", "products").value == b"value"
    put(shop.instance(), "key", b"vector", scope="")
    assert shop.instance().get("key").value == b"vector"


def test_what_one_puts_out_of_date_nobody_serves(shop: Shop) -> None:
    here, there = shop.instance(), shop.instance()
    put(here, "key", b"old")
    assert there.get("key", "products").value == b"old"
    there.advance("products")
    assert here.get("key", "products").value is None
    put(here, "key", b"new")
    assert there.get("key", "products").value == b"new"


def test_what_was_made_before_another_moved_on_is_born_stale(shop: Shop) -> None:
    here, there = shop.instance(), shop.instance()
    before = here.get("key", "products").generation
    there.advance("products")
    here.put("key", b"old", 60, "products", before)
    assert [one.get("key", "products").value for one in (here, there)] == [None, None]


def test_a_late_comer_does_not_replace_what_is_newer(shop: Shop) -> None:
    here, there = shop.instance(), shop.instance()
    before = here.get("key", "products").generation
    there.advance("products")
    put(there, "key", b"new")
    here.put("key", b"old", 60, "products", before)
    assert there.get("key", "products").value == b"new"


def test_an_expired_entry_that_still_lies_in_the_table_is_not_served(shop: Shop) -> None:
    put(shop.instance(), "key", b"value")
    shop.clock.pass_by(60)
    assert shop.instance().get("key", "products").value is None
    assert len(shop.items()) == 1


def test_the_table_may_delete_an_entry_when_it_is_of_no_more_use(shop: Shop) -> None:
    shop.clock.now = 1_000_000.7
    put(shop.instance(), "key", b"value", stale_ttl=40)
    [item] = shop.items()
    assert item["expires_at"] == {"N": "1000101"}
    assert shop.instance().get("key", "products").value == b"value"


def test_a_life_found_in_the_table_is_not_prolonged_in_memory(shop: Shop) -> None:
    put(shop.instance(), "key", b"vector", scope="", stale_ttl=10)
    shop.clock.pass_by(59)
    other = shop.instance()
    assert other.get("key").value == b"vector"
    shop.clock.pass_by(1)
    assert (other.get("key").value, other.get("key").stale) == (None, b"vector")
    shop.clock.pass_by(10)
    assert other.get("key").stale is None


def test_what_is_too_large_for_the_table_is_not_kept_there(shop: Shop) -> None:
    put(shop.instance(), "key", random.Random(1).randbytes(500_000))
    assert shop.instance().get("key", "products").value is None
    assert shop.items() == []


@pytest.mark.parametrize("size", [399_999, 400_000, 400_001, 409_601])
def test_the_largest_that_is_kept_is_taken(shop: Shop, size: int) -> None:
    value = random.Random(1).randbytes(size)
    put(shop.instance(), "key", value)
    assert shop.instance().get("key", "products").value in (value, None)
    assert len(shop.items()) == (size <= 400_000)


def test_what_compresses_well_may_be_larger(shop: Shop) -> None:
    value = b'{"product_id": "mug-blue-plain", "price": 12.5}' * 20_000
    put(shop.instance(), "key", value)
    assert shop.instance().get("key", "products").value == value


def test_an_item_that_makes_no_sense_is_a_miss(shop: Shop) -> None:
    put(shop.instance(), "key", b"value" * 100)
    [item] = shop.items()
    for spoilt in (
        {**item, "packed": {"B": b"garbage"}},
        {**item, "packed": {"S": "garbage"}},
        {**item, "generation": {"S": "seven"}},
        {"pk": item["pk"]},
    ):
        client(shop.server).put_item(TableName=shop.table, Item=spoilt)
        found = shop.instance().get("key", "products")
        assert (found.value, found.stale) == (None, None)


def test_a_counter_that_makes_no_sense_lets_nothing_through(shop: Shop) -> None:
    cache = shop.instance()
    put(cache, "key", b"value")
    client(shop.server).put_item(
        TableName=shop.table, Item={"pk": {"S": "generation:products"}, "generation": {"S": "?"}}
    )
    assert cache.get("key", "products").value is None
    assert cache.get("key", "products").generation is None


def test_no_step_is_lost_among_two_hundred_at_once(shop: Shop) -> None:
    instances = [shop.instance() for _ in range(10)]
    with ThreadPoolExecutor(40) as threads:
        list(threads.map(lambda n: instances[n % 10].advance("products"), range(200)))
    assert {one.get("key", "products").generation for one in instances} == {200}


# How often the table is asked


def test_an_entry_and_its_generation_are_one_trip(shop: Shop) -> None:
    put(shop.instance(), "key", b"value")
    with asked(shop.server) as trips:
        shop.instance().get("key", "products")
        shop.instance().get("unheard of", "products")
        shop.instance().get("unheard of")
    assert trips == ["BatchGetItem"] * 3


def test_from_memory_an_answer_takes_one_trip_and_a_vector_none(layers: Shop) -> None:
    cache, other = layers.instance(), layers.instance()
    put(cache, "key", b"answer" * 1000)
    put(other, "key", b"vector", scope="")
    assert cache.get("key").value == b"vector"
    with asked(layers.server) as trips:
        assert cache.get("key", "products").value == b"answer" * 1000
        assert trips == ["BatchGetItem"]
        assert cache.get("key").value == b"vector"
        assert len(trips) == 1
