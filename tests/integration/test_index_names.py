"""Whose a point is, is read once: what is known of it must stay true, and need not be all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.stores import qdrant_names
from tests.contract.indexes import ANY, INDEXES, axis, ids, item, leaning, photo, stock, three_ways

PRODUCTS = 30
PROBES = three_ways(1, 0, "mug")


def test_more_than_are_remembered_are_found_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(INDEXES["embedded"](tmp_path)) as index:
        stock(index, [item(f"p{n:02}", "Mug", leaning(0, n / 10)) for n in range(PRODUCTS)])
        whole = index.search(PROBES, ANY, PRODUCTS)
        assert [len(found) for found in whole] == [PRODUCTS] * 3
        monkeypatch.setattr(qdrant_names, "_MOST", 7)
        for limit in (2, PRODUCTS, 5, PRODUCTS):
            assert index.search(PROBES, ANY, limit) == [found[:limit] for found in whole]


def test_what_went_and_came_again_is_told_as_it_is_now(tmp_path: Path) -> None:
    with closing(INDEXES["embedded"](tmp_path)) as index:
        stock(index, [item("a", "Mug"), item("b", "Mug")], photos=2)
        assert [ids(found) for found in index.search(PROBES, ANY, 5)] == [["a", "b"]] * 3
        index.remove("a")
        assert [ids(found) for found in index.search(PROBES, ANY, 5)] == [["b"]] * 3
        stock(index, [item("a", "Mug")])
        index.remove_photos("b", ["b/0.jpg"])
        looks, *others = index.search(PROBES, ANY, 5)
        assert [ids(found) for found in others] == [["a", "b"]] * 2
        assert [(one.product_id, one.photo) for one in looks] == [
            ("a", "a/0.jpg"),
            ("b", "b/1.jpg"),
        ]
        index.put_photos(item("b").listing.product, [photo("b/0.jpg", axis(1))])
        assert index.photo_scores(axis(1), ["b"])["b"].photo == "b/0.jpg"
