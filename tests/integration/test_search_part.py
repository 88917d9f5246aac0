"""Searching with the part of a photo that matters, through every door that takes a photo."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from core.settings import Settings
from handlers.api import create_app
from handlers.compose import open_shop
from handlers.endpoint import API
from tests.photos import jpeg


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with open_shop(Settings(data_dir=tmp_path_factory.mktemp("shop"))) as shop:
        for number in range(2):
            shop.photos.put(f"images/p{number}.jpg", jpeg(number), "image/jpeg")
            shop.indexing.settle(f"p{number}")
        yield TestClient(create_app(shop), base_url="http://shop" + API)


def both() -> bytes:
    """A photo of two products side by side."""
    shelf = Image.new("RGB", (320, 160))
    for number in range(2):
        with Image.open(io.BytesIO(jpeg(number))) as one:
            shelf.paste(one, (160 * number, 0))
    out = io.BytesIO()
    shelf.save(out, "PNG")
    return out.getvalue()


def best(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    hit = answer.json()["results"][0]
    assert hit["similarity_score"] > 0.99
    return str(hit["product_id"])


SIDES = {"p0": [0, 0, 0.5, 1], "p1": [0.5, 0, 0.5, 1]}


@pytest.mark.parametrize("product_id", SIDES)
def test_the_part_is_what_is_looked_for(client: TestClient, product_id: str) -> None:
    crop = SIDES[product_id]
    photo = base64.b64encode(both()).decode()
    body = {"image_base64": photo, "crop": crop}
    assert best(client.post("/search", json=body)) == product_id
    form = {"crop": [str(share) for share in crop]}
    files = {"file": ("shelf.png", both(), "image/png")}
    assert best(client.post("/search/by-image", data=form, files=files)) == product_id
    said = "&".join(f"crop={share}" for share in crop)
    kind = {"content-type": "image/png"}
    bare = client.post(f"/search/by-image?{said}", content=both(), headers=kind)
    assert best(bare) == product_id


@pytest.mark.parametrize("said", ["0.5,0,0.5,1", "0.5, 0, 0.5, 1", "[0.5, 0, 0.5, 1]"])
def test_the_part_may_be_said_in_one_field(client: TestClient, said: str) -> None:
    files = {"file": ("shelf.png", both(), "image/png")}
    assert best(client.post("/search/by-image", data={"crop": said}, files=files)) == "p1"
    kind = {"content-type": "image/png"}
    bare = client.post("/search/by-image", params={"crop": said}, content=both(), headers=kind)
    assert best(bare) == "p1"


@pytest.mark.parametrize("said", ["", "all", "0,0,1", "0,0,1,1,1", '["0",0,1,1]'])
def test_a_field_that_says_no_part_is_told(client: TestClient, said: str) -> None:
    files = {"file": ("shelf.png", both(), "image/png")}
    refused = client.post("/search/by-image", data={"crop": said}, files=files)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"][0]["field"].startswith("crop")


@pytest.mark.parametrize(
    "crop",
    [
        *([], [0, 0, 1], [0, 0, 1, 1, 1], "all", {"x": 0}, [0, 0, 0, 1], [0, 0, 1, 0]),
        *([1, 0, 1, 1], [0, 1, 1, 1], [-0.1, 0, 1, 1], [0, 0, 1.1, 1], [0, 0, 1e-300, 1]),
        *(["a", 0, 1, 1], [None, 0, 1, 1]),
    ],
    ids=str,
)
def test_what_is_no_part_is_told(client: TestClient, crop: Any) -> None:
    photo = base64.b64encode(both()).decode()
    refused = client.post("/search", json={"image_base64": photo, "crop": crop})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"][0]["field"].startswith("crop")


def test_a_part_is_of_a_photo(client: TestClient) -> None:
    refused = client.post("/search", json={"text_query": "mug", "crop": [0, 0, 1, 1]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
