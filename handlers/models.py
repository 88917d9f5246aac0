"""The HTTP contract's bodies. The same models validate requests and describe them in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from core.product import AttributeName, AttributeValue, Listing, Product, ProductId, fact_word
from core.query import Crop, Filters, Hit, Query
from core.search import Answer
from core.web_photos import MAX_ADDRESSES

Share = Annotated[float, Meta(ge=0, le=1)]
Words = Annotated[str, Meta(max_length=100_000)]
TopK = Annotated[int, Meta(ge=1, le=100)]
UploadId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
PhotoUrl = Annotated[str, Meta(max_length=4096)]
ProductIds = str | Annotated[list[ProductId], Meta(max_length=16)]
"""Not `ProductId | ...`: text with a pattern beside a list makes msgspec 0.22 free the pattern, and
crash the next time a product is read."""
FilterValue = str | bool | int | float | list[str | bool | int | float]
"""What an attribute shall be; of several values, any."""
Offset = Annotated[int, Meta(ge=0, le=1000)]


KIND_OF_MODEL = "CLIP"


def _each(*models: str) -> Meta:
    """For the description: what a list holds, where the decoder is told nothing of it."""
    refs = [{"$ref": f"#/components/schemas/{model}"} for model in models]
    return Meta(extra_json_schema={"items": refs[0] if len(refs) == 1 else {"anyOf": refs}})


class FilterFields(msgspec.Struct, kw_only=True, frozen=True):
    """The filters every search takes."""

    category_filter: str | list[str] | None = None
    price_min: float | None = None
    price_max: float | None = None
    attributes: dict[AttributeName, FilterValue] | None = None
    in_stock: bool | None = None

    def filters(self) -> Filters:
        named = self.category_filter or []
        categories = [named] if isinstance(named, str) else named
        wanted = {
            name: tuple(
                sorted({fact_word(v) for v in (value if isinstance(value, list) else [value])})
            )
            for name, value in (self.attributes or {}).items()
        }
        return Filters(
            categories=tuple(sorted(set(categories))),
            price_min=self.price_min,
            price_max=self.price_max,
            attributes=tuple(sorted(wanted.items())),
            in_stock=self.in_stock,
        )


class SimilarRequest(FilterFields, kw_only=True, frozen=True):
    """`GET /search/similar/{id}`: the filters, the window, and what to count."""

    top_k: TopK | None = None
    offset: Offset = 0
    score_threshold: Annotated[float, Meta(ge=-1, le=1)] | None = None
    facets: str | Annotated[list[str], Meta(max_length=16)] | None = None
    diversity: Share = 0.0


class PhotoSearchRequest(SimilarRequest, kw_only=True, frozen=True):
    """The fields that may come beside an uploaded photo."""

    text_query: Words | None = None
    less_text: Words | None = None
    product_id: ProductId | None = None
    more_like: ProductIds | None = None
    less_like: ProductIds | None = None
    image_weight: Share = 0.5
    crop: Crop | None = None


class SearchRequest(PhotoSearchRequest, kw_only=True, frozen=True):
    """`POST /search`: words, a photo, both, or a product to compare with."""

    image_url: PhotoUrl | None = None
    image_base64: str | None = None
    upload_id: UploadId | None = None


class TopKRequest(msgspec.Struct, kw_only=True, frozen=True):
    """What older clients say of a search in its query string. All its other fields may come there,
    too, but belong in the body."""

    top_k: TopK | None = None


class SearchBatchRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /search/batch`. What is wrong with one search is told in its answer, so each is looked
    at by itself."""

    searches: Annotated[list[Any], Meta(min_length=1, max_length=32), _each("SearchRequest")]


class HitBody(msgspec.Struct, kw_only=True):
    product_id: str
    external_id: str | None
    name: str
    description: str
    image_url: str | None
    price: float | None
    currency: str | None
    category: str | None
    attributes: dict[str, AttributeValue]
    in_stock: bool
    similarity_score: float
    matched_image: str | None

    @classmethod
    def of(cls, hit: Hit) -> HitBody:
        product = hit.product
        return cls(
            product_id=product.id,
            external_id=product.external_id,
            name=product.name,
            description=product.description,
            image_url=hit.photo.url if hit.photo else None,
            price=product.price,
            currency=product.currency,
            category=product.category,
            attributes=product.attributes,
            in_stock=product.in_stock,
            similarity_score=round(hit.similarity, 6),
            matched_image=hit.matched.url if hit.matched else None,
        )


class SearchBody(msgspec.Struct, kw_only=True):
    query_id: str
    query_type: str
    model: str
    top_k: int
    total_results: int
    count: int
    results: list[HitBody]
    facets: dict[str, dict[str, int]] | msgspec.UnsetType = msgspec.UNSET
    """Where they were asked for."""
    cache: str
    degraded: bool
    truncated: bool
    execution_time_ms: float
    timings: dict[str, float]

    @classmethod
    def of(cls, query: Query, answer: Answer, query_id: str, elapsed_ms: float) -> SearchBody:
        hits = [HitBody.of(hit) for hit in answer.hits]
        parts = ("fetch_ms", "embed_ms", "search_ms", "cache_ms")
        return cls(
            query_id=query_id,
            query_type=answer.type,
            model=answer.model,
            top_k=query.top_k,
            total_results=len(hits),
            count=len(hits),
            results=hits,
            facets=answer.facets if query.facets else msgspec.UNSET,
            cache=answer.cache,
            degraded=answer.degraded,
            truncated=answer.truncated,
            execution_time_ms=round(elapsed_ms, 3),
            timings={part: round(answer.timings.get(part, 0.0), 3) for part in parts},
        )


class PhotoSearchBody(SearchBody, kw_only=True):
    """`POST /search-image`: an answer that says of the photo, too, what it was."""

    query_image: str
    """The file's name."""
    embedding_dimension: int


class SearchBatchBody(msgspec.Struct, kw_only=True):
    """An answer to each search, in their order; a problem where there is none."""

    answers: Annotated[list[Any], _each("SearchBody", "Problem")]


class ProductRequest(Product, kw_only=True, frozen=True):
    """A product as the catalogue is told it, with the addresses of its photos, or without."""

    image_url: PhotoUrl | None = None
    image_urls: Annotated[list[PhotoUrl], Meta(max_length=MAX_ADDRESSES)] | None = None

    @property
    def product(self) -> Product:
        return msgspec.convert(self, Product, from_attributes=True)

    @property
    def addresses(self) -> list[str] | None:
        """None where nothing is said of its photos, which then stay."""
        if self.image_url is None and self.image_urls is None:
            return None
        first = [self.image_url] if self.image_url else []
        return list(dict.fromkeys(first + (self.image_urls or [])))


class ProductBody(msgspec.Struct, kw_only=True):
    """A product as the catalogue gives it back."""

    id: str
    external_id: str | None
    name: str
    description: str
    category: str | None
    price: float | None
    currency: str | None
    attributes: dict[str, AttributeValue]
    in_stock: bool
    image_url: str | None
    image_urls: list[str]

    @classmethod
    def of(cls, listing: Listing) -> ProductBody:
        urls = [photo.url for photo in listing.photos]
        facts: dict[str, Any] = msgspec.structs.asdict(listing.product)
        return cls(**facts, image_url=urls[0] if urls else None, image_urls=urls)


class ProductPage(msgspec.Struct, kw_only=True):
    products: list[ProductBody]
    next_cursor: str | None


class ProductListRequest(msgspec.Struct, kw_only=True, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    category: str | None = None
