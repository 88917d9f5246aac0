"""Azure Blob storage on this machine: azurite, Microsoft's own emulator.

It comes from npm; where it can't be had, the tests that ask for it are skipped and say why. It
checks signatures and what an address may be used for. What it is no judge of: it has no events, no
folders of its own, and knows of identities only that a token looks like one.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from core.stores.blob import BlobPhotos
from core.stores.blob_keys import SharedKey
from core.stores.blob_wire import Container, Wire
from tests.npm import installed

VERSION = "3.37.0"
ACCOUNT = "shop"
KEY = "c2l4dGVlbi1sZXR0ZXJzLXRoYXQtYXJlLW5vLXNlY3JldA=="
_SERVE = """
process.argv = [process.argv[0], 'azurite', '--blobHost', '127.0.0.1', '--blobPort', '0',
  '--inMemoryPersistence', '--silent', '--disableTelemetry', ...process.argv.slice(1)]
process.stdin.on('end', () => process.exit()).resume()
require('azurite/dist/src/blob/main.js')
"""
_LISTENS = "successfully listens on "
_names = count(1)


@dataclass(frozen=True, slots=True)
class Azurite:
    origin: str

    def container(self) -> str:
        """The address of a new one, with nothing in it."""
        url = f"{self.origin}/{ACCOUNT}/photos-{next(_names)}"
        where = Container.of(url)
        with closing(Wire(where.address, SharedKey(ACCOUNT, KEY))) as wire:
            wire.ask("PUT", where.path, {"restype": "container"})
        return url

    def photos(self) -> BlobPhotos:
        return BlobPhotos.connect(self.container(), KEY, "https://photos.example")


@contextmanager
def azurite(certificate: tuple[Path, Path] | None = None) -> Iterator[Azurite]:
    """The server, as a process that ends with the block, or with us. With a certificate and its
    key it takes tokens, too."""
    options: list[str] = []
    if certificate is not None:
        cert, key = map(str, certificate)
        options = ["--oauth", "basic", "--cert", cert, "--key", key]
    process = subprocess.Popen(
        ["node", "-e", _SERVE, "--", *options],
        cwd=installed("azurite", VERSION),
        env=os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        told = next((line for line in process.stdout if _LISTENS in line), "")
        assert told, "azurite did not start"
        yield Azurite(told.split(_LISTENS)[1].strip())
        process.terminate()
