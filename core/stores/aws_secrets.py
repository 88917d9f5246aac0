"""Secrets that settings name instead of telling them, kept by AWS's Secrets Manager or as
parameters of its Systems Manager."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from core.stores.aws import NO_ANSWER, create_client

_ARN = re.compile(r"arn:aws[a-z-]*:(secretsmanager|ssm):([a-z0-9-]+):\d+:(?:secret:|parameter/).")
_PATIENCE = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 2},
)
"""A function that is longer about its init than 10 seconds has to begin again."""
_WHY = {
    "ResourceNotFoundException": "there is no such secret",
    "ParameterNotFound": "there is no such parameter",
    "AccessDeniedException": "it may not be read by who we are",
    "DecryptionFailure": "its key may not be used by who we are",
    "InvalidRequestException": "it is being deleted, or has no value",
}


class Secrets:
    """All of them are asked for at once; each is waited for when it is called for."""

    def __init__(self, arns: Collection[str]) -> None:
        make_client = _Clients()
        asks = {arn: _ask(arn, make_client) for arn in arns}
        threads = ThreadPoolExecutor(len(asks) or 1)
        self._told: dict[str, Future[str]] = {arn: threads.submit(ask) for arn, ask in asks.items()}
        threads.shutdown(wait=False)

    def __call__(self, arn: str) -> str:
        """Raises ValueError where it can't be had, with the reason."""
        return self._told[arn].result()


class _Clients(dict[tuple[str, str], Any]):
    """One for each service and region: to make one takes longer than to ask it."""

    def __missing__(self, key: tuple[str, str]) -> Any:
        service, region = key
        self[key] = create_client(service, _PATIENCE, region)
        return self[key]


def _ask(arn: str, clients: _Clients) -> Callable[[], str]:
    match = _ARN.match(arn)
    if match is None:
        return partial(_refuse, arn)
    service, region = match.groups()
    read = _secret if service == "secretsmanager" else _parameter
    return partial(_value, arn, partial(read, clients[service, region], arn))


def _refuse(arn: str) -> str:
    raise ValueError(f"{arn} is neither a secret of Secrets Manager nor a parameter of SSM")


def _value(arn: str, read: Callable[[], str | None]) -> str:
    try:
        value = read()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise ValueError(f"{arn}: {_WHY.get(code, f'it can not be read ({code})')}") from None
    except NO_ANSWER as error:
        raise ValueError(f"{arn}: it can not be read ({type(error).__name__})") from None
    if value is None:
        raise ValueError(f"{arn}: it is binary; keep it as text")
    if not value.strip():
        raise ValueError(f"{arn}: it is empty")
    if value.lstrip().startswith("{"):
        raise ValueError(f"{arn}: it is JSON; keep the value alone, as plain text")
    return value


def _secret(secrets_manager: Any, arn: str) -> str | None:
    """None where it is bytes."""
    told = secrets_manager.get_secret_value(SecretId=arn)
    return None if "SecretBinary" in told else str(told["SecretString"])


def _parameter(ssm: Any, arn: str) -> str:
    return str(ssm.get_parameter(Name=arn, WithDecryption=True)["Parameter"]["Value"])
