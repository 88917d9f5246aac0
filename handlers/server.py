"""The door for laptops and containers: the application under uvicorn, the bucket's folder watched.

Start it with `python -m handlers.server`. Ctrl-C or SIGTERM lets requests in flight finish.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import sys
from types import FrameType
from typing import NoReturn

from core.errors import LikenessError, SettingsInvalid
from core.settings import Settings, load_settings
from handlers.configure import secrets
from handlers.ending import leave, when_asked_to_end
from handlers.memory import give_back_what_is_freed

GRACE_SECONDS = 20
"""From being asked to end. Containers are killed half a minute later, and more is to be closed."""


def main() -> None:
    # A start keeps nearly all that it makes: looking for what could go would be a tenth of it.
    gc.disable()
    # Or numpy would start threads for products of a size that nobody asks it for.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    give_back_what_is_freed()
    try:
        settings = load_settings(look_up=secrets())
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
        )
        serve(settings, take_port(settings))
    except LikenessError as error:
        sys.exit(f"{error.code}: {error.detail}")


def take_port(settings: Settings) -> socket.socket:
    """Take the port before any slow work, so that one in use is said at once. Nobody can connect
    before `serve`: a health check shall fail until we are ready, not hang."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Said to be TCP, or the event loop would not turn Nagle's delay off on its connections.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        return listener
    except OSError as error:
        listener.close()
        raise SettingsInvalid(
            f"Can't listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Set HOST and PORT to an address that is free."
        ) from error


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM, then close what was opened.

    uvicorn lets requests finish and then raises the signal again, for whoever started it: that
    is us, and it means that we are done.
    """
    when_asked_to_end(leave)
    # A start is half loading the model and half importing, and one need not wait for the other:
    # what the model needs is imported first, and all the rest here, while it loads.
    from core.clip.loading import Loading

    model = Loading(settings.model, settings.model_dir)

    import uvicorn

    from handlers.api import create_app
    from handlers.compose import folder_watched, open_shop
    from handlers.connections import PatientNotForEver
    from handlers.leaving import Server
    from handlers.places import ACCEPTED_AT_ONCE

    when_asked_to_end(_done)
    with listener, open_shop(settings, model, words_will_do=True) as shop, folder_watched(shop):
        config = uvicorn.Config(
            create_app(shop),
            # Said, or it would look for others that may be installed.
            loop="asyncio",
            http=PatientNotForEver,
            ws="none",
            lifespan="off",
            # Anyone may say anything of where they come from.
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=ACCEPTED_AT_ONCE,
        )
        gc.freeze()  # what is here now stays, so that nobody looks through it ever again
        gc.enable()
        Server(config, GRACE_SECONDS).run(sockets=[listener])


def _done(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    sys.exit(0)


if __name__ == "__main__":
    main()
