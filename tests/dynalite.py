"""A second DynamoDB on this machine: dynalite, which owes nothing to moto.

It comes from npm; where it can't be had, the tests that ask for it are skipped and say why.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.aws import LocalAws
from tests.npm import installed

VERSION = "4.0.0"
_SERVE = """
const server = require('dynalite')({createTableMs: 0, deleteTableMs: 0})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
"""


@contextmanager
def dynalite() -> Iterator[LocalAws]:
    """The server, as a process that ends with the block, or with us."""
    process = subprocess.Popen(
        ["node", "-e", _SERVE],
        cwd=installed("dynalite", VERSION),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        port = process.stdout.readline()
        assert port, "dynalite did not start"
        yield LocalAws("127.0.0.1", int(port))
        process.terminate()
