"""`scripts.imports` and a running shop: it ends as the file says, whatever happens on the way."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.e2e.running import RunningShop, eventually, free_port, running_shop

MANY = 1500


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture
def shop(tmp_path: Path, desk: Desk) -> Iterator[RunningShop]:
    with running_shop(tmp_path / "shop") as shop:
        desk.look_at(shop)
        yield shop


def products(count: int, price: int = 5) -> str:
    rows = (
        f'p{n},"Product ""number"" {n}","Line one\nline {n}",{price}.50 EUR' for n in range(count)
    )
    return "\n".join(["id,name,description,price", *rows, ""])


def is_as_told(shop: RunningShop, count: int, price: int = 5) -> bool:
    told = shop.catalogue()
    return set(told) == {f"p{n}" for n in range(count)} and all(
        (one["name"], one["price"], one["currency"])
        == (f'Product "number" {id_[1:]}', price + 0.5, "EUR")
        for id_, one in told.items()
    )


def test_it_says_what_it_would_do_does_it_and_then_only_what_is_new(
    desk: Desk, shop: RunningShop
) -> None:
    table = products(40) + "p3,Again,,1\nbad,Bad,,cheap\n"
    feed = desk.write("list.csv", table)
    told = desk.run(feed, "--dry-run")
    assert told.code == 1, told.err
    assert "40 products taken, 0 removed, 0 unchanged; 2 rows with something wrong" in told.out
    assert '"id": "p0"' in told.out
    assert shop.catalogue() == {}
    done = desk.run(feed)
    assert done.code == 1, done.err
    assert "40 products taken" in done.out
    assert is_as_told(shop, 40)
    assert desk.problems("list.csv") == [
        ("82", "p3", "this product is told of in line 8 already"),
        ("83", "", "price must be an amount such as 19.99 EUR, not 'cheap'"),
    ]
    desk.write("list.csv", products(40).replace('line 7"', 'line seven"'))
    again = desk.run(feed)
    assert (again.code, again.err.count("stopped")) == (0, 0), again.err
    assert "1 products taken, 0 removed, 39 unchanged" in again.out
    assert not (desk.folder / "data" / "imports" / "list.csv-problems.csv").exists()
    everything = desk.run(feed, "--all")
    assert "40 products taken, 0 removed, 0 unchanged" in everything.out


def test_a_shop_that_begins_anew_is_told_everything(desk: Desk, shop: RunningShop) -> None:
    feed = desk.write("list.csv", products(5))
    assert desk.run(feed).code == 0
    for product_id in shop.catalogue():
        shop.client.delete(f"/products/{product_id}").raise_for_status()
    assert "5 products taken" in desk.run(feed).out
    assert is_as_told(shop, 5)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_or_killed_half_way_it_goes_on_from_there(
    desk: Desk,
    shop: RunningShop,
    how: signal.Signals,
    record_property: Callable[[str, object], None],
) -> None:
    feed = desk.write("long.csv", products(MANY))
    running = desk.begin(feed)
    eventually(lambda: desk.taken() > 300, 60)
    running.send_signal(how)
    _, err = running.communicate(timeout=60)
    assert running.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL), err
    assert ("the same command goes on from there" in err) == (how is signal.SIGINT)
    before = desk.taken()
    assert 300 < before < MANY
    began = time.monotonic()
    done = desk.run(feed)
    assert done.code == 0, done.err
    left = MANY - before
    record_property("rows of an import, taken", f"{left / (time.monotonic() - began):.0f}/s")
    assert f"{left} products taken, 0 removed, {before} unchanged" in done.out
    assert is_as_told(shop, MANY)


def test_a_shop_that_is_killed_half_way_is_gone_on_with_when_it_is_there_again(
    desk: Desk, tmp_path: Path
) -> None:
    feed = desk.write("long.csv", products(MANY))
    port = str(free_port())
    desk.url = f"http://127.0.0.1:{port}"
    with running_shop(tmp_path / "shop", PORT=port) as shop:
        running = desk.begin(feed)
        eventually(lambda: desk.taken() > 300, 60)
        shop.kill()
        time.sleep(0.5)
    with running_shop(tmp_path / "shop", PORT=port) as shop:
        out, err = running.communicate(timeout=120)  # it was patient
        assert running.returncode == 0, err
        assert f"{MANY} products taken" in out
        assert is_as_told(shop, MANY)


def test_who_has_no_key_and_what_is_no_shop_is_told(desk: Desk, tmp_path: Path) -> None:
    feed = desk.write("list.csv", products(3))
    with running_shop(tmp_path / "shop", ADMIN_KEYS="an-admin-key-of-some-length") as shop:
        desk.look_at(shop)
        refused = desk.run(feed)
        assert (refused.code, "ADMIN_KEYS" in refused.err) == (2, True)
        assert "Traceback" not in refused.err
        desk.url += "/nothing-here"
        lost = desk.run(feed)
        assert (lost.code, "no shop's API" in lost.err) == (2, True)
    none = desk.run(desk.write("empty.csv", "Name\nMug\n"))
    assert (none.code, "no column is named id" in none.err) == (2, True)
