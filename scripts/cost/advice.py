"""What the figures say to do: stay with the engine in the process, move to Qdrant, shard it, keep
replicas ready."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.cost.bills import container_bill, total
from scripts.cost.sizing import GIB, size
from scripts.cost.workload import Numbers, Table, Workload


def advice(workload: Workload, numbers: Numbers) -> Iterator[str]:
    yield _engine(workload, numbers)
    yield _shards(workload, numbers)
    yield _kept(workload, numbers)


def embedded_up_to(numbers: Numbers) -> int:
    """Index points among which the engine in the process still finds while nobody minds."""
    figures = numbers.figures["embedded"]
    left = figures["patience_milliseconds"] - figures["milliseconds"]
    return int(left / figures["milliseconds_per_million"] * 1e6)


def milliseconds(points: float, embedded: Table) -> float:
    """A word query's, of the engine in the process."""
    return embedded["milliseconds"] + points / 1e6 * embedded["milliseconds_per_million"]


def on_disk(points: float, embedded: Table) -> float:
    """Bytes of the files of the engine in the process."""
    return embedded["empty_megabytes"] * 1e6 + points * embedded["bytes_on_disk"]


def _engine(workload: Workload, numbers: Numbers) -> str:
    most = embedded_up_to(numbers)
    figures = numbers.figures["embedded"]
    disk = on_disk(workload.points, figures) / GIB
    took = milliseconds(workload.points, figures)
    if workload.points <= most:
        return (
            f"The engine in the process would do: a word query among {workload.points:,.0f} points "
            f"takes it about {took:,.0f} ms, and it keeps {disk:,.1f} GiB of files. It has one "
            "process, so no functions and one replica: move to Qdrant for those, or beyond "
            f"{most:,} points."
        )
    return (
        f"The engine in the process is not for this: a word query would take it {took:,.0f} ms. "
        f"Beyond {most:,} points, where one takes {figures['patience_milliseconds']:.0f} ms, "
        "move to Qdrant."
    )


def _shards(workload: Workload, numbers: Numbers) -> str:
    wanted = size(workload, numbers)
    largest = numbers.prices["qdrant"]["largest_gib"]
    nodes = "node" if wanted.nodes == 1 else "nodes"
    told = (
        f"Qdrant: {wanted.memory:,.1f} GiB of memory with bytes for vectors, "
        f"{wanted.memory_unquantised:,.1f} without, {wanted.disk:,.1f} of disk: "
        f"{wanted.nodes} {nodes} of {wanted.node_gib} GiB. "
    )
    if wanted.shards > 1:
        return told + f"It needs {wanted.shards} shards, as a node has {largest:.0f} GiB at most."
    share = wanted.memory / workload.replicas / largest
    return told + f"One shard will do up to {workload.products / share:,.0f} products."


def _kept(workload: Workload, numbers: Numbers) -> str:
    wanted = size(workload, numbers)
    none = total(container_bill(workload, wanted, numbers))
    one = total(container_bill(workload, wanted, numbers, always=1))
    own = numbers.figures["container"]
    late = (own["start"] + own["fetching"]) / 1000
    if one <= none:
        return (
            f"A replica that is always there costs $ {none - one:,.2f} a month less than one that "
            "comes and goes: kept by min-replicas it is billed as idle while nobody asks, at an "
            "eighth, and only not let go of yet it is not. Set min-replicas to 1."
        )
    return (
        f"A replica that is always there costs $ {one - none:,.2f} a month more, and spares who "
        f"comes after a quiet time some {late:.1f} s."
    )
