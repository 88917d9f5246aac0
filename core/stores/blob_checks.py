"""Whether the container is there, lets us in, and gives out addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

from core.bucket import IMAGES
from core.errors import LikenessError
from core.findings import Finding, doubtful, failed, fine
from core.stores.blob import opened
from core.stores.blob_listing import page
from core.stores.blob_wire import Refused

T = TypeVar("T")

PROBE = f"{IMAGES}.likeness-doctor"
"""A hidden name, which no indexer takes for a photo, where the services may write."""
_ROLE = "give the app the role Storage Blob Data Contributor, on the account"
_DENIED = 403


def look_at_container(url: str, key: str | None) -> Iterator[Finding]:
    wire, container, signer = opened(url, key)
    part = f"container {container.name}"
    with closing(wire):
        query = {"restype": "container", "comp": "list", "prefix": IMAGES, "maxresults": "1"}
        listed = _try(lambda: page(wire.ask("GET", container.path, query).body)[0])
        if isinstance(listed, str):
            yield failed(part, f"can't be listed: {listed}", _to_do(listed, key))
            return
        yield fine(part, "can be listed")
        if not listed:
            yield doubtful(part, "has nothing under images/", "drop photos there")
        for one in listed:
            where = container.path_of(one.key)
            read = _try(lambda where=where: wire.ask("HEAD", where))  # type: ignore[misc]
            if isinstance(read, str):
                yield failed(part, f"can't be read: {read}", _to_do(read, key))
            else:
                yield fine(part, "can be read")
        probe, kind = container.path_of(PROBE), {"x-ms-blob-type": "BlockBlob"}
        put = _try(lambda: wire.ask("PUT", probe, None, kind))
        if isinstance(put, str):
            need = f"{_to_do(put, key)}, if products are to be told and uploaded from here"
            yield doubtful(part, f"can't be written to: {put}", need)
        elif isinstance(gone := _try(lambda: wire.ask("DELETE", probe)), str):
            yield doubtful(part, f"can't be deleted from: {gone}", f"delete {PROBE} by hand")
        else:
            yield fine(part, "can be written to")
        grant = _try(lambda: signer.grant(0))
        if isinstance(grant, str):
            yield failed(part, f"gives out no addresses: {grant}", _to_do(grant, key))
        else:
            yield fine(part, "gives out addresses for browsers")


def _try(ask: Callable[[], T]) -> T | str:
    """The answer, or in a few words why there is none."""
    try:
        return ask()
    except Refused as refused:
        return str(refused)
    except LikenessError as error:
        return error.detail
    except ValueError as error:
        return str(error)


def _to_do(why: str, key: str | None) -> str:
    if not why.startswith(str(_DENIED)):
        return "check IMAGE_CONTAINER"
    return "check BLOB_KEY" if key else _ROLE
