"""From starting a process to its first answers, every stack in turn."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from scripts.bench.questions import SMALL, photos, texts
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import Contender, contenders, peers, rounds, started

_ROUNDS = 9
_FIRST = ", the first start ever"


def measure(report: Report, scale: Scale) -> None:
    entered = contenders(report, scale)
    report.say(f"coldstart: {', '.join(contender.name for contender in entered)}")
    [photo] = photos(SMALL, 1)
    text = {contender.tokenizer: texts(contender.tokenizer)[0] for contender in entered}
    taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as kept:
        everyone = [*entered, *(_first_start(one) for one in entered if one.ours)]
        for contender, counts in rounds(everyone, scale.times(_ROUNDS)):
            first = _FIRST if contender.name.endswith(_FIRST) else ""
            data = None if first else Path(kept, contender.name)
            with started(contender, data) as running:
                marks = {"start to ready": running.wait_until_ready()}
                running.embed(text[contender.tokenizer])
                marks["start to the first text answered"] = running.since_start()
                running.embed_photo(photo)
                marks["start to the first photo answered"] = running.since_start()
            for mark, milliseconds in marks.items() if counts else ():
                taken[mark + first][contender.name.removesuffix(_FIRST)].append(milliseconds)
    for mark, by_stack in taken.items():
        report.side_by_side(mark, "ms", by_stack, peers(entered))


def _first_start(contender: Contender) -> Contender:
    """With an index to make, which is slow where the disk is: it is synced many times over."""
    return replace(contender, stack=replace(contender.stack, name=contender.name + _FIRST))
