"""The client of an older API, over HTTP, with a service that has an internet around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from likeness_client import ImageSearchClient, InvalidRequest

from tests import certificates
from tests.integration.surrounded import Surrounded, listening, surrounded
from tests.internet import answer
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surrounded]:
    with surrounded(tmp_path_factory.mktemp("shop")) as around:
        yield around


@pytest.fixture(scope="module")
def older(around: Surrounded) -> Iterator[ImageSearchClient]:
    with listening(around) as url, closing(ImageSearchClient(url)) as older:
        yield older


def test_a_photo_by_its_address(around: Surrounded, older: ImageSearchClient) -> None:
    around.internet.safe.serve = answer(jpeg(1))
    told = older.search_by_image(around.internet.url("/a photo.jpg"), top_k=2)
    assert (told["query_type"], told["top_k"], told["total_results"]) == ("image", 2, 2)
    assert told["results"][0]["product_id"] == "p1"
    assert around.internet.safe.heads[-1].startswith("GET /a%20photo.jpg ")


def test_of_one_category(around: Surrounded, older: ImageSearchClient) -> None:
    around.internet.safe.serve = answer(jpeg(1))
    indexed = older.index_product("mug", "A mug", category="mugs", price=5)
    assert (indexed["status"], indexed["product_id"]) == ("success", "mug")
    url = around.internet.url()
    assert older.search_by_image(url, category="mugs")["total_results"] == 0  # it has no photo
    indexed = older.index_product("mug", "A mug", category="mugs", image_url=url)
    assert indexed["status"] == "success"
    found = older.search_by_image(url, category="mugs")["results"]
    assert [hit["product_id"] for hit in found] == ["mug"]


def test_an_address_that_will_not_do(around: Surrounded, older: ImageSearchClient) -> None:
    around.internet.safe.serve = answer(b"", 404)
    for url, code in (
        (f"https://127.0.0.1:{around.internet.inside_port}/", "image_url_refused"),
        (around.internet.url(), "image_url_failed"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            older.search_by_image(url)
        assert refused.value.code == code
    assert around.internet.visits_inside == 0
