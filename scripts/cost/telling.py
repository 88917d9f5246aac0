"""Tables for people, lines of JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from scripts.cost.advice import advice
from scripts.cost.bills import Bill, container_bill, lambda_bill, total
from scripts.cost.scaling import Outcome
from scripts.cost.sizing import Size, size
from scripts.cost.workload import Numbers, Workload


class Reckoned(msgspec.Struct, frozen=True):
    workload: Workload
    size: Size
    bills: dict[str, Bill]
    advice: list[str]


def reckon(workload: Workload, numbers: Numbers) -> Reckoned:
    wanted = size(workload, numbers)
    bills = {
        "AWS Lambda": lambda_bill(workload, wanted, numbers),
        "Azure Container Apps": container_bill(workload, wanted, numbers),
    }
    return Reckoned(workload, wanted, bills, list(advice(workload, numbers)))


def bills_table(shops: Sequence[Reckoned]) -> str:
    heads = [f"{one.workload.products:,} products" for one in shops]
    rows = [["", *heads]]
    rows.append(["queries", *(f"{one.workload.queries:,.0f}" for one in shops)])
    rows.append(["index points", *(f"{one.size.points:,.0f}" for one in shops)])
    rows.append(["Qdrant, GiB of memory", *(f"{one.size.memory:,.1f}" for one in shops)])
    rows.append(["  without bytes", *(f"{one.size.memory_unquantised:,.1f}" for one in shops)])
    rows.append(["  of disk", *(f"{one.size.disk:,.1f}" for one in shops)])
    rows.append(["  nodes", *(f"{one.size.nodes} x {one.size.node_gib} GiB" for one in shops)])
    for cloud in shops[0].bills:
        rows.append([f"$ a month, {cloud}", *(f"{total(one.bills[cloud]):,.2f}" for one in shops)])
        rows += [
            [f"  {line}", *(f"{one.bills[cloud][line]:,.2f}" for one in shops)]
            for line in shops[0].bills[cloud]
        ]
    return aligned(rows)


def outcomes_table(found: Iterable[Outcome]) -> str:
    rows = [["trace", "setting", "queries", "p50", "p95", "p99 ms", "cold", "503", "$ a month"]]
    rows += [
        [
            *(one.trace, one.setting, f"{one.queries:,}"),
            *(f"{one.p50:,.0f}", f"{one.p95:,.0f}", f"{one.p99:,.0f}"),
            *(f"{one.cold:.2%}", f"{one.turned_away:.2%}", f"{one.dollars:,.2f}"),
        ]
        for one in found
    ]
    return aligned(rows, words=2)


def aligned(rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """The first columns are words, the others numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
