"""The client of an older image-search API, for code that was written for it."""

from __future__ import annotations

from typing import Any

from likeness_client.call import posted
from likeness_client.client import Likeness


class ImageSearchClient:
    """What it gives back are the service's answers as they come: dicts, with the names of old.

    New code uses `Likeness`, whose answers have types.
    """

    def __init__(self, base_url: str, api_key: str | None = None, timeout: float = 30.0) -> None:
        self._likeness = Likeness(base_url, key=api_key, timeout=timeout)

    def search_by_image(
        self, image_url: str, top_k: int = 10, category: str | None = None
    ) -> dict[str, Any]:
        return self._search(image_url=image_url, top_k=top_k, category_filter=category)

    def search_by_text(
        self, query: str, top_k: int = 10, category: str | None = None
    ) -> dict[str, Any]:
        return self._search(text_query=query, top_k=top_k, category_filter=category)

    def index_product(
        self,
        product_id: str,
        name: str,
        description: str = "",
        image_url: str | None = None,
        category: str | None = None,
        price: float | None = None,
        attributes: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        return self._post(
            "/index-product",
            id=product_id,
            name=name,
            description=description,
            image_url=image_url,
            category=category,
            price=price,
            attributes=attributes,
        )

    def close(self) -> None:
        self._likeness.close()

    def _search(self, **fields: Any) -> dict[str, Any]:
        return self._post("/search", **fields)

    def _post(self, path: str, **fields: Any) -> dict[str, Any]:
        said = {name: value for name, value in fields.items() if value is not None}
        return self._likeness.run(posted(path, said, lambda answer: answer.fields()))
