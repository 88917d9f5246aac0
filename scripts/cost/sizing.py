"""How big the index is, and what Qdrant must have to hold it."""

from __future__ import annotations

from math import ceil

import msgspec

from scripts.cost.workload import Numbers, Workload

GIB = 2**30


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """GiB of all nodes together, replicas counted."""

    points: float
    memory: float
    memory_unquantised: float
    disk: float
    shards: int
    nodes: int
    node_gib: int
    """Of memory; what can be rented is powers of two."""


def size(workload: Workload, numbers: Numbers) -> Size:
    points, of_qdrant = numbers.figures["points"], numbers.prices["qdrant"]
    n, dimension = workload.points, workload.dimension
    large = n >= points["large_from"]
    beside = points["graph_bytes"] + points["lookup_bytes"]
    whole = n * (4 * dimension + beside) * points["headroom"] / GIB
    in_memory = n * (dimension + beside) * points["headroom"] / GIB if large else whole
    on_disk = n * (4 * dimension + (dimension if large else 0) + beside + points["payload_bytes"])
    shards = max(1, ceil(in_memory / of_qdrant["largest_gib"]))
    return Size(
        points=n,
        memory=in_memory * workload.replicas,
        memory_unquantised=whole * workload.replicas,
        disk=on_disk * points["headroom"] / GIB * workload.replicas,
        shards=shards,
        nodes=shards * workload.replicas,
        node_gib=_rentable(in_memory / shards),
    )


def qdrant_bill(size: Size, numbers: Numbers, hours: float) -> float:
    prices = numbers.prices["qdrant"]
    if size.nodes == 1 and size.node_gib <= prices["free_gib"]:
        return 0.0
    memory = size.nodes * size.node_gib
    disk = max(0.0, size.disk - memory * prices["disk_gib_with_each"])
    return memory * hours * prices["gib_hour"] + disk * prices["disk_gib_month"]


def _rentable(gib: float) -> int:
    rented = 1
    while rented < gib:
        rented *= 2
    return rented
