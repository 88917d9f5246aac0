"""The shop, as an import talks to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import quote

from core.errors import BadInput, InvalidRequest, Misconfigured
from core.feeds import Row
from core.settings import is_sent_in_the_clear
from core.web_photos import MAX_ADDRESSES
from scripts.api import Api, Told, patiently, send
from scripts.imports.files import LocalPhoto, read_photo_file
from scripts.imports.source import is_address

_PHOTO_CODES = {
    *("image_url_failed", "image_url_refused", "image_unreadable", "image_too_large"),
    "out_of_time",
}
"""What is wrong with a photo is no reason to do without its product. A request that takes too long
is one whose photos do."""
_DONE = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class RemoteShop:
    """Safe to call from several threads. All calls raise Unavailable where the API does not answer
    however patiently it is asked."""

    def __init__(
        self, url: str, key: str, folder: Path | None, pause: Callable[[float], object] = sleep
    ) -> None:
        if key and is_sent_in_the_clear(url):
            raise InvalidRequest(
                "The key would be sent in the clear: use https, or go without one."
            )
        self._api = Api(url)
        self._headers = {"X-API-Key": key} if key else {}
        self._folder = folder
        self._pause = pause

    def products(self) -> int:
        told = self._ask("GET", "/stats")
        if told.status != HTTPStatus.OK:
            raise Misconfigured(f"This is no shop's API, or not its address: {told.why}")
        return int(told.body.get("products", 0))

    def take(self, rows: Sequence[Row]) -> list[str]:
        """What is wrong with each, in their order; empty where nothing is."""
        body = {"products": [self._said(row) for row in rows]}
        told = self._patiently(lambda: _as_one(self._ask_once("POST", "/products/batch", body)))
        if told.status == HTTPStatus.GATEWAY_TIMEOUT and len(rows) > 1:
            half = len(rows) // 2
            return self.take(rows[:half]) + self.take(rows[half:])
        if told.status in (HTTPStatus.OK, HTTPStatus.MULTI_STATUS):
            results = told.body["results"]
            pairs = zip(rows, results, strict=True)
            return [self._judged(row, one.get("error")) for row, one in pairs]
        if len(rows) > 1:
            return [self.take([row])[0] for row in rows]
        return [self._judged(rows[0], _problem(told))]

    def take_with_files(self, row: Row) -> str:
        """The same of one whose photos, or some of them, lie on this machine."""
        told = self._ask("GET", _place(row))
        there = told.body.get("image_urls", []) if told.status == HTTPStatus.OK else []
        urls: list[str] = []
        wrong: list[str] = []
        for raw in (row.photos or ())[:MAX_ADDRESSES]:
            try:
                if is_address(raw):
                    urls.append(raw)
                else:
                    photo = read_photo_file(raw, len(urls), self._folder)
                    urls.append(_there(photo, there) or self._uploaded(row, photo))
            except BadInput as error:
                wrong.append(f"{raw}: {error.detail}")
        product = {**self._said(row), "image_urls": urls}
        if wrong and not urls:
            del product["image_urls"]
        told = self._put(row, product)
        if told.status in _DONE:
            return " ".join(wrong)
        return " ".join([*wrong, self._judged(row, _problem(told), urls)])

    def remove(self, row: Row) -> str:
        told = self._ask("DELETE", _place(row))
        return "" if told.status in _DONE else told.why

    def _judged(
        self, row: Row, problem: Mapping[str, Any] | None, urls: Sequence[str] | None = None
    ) -> str:
        if problem is None:
            return ""
        urls = row.photos if urls is None else urls
        if problem.get("code") in _PHOTO_CODES and urls:
            return self._one_by_one(row, urls)
        return str(problem.get("detail") or "It was not taken, and it is not said why.")

    def _one_by_one(self, row: Row, urls: Sequence[str]) -> str:
        """Of photos some of which can't be had, those that can. What is there already is not
        fetched again, so each call fetches one."""
        good: list[str] = []
        wrong: list[str] = []
        product = self._said(row)
        product.pop("image_urls", None)
        for url in urls[:MAX_ADDRESSES]:
            told = self._put(row, {**product, "image_urls": [*good, url]})
            if told.status in _DONE:
                good.append(url)
            elif _problem(told).get("code") in _PHOTO_CODES:
                wrong.append(f"{url}: {told.why}")
            else:
                return told.why
        if not good:
            told = self._put(row, product)
            if told.status not in _DONE:
                return told.why
        return " ".join(wrong)

    def _put(self, row: Row, product: Mapping[str, Any]) -> Told:
        return self._ask("PUT", _place(row), product)

    def _uploaded(self, row: Row, photo: LocalPhoto) -> str:
        """What the product will call it."""
        about = {"product_id": row.product_id, "content_type": photo.kind, "name": photo.name}
        told = self._ask("POST", "/uploads", {"purpose": "product", **about})
        if told.status != HTTPStatus.CREATED:
            raise InvalidRequest(told.why)
        url, headers = told.body["url"], told.body["headers"]
        put = self._patiently(lambda: send("PUT", url, photo.data, headers))
        if put.status not in _DONE:
            raise InvalidRequest(put.why)
        return str(told.body["image_url"])

    def _said(self, row: Row) -> dict[str, Any]:
        said: dict[str, Any] = {"id": row.product_id, **row.said}
        if row.photos is not None:
            said["image_urls"] = list(row.photos[:MAX_ADDRESSES])
        return said

    def _ask(self, method: str, path: str, body: object = None) -> Told:
        return self._patiently(lambda: self._ask_once(method, path, body))

    def _ask_once(self, method: str, path: str, body: object) -> Told:
        told = self._api.ask(method, path, body, self._headers)
        if told.status in _REFUSED:
            raise Misconfigured(f"{told.why} Set ADMIN_KEYS to one of the shop's keys.")
        return told

    def _patiently(self, ask: Callable[[], Told]) -> Told:
        return patiently(ask, self._pause)


def _as_one(told: Told) -> Told:
    """What could not be done of a batch because something is away is another try's for all of it:
    what was done is done again in no time."""
    results = told.body.get("results", ()) if told.status == HTTPStatus.MULTI_STATUS else ()
    away = [one["error"] for one in results if one["status"] == HTTPStatus.SERVICE_UNAVAILABLE]
    return Told(HTTPStatus.SERVICE_UNAVAILABLE, away[0], told.headers) if away else told


def _problem(told: Told) -> Mapping[str, Any]:
    slow = {"code": "out_of_time"} if told.status == HTTPStatus.GATEWAY_TIMEOUT else {}
    return {"detail": told.why, **slow, **told.body}


def _there(photo: LocalPhoto, there: Sequence[str]) -> str | None:
    return next((url for url in there if url.rpartition("/")[2].startswith(f"{photo.name}.")), None)


def _place(row: Row) -> str:
    return f"/products/{quote(row.product_id, safe='')}"
