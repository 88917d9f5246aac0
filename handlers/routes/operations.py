"""For the operator: is it well, and what does it hold."""

from __future__ import annotations

from asyncio import to_thread, wrap_future
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from core import budget
from core.clip.absent import Absent
from core.errors import Unavailable
from core.facets import CATEGORY
from core.query import Filters
from handlers.bodies import Json
from handlers.endpoint import Endpoint, Key
from handlers.metrics import TEXT as METRICS_TYPE
from handlers.operations_models import HealthBody, LiveBody, RejectedBody, RejectedPage, StatsBody
from handlers.parts import DetailedHealthBody, examined
from handlers.shop import Shop
from handlers.version import VERSION

MAX_REJECTED_SHOWN = 100
_LOOKS = ThreadPoolExecutor(2, "health")


async def health(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    """A search can be answered where the index answers (or this raises, and that is a 503);
    without the model, by words alone. It waits for no search."""
    await wrap_future(_LOOKS.submit(budget.shared(shop.index.page), 1))
    status: Literal["healthy", "degraded"] = "healthy"
    if isinstance(shop.embedder, Absent):
        status = "degraded"
    return Json(HealthBody(status=status, model=shop.embedder.model))


async def live(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    """Whoever starts us anew where this does not answer, does not for an index that is away."""
    return Json(LiveBody(status="alive"))


async def stats(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    def work() -> StatsBody:
        status = shop.index.status()
        tally = shop.search.tally
        return StatsBody(
            products=status.products,
            images=status.photos,
            by_category=shop.index.count_by(CATEGORY, Filters()),
            model=shop.embedder.model,
            queries=tally.queries,
            cache_hit_rate=round(tally.hit_rate, 4),
            rejected=len(shop.indexing.rejected()),
        )

    return Json(await to_thread(work))


async def detailed_health(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    body = await examined(shop, VERSION)
    down = body.status == "unhealthy"
    return Json(body, HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK)


async def metrics(request: Request, shop: Shop) -> Response:
    gauges = await to_thread(_gauges, shop)
    return Response(request.scope["metrics"].text(gauges), media_type=METRICS_TYPE)


def _gauges(shop: Shop) -> dict[str, tuple[str, float]]:
    """How the catalogue stands now, as far as the index tells."""
    rejected = len(shop.indexing.rejected())
    told: dict[str, tuple[str, float]] = {
        "rejected_files": ("Files of the bucket that could not be indexed", rejected)
    }
    try:
        status = shop.index.status()
    except Unavailable:
        return told | {"index_up": ("Whether the index answers", 0)}
    return told | {
        "index_up": ("Whether the index answers", 1),
        "indexed_products": ("Products in the catalogue", status.products),
        "indexed_images": ("Photos in the catalogue", status.photos),
    }


async def rejected(request: Request, shop: Shop) -> Response:  # noqa: ARG001
    found = await to_thread(shop.indexing.rejected)
    bodies = [RejectedBody(key=one.key, reason=one.reason) for one in found[:MAX_REJECTED_SHOWN]]
    return Json(RejectedPage(rejected=bodies))


ENDPOINTS = (
    Endpoint("GET", "/health", health, Key.NONE, "Can a search be answered?", HealthBody),
    Endpoint("GET", "/health/live", live, Key.NONE, "Does the process answer?", LiveBody),
    Endpoint(
        "GET",
        "/health/detailed",
        detailed_health,
        Key.ADMIN,
        "How each part is: its status, its latency, its version",
        DetailedHealthBody,
        or_status=HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    Endpoint(
        "GET", "/metrics", metrics, Key.SEARCH, "Counts for Prometheus", None, text=METRICS_TYPE
    ),
    Endpoint("GET", "/stats", stats, Key.SEARCH, "What the catalogue holds", StatsBody),
    Endpoint(
        "GET", "/rejected", rejected, Key.ADMIN, "Files that could not be indexed", RejectedPage
    ),
)
