"""Where a report reads the shop: in its index, or, where the server has that open, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import urlopen

import msgspec

from core.errors import IndexUnavailable, InvalidRequest, Misconfigured, PhotoNotFound, Unavailable
from core.photos import MAX_PHOTO_BYTES
from core.ports import PhotoStore, Slot, VectorIndex
from core.product import Product, Vector
from core.settings import Settings, is_sent_in_the_clear
from handlers import choices
from scripts.api import Api, Told, patiently

_PAGE = 200
_SECONDS = 30


class Entry(msgspec.Struct, frozen=True):
    """A product, where each of its photos is to be had, and how they look, where that is known."""

    product: Product
    places: Sequence[str]
    looks: Sequence[Vector] | None


class Source(Protocol):
    where: str
    """For people."""
    products: int
    photos: int
    knows_looks: bool
    """Of an entry without looks, there is then something amiss."""

    def entries(self) -> Iterator[Entry]: ...

    def picture(self, place: str) -> bytes:
        """Raises a LikenessError where there is none to be had. May be asked by several threads."""
        ...


class IndexSource:
    knows_looks = True

    def __init__(self, index: VectorIndex, photos: PhotoStore, where: str) -> None:
        self._index = index
        self._photos = photos
        status = index.status()
        self.where = where
        self.products, self.photos = status.products, status.photos

    def entries(self) -> Iterator[Entry]:
        cursor: str | None = None
        while True:
            page = self._index.page(_PAGE, cursor)
            looks = self._index.vectors([one.product.id for one in page.listings])
            for listing in page.listings:
                places = [photo.key for photo in listing.photos]
                known = looks.get(listing.product.id)
                # They differ where a photo came or went between the two questions.
                told = known.photos if known and len(known.photos) == len(places) else None
                yield Entry(listing.product, places, told)
            cursor = page.next_cursor
            if cursor is None:
                return

    def picture(self, place: str) -> bytes:
        return self._photos.read(place, MAX_PHOTO_BYTES)


class ApiSource:
    knows_looks = False

    def __init__(self, url: str, key: str = "") -> None:
        if key and is_sent_in_the_clear(url):
            raise InvalidRequest("The key would be sent in the clear: use https.")
        self.where = f"the shop at {url}"
        self._url = url.rstrip("/") + "/"
        self._api = Api(url)
        self._headers = {"X-API-Key": key} if key else {}
        first = self._api.ask("GET", "/health")
        if not first.status:  # a wrong address is not waited for
            raise Unavailable(f"Nobody answers at {url} ({first.why}).")
        with _as_a_shop_would():
            stats = self._ask("/stats")
            self.products, self.photos = int(stats["products"]), int(stats["images"])

    def entries(self) -> Iterator[Entry]:
        asked: dict[str, Any] = {"limit": _PAGE}
        while True:
            with _as_a_shop_would():
                page = self._ask(f"/products?{urlencode(asked)}")
                entries = [self._entry(said) for said in page["products"]]
                asked["cursor"] = page["next_cursor"]
            yield from entries
            if asked["cursor"] is None:
                return

    def picture(self, place: str) -> bytes:
        """Without the key, and wherever the shop leads to: its bucket, perhaps."""
        try:
            with urlopen(place, timeout=_SECONDS) as answer:  # noqa: S310 (http or https)
                data: bytes = answer.read(MAX_PHOTO_BYTES + 1)
        except HTTPError as error:
            with error:
                raise PhotoNotFound(f"{place} answers {error.code}.") from error
        except (URLError, OSError, ValueError, HTTPException) as error:
            raise Unavailable(f"{place} can't be had: {error}") from error
        return data

    def _entry(self, said: dict[str, Any]) -> Entry:
        facts = {name: said[name] for name in Product.__struct_fields__ if name in said}
        places = [self._address(one) for one in said["image_urls"]]
        return Entry(msgspec.convert(facts, Product), places, None)

    def _address(self, told: str) -> str:
        address = urljoin(self._url, quote(told, safe="/:?&=#%@!$'()*+,;~-._[]"))
        return address if urlsplit(address).scheme in ("http", "https") else self._url

    def _ask(self, path: str) -> dict[str, Any]:
        told: Told = patiently(lambda: self._api.ask("GET", path, headers=self._headers))
        if told.status != HTTPStatus.OK:
            raise Misconfigured(f"This is no shop's API, or not its address: {told.why}")
        return told.body


@contextmanager
def _as_a_shop_would() -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"This is no shop's API, or not one we know: {error}") from error


@contextmanager
def opened(settings: Settings, url: str | None) -> Iterator[Source]:
    """The shop at `url`, or that of the settings, which may be running."""
    key = (*settings.search_keys, *settings.admin_keys, "")[0]
    if url:
        yield ApiSource(url, key)
        return
    try:
        shelf = choices.shelf(settings)
    except IndexUnavailable as locked:
        yield _running(settings, key, locked)
        return
    with closing(shelf):
        if shelf.made_for(Slot.CURRENT) is None:
            raise Misconfigured("There is no catalogue yet: make run or make sync makes one.")
        photos, _ = choices.photos(settings)
        where = f"Qdrant at {settings.qdrant_url}" if settings.qdrant_url else str(_home(settings))
        with closing(shelf.open(Slot.CURRENT)) as index:
            yield IndexSource(index, photos, f"the index {settings.collection} in {where}")


def _running(settings: Settings, key: str, locked: IndexUnavailable) -> ApiSource:
    """Who has the index open may be the server of these very settings."""
    url = f"http://127.0.0.1:{settings.port}"
    if Api(url).ask("GET", "/health").status != HTTPStatus.OK:
        raise IndexUnavailable(
            f"{locked.detail} If that is the shop's server, say where it listens: --url."
        ) from locked
    return ApiSource(url, key)


def _home(settings: Settings) -> object:
    return settings.data_dir / "index"
