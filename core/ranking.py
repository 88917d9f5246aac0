"""From a query's vectors to ordered hits: which questions the index is asked, and whose answer
counts how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from core.diversity import spread
from core.errors import ProductNotFound
from core.fusion import Ranked, fuse
from core.ports import ByMeaning, ByPhotos, ByWords, Match, VectorIndex, Vectors
from core.product import Listing, Vector
from core.query import MAX_WINDOW, Hit, Query
from core.query_vectors import Meaning
from core.vectors import centre, steered
from core.words import in_common, of_product, of_query

_DEPTH = 60
"""How many products each of a word query's rankings brings: with fewer, one that stands middling
in all three would never be seen. For pages beyond, all that these bring comes first, as it stands
without the rest: the depth decides the order a little, and pages must join."""
_LOOKS, _MEANS, _SAYS = 1.0, 0.6, 1.2
"""The weights of photos, meaning and words in a word query. What a product says of itself is the
surest sign where it says anything; photos decide between equals and speak for the rest."""


class _Directions(NamedTuple):
    """Of a product or a query: where it points among photos, and where among meanings."""

    looks: Vector
    means: Vector


class _Found(NamedTuple):
    """A word query's three rankings."""

    looks: list[Match]
    means: list[Match]
    says: list[Match]

    def fused(self, depth: int) -> list[str]:
        return fuse(
            [
                Ranked(self.looks[:depth], _LOOKS),
                Ranked(self.means[:depth], _MEANS),
                # A product that shares no word with the query has a lexical score of zero.
                Ranked(self.says[:depth], _SAYS, floor=0),
            ]
        )


class Ranking:
    def __init__(self, index: VectorIndex) -> None:
        self._index = index

    def hits(self, query: Query, meaning: Meaning | None) -> tuple[Hit, ...]:
        """Without a meaning, by the words in common alone: no cosine, and so no threshold."""
        matches = self._by_words_alone(query) if meaning is None else self._matches(query, meaning)
        if query.diversity:
            first = matches[:_DEPTH]
            known = self._index.vectors([match.product_id for match in first])
            matches = spread(first, known, query.diversity) + matches[_DEPTH:]
        hits = self._read(matches[query.offset : query.offset + query.top_k])
        return hits if meaning is not None else _in_common(query, hits)

    def _read(self, matches: Sequence[Match]) -> tuple[Hit, ...]:
        """What is shown of them, read last: many are ranked, few are shown."""
        known = self._index.listings([one.product_id for one in matches]) if matches else {}
        return tuple(
            _hit(match, listing)
            for match in matches
            if (listing := known.get(match.product_id))  # else it was removed a moment ago
        )

    def _matches(self, query: Query, meaning: Meaning) -> list[Match]:
        named = query.more_like + query.less_like
        known = self._index.vectors(named) if named else {}
        more = [_directions(one, known) for one in query.more_like]
        less = [_directions(one, known) for one in query.less_like]
        if meaning.away is not None:
            less.append(_Directions(meaning.away, meaning.away))
        looks = steered(meaning.looks, [one.looks for one in more], [one.looks for one in less])
        if meaning.words is None or query.photo is not None:
            return self._by_looks(query, looks)
        means = steered(meaning.words, [one.means for one in more], [one.means for one in less])
        return self._by_words(query, _Directions(looks, means))

    def _by_looks(self, query: Query, looks: Vector) -> list[Match]:
        [matches] = self._index.search(
            [ByPhotos(looks)],
            query.filters,
            _window(query),
            query.more_like + query.less_like,
        )
        return _good_enough(matches, query)

    def _by_words(self, query: Query, meant: _Directions) -> list[Match]:
        wanted = _window(query)
        depth = _DEPTH if wanted <= _DEPTH else MAX_WINDOW
        while True:
            found = self._found(query, meant, depth)
            first = found.fused(_DEPTH)
            ranked = first if depth == _DEPTH else _followed(first, found.fused(depth))
            if query.score_threshold is None:
                ranked = ranked[:wanted]
            scored = self._with_cosines(ranked, meant, found, depth)
            hits = _good_enough(scored[: len(first)], query)
            is_all = len(found.means) < _DEPTH or _have_no_like_beyond(hits, query)
            if is_all or len(hits) >= wanted:
                return hits
            if depth == MAX_WINDOW:
                return hits + _good_enough(scored[len(first) :], query)
            depth = MAX_WINDOW

    def _found(self, query: Query, meant: _Directions, depth: int) -> _Found:
        assert query.words
        looks, means, says = self._index.search(
            [ByPhotos(meant.looks), ByMeaning(meant.means), ByWords(of_query(query.words))],
            query.filters,
            depth,
            query.more_like + query.less_like,
        )
        return _Found(looks, means, says)

    def _by_words_alone(self, query: Query) -> list[Match]:
        assert query.words
        [matches] = self._index.search(
            [ByWords(of_query(query.words))],
            query.filters,
            _window(query),
            query.more_like + query.less_like,
        )
        return matches

    def _with_cosines(
        self, fused: Sequence[str], meant: _Directions, found: _Found, depth: int
    ) -> list[Match]:
        """Every hit scored alike: by its best photo, or by its words when it has no photo."""
        looks = _by_id(found.looks)
        # Where photos' ranking is not full, whatever is not in it has none.
        unseen = [one for one in fused if one not in looks] if len(looks) >= depth else []
        seen = self._index.photo_scores(meant.looks, unseen) if unseen else {}
        scored = {**_by_id(found.means), **looks, **seen}
        unsaid = [one for one in fused if one not in scored]
        known = self._index.vectors(unsaid) if unsaid else {}
        return [
            scored.get(one) or Match(one, _cosine(meant.means, known.get(one))) for one in fused
        ]


def _followed(first: list[str], others: Sequence[str]) -> list[str]:
    had = set(first)
    return first + [one for one in others if one not in had]


def _by_id(matches: Sequence[Match]) -> dict[str, Match]:
    return {match.product_id: match for match in matches}


def _good_enough(matches: list[Match], query: Query) -> list[Match]:
    if query.score_threshold is None:
        return matches
    return [match for match in matches if match.score >= query.score_threshold]


def _have_no_like_beyond(hits: Sequence[Match], query: Query) -> bool:
    """Where not all of the first photos are good enough, none beyond is. Only products without a
    photo, which are scored by their words, may be; where none of the first is one, none is looked
    for: most catalogues have none, and a page that a threshold leaves short stays a quick one."""
    few = query.score_threshold is not None and len(hits) < _DEPTH
    return few and all(match.photo is not None for match in hits)


def _window(query: Query) -> int:
    """How many matches are wanted. To be spread they are looked at together, whatever the page."""
    last = query.offset + query.top_k
    return max(last, _DEPTH) if query.diversity else last


def _directions(product_id: str, known: Mapping[str, Vectors]) -> _Directions:
    """How a product looks: its photos together, or its words when it has no photo."""
    its = known.get(product_id)
    if its is None or its.meaning is None:
        raise ProductNotFound(f"There is no product with the id {product_id!r}.")
    return _Directions(centre(its.photos) if its.photos else its.meaning, its.meaning)


def _cosine(words: Vector, known: Vectors | None) -> float:
    """Of one that was removed a moment ago there is none."""
    return float(np.dot(words, known.meaning)) if known and known.meaning is not None else 0.0


def _hit(match: Match, listing: Listing) -> Hit:
    photos = listing.photos
    matched = next((photo for photo in photos if photo.key == match.photo), None)
    return Hit(
        product=listing.product,
        similarity=max(-1.0, min(1.0, match.score)),
        matched=matched,
        photo=photos[0] if photos else None,
    )


def _in_common(query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The same, with the words they share as their likeness."""
    said = of_query(query.words or "")
    return tuple(
        msgspec.structs.replace(hit, similarity=in_common(said, of_product(hit.product)))
        for hit in hits
    )
