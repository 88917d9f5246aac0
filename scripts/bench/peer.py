"""qdrant-client's local mode, the other way to have Qdrant without a server, on the same data."""

from __future__ import annotations

from collections.abc import Sequence

from qdrant_client import QdrantClient, models

from core.product import Product, Vector, attribute_facts
from core.query import Filters
from core.words import Lexical, of_product
from scripts.bench.catalogue import DIMENSION, Catalogue

_BATCH = 1000


class Peer:
    """In memory: on disk it commits every point by itself, and this catalogue takes an hour."""

    def __init__(self) -> None:
        self._client = QdrantClient(":memory:")

    def load(self, catalogue: Catalogue) -> None:
        self._client.create_collection(
            "photos",
            vectors_config=models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE),
        )
        self._client.create_collection(
            "records",
            vectors_config={},
            sparse_vectors_config={
                "words": models.SparseVectorParams(modifier=models.Modifier.IDF)
            },
        )
        for start in range(0, len(catalogue), _BATCH):
            numbers = range(start, min(start + _BATCH, len(catalogue)))
            products = [catalogue.product(number) for number in numbers]
            photos = catalogue.photos[start : start + _BATCH].tolist()
            self._client.upsert(
                "photos",
                [
                    models.PointStruct(id=number, vector=vector, payload=_payload(product))
                    for number, vector, product in zip(numbers, photos, products, strict=True)
                ],
            )
            self._client.upsert(
                "records",
                [
                    models.PointStruct(
                        id=number,
                        vector={"words": _sparse(of_product(product))},
                        payload=_payload(product),
                    )
                    for number, product in zip(numbers, products, strict=True)
                ],
            )

    def by_photos(self, vector: Vector, filters: Filters, limit: int) -> list[str]:
        # Not query_points_groups: it copies every payload and takes seconds.
        points = self._client.query_points(
            "photos",
            query=vector.tolist(),
            query_filter=_filter(filters),
            limit=2 * limit,
            with_payload=["product"],
        ).points
        products = dict.fromkeys(str((point.payload or {})["product"]) for point in points)
        return list(products)[:limit]

    def by_words(self, lexical: Lexical, limit: int) -> list[str]:
        points = self._client.query_points(
            "records", query=_sparse(lexical), using="words", limit=limit, with_payload=["product"]
        ).points
        return [str((point.payload or {})["product"]) for point in points]


def _payload(product: Product) -> dict[str, object]:
    return {
        "product": product.id,
        "name": product.name,
        "description": product.description,
        "category": product.category,
        "price": product.price,
        "facts": list(attribute_facts(product.attributes)),
        "in_stock": product.in_stock,
    }


def _sparse(lexical: Lexical) -> models.SparseVector:
    return models.SparseVector(indices=list(lexical.indices), values=list(lexical.values))


def _filter(filters: Filters) -> models.Filter:
    must: list[models.Condition] = []
    if filters.categories:
        must.append(_any_of("category", filters.categories))
    if filters.price_min is not None or filters.price_max is not None:
        bounds = models.Range(gte=filters.price_min, lte=filters.price_max)
        must.append(models.FieldCondition(key="price", range=bounds))
    for name, values in filters.attributes:
        must.append(_any_of("facts", [f"{name}={value}" for value in values]))
    return models.Filter(must=must)


def _any_of(key: str, values: Sequence[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
