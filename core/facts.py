"""Sidecars: what the bucket says of a product beside its photos."""

from __future__ import annotations

import msgspec

from core.errors import InvalidRequest
from core.product import Product
from core.validation import validated

MAX_FACTS_BYTES = 256 * 1024


def read_facts(product_id: str, data: bytes) -> Product:
    """The product a sidecar describes. Its id is the key's, whatever the file may say.

    Fields we do not know are left alone: the file is the shop's, and may serve others too.
    """
    try:
        said = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest("The sidecar is not valid JSON.") from error
    if not isinstance(said, dict):
        raise InvalidRequest("The sidecar must be a JSON object.")
    ours = {k: v for k, v in said.items() if k in Product.__struct_fields__ and v is not None}
    return validated(Product, {"name": product_id, **ours, "id": product_id}, strict=False)
