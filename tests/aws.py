"""AWS on this machine: moto's server, on a free port of the loopback.

    def test_a_table(aws: LocalAws) -> None:   # `aws` is in tests/conftest.py
        client = aws.client("dynamodb")

One server serves the whole run; each test finds it empty and the environment's credentials made
up, so that nothing a test does can reach a real account. What moto is no judge of: it checks no
signatures and its time to live deletes nothing.
"""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from threading import Lock
from time import time
from typing import Any
from unittest.mock import patch

REGION = "eu-west-1"
_NOWHERE = str(Path(tempfile.gettempdir(), "no-such-aws-config"))


@dataclass(frozen=True, slots=True)
class LocalAws:
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a process needs to take this for AWS, in place of what the machine may have."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": _NOWHERE,
            "AWS_SHARED_CREDENTIALS_FILE": _NOWHERE,
        }

    def client(self, service: str, config: Any = None) -> Any:
        """A client for a test's own use: to set the scene and to look behind it."""
        import botocore.session

        session = botocore.session.Session()
        session.set_credentials("testing", "testing", "testing")
        return session.create_client(
            service, region_name=REGION, endpoint_url=self.url, config=config
        )

    def reset(self) -> None:
        """Forget every table, bucket and queue."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("POST", "/moto-api/reset")
            assert connection.getresponse().status == 200
        finally:
            connection.close()


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """The server, in a thread of this process, for as long as the block lasts."""
    # Imported here because it takes a while, and few tests ask for it.
    from moto import backends
    from moto.core.utils import camelcase_to_underscores
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    from tests.aws_wire import KeptOpen

    def application(*services: Any) -> Callable[..., Iterable[bytes]]:
        return partial(_one_by_one, DomainDispatcherApplication(*services))

    with patch.multiple(
        ThreadedMotoServer.__module__,
        DomainDispatcherApplication=application,
        MotoRequestHandler=KeptOpen,
    ):
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
    services = list(backends.list_of_moto_modules())
    spelt = cache(camelcase_to_underscores)
    try:
        with (
            # It would look them up on the disk, twice for every request.
            patch.object(backends, "list_of_moto_modules", lambda: services),
            # It would spell every attribute of a queue anew for every message in it.
            patch("moto.sqs.models.camelcase_to_underscores", spelt),
            # It would ask the calendar what time it is, thrice for every message in it.
            patch("moto.sqs.models.unix_time", time),
            patch("moto.sqs.models.unix_time_millis", lambda: time() * 1000),
        ):
            yield LocalAws(*server.get_host_and_port())
    finally:
        server.stop()


_tables = Lock()


def _one_by_one(
    answer: Callable[..., Iterable[bytes]], environ: dict[str, Any], start_response: Any
) -> Iterable[bytes]:
    """A table's updates are atomic in AWS; in moto's threads they are only by luck."""
    if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
        return answer(environ, start_response)  # a queue may be asked to wait: others shall not
    with _tables:
        return list(answer(environ, start_response))
