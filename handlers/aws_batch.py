"""A batch of SQS messages as Lambda gives it, and the answer Lambda wants."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from core.indexing import Indexing
from handlers.bucket_events import Processed, process
from handlers.emf import emf_line


def answer(
    event: Mapping[str, Any],
    indexing: Indexing,
    collection: str,
    seconds_left: Callable[[], float],
) -> dict[str, Any]:
    """Names the messages that failed; the others are deleted (`ReportBatchItemFailures`).

    An event without messages, such as a ping that keeps the function warm, is no failure.
    """
    messages = {one["messageId"]: one["body"] for one in event.get("Records", ())}
    if not messages:
        return {"batchItemFailures": []}
    done = process(indexing, messages, seconds_left)
    sys.stdout.write(_metrics(collection, len(messages), done) + "\n")
    sys.stdout.flush()
    return {"batchItemFailures": [{"itemIdentifier": one} for one in done.failed]}


def _metrics(collection: str, messages: int, done: Processed) -> str:
    return emf_line(
        {"Collection": collection},
        {
            "IndexingMessages": ("Count", [messages]),
            "IndexingFailures": ("Count", [len(done.failed)]),
            "IndexedProducts": ("Count", [done.products]),
            "IndexingDelay": ("Seconds", done.delays),
        },
    )
