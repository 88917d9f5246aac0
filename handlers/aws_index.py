"""The Lambda door for photos: events of the bucket, in batches from its queue, are indexed.

The function's handler is `handlers.aws_index.handler`. To import this module is the function's
init: the model and the index are opened once, and serve every batch that comes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from core.settings import load_settings
from handlers.aws_batch import answer
from handlers.compose import open_shop
from handlers.configure import secrets


class Context(Protocol):
    """What Lambda says of the call."""

    def get_remaining_time_in_millis(self) -> int: ...


_settings = load_settings(look_up=secrets(), exposed=False)
logging.getLogger().setLevel(_settings.log_level)
_open = ExitStack()  # never closed: the function is frozen and dropped, not ended
_shop = _open.enter_context(open_shop(_settings))


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    return answer(
        event,
        _shop.settle,
        _shop.queue,
        _settings.collection,
        lambda: context.get_remaining_time_in_millis() / 1000,
    )
