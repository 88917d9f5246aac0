"""What a product's words mean, as a vector that is made once for the same words."""

from __future__ import annotations

from functools import lru_cache

from core.ports import Embedder, VectorIndex
from core.product import Listing, Product, Vector

_REMEMBERED = 256


class Meanings:
    """Safe to call from several threads."""

    def __init__(self, embedder: Embedder, index: VectorIndex) -> None:
        self._index = index
        # One thing in many sizes or colours often comes as so many products of the same words.
        self._vector = lru_cache(_REMEMBERED)(lambda text: embedder.words(text).vector)

    def of(self, product: Product, known: Listing | None) -> Vector:
        """`known` is the product as the index had it a moment ago. A price or a stock that changes
        leaves the words as they were, and with them their vector."""
        text = _text(product)
        if known is not None and _text(known.product) == text:
            kept = self._index.vectors([product.id]).get(product.id)
            # Another may have put other words meanwhile. Then this is the vector of who knows
            # which.
            still = self._index.get(product.id)
            same = still is not None and _text(still.product) == text
            if same and kept is not None and kept.meaning is not None:
                return kept.meaning
        return self._vector(text)


def _text(product: Product) -> str:
    return f"{product.name}. {product.description}".strip()
