"""What a server's processes hold in memory once they have answered a text and a large photo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scripts.bench.questions import LARGE, photos, texts
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import contenders, peers, rounds, started

_ROUNDS = 3
# The peak also counts pages of files, which the system can take back; what is left is its own.
_ROWS = {"VmHWM": "peak memory", "RssAnon": "memory of its own"}


def measure(report: Report, scale: Scale) -> None:
    entered = contenders(report, scale)
    report.say(f"memory: {', '.join(contender.name for contender in entered)}")
    [photo] = photos(LARGE, 1)
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for contender, counts in rounds(entered, scale.times(_ROUNDS)):
        with started(contender) as running:
            running.wait_until_ready()
            running.embed(texts(contender.tokenizer)[0])
            running.embed_photo(photo)
            held = [_megabytes(pid) for pid in _family(running.pid)]
        for field in _ROWS if counts else ():
            taken[field][contender.name].append(sum(process[field] for process in held))
    for field, name in _ROWS.items():
        report.side_by_side(name, "MB", taken[field], peers(entered))


def _family(pid: int) -> Iterator[int]:
    """The process and all that it started."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _family(int(child))


def _megabytes(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    # What /proc calls kB are 1,024 bytes.
    return {line.split(":")[0]: int(line.split()[1]) * 1024 / 1e6 for line in lines if "kB" in line}
