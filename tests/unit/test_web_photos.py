"""Photos that are told with their product by their addresses."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core import web_photos
from core.errors import ImageTooLarge, ImageUnreadable, ImageUrlFailed, InvalidRequest
from core.product import Product
from core.web_photos import put_told
from tests.indexing_bench import Bench
from tests.photos import jpeg
from tests.unit.photo_files import halves, saved

WEB = {f"https://photos.example/{number}.jpg": jpeg(number) for number in range(9)}
A, B, C, *_ = WEB


class Told(Bench):
    """A bucket and an index, and a web that counts who comes."""

    def __init__(self) -> None:
        super().__init__()
        self.web = dict(WEB)
        self.fetched: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        if url not in self.web:
            raise ImageUrlFailed("The photo's server answered 404.")
        return self.web[url]

    def tell(self, *addresses: str, name: str = "Mug", product_id: str = "mug") -> None:
        self.fetched.clear()
        product = Product(id=product_id, name=name)
        told = web_photos.Told(product, addresses)
        put_told(self.photos, self.indexing, product_id, lambda _: told, self.fetch)

    def shown(self) -> Sequence[bytes]:
        return [self.photos.read(photo.key, 10**6) for photo in self.get("mug").photos]


@pytest.fixture
def told() -> Told:
    return Told()


def test_they_are_fetched_into_the_bucket_and_shown_in_their_order(told: Told) -> None:
    told.tell(C, A, B)
    assert told.shown() == [WEB[C], WEB[A], WEB[B]]
    assert all(o.key.startswith("images/mug/web-") for o in told.photos.of_product("mug"))
    assert told.get("mug").product.name == "Mug"
    assert told.indexing.unsettled() == []


def test_what_is_there_is_not_fetched_again(told: Told) -> None:
    told.tell(A, B)
    told.tell(A, B, name="Cup")
    assert told.fetched == []
    told.tell(A, C)
    assert told.fetched == [C]
    assert told.shown() == [WEB[A], WEB[C]]
    assert told.get("mug").product.name == "Mug"


def test_another_order_is_shown(told: Told) -> None:
    told.tell(A, B)
    told.tell(B, A)
    assert told.shown() == [WEB[B], WEB[A]]


def test_none_takes_away_those_that_came_so_and_no_others(told: Told) -> None:
    told.drop("images/mug.jpg", jpeg(20))
    told.drop("images/mug/side.jpg", jpeg(21))
    told.tell(A)
    assert len(told.shown()) == 3
    told.tell()
    assert told.shown() == [jpeg(20), jpeg(21)]


def test_a_photo_of_ours_is_kept_by_its_own_address(told: Told) -> None:
    """As who asks for a product, changes its price and puts it back."""
    told.drop("images/mug/side.jpg", jpeg(21))
    told.tell(A, B)
    urls = [photo.url for photo in told.get("mug").photos]
    told.tell(*urls)
    assert told.fetched == []
    assert [photo.url for photo in told.get("mug").photos] == urls


@pytest.mark.parametrize("bad", [b"no photo", jpeg(1)[:500]])
def test_nothing_is_changed_for_one_that_is_no_photo(told: Told, bad: bytes) -> None:
    told.tell(A)
    told.web[C] = bad
    with pytest.raises(ImageUnreadable):
        told.tell(B, C, name="Cup")
    assert told.shown() == [WEB[A]]
    assert told.get("mug").product.name == "Mug"


def test_nothing_is_changed_for_one_that_is_not_to_be_had(told: Told) -> None:
    with pytest.raises(ImageUrlFailed):
        told.tell(A, "https://photos.example/gone.jpg")
    assert told.index.get("mug") is None
    assert list(told.photos.list()) == []


def test_their_kind_is_what_they_are(told: Told) -> None:
    told.web[A] = saved(halves(), "WEBP")
    told.tell(A)
    assert [photo.key.rpartition(".")[2] for photo in told.get("mug").photos] == ["webp"]


@pytest.mark.parametrize("product_id", ["a/b", ".hidden"])
def test_nobody_is_asked_where_there_is_no_place_for_it(told: Told, product_id: str) -> None:
    with pytest.raises(InvalidRequest):
        told.tell(A, product_id=product_id)
    assert told.fetched == []
    told.tell(product_id=product_id)
    assert told.index.get(product_id) is not None


def test_there_is_a_most_for_all_of_them(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_photos, "_MOST_BYTES", len(WEB[A]) + len(WEB[B]))
    told.tell(A, B)
    with pytest.raises(ImageTooLarge):
        told.tell(B, A, C)
    assert told.shown() == [WEB[A], WEB[B]]
