"""What the client does with a real server: every call of it, once at least."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from likeness_client import (
    InvalidRequest,
    Likeness,
    NotAllowed,
    Refused,
    Search,
    SearchAnswer,
)

from tests.clients.conftest import COLOURS, SEARCH
from tests.e2e.running import RunningShop
from tests.photos import jpeg


def test_words(likeness: Likeness) -> None:
    answer = likeness.search("red mug", top_k=2)
    assert (answer.query_type, len(answer), answer.total_results) == ("text", 2, 2)
    assert len(answer.query_id) == 32
    assert next(iter(answer)).product_id == "mug-red"
    assert (answer.results[0].name, answer.results[0].price) == ("Red mug", 10)
    assert answer.timings.keys() >= {"embed_ms", "search_ms"}


def test_a_photo_however_it_is_at_hand(likeness: Likeness, tmp_path: Path) -> None:
    photo, path = jpeg(1), tmp_path / "photo.jpg"
    path.write_bytes(photo)
    upload_id = likeness.upload(path)
    for answer in (
        likeness.search(photo=photo),
        likeness.search(photo=path),
        likeness.search(photo=io.BytesIO(photo)),
        likeness.search(upload_id=upload_id),
    ):
        assert answer.query_type == "image"
        assert answer.results[0].product_id == "mug-blue"
    with path.open("rb") as file:
        both = likeness.search("blue mug", photo=file, image_weight=0.9, crop=(0, 0, 1, 1))
    assert (both.query_type, both.results[0].product_id) == ("hybrid", "mug-blue")


def test_an_address_is_fetched_by_the_service(likeness: Likeness) -> None:
    with pytest.raises(InvalidRequest) as refused:
        likeness.search(photo="https://127.0.0.1/photo.jpg")
    assert refused.value.code == "image_url_refused"


def test_text_is_never_a_path(likeness: Likeness, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg(1))
    with pytest.raises(ValueError, match=r"pathlib\.Path"):
        likeness.search(photo=str(tmp_path / "photo.jpg"))


def test_photos_have_an_address_that_leads_to_them(
    likeness: Likeness, running: RunningShop
) -> None:
    hit = likeness.search("mug", top_k=1).results[0]
    product = likeness.product(hit.product_id)
    assert product.image_urls == (hit.image_url,) == (product.image_url,)
    assert hit.image_url is not None
    assert running.client.get(hit.image_url).content[:3] == b"\xff\xd8\xff"


def test_filters_and_facets(likeness: Likeness) -> None:
    answer = likeness.search(
        "mug",
        category=["mugs", "bowls"],
        price_min=11,
        price_max=None,
        in_stock=True,
        attributes={},
        score_threshold=-1,
        facets=["category", "price"],
    )
    assert {hit.product_id for hit in answer} == {"mug-blue", "mug-green"}
    assert answer.facets == {"category": {"mugs": 2}, "price": {"10-20": 2}}


def test_products_that_pull_and_push(likeness: Likeness) -> None:
    near = likeness.similar("mug-red", category="mugs", top_k=5, in_stock=True, facets=["category"])
    assert {hit.product_id for hit in near} == {"mug-blue", "mug-green"}
    assert near.query_type == "product"
    assert near.facets == {"category": {"mugs": 3}}
    assert [hit.product_id for hit in likeness.similar("mug-red", price_max=11)] == ["mug-blue"]
    steered = likeness.search(
        product_id="mug-red", more_like=["mug-blue"], less_like=["mug-red"], less_text="striped"
    )
    assert [hit.product_id for hit in steered] == ["mug-green"]


def test_many_searches_and_what_is_wrong_with_one(likeness: Likeness) -> None:
    searches: list[Search] = [{"words": f"{COLOURS[n % 3]} mug", "top_k": 1} for n in range(40)]
    answers = likeness.search_many([*searches, {"top_k": 3}, {"photo": jpeg(2)}])
    found = [one.results[0].product_id for one in answers if isinstance(one, SearchAnswer)]
    assert found == [f"mug-{COLOURS[n % 3]}" for n in range(40)] + ["mug-green"]
    assert isinstance(answers[40], InvalidRequest)
    assert answers[40].code == "query_empty"


def test_hits_page_after_page(likeness: Likeness) -> None:
    crowd = [{"id": f"crowd-{n:03}", "name": f"Lamp {n}", "category": "crowd"} for n in range(230)]
    try:
        outcomes = likeness.put_products(crowd)
        assert [one.status for one in outcomes] == [201] * 230
        found = [hit.product_id for hit in likeness.hits("lamp", category="crowd")]
        assert sorted(found) == [one["id"] for one in crowd]
        listed = [product.id for product in likeness.products(category="crowd")]
        assert sorted(listed) == [one["id"] for one in crowd]
    finally:
        for one in crowd:
            likeness.delete_product(one["id"])


def test_hits_end_where_no_search_goes_deeper(likeness: Likeness) -> None:
    with pytest.raises(InvalidRequest):
        likeness.search("mug", top_k=100, offset=901)
    assert len(list(likeness.hits("mug"))) == len(COLOURS)


def test_keys(url: str) -> None:
    for key, code in ((None, "key_missing"), ("not-a-key-of-this-shop", "key_refused")):
        with Likeness(url, key=key) as stranger, pytest.raises(NotAllowed) as refused:
            stranger.stats()
        assert refused.value.code == code
    with Likeness(url, key=SEARCH) as shopper:
        assert shopper.search("mug")
        with pytest.raises(NotAllowed):
            shopper.delete_product("mug-red")


def test_the_address_with_the_apis_path_or_without(url: str) -> None:
    bare = url.removesuffix("/api/v1")
    for address in (bare, bare + "/", url, url + "/"):
        with Likeness(address) as likeness:
            assert likeness.health().status == "healthy"
    with pytest.raises(ValueError, match="begins with https"):
        Likeness("search.my.shop")


def test_threads_may_share_one(likeness: Likeness) -> None:
    def found(n: int) -> str:
        return likeness.search(f"{COLOURS[n % 3]} mug", top_k=1).results[0].product_id

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(found, range(96))) == [f"mug-{COLOURS[n % 3]}" for n in range(96)]


def test_a_refusal_is_a_refusal(likeness: Likeness) -> None:
    with pytest.raises(Refused) as refused:
        likeness.search("mug", top_k=1000)
    assert [one.field for one in refused.value.fields] == ["top_k"]
    assert refused.value.status == 422
