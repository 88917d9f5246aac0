"""The Lambda door for photos: events of the bucket, in batches from its queue, are indexed.

The function's handler is `handlers.aws_index.handler`. To import this module is the function's
init: the model and the index are opened once, and serve every batch that comes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from core.indexing import Settled
from core.settings import load_settings
from handlers.aws_batch import answer
from handlers.compose import open_shop, to_index
from handlers.configure import secrets

_FEED_MARGIN_SECONDS = 20
"""What the rows of a feed between two looks at the clock may take."""


class Context(Protocol):
    """What Lambda says of the call."""

    def get_remaining_time_in_millis(self) -> int: ...


_settings = load_settings(look_up=secrets(), exposed=False)
logging.getLogger().setLevel(_settings.log_level)
_open = ExitStack()  # never closed: the function is frozen and dropped, not ended
_shop = _open.enter_context(open_shop(_settings, to_index(_settings)))


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    def settle(subject: str) -> Settled:
        return _shop.settle(subject, lambda: seconds_left() > _FEED_MARGIN_SECONDS)

    return answer(event, settle, _shop.queue, _settings.collection, seconds_left)
