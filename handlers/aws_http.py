"""The Lambda door for HTTP: API Gateway's events to the application.

The function's handler is `handlers.aws_http.handler`. To import this module is the function's
init: the model, the index and all else are opened once, and serve every request that comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import Any

from core.settings import load_settings
from handlers.configure import secrets

# One need not wait for the other: what the model needs is imported while secrets are on their way,
# and the web framework while the model loads.
_secrets = secrets()

from core.clip.loading import Loading  # noqa: E402

_settings = load_settings(look_up=_secrets, exposed=True)
logging.getLogger().setLevel(_settings.log_level)
logging.getLogger("mangum").setLevel(logging.WARNING)  # it has a line for every request, as we do
_model = Loading(_settings.model, _settings.model_dir)

from mangum import Mangum  # noqa: E402

from handlers.api import create_app  # noqa: E402
from handlers.aws_gateway import Gateway  # noqa: E402
from handlers.compose import open_shop  # noqa: E402

_open = ExitStack()  # never closed: the function is frozen and dropped, not ended
_loop = _open.enter_context(closing(asyncio.new_event_loop()))
asyncio.set_event_loop(_loop)  # or Mangum would ask for one in a way that newer Pythons refuse
_shop = _open.enter_context(open_shop(_settings, _model, words_will_do=True))
_answer = Mangum(
    Gateway(create_app(_shop), _settings.collection),
    lifespan="off",
    text_mime_types=["text/", "application/json", "application/problem+json"],
)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers a request. Anything else is a ping that keeps the function warm."""
    if "Records" in event:
        raise ValueError("Events of the bucket are for handlers.aws_index: here they'd be lost.")
    if "requestContext" not in event:
        return {}
    try:
        return _answer(dict(event), context)
    except ValueError:
        # Called base64 and none: given on as it came, whoever reads it says what is wrong with it.
        return _answer({**event, "isBase64Encoded": False}, context)
