"""A shop's container and Event Grid, that tells our door of it, made to misbehave as a bucket is.

Two worlds alike: the photos of one are in memory, those of the other in Microsoft's emulator, put
there by Azure's own client. Events come from us in both, as the emulator has none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, cast

from starlette.requests import Request

from core.bucket import place
from core.errors import LikenessError
from core.indexing import Indexing
from core.ports import Message, Queue, VectorIndex
from core.stores.blob import BlobPhotos
from handlers.listening import Listening
from handlers.problems import status_of
from handlers.routes.events import receive
from handlers.shop import Shop
from tests.blob_messages import body, event
from tests.bucket_world import Content, MemoryWorld

BURIED = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
"""What Event Grid does not try again, but puts among the dead letters."""


class EventGridWorld(MemoryWorld):
    """Its queue is what Event Grid has yet to deliver: it tries so often, then buries."""

    def __init__(self, index: VectorIndex, schema: str, together: bool) -> None:
        """`together`: several events a request, which then have one fate."""
        self.schema = schema
        self.buries_alone = not together
        super().__init__(index)

    def _told(self, key: str) -> str:
        kind = "BlobCreated" if key in self.bucket else "BlobDeleted"
        return json.dumps(event(self.schema, key, kind))

    def _deliver(self, taken: list[Message], indexing: Indexing, queue: Queue) -> None:
        for some in [[one] for one in taken] if self.buries_alone else [taken]:
            status, detail = self._post(some, indexing)
            if status in BURIED:
                for one in some:
                    self.queue.bury(one, labels(detail))
            if status in BURIED | {HTTPStatus.OK}:
                self.queue.delete(some)

    def _post(self, some: Sequence[Message], indexing: Indexing) -> tuple[HTTPStatus, str]:
        sent = body(self.schema, [json.loads(one.body) for one in some])

        async def whole() -> dict[str, Any]:
            return {"type": "http.request", "body": sent}

        with closing(Listening(lambda subject, goes_on: indexing.settle(subject))) as listening:
            shop = cast(Shop, SimpleNamespace(listening=listening))
            try:
                told = asyncio.run(receive(Request({"type": "http", "headers": []}, whole), shop))
            except LikenessError as error:
                return status_of(error), error.detail
        return HTTPStatus(told.status_code), ""


class AzuriteWorld(EventGridWorld):
    def __init__(
        self, index: VectorIndex, schema: str, together: bool, photos: BlobPhotos, theirs: Any
    ) -> None:
        self._theirs = theirs
        super().__init__(index, schema, together)
        self.photos = photos

    def _put(self, key: str, content: Content) -> None:
        self._theirs.upload_blob(key, content.data, overwrite=True, metadata=dict(content.metadata))


def labels(detail: str) -> dict[str, str]:
    """What a person finds out from the answer, or from the log, of an event that was alone."""
    key = detail.partition(" events: ")[2].partition(": ")[0]
    where = place(key)
    return {"Reason": detail, "Key": key, "ProductId": where.product_id if where else ""}
