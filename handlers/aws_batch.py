"""A batch of SQS messages as Lambda gives it, and the answer Lambda wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.indexing import Settled
from core.ports import Message, Queue
from handlers.bucket_batch import Processed, process
from handlers.emf import emit


def answer(
    event: Mapping[str, Any],
    settle: Callable[[str], Settled],
    queue: Queue | None,
    collection: str,
    seconds_left: Callable[[], float],
) -> dict[str, Any]:
    """Names the messages that failed; the others are deleted (`ReportBatchItemFailures`).

    An event without messages, such as a ping that keeps the function warm, is no failure.
    """
    messages = [_message(one) for one in event.get("Records", ())]
    if not messages:
        return {"batchItemFailures": []}
    done = process(settle, messages, queue, seconds_left)
    emit({"Collection": collection}, _metrics(len(messages), done))
    return {"batchItemFailures": [{"itemIdentifier": one} for one in done.failed]}


def _message(record: Mapping[str, Any]) -> Message:
    return Message(
        id=record["messageId"],
        body=record["body"],
        receipt=record["receiptHandle"],
        times=int(record["attributes"]["ApproximateReceiveCount"]),
    )


def _metrics(messages: int, done: Processed) -> dict[str, Sequence[float]]:
    return {
        "IndexingMessages": [messages],
        "IndexingFailures": [len(done.failed)],
        "DeadLettered": [len(done.dead)],
        "IndexedProducts": [done.products],
        "IndexingDelay": done.delays,
    }
