"""The door for laptops and containers: the application under uvicorn, the bucket's folder watched.

Start it with `python -m handlers.server`. Ctrl-C or SIGTERM lets requests in flight finish.
"""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn

from core.errors import LikenessError, SettingsInvalid
from core.settings import Settings, load_settings
from handlers.api import create_app
from handlers.compose import open_shop, watch_folder

GRACE_SECONDS = 5
_BACKLOG = 1024


def main() -> None:
    try:
        settings = load_settings()
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
        )
        serve(settings, listen(settings))
    except LikenessError as error:
        sys.exit(f"{error.code}: {error.detail}")


def listen(settings: Settings) -> socket.socket:
    """Take the port before any slow work, so that a taken one is said at once."""
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=_BACKLOG,
        )
    except OSError as error:
        raise SettingsInvalid(
            f"Can't listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Set HOST and PORT to an address that is free."
        ) from error


def serve(settings: Settings, listener: socket.socket) -> None:
    with listener, open_shop(settings) as shop, watch_folder(shop):
        config = uvicorn.Config(
            create_app(shop),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
