"""What a month costs and what shoppers meet: figures that can be reckoned by hand, and what must
hold whatever the numbers are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.cost.bills import container_bill, lambda_bill, replica_seconds, total
from scripts.cost.checking import checked
from scripts.cost.platforms import Day, Work, of_containers, of_lambda
from scripts.cost.scaling import Outcome, container_day, lambda_day, outcomes
from scripts.cost.sizing import qdrant_bill, size
from scripts.cost.telling import bills_table, outcomes_table, reckon
from scripts.cost.traces import DAY, TRACES, arrivals
from scripts.cost.workload import PRICES, SECONDS_A_MONTH, USUAL, Numbers, Workload

ROOT = Path(__file__).parents[2]
NUMBERS = Numbers.read()
WIDE = Workload(products=95_000_000, queries=30_000_000, dimension=1280)
SHOPS = st.builds(
    Workload,
    products=st.integers(1, 10**9),
    queries=st.floats(0, 1e9),
    photo_share=st.floats(0, 1),
    cache_hits=st.floats(0, 1),
    cold_starts=st.floats(0, 1),
)


@given(SHOPS)
def test_more_of_anything_is_never_cheaper(shop: Workload) -> None:
    """Searched by bytes, that is: who begins with that has more in less memory than before."""
    points = {**NUMBERS.figures["points"], "large_from": 0.0}
    numbers = msgspec.structs.replace(NUMBERS, figures={**NUMBERS.figures, "points": points})
    for more in ({"products": 2 * shop.products}, {"queries": 2 * shop.queries + 1}):
        larger = msgspec.structs.replace(shop, **more)
        for bill in (lambda_bill, container_bill):
            before = bill(shop, size(shop, numbers), numbers)
            after = bill(larger, size(larger, numbers), numbers)
            assert all(line >= 0 for line in before.values())
            assert total(after) >= total(before) - 1e-6


@given(SHOPS)
def test_a_replica_works_no_longer_than_it_is_there(shop: Workload) -> None:
    for always in (0, 1, 3):
        up, busy = replica_seconds(shop, NUMBERS, always)
        assert 0 <= busy <= up
        assert up >= always * SECONDS_A_MONTH * 0.999


def test_every_price_counts() -> None:
    """One that nothing reads would be edited in vain."""
    day = Day(
        waited=np.zeros(0),
        cold=0,
        turned_away=0,
        busy_seconds=100.0,
        busy_kept_seconds=50.0,
        kept_seconds=DAY,
        up_seconds=2 * DAY,
    )

    def all_bills(numbers: Numbers) -> float:
        bill = lambda_day(day, 1, numbers) + container_day(day, 1, numbers)
        for shop in (USUAL[0], WIDE):
            wanted = size(shop, numbers)
            bill += total(lambda_bill(shop, wanted, numbers))
            bill += total(container_bill(shop, wanted, numbers, 10))
        return bill

    before = all_bills(NUMBERS)
    for table, prices in NUMBERS.prices.items():
        for name, price in prices.items():
            changed = {**NUMBERS.prices, table: {**prices, name: price / 7}}
            numbers = msgspec.structs.replace(NUMBERS, prices=changed)
            assert all_bills(numbers) != before, f"[{table}] {name}"


def test_a_small_shop_pays_qdrant_nothing_and_a_large_one_by_the_node() -> None:
    small, _, large = (size(shop, NUMBERS) for shop in USUAL)
    assert (small.nodes, small.node_gib, qdrant_bill(small, NUMBERS, 730)) == (1, 1, 0)
    assert large.nodes == large.shards * USUAL[2].replicas
    assert large.node_gib * large.nodes >= large.memory
    assert large.memory < large.memory_unquantised


def test_memory_is_what_can_be_reckoned_by_hand() -> None:
    shop = Workload(products=500_000, photos_per_product=1, queries=0)
    one = NUMBERS.figures["points"]
    by_hand = 1_000_000 * (512 + one["graph_bytes"] + one["lookup_bytes"]) * one["headroom"]
    assert size(shop, NUMBERS).memory == pytest.approx(by_hand / 2**30)


def test_a_day_has_about_as_many_shoppers_as_it_says() -> None:
    quiet, lunch, sale = (len(arrivals(trace, np.random.default_rng(1))) for trace in TRACES)
    assert 150 < quiet < 250
    assert lunch > TRACES[1].a_day
    assert sale == pytest.approx(TRACES[2].a_day * (1 + 50 * 900 / DAY), rel=0.05)


def test_who_comes_after_a_quiet_time_meets_a_start_and_who_comes_soon_after_does_not() -> None:
    times = np.asarray([0.0, 60.0, 5000.0])
    dice = np.random.default_rng(1)
    for door, simulated in (("lambda", of_lambda), ("container", of_containers)):
        work = Work.of(len(times), door, USUAL[0], NUMBERS, dice)
        figures = NUMBERS.figures[door]
        day = simulated(times, work, figures, dice)
        assert (day.cold, day.turned_away) == (2, 0), door
        assert min(day.waited[0], day.waited[2]) > 10 * day.waited[1], door


def test_ten_at_once_are_ten_functions_and_one_queue() -> None:
    times = np.zeros(10)
    dice = np.random.default_rng(1)
    work = Work(np.full(10, 100.0), np.zeros(10))
    assert of_lambda(times, work, NUMBERS.figures["lambda"], dice, always=10).cold == 0
    assert of_lambda(times, work, NUMBERS.figures["lambda"], dice, always=4).cold == 6
    queued = of_containers(times, work, NUMBERS.figures["container"], dice, always=1)
    assert list(queued.waited) == pytest.approx([100.0 * place for place in range(1, 11)])


def test_who_would_wait_too_long_is_turned_away() -> None:
    times = np.zeros(100)
    work = Work(np.full(100, 100.0), np.zeros(100))
    dice = np.random.default_rng(1)
    day = of_containers(times, work, NUMBERS.figures["container"], dice, always=1)
    assert day.turned_away + len(day.waited) == 100
    assert day.turned_away > 70
    assert max(day.waited) <= 2_200


@pytest.fixture(scope="module")
def days() -> list[Outcome]:
    return list(outcomes(USUAL[1], NUMBERS))


def test_the_same_days_come_out_each_time_and_nobody_is_lost(days: list[Outcome]) -> None:
    assert outcomes_table(days) == outcomes_table(outcomes(USUAL[1], NUMBERS))
    kept = [
        one
        for one in days
        if one.trace == "quiet" and not one.setting.endswith((" 0", " 0 provisioned"))
    ]
    assert all(one.cold == one.turned_away == 0 for one in kept)
    assert all(one.p50 <= one.p95 <= one.p99 for one in days)


def test_figures_that_are_far_from_this_machine_are_told() -> None:
    embedded = {**NUMBERS.figures["embedded"], "bytes_on_disk": 9.0}
    wrong = msgspec.structs.replace(NUMBERS, figures={**NUMBERS.figures, "embedded": embedded})
    told, *_ = checked(wrong, products=(300, 600))
    assert told.apart
    assert "put it right" in told.told


def test_the_page_shows_what_the_command_says(days: list[Outcome]) -> None:
    page = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
    shops = bills_table([reckon(shop, NUMBERS) for shop in USUAL])
    shown = re.findall(r"^```text\n(.*?)\n```", page, re.DOTALL | re.MULTILINE)
    assert shown == [shops, outcomes_table(days)], (
        "write docs/costs.md anew: python -m scripts.cost [scale]"
    )


def run(*said: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.cost", *said]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ}
    )


def test_one_s_own_shop_and_prices(tmp_path: Path) -> None:
    dear = tmp_path / "prices.toml"
    dear.write_text(PRICES.read_text("utf-8").replace("gib_hour = 0.034", "gib_hour = 3.4"))
    asked = ["--products", "2000000", "--queries", "5e6", "--json"]
    ours, dearer = (
        msgspec.json.decode(run(*asked, *more).stdout) for more in ([], ["--prices", str(dear)])
    )
    assert ours["workload"]["queries"] == 5e6
    assert dearer["bills"]["AWS Lambda"]["qdrant"] > 50 * ours["bills"]["AWS Lambda"]["qdrant"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["--products", "many", "--queries", "1"], "Expected `int`"),
        (["--products", "0", "--queries", "1"], ">= 1"),
        (["--products", "10"], "say --queries, too"),
        (["--products", "10", "--queries", "1", "--cache-hits", "2"], "<= 1"),
        (["--prices", "nowhere.toml"], "nowhere.toml"),
        (["guess"], "invalid choice"),
    ],
    ids=["words", "none", "half", "share", "no file", "no such thing"],
)
def test_what_can_not_be_reckoned_is_told(said: list[str], why: str) -> None:
    done = run(*said)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert why in done.stderr


def test_the_pictures_are_those_of_these_figures(tmp_path: Path) -> None:
    done = run("--plots", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for drawn in sorted(tmp_path.iterdir()):
        kept = ROOT / "docs/plots" / drawn.name
        # Another processor may round the last digit of a place in the picture otherwise.
        ours, theirs = (re.findall(r"-?\d+\.\d+", one.read_text()) for one in (drawn, kept))
        assert list(map(float, ours)) == pytest.approx(list(map(float, theirs)), abs=0.01), (
            "draw them anew: python -m scripts.cost --plots docs/plots"
        )
