"""Photos that are told with their product by their addresses: fetched once, put where they would
be dropped, and indexed at once. From then on they are the bucket's, whatever becomes of the
address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from core.product import Listing, Product

MAX_ADDRESSES = 8
_MOST_BYTES = 2 * MAX_PHOTO_BYTES
"""Of all that are held until the last of them is there."""
_MARK = "web-"
"""What the names of such photos begin with, and of no others that a shop would drop."""


class _Photo(NamedTuple):
    key: str
    data: bytes
    kind: str


def put_with_web_photos(
    photos: PhotoStore,
    indexing: Indexing,
    product: Product,
    addresses: Sequence[str],
    fetch: Callable[[str], bytes],
    *,
    again: bool = False,
    missed: list[str] | None = None,
) -> None:
    """Take a product's facts and the photos at these addresses, in their order, in the place of all
    that came so before.

    One that is there already, by its address or as a photo of ours, is not fetched again, unless
    that is asked for: an address may give another photo than it did.

    Nothing is changed where one can't be had or read; unless that is told in `missed`, and then
    everything else is done, but that no photo goes.
    """
    there = {stored.key for stored in photos.of_product(product.id)}
    ours = {photos.url(key): key for key in there}
    names = {photo_name(place, url): url for place, url in enumerate(addresses) if url not in ours}
    kept = {ours[url] for url in addresses if url in ours}
    if not again:
        kept |= {key for key in there if PurePosixPath(key).stem in names}
    had = {PurePosixPath(key).stem for key in kept}
    wanted = {name: url for name, url in names.items() if name not in had}
    new = _fetched(product.id, wanted, fetch, missed)
    indexing.put_product(product)
    for photo in new:
        photos.put(photo.key, photo.data, photo.kind)
    put = {photo.key for photo in new}
    for key in there - kept - put:
        if is_from_the_web(key) and not missed:
            photos.delete(key)
    for refused in indexing.settle(product.id).rejected:
        if refused.key in put:
            with _told(missed, refused.key):
                raise ImageUnreadable(refused.reason)


def has_web_photos(known: Listing, addresses: Sequence[str]) -> bool:
    """Whether just these came to it by their addresses, as far as the index knows."""
    names = {PurePosixPath(one.key).stem for one in known.photos if is_from_the_web(one.key)}
    return names == {photo_name(place, url) for place, url in enumerate(addresses)}


def is_from_the_web(key: str) -> bool:
    return PurePosixPath(key).name.startswith(_MARK)


def _fetched(
    product_id: str,
    wanted: dict[str, str],
    fetch: Callable[[str], bytes],
    missed: list[str] | None,
) -> Sequence[_Photo]:
    got: list[_Photo] = []
    left = _MOST_BYTES
    for name, url in wanted.items():
        with _told(missed, url):
            photo_key(product_id, "/any.jpeg")  # or nobody is asked for one
            data = fetch(url)
            read_photo(data, A_LOOK)
            if len(data) > left:
                most = _MOST_BYTES // 2**20
                raise ImageTooLarge(f"The photos of one call may have {most} MB together.")
            left -= len(data)
            kind = format_of(data)
            key = photo_key(product_id, f"/{name}.{kind.removeprefix('image/')}")
            got.append(_Photo(key, data, kind))
    return got


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
