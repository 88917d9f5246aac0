"""The client as a back office uses it, with a real server: products, photos, vectors, events."""

from __future__ import annotations

from decimal import Decimal

import pytest
from likeness_client import Conflict, InvalidRequest, Likeness, NotAllowed, NotFound, Product

from tests.clients.conftest import COLOURS, SECRET
from tests.e2e.running import RunningShop, eventually
from tests.photos import jpeg


def test_a_product_from_beginning_to_end(likeness: Likeness) -> None:
    own = "lamps & co/?#% ö"
    made = likeness.create_product(
        own, name="Lamp", price=Decimal("79.90"), currency="EUR", attributes={"of": ["brass"]}
    )
    assert made == Product(
        id=own, name="Lamp", price=79.9, currency="EUR", attributes={"of": ["brass"]}
    )
    with pytest.raises(Conflict) as taken:
        likeness.create_product(own, name="Lamp")
    assert (taken.value.code, taken.value.status) == ("product_exists", 409)
    assert likeness.change_product(own, price=None, in_stock=False).price is None
    assert likeness.product(own).in_stock is False
    assert likeness.put_product(own, name="Brass lamp", category=None) == Product(
        id=own, name="Brass lamp"
    )
    assert likeness.delete_product(own) is None
    with pytest.raises(NotFound) as gone:
        likeness.product(own)
    assert gone.value.code == "product_not_found"
    assert str(gone.value).endswith(f"(request {gone.value.request_id})")
    likeness.delete_product(own)


def test_one_that_is_wrong_harms_no_other(likeness: Likeness, own: str) -> None:
    bad, good = likeness.put_products([{"id": "bad", "price": -1}, {"id": own, "name": "Lamp"}])
    assert (bad.id, bad.status, good.status, good.error) == ("bad", 422, 201, None)
    assert isinstance(bad.error, InvalidRequest)
    assert {one.field for one in bad.error.fields} == {"name", "price"}
    assert likeness.put_products([]) == []


def test_a_products_photo(likeness: Likeness, own: str) -> None:
    likeness.put_product(own, name="Lamp")
    likeness.upload_product_photo(own, jpeg(9))
    eventually(lambda: likeness.product(own).image_url is not None, 20)


def test_vectors(likeness: Likeness) -> None:
    one = likeness.embed_text("a red mug")
    many = likeness.embed_texts(["a red mug", *(f"mug {n}" for n in range(70))])
    photo = likeness.embed_photo(jpeg(1))
    assert len(many) == 71
    assert len(one.vector) == len(photo.vector) == len(many[70].vector) == 512
    assert one.model == photo.model == many[0].model
    assert sum(a * b for a, b in zip(one.vector, many[0].vector, strict=True)) > 0.99


def test_how_alike_things_are(likeness: Likeness) -> None:
    assert likeness.similarity(jpeg(1), jpeg(1)) == pytest.approx(1, abs=1e-5)
    assert -1 <= likeness.similarity(jpeg(1), words="a red mug") < 0.9
    for beside in ({}, {"other": jpeg(2), "words": "a red mug"}):
        with pytest.raises(ValueError, match="one thing"):
            likeness.similarity(jpeg(1), **beside)  # type: ignore[arg-type]


def test_events(likeness: Likeness, url: str, own: str) -> None:
    lamp = {"id": own, "name": "Lamp", "price": Decimal("1.5")}
    with Likeness(url) as office:  # a secret is all it has
        told = office.send_event("back-office", SECRET, "product.created", lamp, event_id=own)
        assert (told.status, told.event_id) == ("accepted", own)
        again = office.send_event("back-office", SECRET, "product.created", lamp, event_id=own)
        assert again.status == "duplicate"
        assert likeness.product(own).price == 1.5
        with pytest.raises(NotAllowed) as refused:
            office.send_event("back-office", "another-secret", "product.created", lamp)
        assert refused.value.code == "signature_refused"
    assert likeness.send_test_event("product.deleted", {"id": own}).status == "accepted"
    assert likeness.webhooks_health().sources == 1


def test_operations(likeness: Likeness, running: RunningShop) -> None:
    assert likeness.health().status == "healthy"
    detailed = likeness.detailed_health()
    assert detailed.status == "healthy"
    assert all(part.status == "healthy" for part in detailed.parts.values())
    assert likeness.stats().by_category["mugs"] == len(COLOURS)
    assert likeness.collections()[0].dimension == 512
    assert "visual_search_total_searches" in likeness.metrics()
    (running.images / "broken.jpg").write_bytes(b"no photo")
    try:
        eventually(lambda: bool(likeness.rejected()), 20)
        assert likeness.rejected()[0].key == "images/broken.jpg"
    finally:
        (running.images / "broken.jpg").unlink()
