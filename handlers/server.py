"""The door for laptops and containers: the application under uvicorn, the bucket's folder watched.

Start it with `python -m handlers.server`. Ctrl-C or SIGTERM lets requests in flight finish.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
from types import FrameType

import uvicorn

from core.errors import LikenessError, SettingsInvalid
from core.settings import Settings, load_settings
from handlers.api import create_app
from handlers.compose import folder_watched, open_shop

GRACE_SECONDS = 5
_BACKLOG = 1024


def main() -> None:
    try:
        settings = load_settings()
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
    signal.signal(signal.SIGTERM, _done)
    signal.signal(signal.SIGINT, _done)
    with listener, open_shop(settings) as shop, folder_watched(shop):
        config = uvicorn.Config(
            create_app(shop),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            backlog=_BACKLOG,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _done(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    sys.exit(0)


if __name__ == "__main__":
    main()
