from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidRequest
from core.product import Product, attribute_facts
from core.validation import validated


def problems(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        validated(Product, values)
    return {problem.field: problem.message for problem in caught.value.fields}


def test_every_problem_is_named_at_once_in_a_persons_words() -> None:
    said = {"name": "", "price": -1, "currency": "euros", "in_stock": "yes", "colour": "red"}
    assert problems(said) == {
        "id": "is required",
        "name": "must be text of length >= 1",
        "price": "must be a number >= 0.0",
        "currency": "must be text matching regex '^[A-Z]{3}$'",
        "in_stock": "must be true or false, got text",
        "colour": "is not a field here",
    }


def test_a_problem_inside_a_field_says_where() -> None:
    assert problems({"id": "1", "name": "x", "attributes": {"size": {"a": 1}}}).keys() == {
        "attributes[...]"
    }


def test_a_field_that_may_be_several_things_says_them_in_a_persons_words() -> None:
    said = {"id": "1", "name": "x", "price": "5", "category": 5, "attributes": {"size": None}}
    assert problems(said) == {
        "price": "must be a number or null, got text",
        "category": "must be text or null, got a whole number",
        "attributes[...]": "must be true or false, a number, text or a list, got null",
    }


def test_text_is_read_as_numbers_and_flags_only_where_asked() -> None:
    fields = {"id": "1", "name": "x", "price": "12.50", "in_stock": "false"}
    product = validated(Product, fields, strict=False)
    assert (product.price, product.in_stock) == (12.5, False)
    assert problems(fields).keys() == {"price", "in_stock"}


@pytest.mark.parametrize("price", ["nan", "inf", "-inf", "1e999"])
def test_numbers_that_are_none_are_refused(price: str) -> None:
    with pytest.raises(InvalidRequest):
        validated(Product, {"id": "1", "name": "x", "price": price}, strict=False)


def test_attributes_become_words_a_person_would_write() -> None:
    attributes: dict[str, Any] = {"organic": True, "size": 42.0, "weight": 1.5, "cut": ["a", "b"]}
    assert attribute_facts(attributes) == (
        "organic=true",
        "size=42",
        "weight=1.5",
        "cut=a",
        "cut=b",
    )
