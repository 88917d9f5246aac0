"""What the bucket says of one product, and how that differs from what the index says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.bucket import IMAGES, Role, place
from core.ports import StoredObject
from core.product import Listing, Origin


@dataclass(frozen=True, slots=True)
class BucketView:
    product_id: str
    photos: dict[str, StoredObject]
    facts: StoredObject | None

    @classmethod
    def of(
        cls,
        product_id: str,
        objects: Sequence[StoredObject],
        refused: frozenset[str] = frozenset(),
    ) -> BucketView:
        """From a listing. `refused` are keys that hold no photo; they count as absent.

        A refused sidecar still counts, as one that says nothing: its version must reach the
        index, or every look would find it new.
        """
        photos: dict[str, StoredObject] = {}
        facts: StoredObject | None = None
        for stored in objects:
            where = place(stored.key)
            if where is None or where.product_id != product_id:
                continue
            if where.role is Role.FACTS:
                # A product with both forms is described by the one in its own folder.
                if facts is None or stored.key.endswith("/product.json"):
                    facts = stored
            elif stored.key not in refused:
                photos[stored.key] = stored
        return cls(product_id, photos, facts)

    @property
    def facts_version(self) -> str:
        return f"{self.facts.key}@{self.facts.version}" if self.facts else ""

    def keeps(self, known: Listing | None) -> bool:
        """Whether there is such a product at all. A sidecar alone is no product: it describes
        photos that are yet to come, or are gone."""
        return bool(self.photos) or (known is not None and known.origin is Origin.API)

    def agrees_with(self, known: Listing | None) -> bool:
        if not self.keeps(known):
            return known is None
        return (
            known is not None
            and known.facts_version == self.facts_version
            and _from_bucket(known) == {key: o.version for key, o in self.photos.items()}
        )

    def new_photos(self, known: Listing | None) -> list[StoredObject]:
        had = _from_bucket(known)
        return [o for key, o in sorted(self.photos.items()) if had.get(key) != o.version]

    def gone_photos(self, known: Listing | None) -> list[str]:
        return sorted(_from_bucket(known).keys() - self.photos.keys())


def _from_bucket(known: Listing | None) -> dict[str, str]:
    """The versions of the photos that came from the bucket; others are not its business."""
    photos = known.photos if known is not None else ()
    return {photo.key: photo.version for photo in photos if photo.key.startswith(IMAGES)}
