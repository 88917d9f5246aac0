"""Searching: by words, by a photo, by products, or by several of these together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack
from urllib.parse import quote

from likeness_client.answers import Attribute, Hit, SearchAnswer
from likeness_client.call import Answer, Call, Page, Plan, encoded, lists, posted
from likeness_client.errors import Refused, refusal
from likeness_client.photos import Photo, photo_fields

_AT_ONCE = 32
_PAGE = 100
_WINDOW = 1000
"""No search goes deeper than so many hits."""


class Filters(TypedDict, total=False):
    """What every search takes. None is as good as not said."""

    category: str | Sequence[str] | None
    """Any of them."""
    price_min: float | None
    price_max: float | None
    attributes: Mapping[str, Attribute | Sequence[Attribute]] | None
    """All must hold; a list means any of its values."""
    in_stock: bool | None
    score_threshold: float | None
    """Hits below it are dropped. No number suits every catalogue: look at your scores first."""
    facets: Sequence[str] | None
    """`category`, `price`, `attributes.<name>`: what to count over the products that match."""
    diversity: float | None
    """From 0 to 1: how far what looks otherwise than the hits before it comes forward."""


class FilteredPage(Filters, total=False):
    top_k: int | None
    offset: int | None


class About(TypedDict, total=False):
    """What a search may be by, besides words."""

    photo: Photo | None
    """Bytes, a `Path`, an open file, or an address on the web."""
    upload_id: str | None
    """A photo that was put up with `upload`."""
    product_id: str | None
    more_like: str | Sequence[str] | None
    less_like: str | Sequence[str] | None
    less_text: str | None
    image_weight: float | None
    """The photo's share beside words, 0 to 1."""
    crop: tuple[float, float, float, float] | None
    """The part of the photo that matters: x, y, width and height in shares of its sides."""


class Options(FilteredPage, About, total=False): ...


class Search(Options, total=False):
    words: str | None


class EndlessOptions(Filters, About, total=False): ...


def search(words: str | None = None, **more: Unpack[Options]) -> Call[SearchAnswer]:
    """Products by words, by a photo, by products, or by several of these together."""
    return _search(_body(words, more))


def hits(words: str | None = None, **more: Unpack[EndlessOptions]) -> Call[Page[Hit]]:
    """The hits of a search one after the other, a thousand at most, fetched as they are needed."""
    return _page(_body(words, more), 0)


def similar(product_id: str, **more: Unpack[FilteredPage]) -> Call[SearchAnswer]:
    """Products that look like this one, which is not among them."""
    query = [
        (name, one if isinstance(one, str) else encoded(one).decode())
        for name, value in _named(more).items()
        for one in (value if isinstance(value, list | tuple) else [value])
    ]
    path = f"/search/similar/{quote(product_id, safe='')}"
    return Call(method="GET", path=path, query=tuple(query), read=_answer)


def search_many(searches: Sequence[Search]) -> Plan[list[SearchAnswer | Refused]]:
    """An answer to each search, in their order, or what is wrong with it: nothing is raised for
    one of them. Each is a dict of what `search` takes."""
    bodies = [_body(one.get("words"), {**one, "words": None}) for one in searches]
    return _search_many(bodies)


def _search_many(bodies: Sequence[Mapping[str, object]]) -> Plan[list[SearchAnswer | Refused]]:
    answers: list[SearchAnswer | Refused] = []
    for some in lists("searches", bodies, _AT_ONCE):
        answers += yield posted("/search/batch", some, _answers)
    return answers


def _search(body: Mapping[str, object]) -> Call[SearchAnswer]:
    return posted("/search", body, _answer)


def _page(body: dict[str, Any], offset: int) -> Call[Page[Hit]]:
    def read(answer: Answer) -> Page[Hit]:
        found = _answer(answer).results
        after = offset + _PAGE
        ends = len(found) < _PAGE or after == _WINDOW
        return Page(found, None if ends else _page(body, after))

    return posted("/search", body | {"top_k": _PAGE, "offset": offset}, read)


def _body(words: str | None, more: Mapping[str, Any]) -> dict[str, Any]:
    fields = _named({name: value for name, value in more.items() if name != "photo"})
    said = {"text_query": words} if words else {}
    return said | photo_fields(more.get("photo")) | fields


def _named(more: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in more.items() if value is not None}
    if "category" in said:
        said["category_filter"] = said.pop("category")
    return said


def _answer(answer: Answer) -> SearchAnswer:
    return SearchAnswer.told(answer.fields(), answer.at)


def _answers(answer: Answer) -> list[SearchAnswer | Refused]:
    return [
        refusal(one["status"], one, {}) if "code" in one else SearchAnswer.told(one, answer.at)
        for one in answer.fields()["answers"]
    ]
