"""What every PhotoStore does."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from urllib.parse import unquote, urlsplit

import pytest

from core.errors import ImageTooLarge, InvalidRequest, PhotoNotFound
from core.ports import PhotoStore, StoredObject
from core.stores.blob import BlobPhotos
from core.stores.folder import FolderPhotos
from tests.aws_bucket import photos_on
from tests.fakes.memory_photos import MemoryPhotos

MAKERS: dict[str, Callable[[pytest.FixtureRequest], PhotoStore]] = {
    "blob": lambda ask: ask.getfixturevalue("azure").photos(),
    "folder": lambda ask: FolderPhotos(ask.getfixturevalue("tmp_path") / "bucket", "/photos"),
    "memory": lambda ask: MemoryPhotos(),
    "s3": lambda ask: photos_on(ask.getfixturevalue("aws")),
}
ODD_IDS = [
    "plain",
    "a b",
    " leading",
    "50% off",
    "a+b",
    "a&b=c?d#e",
    'it\'s "quoted"',
    "back\\slash",
    "with.dots.v2",
    "кружка",
    unicodedata.normalize("NFC", "éclair"),
    unicodedata.normalize("NFD", "éclair"),
    "🫖",
    "-rf",
    "~home",
    "%2e%2e",
]


@pytest.fixture(params=MAKERS)
def photos(request: pytest.FixtureRequest) -> Iterator[PhotoStore]:
    with closing(MAKERS[request.param](request)) as photos:
        yield photos


def put(photos: PhotoStore, key: str, data: bytes = b"photo") -> StoredObject:
    return photos.put(key, data, "image/jpeg")


def keys(stored: Iterable[StoredObject]) -> list[str]:
    return [one.key for one in stored]


def test_what_is_put_is_read_back(photos: PhotoStore) -> None:
    stored = put(photos, "images/mug/front.jpg", b"\x00\xff photo")
    assert photos.read("images/mug/front.jpg", 100) == b"\x00\xff photo"
    assert (stored.key, stored.size) == ("images/mug/front.jpg", 8)
    assert list(photos.list()) == [stored]


def test_an_empty_object_is_an_object(photos: PhotoStore) -> None:
    put(photos, "images/mug.jpg", b"")
    assert photos.read("images/mug.jpg", 0) == b""
    assert keys(photos.of_product("mug")) == ["images/mug.jpg"]


def test_putting_again_replaces_it_under_a_new_version(photos: PhotoStore) -> None:
    first = put(photos, "images/mug.jpg", b"one")
    second = put(photos, "images/mug.jpg", b"two")
    assert photos.read("images/mug.jpg", 100) == b"two"
    assert first.version != second.version
    assert list(photos.list()) == [second]


def test_a_version_lasts_as_long_as_the_content(photos: PhotoStore) -> None:
    put(photos, "images/mug.jpg")
    assert list(photos.list()) == list(photos.list()) == list(photos.of_product("mug"))


def test_what_is_not_there_is_not_found(photos: PhotoStore) -> None:
    put(photos, "images/mug/a.jpg")
    for key in ("images/nothing.jpg", "images/mug", "images/mug/a.jpg/b.jpg", "nothing"):
        with pytest.raises(PhotoNotFound):
            photos.read(key, 100)
        with pytest.raises(PhotoNotFound):
            photos.metadata(key)


def test_nothing_is_written_on_an_object_unless_its_sender_did(photos: PhotoStore) -> None:
    put(photos, "images/mug.jpg")
    assert photos.metadata("images/mug.jpg") == {}


def test_a_read_is_bounded(photos: PhotoStore) -> None:
    put(photos, "images/mug.jpg", b"12345")
    assert photos.read("images/mug.jpg", 5) == b"12345"
    with pytest.raises(ImageTooLarge):
        photos.read("images/mug.jpg", 4)


def test_deleting_is_idempotent(photos: PhotoStore) -> None:
    put(photos, "images/mug.jpg")
    photos.delete("images/mug.jpg")
    photos.delete("images/mug.jpg")
    photos.delete("images/never/was.jpg")
    assert list(photos.list()) == []
    with pytest.raises(PhotoNotFound):
        photos.read("images/mug.jpg", 100)


def test_a_listing_is_ordered_by_key_and_narrowed_by_prefix(photos: PhotoStore) -> None:
    names = ["images/a.jpg", "images/a/1.jpg", "images/a-b.jpg", "images/ab/1/2.png", "feeds/a.csv"]
    for name in names:
        put(photos, name)
    assert keys(photos.list()) == sorted(names)
    for prefix in ("images/", "images/a", "images/a/", "images/ab/1/", "feeds", "i", "x", "x/y"):
        assert keys(photos.list(prefix)) == sorted(n for n in names if n.startswith(prefix))


def test_a_products_objects_are_its_own_and_nobody_elses(photos: PhotoStore) -> None:
    mine = ["mug.jpg", "mug.json", "mug.PNG", "mug/b.webp", "mug/deep/er/c.gif", "mug/product.json"]
    others = [
        "mug2.jpg",
        "mu.jpg",
        "mug.jpg.jpg",
        "mug.txt",
        "mug/notes.txt",
        "mug/x.json",
        "Mug.jpg",
    ]
    for name in mine + others:
        put(photos, f"images/{name}")
    put(photos, "feeds/mug.jpg")
    put(photos, "mug.jpg")
    assert keys(photos.of_product("mug")) == sorted(f"images/{name}" for name in mine)
    assert photos.of_product("nothing") == []


@pytest.mark.parametrize("extension", ["jpg", "JPG", "Jpg", "jpeg", "png", "WebP", "avif", "gif"])
def test_an_extension_may_be_written_in_any_case(photos: PhotoStore, extension: str) -> None:
    put(photos, f"images/mug.{extension}")
    assert keys(photos.of_product("mug")) == [f"images/mug.{extension}"]


@pytest.mark.parametrize("product_id", ODD_IDS)
def test_any_unicode_may_be_a_name(photos: PhotoStore, product_id: str) -> None:
    names = [f"images/{product_id}.jpg", f"images/{product_id}/{product_id}.png"]
    if isinstance(photos, BlobPhotos) and "\\" in product_id:  # to Blob storage it is a slash
        refused_as_a_name(photos, names[0])
        return
    for name in names:
        put(photos, name, name.encode())
    assert sorted(keys(photos.list("images/"))) == sorted(names)
    assert keys(photos.of_product(product_id)) == sorted(names)
    for name in names:
        assert photos.read(name, 1000) == name.encode()
        url = urlsplit(photos.url(name))
        assert unquote(url.path).endswith(f"/{name}")
        assert url.geturl().isascii()
        assert not (url.query or url.fragment or {*" \"'<>\\"} & {*url.geturl()} - {"'"})


def refused_as_a_name(photos: PhotoStore, key: str) -> None:
    with pytest.raises(InvalidRequest):
        put(photos, key)
    with pytest.raises(PhotoNotFound):
        photos.read(key, 1000)
    photos.delete(key)
    assert list(photos.list()) == []


def test_the_two_ways_to_write_an_accent_are_two_products(photos: PhotoStore) -> None:
    composed, decomposed = "éclair", unicodedata.normalize("NFD", "éclair")
    put(photos, f"images/{composed}.jpg")
    assert photos.of_product(decomposed) == []


@pytest.mark.parametrize(
    "key", ["", "/", "images//a.jpg", "images/../a.jpg", "../other/a.jpg", "images/\ud800.jpg"]
)
def test_no_key_leads_out_of_it(photos: PhotoStore, key: str) -> None:
    with pytest.raises(PhotoNotFound):
        photos.read(key, 1000)
    with pytest.raises(PhotoNotFound):
        photos.metadata(key)
    photos.delete(key)


@pytest.mark.parametrize("product_id", ["", ".", "..", "../images", "a/b", "/", ".hidden", "a\0b"])
def test_what_can_not_be_an_id_has_no_objects(photos: PhotoStore, product_id: str) -> None:
    put(photos, "images/a/b.jpg")
    assert photos.of_product(product_id) == []


def test_readers_never_see_half_of_a_write(photos: PhotoStore) -> None:
    whole = {bytes([letter]) * 300_000 for letter in b"ab"}
    put(photos, "images/mug.jpg", min(whole))
    done = threading.Event()

    def write() -> None:
        for _ in range(20):
            for data in whole:
                put(photos, "images/mug.jpg", data)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        assert photos.read("images/mug.jpg", 300_000) in whole
    writer.join()
    assert len(list(photos.list())) == 1
