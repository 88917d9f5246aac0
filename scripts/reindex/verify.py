"""Whether an index can take another's place: nothing lost on the way, and searches find."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.bucket import IMAGES
from core.differences import every_listing
from core.ports import ByMeaning, ByPhotos, ByWords, Match, Probe, VectorIndex, Vectors
from core.product import Listing
from core.query import Filters
from core.words import of_query

_SAMPLES = 20
_ALIKE = 10
_SAME = 0.999
_ENOUGH = 0.9
"""Of the samples: a graph of vectors finds nearly all of them, not all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    lost: list[str]
    """Photos that the source has and the target could not take."""
    miscounted: str
    sampled: int
    unfound: list[str]
    """Sampled products that are not found by their own photo, meaning or words."""
    agreement: float | None
    """Of the products that look most alike by the source, the share that does by the target."""

    @property
    def well(self) -> bool:
        found = self.sampled - len(self.unfound)
        return not self.lost and not self.miscounted and found >= _ENOUGH * self.sampled

    def tell(self) -> str:
        found = self.sampled - len(self.unfound)
        lines = [f"{found} of {self.sampled} products looked for were found."]
        if self.agreement is not None:
            lines.append(f"Of what looks alike, {self.agreement:.0%} is the same as before.")
        lines += [f"Not found by its own photo or words: {one}" for one in self.unfound]
        lines += [f"Lost: {one}" for one in self.lost[:_SAMPLES]]
        lines += [self.miscounted] if self.miscounted else []
        return "\n".join(lines)


def verify(source: VectorIndex, target: VectorIndex, rejected: Collection[str]) -> Verdict:
    """`rejected`: keys of the bucket's objects that could not be used."""
    there = {one.product.id: one for one in every_listing(target)}
    lost = [
        key
        for listing in every_listing(source)
        for key in sorted(_photos(listing) - _photos(there.get(listing.product.id)))
        if key in rejected or not key.startswith(IMAGES)  # others are gone from the bucket
    ]
    samples = list(there.values())[:: max(1, len(there) // _SAMPLES)][:_SAMPLES]
    shares = [share for one in samples if (share := _same_alike(source, target, one)) is not None]
    return Verdict(
        lost=lost,
        miscounted=_miscounted(target, list(there.values())),
        sampled=len(samples),
        unfound=[one.product.id for one in samples if not _is_found(target, one)],
        agreement=sum(shares) / len(shares) if shares else None,
    )


def _photos(listing: Listing | None) -> set[str]:
    return {photo.key for photo in listing.photos} if listing is not None else set()


def _miscounted(target: VectorIndex, listings: Collection[Listing]) -> str:
    """Two ways to count must agree: by looking at each, and by asking how many."""
    status = target.status()
    seen = len(listings), sum(len(one.photos) for one in listings)
    if seen == (status.products, status.photos):
        return ""
    return f"{seen} products and photos were seen, but {status.products, status.photos} counted."


def _is_found(index: VectorIndex, listing: Listing) -> bool:
    product_id = listing.product.id
    known = index.vectors([product_id]).get(product_id, Vectors([], None))
    probes: list[Probe] = [ByPhotos(known.photos[0])] if known.photos else []
    if known.meaning is not None:
        probes.append(ByMeaning(known.meaning))
    by_vectors = index.search(probes, Filters(), _ALIKE)
    said = of_query(listing.product.name)
    by_words = index.search([ByWords(said)], Filters(), 1)[0] if said else True
    return bool(by_words) and all(_among(product_id, matches) for matches in by_vectors)


def _among(product_id: str, matches: list[Match]) -> bool:
    """Or crowded out by others that are the very same."""
    if any(one.product_id == product_id for one in matches):
        return True
    return len(matches) == _ALIKE and matches[-1].score >= _SAME


def _same_alike(source: VectorIndex, target: VectorIndex, listing: Listing) -> float | None:
    alike = []
    for index in (source, target):
        known = index.vectors([listing.product.id]).get(listing.product.id)
        if known is None or not known.photos:
            return None
        [found] = index.search([ByPhotos(known.photos[0])], Filters(), _ALIKE, [listing.product.id])
        alike.append({one.product_id for one in found})
    before, now = alike
    return len(before & now) / len(before) if before else None
