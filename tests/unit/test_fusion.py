from __future__ import annotations

from core.fusion import fuse
from core.ports import Match
from core.product import Listing, Product


def match(product_id: str, score: float = 0.5) -> Match:
    return Match(Listing(product=Product(id=product_id, name=product_id)), score)


def ids(matches: list[Match]) -> list[str]:
    return [m.listing.product.id for m in matches]


def test_good_places_in_two_rankings_beat_the_best_place_in_one() -> None:
    fused = fuse([(1, [match("a"), match("b")]), (1, [match("c"), match("b")])])
    assert ids(fused) == ["b", "a", "c"]


def test_scores_do_not_count_and_weights_do() -> None:
    assert ids(fuse([(1, [match("a", 0.9)]), (2, [match("b", 0.1)])])) == ["b", "a"]


def test_a_product_keeps_the_match_of_the_first_ranking_that_found_it() -> None:
    [found] = fuse([(1, [match("a", 0.3)]), (1, [match("a", 0.9)])])
    assert found.score == 0.3


def test_equals_are_ordered_by_id_and_nothing_gives_nothing() -> None:
    assert ids(fuse([(1, [match("b")]), (1, [match("a")])])) == ["a", "b"]
    assert fuse([]) == []
