"""What sidecars and photos' metadata say."""

from __future__ import annotations

from email.charset import BASE64, QP, Charset
from email.header import Header
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.facts import FactsVersion, read_metadata, read_sidecar

ODD = [
    *("50% off", "100%", "% 20", "%2", "a+b", "a=b", "é", "кружка 🫖"),
    *("=?", "a =? b ?=", 'the "Mug"'),
]


def test_a_sidecar_says_the_fields_it_has_and_no_others() -> None:
    data = b'{"id": "other", "price": "3", "seo": {}, "category": null, "in_stock": false}'
    assert read_sidecar(data) == {"price": 3.0, "in_stock": False}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"mug"', b"\xff\xfe", b'{"price": "cheap"}'])
def test_a_broken_sidecar_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequest):
        read_sidecar(data)


def test_metadata_say_what_a_product_is() -> None:
    assert read_metadata(
        {
            "name": "Mug",
            "description": "For tea",
            "category": "mugs",
            "price": "12.50",
            "currency": "EUR",
            "attributes": '{"colour": ["red", "blue"], "size": 3, "new": true}',
            "camera": "somebody's own",
            "id": "other",
        }
    ) == {
        "name": "Mug",
        "description": "For tea",
        "category": "mugs",
        "price": 12.5,
        "currency": "EUR",
        "attributes": {"colour": ["red", "blue"], "size": 3, "new": True},
    }


def test_empty_metadata_say_nothing() -> None:
    assert read_metadata({"name": "", "price": " ", "attributes": ""}) == {}


@pytest.mark.parametrize(
    "said",
    [
        {"price": "cheap"},
        {"price": "-1"},
        {"currency": "euro"},
        {"attributes": "red"},
        {"attributes": "[1]"},
        {"attributes": '{"a=b": 1}'},
        {"name": "x" * 501},
    ],
)
def test_metadata_that_do_not_fit_are_refused_and_named(said: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=r"metadata.*(price|currency|attributes|name)"):
        read_metadata(said)


@pytest.mark.parametrize("name", ODD)
def test_a_name_may_be_percent_encoded_or_plain(name: str) -> None:
    for written in (name, quote(name), quote(name, safe="")):
        assert read_metadata({"name": written}) == {"name": name}


@pytest.mark.parametrize("encoding", [BASE64, QP])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_a_name_may_be_of_encoded_words(encoding: int, charset: str) -> None:
    how = Charset(charset)
    how.header_encoding = encoding
    name = "Öl & Essig, für zwei: " + "schön " * 30 + "%20"
    written = Header(name, how, maxlinelen=70).encode(linesep="").replace("\n", "")
    assert written.startswith("=?")
    assert read_metadata({"name": written}) == {"name": name}


def test_encoded_words_may_stand_among_plain_ones() -> None:
    assert read_metadata({"name": "Caf=?"}) == {"name": "Caf=?"}
    written = "A =?utf-8?q?caf=C3=A9?= =?utf-8?b?IPCfq5Y=?= for two"
    assert read_metadata({"name": written}) == {"name": "A café 🫖 for two"}


@pytest.mark.parametrize(
    "name", ["=?utf-9?q?caf=C3=A9?=", "=?utf-8?q?caf=E9?=", "caf%E9", "=?utf-8?b?x?=", "%zz%20"]
)
def test_what_only_looks_encoded_stands_for_itself(name: str) -> None:
    assert read_metadata({"name": name}) == {"name": name}


@given(st.dictionaries(st.sampled_from(["name", "price", "attributes"]), st.text()))
def test_no_metadata_do_worse_than_be_refused(said: dict[str, Any]) -> None:
    try:
        read_metadata(said)
    except InvalidRequest as error:
        assert "metadata" in error.detail


@pytest.mark.parametrize("version", [(), ("images/a b.json@1-2",), ("", "m"), ("s", "", "r")])
def test_a_version_is_kept_as_one_text(version: tuple[str, ...]) -> None:
    assert FactsVersion.of_text(str(FactsVersion(*version))) == FactsVersion(*version)
