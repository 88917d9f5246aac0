"""Bringing one index to say what another says, by another model: what the bucket says, and what
was told of products through the API, which lies in the index alone.

Nothing of it has to be begun again: what is carried over already is seen by comparing. And what
changes meanwhile is carried over by another look, until a look finds nothing more to do.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from core.differences import every_listing
from core.indexing import Indexing, Settled
from core.ports import VectorIndex
from core.product import Listing, Origin

Told = dict[str, bytes]
"""Of each product that somebody told us of, a digest of what was said."""


class Reindexing:
    """From one index to another, which `indexing` writes to. Safe to call from several threads,
    each with another product."""

    def __init__(
        self,
        source: VectorIndex,
        target: VectorIndex,
        indexing: Indexing,
        carried: Told | None = None,
        standing: Told | None = None,
    ) -> None:
        """`carried`: what was carried over before, if that is not what the target says.
        `standing`: what the target said when others began to write to it; of what it says
        something else by now, that is the later word.
        """
        self._source = source
        self._target = target
        self._indexing = indexing
        self._standing = standing
        self.carried = told(target) if carried is None else carried

    def unsettled(self) -> list[str]:
        """The products of which the target doesn't say yet what it should."""
        said, carried = told(self._source), self.carried
        changed = {one for one in said.keys() | carried.keys() if said.get(one) != carried.get(one)}
        return sorted(changed | self._indexing.differences().keys())

    def settle(self, product_id: str) -> Settled:
        listing = self._source.get(product_id)
        said = _digest(listing)
        if said != self.carried.get(product_id):
            if not self._told_anew(product_id):
                self._carry(product_id, listing if said is not None else None)
            self.carried.pop(product_id, None)
            if said is not None:
                self.carried[product_id] = said
        return self._indexing.settle(product_id)

    def _carry(self, product_id: str, listing: Listing | None) -> None:
        if listing is None:
            self._indexing.forget(product_id)
        else:
            self._indexing.take_over(listing)

    def _told_anew(self, product_id: str) -> bool:
        if self._standing is None:
            return False
        return _digest(self._target.get(product_id)) != self._standing.get(product_id)


def told(index: VectorIndex) -> Told:
    found = {one.product.id: _digest(one) for one in every_listing(index)}
    return {product_id: said for product_id, said in found.items() if said is not None}


def _digest(listing: Listing | None) -> bytes | None:
    """None for a product of which the bucket says all there is to say."""
    if listing is None or listing.origin is not Origin.API:
        return None
    bare = msgspec.structs.replace(listing, photos=())
    return blake2b(msgspec.json.encode(bare, order="deterministic"), digest_size=8).digest()
