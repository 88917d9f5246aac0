"""The benchmark runs, and what it prints can be read by a machine."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts import chromium
from scripts.bench.box import NoBox, box
from scripts.bench.gemm import multiply_adds
from scripts.bench.peers.stacks import Stack
from scripts.bench.report import Report
from scripts.bench.stacks import Contender, StackFailed, rounds, started
from scripts.model.graph import MICROSOFT, Graph
from tests.e2e.running import ROOT, free_port

FIELDS = {"name", "value", "unit", "n", "p50", "p95", "peer", "ratio", "machine"}
Figures = dict[str, dict[str, Any]]


def figures_of(*arguments: str) -> Figures:
    """What a quick run prints, by name; the table names all of it too."""
    command = [sys.executable, "-m", "scripts.bench", "--quick", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    figures = [json.loads(line) for line in run.stdout.splitlines()]
    assert all(set(figure) == FIELDS for figure in figures)
    assert all(math.isfinite(figure["value"]) and figure["value"] > 0 for figure in figures)
    by_name = {figure["name"]: figure for figure in figures}
    assert len(by_name) == len(figures)
    assert all(name in run.stderr for name in by_name)
    return by_name


def test_search() -> None:
    figures = figures_of("--group", "search", "--products", "500")
    for name in ("recall@10, plain", "recall@10, filtered"):
        assert figures[name]["value"] == 1.0
    timing = figures["photo search, plain"]
    assert timing["p50"] <= timing["p95"] and timing["unit"] == "ms"


def test_a_full_shop_is_asked_over_http() -> None:
    figures = figures_of("--group", "http", "--products", "100")
    kinds = ("words from the cache", "words never asked before", "photo, 640 × 480")
    for kind in kinds:
        for way in ("1 in turn", "8 in turn", "70% of that on time"):
            timing, p99 = figures[f"{kind}, {way}"], figures[f"{kind}, {way}: p99"]
            assert timing["p50"] <= timing["p95"] <= p99["value"]
            assert figures[f"{kind}, {way}: answers a second"]["n"] == timing["n"]


def test_photos_are_dropped_until_they_are_all_searchable() -> None:
    figures = figures_of("--group", "index", "--products", "20")
    assert figures["photos a second (Likeness mini)"]["n"] == 20
    tower = figures["image tower alone, on one thread, at the least (Likeness mini)"]["value"]
    assert tower < figures["processor time a photo (Likeness mini)"]["value"]
    share = figures["photos a second, of as many as if the tower were all (Likeness mini)"]
    assert 0 < share["value"] < 100
    for how, count in (("all at once", 20), ("70% of what can be done", 5)):
        waiting = figures[f"{how}, from dropped to searchable (Likeness mini)"]
        assert waiting["n"] == count and waiting["p50"] <= waiting["p95"]


def test_a_box_holds_ten_shoppers_and_more() -> None:
    try:
        with box(0.5, 256):
            pass
    except NoBox as reason:
        pytest.skip(str(reason))
    figures = figures_of("--group", "overload")
    assert figures["in a box: start to ready (Likeness mini)"]["n"] == 2
    assert figures["ten shoppers (Likeness mini): photo"]["unit"] == "ms"
    assert figures["peak memory of all that (Likeness mini)"]["value"] < 1024
    assert "far too many: the next one after (Likeness mini)" in figures


def test_an_image_is_weighed_or_it_is_said_why_not() -> None:
    command = [sys.executable, "-m", "scripts.bench", "--quick", "--group", "image"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for model in ("mini", "clip-vit-b-32"):
        weighed = f'"image with {model}, above its base"' in run.stdout
        assert weighed != (f"no likeness:{model}" in run.stderr or "nothing to weigh" in run.stderr)


def test_a_start_is_followed_to_its_first_answers() -> None:
    figures = figures_of("--group", "coldstart")
    for first in ("", ", the first start ever"):
        marks = ("ready", "the first text answered", "the first photo answered")
        times = [figures[f"start to {mark}{first} (Likeness mini)"]["value"] for mark in marks]
        assert times == sorted(times)


def test_texts_and_photos_are_answered_and_the_towers_share_is_told() -> None:
    figures = figures_of("--group", "model")
    for what in ("9 tokens", "photo of 640 × 480", "photo of 5472 × 3648"):
        timing = figures[f"{what} (Likeness mini)"]
        assert timing["p50"] <= timing["p95"] and timing["unit"] == "ms"
    assert figures["image tower alone on one thread, of that (Likeness mini)"]["unit"] == "%"


def test_memory() -> None:
    figures = figures_of("--group", "memory")
    peak, own = (
        figures[f"{what} (Likeness mini)"] for what in ("peak memory", "memory of its own")
    )
    assert peak["value"] > own["value"]


@pytest.mark.skipif(chromium.find() is None, reason=f"no Chromium here ({chromium.TO_DO})")
def test_typing_in_the_page() -> None:
    figures = figures_of("--group", "page", "--products", "30")
    assert figures["pictures in sight"]["value"] == 10
    answer, name, picture, pictures = (
        figures[what]["p50"]
        for what in (
            "of that: key to the answer",
            "key to the first product's name painted",
            "key to the first product's picture painted",
            "key to all pictures in sight painted",
        )
    )
    assert answer < name <= picture <= pictures


def test_the_best_of_several_is_told_beside_ours() -> None:
    report = Report()
    report.side_by_side("start", "ms", {"ours": [20, 10, 11], "theirs": [44]}, ["theirs"])
    ours, theirs = report.figures
    assert (ours.name, ours.value, ours.n, ours.ratio) == ("start (ours)", 11, 3, None)
    assert (theirs.name, theirs.value, theirs.n, theirs.ratio) == ("start (theirs)", 44, 1, 4)


def test_a_round_is_every_stack_once_and_the_first_does_not_count() -> None:
    one, other = (contender(name, "pass") for name in ("one", "other"))
    taken = [(each.name, counts) for each, counts in rounds([one, other], 1)]
    assert taken == [("one", False), ("other", False), ("one", True), ("other", True)]


def test_a_server_that_ends_is_named_with_the_end_of_its_log() -> None:
    broken = contender("broken", "import sys; sys.exit('no such model')")
    with pytest.raises(StackFailed, match=r"(?s)broken ended.*no such model"):  # noqa: SIM117
        with started(broken) as running:
            running.wait_until_ready()


def contender(name: str, code: str) -> Contender:
    stack = Stack(name, (sys.executable, "-c", code), {}, ROOT)
    return Contender(stack, free_port(), Path("tokenizer.json"), ours=False)


def test_multiply_adds_are_those_of_the_products_with_weights(tmp_path: Path) -> None:
    file = tmp_path / "image.onnx"
    with Graph(file) as graph:
        weight, scales = np.ones((12, 7), np.int8), np.ones(7, np.float32)
        floats = graph.add("Cast", "pixels", to=1)
        rows = graph.add("Reshape", floats, graph.whole(1, 5, 12))
        inputs = (rows, graph.weight(weight), graph.weight(scales))
        product = graph.add("DynamicQuantizeMatMul", *inputs, domain=MICROSOFT)
        turned = graph.add("Transpose", product, perm=[0, 2, 1])
        graph.save(("pixels", 2, [1, 5, 4, 3]), graph.add("MatMul", product, turned), 5)
    assert multiply_adds(file, np.zeros((1, 5, 4, 3), np.uint8)) == 5 * 12 * 7
