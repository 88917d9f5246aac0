"""What a photo may cost, whatever it says of itself: processor time of a bomb, memory of any.

Each is opened in a process of its own, after its decoder was loaded. Time is the processor's, the
least of three, so that a busy machine does not count.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.bombs import BOMBS, LARGEST
from tests.unit.photo_files import FORMATS, halves, saved

ROOT = Path(__file__).resolve().parents[2]
MOST_MILLISECONDS, MOST_MEGABYTES = 200, 240

_OPEN = """
import os, sys, threading, time
from pathlib import Path
from core.errors import ImageTooLarge, ImageUnreadable
from core.photos.decode import read_photo
from handlers.memory import give_back_what_is_freed

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

def opened(data):
    try:
        return f"{read_photo(data, 224).size}"
    except (ImageTooLarge, ImageUnreadable) as error:
        return error.detail

for photo in Path(sys.argv[1], "good").iterdir():
    read_photo(photo.read_bytes(), 224)
at_once, times = map(int, sys.argv[2:])
if at_once > 1:  # as the server does, which alone reads several
    give_back_what_is_freed()
for bomb in sorted(Path(sys.argv[1], "bombs").iterdir()):
    if os.fork():
        os.wait()
        continue
    data = bomb.read_bytes()
    Path("/proc/self/clear_refs").write_text("5")
    before, spent = peak(), []
    for _ in range(times):
        began = time.process_time()
        others = [threading.Thread(target=opened, args=(data,)) for _ in range(at_once - 1)]
        for other in others:
            other.start()
        said = opened(data)
        for other in others:
            other.join()
        spent.append(time.process_time() - began)
    print(bomb.name, round(min(spent) * 1000), peak() - before, said, sep="|", flush=True)
    os._exit(0)
"""


def cost(
    folder: Path, photos: Mapping[str, Callable[[], bytes]], at_once: int = 1, times: int = 1
) -> dict[str, tuple[int, int]]:
    """Milliseconds, the least of so many times, and megabytes of each."""
    for name in ("good", "bombs"):
        (folder / name).mkdir()
    for form in FORMATS:
        (folder / "good" / form).write_bytes(saved(halves(), form))
    for name, make in photos.items():
        (folder / "bombs" / name).write_bytes(make())
    run = subprocess.run(
        [sys.executable, "-c", _OPEN, str(folder), str(at_once), str(times)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    print(run.stdout, run.stderr)
    lines = [line.split("|") for line in run.stdout.splitlines()]
    costs = {name: (int(spent), int(memory)) for name, spent, memory, _ in lines}
    assert costs.keys() == photos.keys()
    return costs


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of what it is told to write
def test_a_bomb_costs_next_to_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    costs = cost(tmp_path, BOMBS, times=3)
    dear = {name: spent for name, (spent, _) in costs.items() if spent >= MOST_MILLISECONDS}
    large = {name: memory for name, (_, memory) in costs.items() if memory >= MOST_MEGABYTES}
    assert (dear, large) == ({}, {})
    worst = max(costs, key=lambda name: costs[name])
    record_property("bombs", f"{len(costs)}, the dearest {costs[worst][0]} ms: {worst}")


@pytest.fixture(scope="module")
def largest() -> Mapping[str, Callable[[], bytes]]:
    """Each is made once."""
    return {name: cache(make) for name, make in LARGEST.items()}


@pytest.mark.parametrize("at_once", [1, 8])
def test_the_largest_that_are_read_fit_into_the_memory_there_is(
    at_once: int,
    largest: Mapping[str, Callable[[], bytes]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    costs = cost(tmp_path, largest, at_once)
    large = {name: memory for name, (_, memory) in costs.items() if memory >= MOST_MEGABYTES}
    assert large == {}
    for name, (spent, memory) in costs.items():
        record_property(f"largest, {at_once} at once", f"{name}: {spent} ms, {memory} MB")
