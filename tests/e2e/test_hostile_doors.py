"""Everything hostile there is, through every door for photos of a real server."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from handlers.problems import STATUS
from tests.bombs import BOMBS, LARGEST
from tests.e2e.running import RunningShop, eventually, running_shop
from tests.hostile import FILES, MOST_MEGABYTES, MOST_SECONDS, made, some_files
from tests.photos import jpeg

_DEAREST = [
    *("png, 12 million of rgba, interlaced", "webp, 12 million"),
    "avif, 12 million, every colour, see-through",
    *("jpeg, 20 MB after its pixels", "gif, 20 MB of remarks"),
]
_CODES = {kind.code for kind in STATUS}

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:PIL"),  # of what it is told to write
    pytest.mark.timeout(120 + FILES),
]


class Doors:
    """Gives a file to each door, and looks at what it answers. In a `crowd`, where a slow machine
    sends some away, it comes again as it is told to."""

    def __init__(
        self, shop: RunningShop, most_seconds: float = MOST_SECONDS, *, crowd: bool = False
    ) -> None:
        self._client = shop.client
        self._most_seconds = most_seconds
        self._crowd = crowd
        self.statuses: Counter[int] = Counter()
        self.slowest = (0.0, "")

    def all(self, name: str, data: bytes) -> None:
        for door in self.each(name, data):
            door()

    def each(self, name: str, data: bytes) -> list[Callable[[], object]]:
        in_words = base64.b64encode(data).decode()
        form = {"file": ("photo.jpg", data, "image/jpeg")}
        crop = {"crop": ["0.3", "0.2", "0.1", "0.5"]}
        kind = {"content-type": "image/jpeg"}
        ask = partial(self._ask, name, "POST")
        return [
            partial(ask, "/search/by-image", content=data, headers=kind),
            partial(ask, "/search/by-image", files=form, data=crop),
            partial(ask, "/search", json={"image_base64": in_words}),
            partial(ask, "/embed-image", files=form),
            partial(ask, "/search-image", files={"image": form["file"]}),
            partial(self._product, name, form["file"]),
            partial(self._upload, name, data),
        ]

    def _product(self, name: str, file: tuple[str, bytes, str]) -> None:
        told = {"data": {"product_id": "hostile"}, "files": {"image_file": file}}
        if self._ask(name, "POST", "/index-product-with-image", **told).status_code == 200:
            self._ask(name, "DELETE", "/products/hostile")

    def _upload(self, name: str, data: bytes) -> None:
        upload = self._ask(name, "POST", "/uploads", json={"purpose": "search"}).json()
        put = self._ask(name, "PUT", upload["url"], content=data, headers=upload["headers"])
        if put.status_code == 200:
            self._ask(name, "POST", "/search", json={"upload_id": upload["upload_id"]})

    def _ask(self, name: str, method: str, url: str, **request: object) -> httpx.Response:
        began = monotonic()
        answer = self._client.request(method, url, **request)  # type: ignore[arg-type]
        while (
            self._crowd and answer.status_code == 503 and monotonic() - began < self._most_seconds
        ):
            assert answer.json()["code"] == "overloaded", answer.text
            sleep(float(answer.headers["retry-after"]))
            answer = self._client.request(method, url, **request)  # type: ignore[arg-type]
        took = monotonic() - began
        where = f"{method} {url}: {name}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, where
        assert took < self._most_seconds, where
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", where
            assert answer.json()["code"] in _CODES, where
        self.statuses[answer.status_code] += 1
        self.slowest = max(self.slowest, (took, where[:120]))
        return answer


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[RunningShop]:
    with running_shop(tmp_path / "data") as shop:
        yield shop


def is_well(shop: RunningShop) -> int:
    """It still finds what it is asked for, and never took more memory than it may; how much."""
    (shop.images / "mug.jpg").write_bytes(jpeg(5))
    eventually(lambda: [hit["product_id"] for hit in shop.search_photo(jpeg(5))][:1] == ["mug"], 60)
    assert shop.peak_megabytes() < MOST_MEGABYTES
    return shop.peak_megabytes()


@pytest.mark.parametrize("material", [made, some_files])
def test_no_door_fails_or_hangs(
    material: Callable[[], Iterator[tuple[str, bytes]]],
    shop: RunningShop,
    record_property: Callable[[str, object], None],
) -> None:
    doors = Doors(shop)
    files = 0
    for name, data in material():
        doors.all(name, data)
        files += 1
    if not files:
        pytest.skip("there are no hostile files beside the checkout")
    peak = is_well(shop)
    record_property(
        f"hostile, {material.__name__}",
        f"{files} files, {dict(doors.statuses)}, {peak} MB at most, the slowest {doors.slowest}",
    )


def test_dropping_them_all_into_the_bucket_at_once_harms_nothing(shop: RunningShop) -> None:
    for number, (_, data) in enumerate([*made(), *some_files()]):
        (shop.images / f"hostile-{number}.jpg").write_bytes(data)
    is_well(shop)
    assert shop.client.get("/rejected").json()["rejected"]


def test_many_at_once_take_turns(
    shop: RunningShop, record_property: Callable[[str, object], None]
) -> None:
    doors = Doors(shop, most_seconds=30, crowd=True)  # they wait for each other
    with ThreadPoolExecutor(8) as clients:
        for name in _DEAREST:
            each = doors.each(name, (BOMBS | LARGEST)[name]())
            list(clients.map(lambda door: door(), each * 2))
    record_property("hostile, 8 at once", f"{is_well(shop)} MB at most, {doors.slowest}")
