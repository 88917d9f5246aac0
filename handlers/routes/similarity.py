"""How alike two things are: photos, or a photo and words."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidRequest
from core.photos import MAX_PHOTO_BYTES
from core.product import Vector
from core.validation import validated
from core.words import clean
from handlers.bodies import (
    FORMS,
    PAIR,
    Form,
    Json,
    kind_of,
    photo_from_base64,
    read_object,
    read_photo_or_pair,
)
from handlers.endpoint import Endpoint, Key
from handlers.models import PhotoUrl, Words
from handlers.shop import Shop

_MAX_BYTES = 2 * (MAX_PHOTO_BYTES * 4 // 3) + 64 * 1024
"""Room for two of the largest photos in base64."""
_Said = Annotated[Words, Meta(min_length=1)]


class Thing(msgspec.Struct, kw_only=True, frozen=True):
    """One of the two: words, or a photo."""

    text: _Said | None = None
    image_url: PhotoUrl | None = None
    image_base64: str | None = None


class SimilarityRequest(msgspec.Struct, kw_only=True, frozen=True):
    """`POST /similarity`: what is compared."""

    between: Annotated[list[Thing], Meta(min_length=2, max_length=2)]


class PhotoSimilarityRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The same as a form: a photo, and the words it is compared with. Or two photos alone."""

    text: _Said


class SimilarityBody(msgspec.Struct, kw_only=True):
    similarity: float
    """Cosine, -1..1."""
    model: str


async def similarity(request: Request, shop: Shop) -> Response:
    if kind_of(request) in FORMS:
        one, other = await _of_form(shop, await read_photo_or_pair(request))
    else:
        asked = validated(SimilarityRequest, await read_object(request, _MAX_BYTES))
        one, other = [await _vector(shop, thing) for thing in asked.between]
    cosine = max(-1.0, min(1.0, float(one @ other)))
    return Json(SimilarityBody(similarity=round(cosine, 6), model=shop.embedder.model))


async def _of_form(shop: Shop, form: Form) -> tuple[Vector, Vector]:
    run, photo = shop.admission.run, shop.embedder.photo
    if form.photo and "text" in form.fields and not form.pair:
        text = validated(PhotoSimilarityRequest, form.fields).text
        return await run(photo, form.photo), await run(_words, shop, text)
    if all(form.pair.get(name) for name in PAIR) and not (form.photo or form.fields):
        first, second = (form.pair[name] for name in PAIR)
        return await run(photo, first), await run(photo, second)
    raise InvalidRequest("Send a photo as `file` with a `text`, or two as `image_1` and `image_2`.")


async def _vector(shop: Shop, thing: Thing) -> Vector:
    said = [thing.text, thing.image_url, thing.image_base64]
    if sum(one is not None for one in said) != 1:
        raise InvalidRequest("Each of the two is a text, an image_url or an image_base64.")
    if thing.text is not None:
        return await shop.admission.run(_words, shop, thing.text)
    if thing.image_url is not None:
        fetch = partial(shop.fetching.photo, thing.image_url)
        return await shop.admission.run(shop.embedder.photo, await shop.fetching.run(fetch))
    return await shop.admission.run(
        shop.embedder.photo, photo_from_base64(thing.image_base64 or "")
    )


def _words(shop: Shop, text: str) -> Vector:
    said = clean(text)
    if not said:
        raise InvalidRequest("There are no words in the text.")
    return shop.embedder.words(said).vector


_SAYS = ("text", "image_url", "image_base64")
_ONE_OF_EACH = {
    "properties": {
        "between": {
            "items": {
                "oneOf": [
                    {
                        "title": name,
                        "required": [name],
                        "properties": {
                            one: {"type": "string" if one == name else "null"} for one in _SAYS
                        },
                    }
                    for name in _SAYS
                ]
            }
        }
    }
}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/similarity",
        similarity,
        Key.ADMIN,
        "How alike two photos are, or a photo and words",
        SimilarityBody,
        takes=SimilarityRequest,
        upload=PhotoSimilarityRequest,
        pair=True,
        refuses=(HTTPStatus.BAD_REQUEST,),
        rule=_ONE_OF_EACH,
        asks_model=True,
    ),
)
