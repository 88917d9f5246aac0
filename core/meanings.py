"""What a product's words mean, as a vector that is made once for the same words."""

from __future__ import annotations

from core.ports import Embedder, VectorIndex
from core.product import Listing, Product, Vector


def meaning_of(
    product: Product, known: Listing | None, embedder: Embedder, index: VectorIndex
) -> Vector:
    """`known` is the product as the index had it a moment ago. A price or a stock that changes
    leaves the words as they were, and with them their vector."""
    text = _text(product)
    if known is not None and _text(known.product) == text:
        kept = index.vectors([product.id]).get(product.id)
        # Another may have put other words meanwhile. Then this is the vector of who knows which.
        still = index.get(product.id)
        same = still is not None and _text(still.product) == text
        if same and kept is not None and kept.meaning is not None:
            return kept.meaning
    return embedder.words(text).vector


def _text(product: Product) -> str:
    return f"{product.name}. {product.description}".strip()
