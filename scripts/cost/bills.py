"""A month's bill of either cloud, line by line."""

from __future__ import annotations

from math import ceil, exp

from scripts.cost.sizing import Size, qdrant_bill
from scripts.cost.workload import SECONDS_A_MONTH, Numbers, Table, Workload

Bill = dict[str, float]
_KB, _GB = 1e3, 1e9
# What a search does to the cache's table, in the table's units: a read of the generation and the
# answer; what nobody asked before reads the vector too, and writes both.
_READS_HIT, _READS_MISS, _WRITES_MISS = 1.5, 2.5, 7.0
_ENTRY_KB, _KEPT_DAYS = 5.0, 1.0
_LOGGED_KB = 2.0
_ALARMS, _METRICS, _SECRETS = 8, 12, 2
# A day has quiet and busy hours: so much of a day's queries come in each.
_HOURS = (1, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 7, 8, 6, 5, 5, 5, 6, 7, 8, 7, 4, 3, 2)


def lambda_bill(workload: Workload, size: Size, numbers: Numbers) -> Bill:
    prices, figures = numbers.prices, numbers.figures
    rate, own = prices["lambda"], figures["lambda"]
    gigabytes = own["memory_mb"] / 1024
    searching = workload.queries * _milliseconds(workload, "lambda", figures) / 1000
    starting = workload.queries * workload.cold_starts * own["start"] / 1000
    indexed = workload.photos * workload.changed
    indexing = indexed * _indexing(figures, "lambda") / 1000
    used = (searching + starting + indexing) * gigabytes
    requests = workload.queries + indexed
    return {
        "compute": max(0.0, used - rate["free_gb_seconds"]) * rate["gb_second"]
        + max(0.0, requests - rate["free_requests"]) / 1e6 * rate["million_requests"],
        "gateway": workload.queries / 1e6 * prices["http_api"]["million_requests"],
        "cache": _cache(workload, prices["dynamodb"]),
        "photos": _photos(workload, prices["s3"]),
        "queue": 3 * indexed / 1e6 * prices["sqs"]["million_requests"],
        "watching": _watching(workload, prices["watching"]),
        "qdrant": qdrant_bill(size, numbers, SECONDS_A_MONTH / 3600),
    }


def container_bill(workload: Workload, size: Size, numbers: Numbers, always: int = 0) -> Bill:
    """`always`: replicas that are never let go of."""
    prices, figures = numbers.prices, numbers.figures
    rate, own = prices["container_apps"], figures["container"]
    up, busy = replica_seconds(workload, numbers, always)
    indexing = workload.photos * workload.changed * _indexing(figures, "container") / 1000
    # Only what min-replicas keeps is ever billed as idle.
    idle = min(up - busy, max(0.0, always * SECONDS_A_MONTH - busy))
    active = (up - idle + indexing) * own["vcpu"]
    free = rate["free_vcpu_seconds"]
    compute = max(0.0, active - free) * rate["vcpu_second"]
    compute += idle * own["vcpu"] * rate["vcpu_second_idle"]
    memory = max(0.0, (up + indexing) * own["gib"] - rate["free_gib_seconds"])
    requests = max(0.0, workload.queries - rate["free_requests"]) / 1e6
    watching = prices["azure_watching"]
    return {
        "compute": compute + memory * rate["gib_second"],
        "gateway": requests * rate["million_requests"],
        "photos": _photos(workload, prices["blob"]),
        "watching": workload.queries * _LOGGED_KB * _KB / _GB * watching["gb_logged"]
        + watching["registry_month"],
        "qdrant": qdrant_bill(size, numbers, SECONDS_A_MONTH / 3600),
    }


def replica_seconds(workload: Workload, numbers: Numbers, always: int = 0) -> tuple[float, float]:
    """Of a month: how long replicas are there, all together, and how long they work. A replica goes
    when nobody came for a while, so a lone query keeps one that long."""
    own = numbers.figures["container"]
    seconds = _milliseconds(workload, "container", numbers.figures) / 1000
    up = busy = 0.0
    for share in _HOURS:
        rate = workload.queries * share / sum(_HOURS) / (SECONDS_A_MONTH / 24)
        working = rate * seconds
        # Not above what leaves a queue short.
        wanted = ceil(working / 0.6) if working > 0.6 else 1
        there = 1 - exp(-rate * own["kept_seconds"]) if wanted == 1 else wanted
        up += max(there, always) * SECONDS_A_MONTH / 24
        busy += working * SECONDS_A_MONTH / 24
    return up, min(up, busy)


def total(bill: Bill) -> float:
    return sum(bill.values())


def _milliseconds(workload: Workload, door: str, figures: dict[str, Table]) -> float:
    """Of a search, all in all: what is asked outside is waited for and paid for."""
    takes, outside = figures[f"{door}.request"], figures["outside"]
    new = workload.photo_share * takes["photo"] + (1 - workload.photo_share) * takes["words"]
    hit = workload.cache_hits
    return hit * (takes["cached"] + outside["table"]) + (1 - hit) * (
        new + outside["qdrant"] + outside["table"]
    )


def _indexing(figures: dict[str, Table], door: str) -> float:
    outside = figures["outside"]
    takes = figures[f"{door}.request"]["indexed"]
    return takes + outside["photo_store"] + 2 * outside["qdrant"]


def _cache(workload: Workload, prices: Table) -> float:
    hits = workload.queries * workload.cache_hits
    misses = workload.queries - hits
    reads = hits * _READS_HIT + misses * _READS_MISS
    kept = misses * _KEPT_DAYS / 30 * _ENTRY_KB * _KB / _GB
    return (
        reads / 1e6 * prices["million_reads"]
        + misses * _WRITES_MISS / 1e6 * prices["million_writes"]
        + kept * prices["gb_month"]
    )


def _photos(workload: Workload, prices: Table) -> float:
    changed = workload.photos * workload.changed
    shown = workload.queries * workload.pictures
    gigabytes = workload.photo_kb * _KB / _GB
    return (
        workload.photos * gigabytes * prices["gb_month"]
        + 3 * changed / 1e3 * prices["thousand_puts"]
        + (2 * changed + shown) / 1e3 * prices["thousand_gets"]
        + shown * gigabytes * prices["gb_out"]
    )


def _watching(workload: Workload, prices: Table) -> float:
    logged = workload.queries * _LOGGED_KB * _KB / _GB
    fixed = _ALARMS * prices["alarm"] + prices["dashboard"] + _METRICS * prices["metric"]
    return logged * prices["gb_logged"] + fixed + _SECRETS * prices["secret"]
