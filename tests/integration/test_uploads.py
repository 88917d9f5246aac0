"""Photos put straight to where they are kept: into a folder, and into S3."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from core.errors import BucketUnavailable
from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from handlers.shop import Shop
from tests.aws import REGION, LocalAws
from tests.aws_bucket import BUCKET
from tests.photos import jpeg

ADMIN, SEARCH = "an-admin-key-of-some-length", "a-search-key-of-some-length"


class Visited:
    """A shop and a client of it. What is for S3 goes there, as from a browser."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.client = TestClient(create_app(shop), base_url="http://shop" + API)

    def begin(self, key: str = ADMIN, **about: str) -> Any:
        return self.client.post("/uploads", json=about, headers={"x-api-key": key})

    def put(self, url: str, photo: bytes, headers: dict[str, str]) -> int:
        if url.startswith("http://shop/"):
            return self.client.put(url, content=photo, headers=headers).status_code
        return httpx.put(url, content=photo, headers=headers).status_code

    def upload(self, photo: bytes, **about: str) -> dict[str, Any]:
        begun = self.begin(**about)
        assert begun.status_code == 201, begun.text
        told: dict[str, Any] = begun.json()
        assert self.put(told["url"], photo, told["headers"]) == 200
        return told


@pytest.fixture(params=["folder", "s3"])
def visited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visited]:
    bucket = None
    if request.param == "s3":
        bucket = BUCKET
        aws: LocalAws = request.getfixturevalue("aws")
        place = {"LocationConstraint": REGION}
        aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    settings = Settings(
        data_dir=tmp_path, image_bucket=bucket, admin_keys=(ADMIN,), search_keys=(SEARCH,)
    )
    with open_shop(settings) as shop:
        yield Visited(shop)


def stock(shop: Shop) -> None:
    for number in range(3):
        shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
        shop.indexing.settle(f"p{number}")


def test_a_photo_is_put_up_and_searched_with(visited: Visited) -> None:
    stock(visited.shop)
    told = visited.upload(jpeg(1), purpose="search")
    key = {"x-api-key": SEARCH}
    body = {"upload_id": told["upload_id"], "top_k": 1}
    found = visited.client.post("/search", json=body, headers=key).json()
    assert [hit["product_id"] for hit in found["results"]] == ["p1"]
    assert found["query_type"] == "image"
    assert found["timings"]["fetch_ms"] > 0


def test_it_is_kept_where_it_will_be_gone_and_is_nobodys_product(visited: Visited) -> None:
    told = visited.upload(jpeg(1), purpose="search")
    [stored] = visited.shop.photos.list()
    assert stored.key == f"uploads/search/{told['upload_id']}"
    assert list(visited.shop.indexing.unsettled()) == []
    assert visited.client.get(f"http://shop/photos/{stored.key}").status_code == 404


def test_its_address_is_good_for_a_while(visited: Visited) -> None:
    expires = visited.begin(purpose="search").json()["expires_at"]
    assert 0 < datetime.fromisoformat(expires).timestamp() - time.time() <= 900


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "gif"])
def test_a_products_photo_is_put_among_its_own(visited: Visited, kind: str) -> None:
    told = visited.upload(
        jpeg(2), purpose="product", product_id="mug é+ 1", content_type=f"image/{kind}"
    )
    [stored] = visited.shop.photos.of_product("mug é+ 1")
    assert stored.key == f"images/mug é+ 1/{told['upload_id']}.{kind}"
    visited.shop.indexing.settle("mug é+ 1")
    listing = visited.shop.index.get("mug é+ 1")
    assert listing is not None
    assert len(listing.photos) == 1


def test_a_products_photo_may_have_a_name_and_is_put_in_its_own_place(visited: Visited) -> None:
    about = {"purpose": "product", "product_id": "mug", "name": "front-1"}
    visited.upload(jpeg(2), **about)
    told = visited.upload(jpeg(3), **about)
    [stored] = visited.shop.photos.of_product("mug")
    assert stored.key == "images/mug/front-1.jpeg"
    visited.shop.indexing.settle("mug")
    listing = visited.shop.index.get("mug")
    assert listing is not None
    assert [photo.url for photo in listing.photos] == [told["image_url"]]
    for name in ("", ".hidden", "a/b", "A", "x" * 65, "product.json"):
        refused = visited.begin(**(about | {"name": name}))
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "image_url" not in visited.begin(purpose="search").json()


def test_a_product_is_the_admins_business(visited: Visited) -> None:
    assert visited.begin(key=SEARCH, purpose="search").status_code == 201
    refused = visited.begin(key=SEARCH, purpose="product", product_id="mug")
    assert (refused.status_code, refused.json()["code"]) == (403, "key_refused")
    assert visited.begin(key="", purpose="search").status_code == 401


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"purpose": "holiday"},
        {"purpose": "product"},
        {"purpose": "product", "product_id": "a/b"},
        {"purpose": "product", "product_id": "../up"},
        {"purpose": "product", "product_id": ".hidden"},
        {"purpose": "search", "content_type": "text/html"},
    ],
    ids=str,
)
def test_what_can_not_be_uploaded_is_refused(visited: Visited, about: dict[str, str]) -> None:
    refused = visited.begin(**about)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("visited", ["folder"], indirect=True)
def test_an_address_is_good_for_what_it_was_given_out_for(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = visited.begin(purpose="search").json()
    url, headers = told["url"], told["headers"]
    signature = parse_qs(urlsplit(url).query)["signature"][0]
    for wrong, said in (
        (url.replace(told["upload_id"], "0" * 32), headers),
        (url.replace("uploads/search", "images/p"), headers),
        (url.replace("expires=", "expires=9"), headers),
        (url.replace(signature, ""), headers),
        (url.replace(signature, "%F0%9F%AB%96"), headers),
        (url, {"content-type": "text/html"}),
    ):
        assert visited.put(wrong, jpeg(1), said) == 403, wrong
    later = time.time() + 901
    monkeypatch.setattr("handlers.routes.uploads.time", lambda: later)
    assert visited.put(url, jpeg(1), headers) == 403
    assert list(visited.shop.photos.list()) == []


@pytest.mark.parametrize("visited", ["folder"], indirect=True)
def test_too_large_a_photo_is_not_taken(visited: Visited) -> None:
    told = visited.begin(purpose="search").json()
    assert visited.put(told["url"], bytes(20 * 1024 * 1024 + 1), told["headers"]) == 413


@pytest.mark.parametrize("visited", ["folder"], indirect=True)
def test_in_a_folder_photos_to_search_with_are_gone_after_a_day(visited: Visited) -> None:
    old = visited.upload(jpeg(1), purpose="search")
    path = visited.shop.settings.data_dir / "bucket/uploads/search" / old["upload_id"]
    os.utime(path, (time.time() - 90_000,) * 2)
    young = visited.upload(jpeg(2), purpose="search")
    left = [one.key for one in visited.shop.photos.list("uploads/")]
    assert left == [f"uploads/search/{young['upload_id']}"]


@pytest.mark.parametrize("visited", ["s3"], indirect=True)
def test_browsers_get_photos_from_s3_itself(visited: Visited) -> None:
    stock(visited.shop)
    for method in ("GET", "HEAD"):
        url = "http://shop/photos/images/p0.jpg"
        answer = visited.client.request(method, url, follow_redirects=False)
        assert answer.status_code == 302
        kept = answer.headers["cache-control"]
        valid = int(parse_qs(urlsplit(answer.headers["location"]).query)["X-Amz-Expires"][0])
        assert kept.startswith("private, max-age=")
        assert int(kept.rpartition("=")[2]) < valid <= 3600
    photo = httpx.get(answer.headers["location"])
    assert (photo.content, photo.headers["content-type"]) == (jpeg(0), "image/jpeg")


@pytest.mark.parametrize("visited", ["s3"], indirect=True)
@pytest.mark.parametrize("key", ["images/p0.json", "feeds/all.csv", "uploads/search/x", "p0.jpg"])
def test_nothing_else_of_the_bucket_is_shown(visited: Visited, key: str) -> None:
    answer = visited.client.get(f"http://shop/photos/{key}", follow_redirects=False)
    assert answer.status_code == 404


def test_the_page_may_put_photos_where_it_is_told_to_and_connects_to_nobody_else(
    visited: Visited,
) -> None:
    page = visited.client.get("http://shop/", headers={"accept": "text/html"})
    rules = page.headers["content-security-policy"].split("; ")
    [connect] = [rule.split()[1:] for rule in rules if rule.startswith("connect-src ")]
    put = urlsplit(visited.begin(purpose="search").json()["url"])
    elsewhere = [] if put.netloc == "shop" else [f"{put.scheme}://{put.netloc}"]
    assert connect == ["'self'", *elsewhere]
    assert page.headers["x-content-type-options"] == "nosniff"


def test_the_page_is_there_without_what_signs(
    visited: Visited, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*about: object) -> None:
        raise BucketUnavailable("No credentials.")

    if visited.shop.addresses is not None:
        monkeypatch.setattr(visited.shop.addresses, "origin", refuses)
    page = visited.client.get("http://shop/", headers={"accept": "text/html"})
    assert (page.status_code, "connect-src 'self';" in str(page.headers)) == (200, True)
