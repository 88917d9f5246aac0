"""How either cloud starts, shares out and lets go of what answers, one query after another."""

from __future__ import annotations

import heapq
from math import ceil
from operator import attrgetter

import msgspec
import numpy as np

from scripts.cost.traces import DAY, Times
from scripts.cost.workload import Numbers, Table, Workload

_REPLICAS_AT_MOST = 10
_LONGEST_QUEUE_SECONDS = 2.0
"""Who would have to wait longer at a replica that is there is turned away, to come again."""
_VARIES = 0.3
"""How much one takes more or less than another: the deviation of its logarithm."""


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What shoppers met, and what was there for how long."""

    waited: Times
    """Milliseconds, of each that was answered."""
    cold: int
    turned_away: int
    busy_seconds: float
    busy_kept_seconds: float
    """Of them, of those that are kept."""
    kept_seconds: float
    """Somebody paid for it to be there whatever came: provisioned, or min-replicas."""
    up_seconds: float


class Work(msgspec.Struct, frozen=True):
    """Milliseconds of each query: at the processor, and waiting for others."""

    own: Times
    outside: Times

    @classmethod
    def of(
        cls, count: int, door: str, workload: Workload, numbers: Numbers, dice: np.random.Generator
    ) -> Work:
        takes, calls = numbers.figures[f"{door}.request"], numbers.figures["outside"]
        cached = dice.random(count) < workload.cache_hits
        photo = dice.random(count) < workload.photo_share
        own = np.where(cached, takes["cached"], np.where(photo, takes["photo"], takes["words"]))
        outside = np.where(cached, calls["table"], calls["table"] + calls["qdrant"])
        return cls(own * _spread(count, dice), outside * _spread(count, dice))


def of_lambda(
    times: Times, work: Work, figures: Table, dice: np.random.Generator, *, always: int = 0
) -> Day:
    """One query at a time to each instance; the one that was used last is used first. So many are
    always there, provisioned."""
    starting = (figures["start"] + figures["fetching"]) * _spread(len(times), dice) / 1000
    all_take = (work.own + work.outside) / 1000
    kept = figures["kept_seconds"]
    ready = [0.0] * always  # when each is free
    others: list[float] = []
    waited: list[float] = []
    cold, busy, busy_kept = 0, 0.0, 0.0
    # Python's own numbers: one by one, numpy's are slow.
    for now, takes, start in zip(times.tolist(), all_take.tolist(), starting.tolist(), strict=True):
        late = 0.0
        free = next((place for place, until in enumerate(ready) if until <= now), None)
        if free is not None:
            ready[free] = now + takes
            busy_kept += takes
        elif idle := [at for at, until in enumerate(others) if until <= now < until + kept]:
            others[max(idle, key=others.__getitem__)] = now + takes
        else:
            late = start
            cold += 1
            others = [until for until in others if now < until + kept]
            others.append(now + late + takes)
        busy += takes + late
        waited.append((late + takes) * 1000)
    return Day(
        waited=np.asarray(waited),
        cold=cold,
        turned_away=0,
        busy_seconds=busy,
        busy_kept_seconds=busy_kept,
        kept_seconds=always * DAY,
        up_seconds=busy,
    )


class _Replica(msgspec.Struct):
    ready: float
    free: float
    """Which it is not before it is ready."""


_FREE = attrgetter("free")


def of_containers(
    times: Times, work: Work, figures: Table, dice: np.random.Generator, *, always: int = 0
) -> Day:
    """Each replica computes one query after another; the platform looks now and then whether there
    should be more of them, or fewer."""
    starts = (figures["start"] + figures["fetching"]) / 1000
    replicas = [_Replica(0.0, 0.0) for _ in range(always)]
    under_way: list[float] = []
    waited: list[float] = []
    cold = turned_away = 0
    busy = up = 0.0
    looked, wanted_since = 0.0, 0.0
    owns, outsides = (work.own / 1000).tolist(), (work.outside / 1000).tolist()
    for now, own, outside in zip(times.tolist(), owns, outsides, strict=True):
        while looked + figures["reacts_seconds"] <= now:
            looked += figures["reacts_seconds"]
            up += len(replicas) * figures["reacts_seconds"]
            while under_way and under_way[0] <= looked:
                heapq.heappop(under_way)
            wanted = ceil(len(under_way) / figures["each_takes"])
            wanted = min(_REPLICAS_AT_MOST, max(wanted, always))
            if wanted >= len(replicas):
                wanted_since = looked
                late = starts * float(_spread(1, dice)[0])
                replicas += [
                    _Replica(looked + late, looked + late) for _ in range(wanted - len(replicas))
                ]
            elif looked - wanted_since >= figures["kept_seconds"]:
                replicas = sorted(replicas, key=_FREE)[-wanted:] if wanted else []
                wanted_since = looked
        woken = not replicas
        if woken:
            late = starts * float(_spread(1, dice)[0])
            replicas.append(_Replica(now + late, now + late))
            wanted_since = now
        least = min(replicas, key=_FREE)
        begins = max(now, least.free)
        still_starting = least.ready > now
        if not still_starting and begins - now > _LONGEST_QUEUE_SECONDS:
            turned_away += 1
            continue
        least.free = begins + own
        busy += own
        cold += still_starting
        ends = begins + own + outside
        heapq.heappush(under_way, ends)
        wanted_since = now if len(replicas) == 1 else wanted_since
        waited.append((ends - now) * 1000)
    up += len(replicas) * figures["kept_seconds"]
    return Day(
        waited=np.asarray(waited),
        cold=cold,
        turned_away=turned_away,
        busy_seconds=busy,
        busy_kept_seconds=min(busy, always * DAY),
        kept_seconds=always * DAY,
        up_seconds=max(up, always * DAY),
    )


def _spread(count: int, dice: np.random.Generator) -> Times:
    return dice.lognormal(0.0, _VARIES, count)
