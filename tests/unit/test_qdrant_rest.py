"""Where a managed Qdrant is, and what is refused before it is asked."""

from __future__ import annotations

import pytest

from core.errors import InvalidRequest, SettingsInvalid
from core.query import Filters
from core.stores.qdrant_rest import DONE, satisfying
from core.stores.qdrant_wire import Wire, address_of


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://shop.example", (True, "shop.example", 6333, "")),
        ("https://shop.example:443/", (True, "shop.example", 443, "")),
        ("http://127.0.0.1:6333", (False, "127.0.0.1", 6333, "")),
        ("http://[::1]:7000/behind/a/door/", (False, "::1", 7000, "/behind/a/door")),
    ],
)
def test_an_address_is_read(url: str, address: tuple[bool, str, int, str]) -> None:
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "shop.example:6333",
        "ftp://shop.example",
        "https://",
        "https://shop.example:port",
        "https://shop.example:70000",
        "https://user:secret@shop.example",
        "https://shop.example?api-key=secret",
        "https://shop.example#secret",
        "https://[::1",
        f"https://{'a' * 64}.example",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="QDRANT_URL") as refused:
        address_of(url)
    assert "secret" not in refused.value.detail


@pytest.mark.parametrize("key", ["secret\n", "secret\u2019s", "sécret"])
def test_a_key_that_can_not_be_sent_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingsInvalid, match="QDRANT_API_KEY") as refused:
        Wire("http://127.0.0.1:1", key)
    assert "cret" not in refused.value.detail


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), float("-inf")])
def test_a_bound_that_json_can_not_say_is_refused(bound: float) -> None:
    """It would be written as null, which is no bound: the filter would let everything pass."""
    for filters in (Filters(price_min=bound), Filters(price_max=bound)):
        with pytest.raises(InvalidRequest):
            satisfying(filters)


def test_text_that_is_none_is_refused_and_counts_as_no_failure() -> None:
    talk = Wire("http://127.0.0.1:1", None).within(1)
    for _ in range(5):
        with pytest.raises(InvalidRequest):
            talk.ask("POST", "", satisfying(Filters(categories=("\ud800",))), DONE)
