"""Embeddings: the model's own vectors, for whoever builds something else on them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest
from core.product import Vector
from core.validation import validated
from handlers.bodies import Json, read_object, read_photo
from handlers.endpoint import Endpoint, Key
from handlers.models import KIND_OF_MODEL, Words
from handlers.shop import Shop

MAX_TEXTS_BYTES = 1024 * 1024


class EmbedRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /embed`: one text, or up to 64."""

    text: Words | None = None
    texts: Annotated[list[Words], Meta(min_length=1, max_length=64)] | None = None


class EmbedPhotoRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /embed-image`: the photo alone."""


class EmbeddingBody(msgspec.Struct, kw_only=True):
    """One vector for `text`, a list of them for `texts`."""

    embedding: list[float] | UnsetType = UNSET
    embeddings: list[list[float]] | UnsetType = UNSET
    dimension: int
    model: str


class PhotoEmbeddingBody(msgspec.Struct, kw_only=True):
    """Here `model` says what kind of model it is, as older clients expect it."""

    embedding: list[float]
    dimension: int
    model: str
    model_id: str


async def embed(request: Request, shop: Shop) -> Response:
    asked = validated(EmbedRequest, await read_object(request, MAX_TEXTS_BYTES))
    if (asked.text is None) == (asked.texts is None):
        raise InvalidRequest("Send either text or texts.")
    texts = [asked.text] if asked.text is not None else asked.texts or []

    def work() -> list[Vector]:
        return [shop.embedder.words(text).vector for text in texts]

    vectors = [vector.tolist() for vector in await shop.admission.run(work)]
    model, dimension = shop.embedder.model, shop.embedder.dimension
    body = EmbeddingBody(dimension=dimension, model=model)
    if asked.text is not None:
        body.embedding = vectors[0]
    else:
        body.embeddings = vectors
    return Json(body)


async def embed_photo(request: Request, shop: Shop) -> Response:
    form = await read_photo(request)
    validated(EmbedPhotoRequest, form.fields)
    vector = await shop.admission.run(shop.embedder.photo, form.photo)
    body = PhotoEmbeddingBody(
        embedding=vector.tolist(),
        dimension=shop.embedder.dimension,
        model=KIND_OF_MODEL,
        model_id=shop.embedder.model,
    )
    return Json(body)


_ONE_OF_BOTH = {
    "oneOf": [
        {
            "required": ["text"],
            "properties": {"text": {"type": "string"}, "texts": {"type": "null"}},
        },
        {
            "required": ["texts"],
            "properties": {"texts": {"type": "array"}, "text": {"type": "null"}},
        },
    ]
}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/embed",
        embed,
        Key.ADMIN,
        "Texts as vectors",
        EmbeddingBody,
        takes=EmbedRequest,
        rule=_ONE_OF_BOTH,
        asks_model=True,
    ),
    Endpoint(
        "POST",
        "/embed-image",
        embed_photo,
        Key.ADMIN,
        "A photo as a vector",
        PhotoEmbeddingBody,
        upload=EmbedPhotoRequest,
        asks_model=True,
    ),
)
