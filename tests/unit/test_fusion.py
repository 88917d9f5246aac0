from __future__ import annotations

from core.fusion import Ranked, fuse
from core.ports import Match


def match(product_id: str, score: float = 0.5) -> Match:
    return Match(product_id, score)


def test_good_scores_in_two_rankings_beat_the_best_in_one() -> None:
    one = Ranked([match("a", 0.9), match("b", 0.8), match("z", 0.1)], weight=1)
    other = Ranked([match("c", 9.0), match("b", 8.0), match("z", 1.0)], weight=1)
    assert fuse([one, other]) == ["b", "a", "c", "z"]


def test_a_ranking_counts_by_its_weight_not_by_the_size_of_its_scores() -> None:
    large = Ranked([match("a", 900), match("z", 0)], weight=1)
    small = Ranked([match("b", 0.02), match("z", 0.01)], weight=2)
    assert fuse([large, small]) == ["b", "a", "z"]


def test_a_floor_says_which_score_is_worth_nothing() -> None:
    assert Ranked([match("a", 4), match("b", 3)], weight=2, floor=0).worths() == [2, 1.5]
    assert Ranked([match("a", 4), match("b", 3)], weight=2).worths() == [2, 0]


def test_a_product_found_twice_comes_once() -> None:
    assert fuse([Ranked([match("a", 0.3)], 1), Ranked([match("a", 0.9)], 1)]) == ["a"]


def test_equals_are_ordered_by_id_and_nothing_gives_nothing() -> None:
    assert fuse([Ranked([match("b")], 1), Ranked([match("a")], 1)]) == ["a", "b"]
    assert fuse([]) == fuse([Ranked([], 1)]) == []
