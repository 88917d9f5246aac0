"""What the bucket says of one product, and how that differs from what the index says."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.bucket import IMAGES, Role, place
from core.facts import FactsVersion
from core.ports import StoredObject
from core.product import Listing, Origin
from core.refusals import Rejected, facts_digest


class BucketView(msgspec.Struct, frozen=True):
    product_id: str
    photos: dict[str, StoredObject]
    sidecar: StoredObject | None
    refused: tuple[Rejected, ...]
    """Of what was refused before, that which still lies there as it was, and would be used."""

    @classmethod
    def of(
        cls, product_id: str, objects: Sequence[StoredObject], refused: Sequence[Rejected] = ()
    ) -> BucketView:
        """From a listing. A refused photo counts as absent, refused facts as saying nothing."""
        photos: dict[str, StoredObject] = {}
        sidecar: StoredObject | None = None
        unusable = {(one.key, one.version) for one in refused if one.role is Role.PHOTO}
        for stored in objects:
            where = place(stored.key)
            if where is None or where.product_id != product_id:
                continue
            if where.role is Role.FACTS:
                # A product with both forms is described by the one in its own folder.
                if sidecar is None or stored.key.endswith("/product.json"):
                    sidecar = stored
            elif (stored.key, stored.version) not in unusable:
                photos[stored.key] = stored
        there = {(stored.key, stored.version) for stored in objects}
        sources = {*photos, sidecar.key if sidecar is not None else None}
        still = tuple(
            one
            for one in refused
            if (one.key, one.version) in there and (one.role is Role.PHOTO or one.key in sources)
        )
        return cls(product_id, photos, sidecar, still)

    @property
    def sidecar_version(self) -> str:
        return f"{self.sidecar.key}@{self.sidecar.version}" if self.sidecar else ""

    def refuses_facts_of(self, key: str) -> bool:
        return any(one.key == key and one.role is Role.FACTS for one in self.refused)

    def keeps(self, known: Listing | None) -> bool:
        """Whether there is such a product at all. A sidecar alone is no product: it describes
        photos that are yet to come, or are gone."""
        return bool(self.photos) or (known is not None and known.origin is Origin.API)

    def agrees_with(self, known: Listing | None) -> bool:
        if not self.keeps(known):
            return known is None
        if known is None:
            return False
        facts = FactsVersion.of_text(known.facts_version)
        # Metadata need no look of their own: they are part of their photo's version.
        return (
            facts.sidecar == self.sidecar_version
            and facts.refused == facts_digest(self.refused)
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
