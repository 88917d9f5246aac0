"""Photos that are told with their product by their addresses: fetched once, put where they would
be dropped, and indexed at once. From then on they are the bucket's, whatever becomes of the
address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import NamedTuple

from core.bucket import photo_key
from core.errors import BadInput, ImageTooLarge, ImageUnreadable
from core.indexing import Indexing
from core.own_photo import A_LOOK
from core.photos import MAX_PHOTO_BYTES
from core.photos.decode import read_photo
from core.photos.kinds import format_of
from core.ports import PhotoStore
from core.product import Listing, Product, insist_on

MAX_ADDRESSES = 8
_MOST_BYTES = 2 * MAX_PHOTO_BYTES
"""Of all that are held until the last of them is there."""
_MARK = "web-"
"""What the names of such photos begin with, and of no others that a shop would drop."""


class Told(NamedTuple):
    """What somebody says of a product: its facts, and where its photos are."""

    product: Product
    addresses: Sequence[str] | None
    """None where nothing is said of its photos, which then stay."""


class _Photo(NamedTuple):
    key: str
    data: bytes
    kind: str


def put_told(
    photos: PhotoStore,
    indexing: Indexing,
    product_id: str,
    tell: Callable[[Listing | None], Told],
    fetch: Callable[[str], bytes],
    *,
    again: bool = False,
    missed: list[str] | None = None,
) -> tuple[Listing | None, Listing]:
    """Take a product's facts and the photos at their addresses, in their order, in the place of all
    that came so before; give how the product stood, and how it stands now.

    `tell` says what is to be taken, of how the product stands; perhaps several times, since photos
    are fetched while others may change it.

    A photo that is there already, by its address or as a photo of ours, is not fetched again,
    unless that is asked for: an address may give another photo than it did.

    Nothing is changed where one can't be had or read; unless that is told in `missed`, and then
    everything else is done, but that no photo goes.
    """
    fetched = _Fetched(product_id, fetch, missed)
    while True:
        with indexing.turns.of(product_id):
            before = indexing.known(product_id)
            told = tell(before)
            if told.addresses is None:
                return before, indexing.put_product(told.product)
            there = {stored.key for stored in photos.of_product(product_id)}
            kept, wanted = _kept_and_wanted(photos, there, told.addresses, again=again)
            if fetched.has(wanted):
                new = fetched.photos(wanted)
                indexing.put_product(told.product)
                _exchange(photos, there - kept, new, missed)
                _settle(indexing, product_id, new, missed)
                return before, insist_on(indexing.known(product_id), product_id)
        fetched.get(wanted)


def _kept_and_wanted(
    photos: PhotoStore, there: Set[str], addresses: Sequence[str], *, again: bool
) -> tuple[set[str], dict[str, str]]:
    """The keys of the photos that stay, and the addresses of the new ones by their names."""
    ours = {photos.url(key): key for key in there}
    names = {photo_name(place, url): url for place, url in enumerate(addresses) if url not in ours}
    kept = {ours[url] for url in addresses if url in ours}
    if not again:
        kept |= {key for key in there if PurePosixPath(key).stem in names}
    had = {PurePosixPath(key).stem for key in kept}
    return kept, {name: url for name, url in names.items() if name not in had}


def _exchange(
    photos: PhotoStore, old: Set[str], new: Sequence[_Photo], missed: list[str] | None
) -> None:
    for photo in new:
        photos.put(photo.key, photo.data, photo.kind)
    for key in old - {photo.key for photo in new}:
        if is_from_the_web(key) and not missed:
            photos.delete(key)


def _settle(
    indexing: Indexing, product_id: str, new: Sequence[_Photo], missed: list[str] | None
) -> None:
    put = {photo.key for photo in new}
    for refused in indexing.settle(product_id).rejected:
        if refused.key in put:
            with _told(missed, refused.key):
                raise ImageUnreadable(refused.reason)


class _Fetched:
    """The photos of one call, by their names; fetched while nobody has to wait for them."""

    def __init__(
        self, product_id: str, fetch: Callable[[str], bytes], missed: list[str] | None
    ) -> None:
        self._product_id = product_id
        self._fetch = fetch
        self._missed = missed
        self._got: dict[str, _Photo | None] = {}
        self._left = _MOST_BYTES

    def has(self, wanted: Mapping[str, str]) -> bool:
        """Those that were missed need no other look."""
        return wanted.keys() <= self._got.keys()

    def photos(self, wanted: Mapping[str, str]) -> list[_Photo]:
        return [photo for name in wanted if (photo := self._got[name]) is not None]

    def get(self, wanted: Mapping[str, str]) -> None:
        for name, url in wanted.items():
            if name not in self._got:
                self._got[name] = None
                with _told(self._missed, url):
                    self._got[name] = self._photo(name, url)

    def _photo(self, name: str, url: str) -> _Photo:
        photo_key(self._product_id, "/any.jpeg")  # or nobody is asked for one
        data = self._fetch(url)
        read_photo(data, A_LOOK)
        if len(data) > self._left:
            most = _MOST_BYTES // 2**20
            raise ImageTooLarge(f"The photos of one call may have {most} MB together.")
        self._left -= len(data)
        kind = format_of(data)
        key = photo_key(self._product_id, f"/{name}.{kind.removeprefix('image/')}")
        return _Photo(key, data, kind)


def has_web_photos(known: Listing, addresses: Sequence[str]) -> bool:
    """Whether just these came to it by their addresses, as far as the index knows."""
    names = {PurePosixPath(one.key).stem for one in known.photos if is_from_the_web(one.key)}
    return names == {photo_name(place, url) for place, url in enumerate(addresses)}


def is_from_the_web(key: str) -> bool:
    return PurePosixPath(key).name.startswith(_MARK)


@contextmanager
def _told(missed: list[str] | None, what: str) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        if missed is None:
            raise
        missed.append(f"{what}: {error.detail}")


def photo_name(place: int, url: str) -> str:
    """Of the photo at this place among a product's. They are shown in the order of their names."""
    return f"{_MARK}{place:02}-{blake2b(url.encode(), digest_size=8).hexdigest()}"
