"""Products told with the addresses of their photos, through every door that takes products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import certificates
from tests.integration.surrounded import Surrounded, surrounded
from tests.internet import answer, moved
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surrounded]:
    with surrounded(tmp_path_factory.mktemp("shop")) as shop:
        ways = {f"/{number}.jpg": answer(jpeg(number)) for number in range(30, 40)}
        ways["/gone.jpg"] = answer(b"", 404)
        ways["/inside.jpg"] = moved(f"https://127.0.0.1:{shop.internet.inside_port}/")
        shop.internet.safe.serve = lambda sock, head: ways[head.split()[1]](sock, head)
        yield shop


def lamp(shop: Surrounded, *numbers: int | str, **about: Any) -> dict[str, Any]:
    urls = [shop.internet.url(f"/{number}.jpg") for number in numbers]
    return {"id": "lamp", "name": "Lamp", "image_urls": urls, **about}


@pytest.fixture(autouse=True)
def no_lamp(shop: Surrounded) -> None:
    shop.client.delete("/products/lamp")


def shows(shop: Surrounded, *numbers: int) -> bool:
    """Whether the product has these photos, in this order, and is found by each."""
    listing = shop.shop.index.get("lamp")
    assert listing is not None
    photos = [shop.shop.photos.read(photo.key, 10**6) for photo in listing.photos]
    for number in numbers:
        files = {"file": jpeg(number)}
        hit = shop.client.post("/search/by-image", files=files).json()["results"][0]
        assert (hit["product_id"], hit["similarity_score"] > 0.99) == ("lamp", True)
    return photos == [jpeg(number) for number in numbers]


def test_a_new_product(shop: Surrounded) -> None:
    made = shop.client.post("/products", json=lamp(shop, 31, 32))
    assert made.status_code == 201, made.text
    assert len(made.json()["image_urls"]) == 2
    assert made.json()["image_url"].startswith("/photos/images/lamp/web-00-")
    assert shows(shop, 31, 32)
    again = shop.client.post("/products", json=lamp(shop, 33))
    assert (again.status_code, again.json()["code"]) == (409, "product_exists")


def test_one_address_before_several(shop: Surrounded) -> None:
    first = shop.internet.url("/33.jpg")
    made = shop.client.post("/products", json=lamp(shop, 31, 33, image_url=first))
    assert made.status_code == 201, made.text
    assert shows(shop, 33, 31)


def test_a_product_that_is_put_anew(shop: Surrounded) -> None:
    for numbers in ((31,), (31, 32), (32,), ()):
        told = shop.client.put("/products/lamp", json=lamp(shop, *numbers))
        assert told.status_code == 200, told.text
        assert shows(shop, *numbers)


def test_one_that_says_nothing_of_photos_keeps_them(shop: Surrounded) -> None:
    shop.client.put("/products/lamp", json=lamp(shop, 31))
    told = shop.client.put("/products/lamp", json={"name": "Lamp", "price": 5})
    assert len(told.json()["image_urls"]) == 1


def test_what_is_given_may_be_put_back(shop: Surrounded) -> None:
    given = shop.client.put("/products/lamp", json=lamp(shop, 31, 32)).json()
    visits = shop.internet.safe.visits
    told = shop.client.put("/products/lamp", json=given | {"price": 5})
    assert told.json() == given | {"price": 5}
    assert shop.internet.safe.visits == visits


@pytest.mark.parametrize("none", [[], None])
def test_a_product_that_is_changed(shop: Surrounded, none: object) -> None:
    shop.client.put("/products/lamp", json={"name": "Lamp", "price": 5})
    change = {"image_url": shop.internet.url("/34.jpg")}
    told = shop.client.patch("/products/lamp", json=change)
    assert told.status_code == 200, told.text
    assert told.json()["price"] == 5
    assert shows(shop, 34)
    shop.client.patch("/products/lamp", json={"price": 6})
    assert shows(shop, 34)
    shop.client.patch("/products/lamp", json={"image_urls": none})
    assert shows(shop)


@pytest.mark.parametrize("wrong", [{}, False, 0])
def test_what_is_no_list_takes_no_photo_away(shop: Surrounded, wrong: object) -> None:
    shop.client.put("/products/lamp", json={"name": "Lamp"})
    shop.client.patch("/products/lamp", json={"image_url": shop.internet.url("/34.jpg")})
    told = shop.client.patch("/products/lamp", json={"image_urls": wrong})
    assert told.status_code == 422, told.text
    assert shows(shop, 34)


def test_of_a_batch_each_by_itself(shop: Surrounded) -> None:
    products = [lamp(shop, 35), lamp(shop, "gone", id="lost"), lamp(shop, "inside", id="in")]
    told = shop.client.post("/products/batch", json={"products": products})
    assert told.status_code == 207, told.text
    results = told.json()["results"]
    assert [one["status"] for one in results] == [201, 422, 422]
    codes = [one["error"]["code"] for one in results[1:]]
    assert codes == ["image_url_failed", "image_url_refused"]
    assert shows(shop, 35)
    assert shop.internet.visits_inside == 0


def test_of_the_oldest_clients_a_product_with_its_image_url(shop: Surrounded) -> None:
    product = {"id": "lamp", "name": "Lamp", "image_url": shop.internet.url("/36.jpg")}
    told = shop.client.post("/index-product", json=product)
    assert (told.status_code, told.json()["status"]) == (200, "success"), told.text
    assert shows(shop, 36)


@pytest.mark.parametrize("way", ["gone", "inside"])
@pytest.mark.parametrize("path", ["/products", "/index-product"])
def test_nothing_is_kept_of_a_product_whose_photo_is_not_to_be_had(
    shop: Surrounded, path: str, way: str
) -> None:
    refused = shop.client.post(path, json=lamp(shop, 31, way))
    assert refused.status_code == 422
    assert refused.json()["code"] in ("image_url_failed", "image_url_refused")
    assert shop.client.get("/products/lamp").status_code == 404
    assert shop.shop.photos.of_product("lamp") == []
    assert shop.internet.visits_inside == 0


def test_there_are_so_many_at_most(shop: Surrounded) -> None:
    refused = shop.client.post("/products", json=lamp(shop, *range(9)))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


def test_an_id_under_which_no_photo_can_lie_is_told(shop: Surrounded) -> None:
    refused = shop.client.post("/products", json=lamp(shop, 31, id="a/b"))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "slash" in refused.json()["detail"]
