"""How we speak with AWS: with how much patience, and as whom."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import NoRegionError

from core.errors import SettingsInvalid

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 2, 10, 3


def connect(service: str, *, waiting: float = 0) -> Any:
    """A client by what the environment says of region, credentials and endpoint.

    `waiting`: for how many seconds the service may be asked to hold its answer back.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS + waiting,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        signature_version="s3v4" if service == "s3" else None,
        max_pool_connections=32,
        tcp_keepalive=True,
    )
    return create_client(service, config, os.environ.get("AWS_REGION"))


def create_client(service: str, config: Config, region: str | None) -> Any:
    """Not to be called from two threads at once."""
    try:
        return _session().create_client(service, region_name=region, config=config)
    except NoRegionError as error:
        raise SettingsInvalid("AWS is used, so AWS_REGION must be set.") from error


@cache
def _session() -> Any:
    """One for all: much of what it takes to make a client is what clients have in common."""
    return botocore.session.get_session()
