"""What the index must say of a world's bucket, and what it does say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.bucket import Role, place
from tests.bucket_world import World
from tests.fakes.toy_embedder import ToyEmbedder


def effective(world: World) -> Iterator[str]:
    """The keys that count: a product's photos, and the one sidecar that describes it."""
    for key in sorted(world.bucket):
        where = place(key)
        assert where is not None
        own = f"images/{where.product_id}/product.json"
        if where.role is Role.PHOTO or key == own or own not in world.bucket:
            yield key


def poison(world: World) -> set[str]:
    contents = {key: world.bucket[key] for key in effective(world)}
    return {key for key, one in contents.items() if not (one.usable and one.facts_usable)}


def expected(world: World) -> dict[str, tuple[object, ...]]:
    """Name, price, photos and their vectors of every product there should be."""
    put_last = sorted(world.photos.list(), key=lambda stored: (stored.modified, stored.key))
    order = [stored.key for stored in put_last]
    counts = sorted(effective(world), key=lambda key: (not key.endswith(".json"), order.index(key)))
    said: dict[str, dict[str, Any]] = {}
    photos: dict[str, list[str]] = {}
    for key in counts:
        where, content = place(key), world.bucket[key]
        assert where is not None
        if content.usable:
            said.setdefault(where.product_id, {}).update(content.says)
            if where.role is Role.PHOTO:
                photos.setdefault(where.product_id, []).append(key)
    return {
        product_id: (
            said[product_id].get("name", product_id),
            said[product_id].get("price"),
            sorted(its),
            [ToyEmbedder().photo(world.bucket[key].data).tobytes() for key in sorted(its)],
        )
        for product_id, its in photos.items()
    }


def indexed(world: World) -> dict[str, tuple[object, ...]]:
    return {
        one.product.id: (
            one.product.name,
            one.product.price,
            [photo.key for photo in one.photos],
            [
                vector.tobytes()
                for vector in world.index.vectors([one.product.id])[one.product.id][0]
            ],
        )
        for one in world.index.page(1000).listings
    }
