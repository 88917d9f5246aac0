"""How many connections there may be at once. Each takes one of the files that a process may have
open; where all of them are gone, no photo could be read and nobody else let in."""

from __future__ import annotations

import resource
from contextlib import suppress

ACCEPTED_AT_ONCE = 64
"""Before anybody looks how many there are."""
WAITING_TO_BE_ACCEPTED = 1024
_FOR_ALL_ELSE = 512
"""Photos, the index's files, connections to other services, and a few of those bursts."""
_MOST, _FEWEST = 10_000, 64


def places() -> int:
    """As many as the system's limit lets us have, which is made as high as it may be."""
    wanted = _MOST + _FOR_ALL_ELSE
    may, might = resource.getrlimit(resource.RLIMIT_NOFILE)
    if might != resource.RLIM_INFINITY:
        wanted = min(wanted, might)
    if may != resource.RLIM_INFINITY and may < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, might))
            may = wanted
    files = wanted if may == resource.RLIM_INFINITY else min(may, wanted)
    return max(files - _FOR_ALL_ELSE, _FEWEST)
