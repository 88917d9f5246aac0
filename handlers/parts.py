"""The parts of a running shop, looked at one by one: does it answer, how fast, in which version."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import msgspec

from core.budget import left
from core.errors import LikenessError, Unavailable
from core.ports import Queue
from core.stopwatch import Stopwatch
from handlers.problems import surprise
from handlers.shop import Shop

_SECONDS = 3.0
"""For one part; all are looked at side by side."""
_SHARE = 0.9
"""Of what is left to the request at most, so that there is time to say which part it was."""

Status = Literal["healthy", "degraded", "unhealthy"]


class Part(msgspec.Struct, frozen=True):
    name: str
    look: Callable[[], str | None]
    """The version that answers, where it has one. Raises what is wrong with it."""
    needed: bool = False
    """No search can be answered without it."""


class PartBody(msgspec.Struct, kw_only=True):
    status: Literal["healthy", "unhealthy"]
    latency_ms: float
    version: str | None
    detail: str | None = None


class DetailedHealthBody(msgspec.Struct, kw_only=True):
    status: Status
    version: str
    parts: dict[str, PartBody]


async def examined(shop: Shop, version: str) -> DetailedHealthBody:
    parts = list(_parts(shop))
    looks = await asyncio.gather(*map(_looked_at, parts))
    told = {part.name: look for part, look in zip(parts, looks, strict=True)}
    down = [part for part in parts if told[part.name].status == "unhealthy"]
    status: Status = "degraded" if down else "healthy"
    if any(part.needed for part in down):
        status = "unhealthy"
    return DetailedHealthBody(status=status, version=version, parts=told)


def _parts(shop: Shop) -> Iterator[Part]:
    yield Part("model", partial(_model, shop))  # words are matched without it, too
    yield Part("index", partial(_index, shop), needed=True)
    yield Part("cache", partial(_cache, shop))
    yield Part("bucket", partial(_bucket, shop))
    if shop.disk is not None:
        yield Part("disk", shop.disk)  # what can't be written harms no search
    if shop.queue is not None:
        yield Part("queue", partial(_queue, shop.queue))


def _model(shop: Shop) -> str:
    shop.embedder.words("a photo")
    return shop.embedder.model


def _index(shop: Shop) -> str:
    shop.index.page(1)
    return shop.index_version()


def _cache(shop: Shop) -> None:
    """To everybody else a cache that fails is a miss. What shows it is that it can't tell the
    catalogue's generation."""
    if shop.cache.get("health", shop.settings.collection).generation is None:
        raise Unavailable("The cache does not answer; searches are slower without it.")


def _bucket(shop: Shop) -> None:
    shop.photos.of_product("health")


def _queue(queue: Queue) -> None:
    queue.waiting()


async def _looked_at(part: Part) -> PartBody:
    watch = Stopwatch()
    version = detail = None

    def look() -> str | None:
        with watch.part(part.name):  # in the thread: waiting for one is not the part's latency
            return part.look()

    seconds = min(_SECONDS, _SHARE * left())
    try:
        version = await asyncio.wait_for(asyncio.to_thread(look), seconds)
    except TimeoutError:
        detail = f"It did not answer within {seconds:.1f} seconds."
    except LikenessError as error:
        detail = error.detail
    except Exception as error:
        detail = surprise(error).detail
    return PartBody(
        status="healthy" if detail is None else "unhealthy",
        latency_ms=round(watch.spent.get(part.name, seconds * 1000), 3),
        version=version,
        detail=detail,
    )
