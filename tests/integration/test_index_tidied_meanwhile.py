"""What is written while a large index is tidied up is kept, whoever ends or is killed meanwhile."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.errors import IndexUnavailable
from core.ports import ByPhotos
from core.stores import qdrant_tidying
from tests.integration.test_index_durability import first_line, said
from tests.integration.test_index_tidying import (
    CATALOGUE,
    PATIENCE,
    PRODUCTS,
    filled,
    folder,
    found,
    moved,
    opened,
    shards_in,
)

__all__ = ["filled", "folder"]

KILLS = 4


def test_who_writes_and_searches_meanwhile_loses_nothing(folder: Path) -> None:
    wrong: list[BaseException] = []
    over = threading.Event()
    looks: dict[int, int] = {}
    gone: set[int] = set()

    def write() -> None:
        chance = random.Random(5)
        while not over.wait(0.005):
            number = chance.randrange(PRODUCTS)
            if number in gone:
                continue
            if chance.random() < 0.2 and len(gone) < PRODUCTS // 2:
                index.remove(f"p{number:06}")
                gone.add(number)
                looks.pop(number, None)
            else:
                looks[number] = chance.randrange(PRODUCTS)
                moved(index, number, looks[number])

    def search() -> None:
        while not over.wait(0.005):
            assert found(index, ByPhotos(CATALOGUE.queries[0]))

    def told(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            wrong.append(error)

    def as_written() -> None:
        now = {f"p{n:06}": CATALOGUE.photos[place] for n, place in looks.items()}
        known = index.vectors(list(now))
        for name, vector in now.items():
            assert np.allclose(known[name].photos[0], vector, atol=1e-5)
        assert all(index.get(f"p{number:06}") is None for number in gone)
        assert index.status().points == 2 * (PRODUCTS - len(gone))

    with closing(opened(folder)) as index:
        others = [threading.Thread(target=told, args=[work]) for work in (write, search)]
        for one in others:
            one.start()
        for _ in range(2):
            index.tidy()
        over.set()
        for one in others:
            one.join()
        assert not wrong
        assert looks and gone
        as_written()
    with closing(opened(folder)) as index:
        assert shards_in(folder) == ["shard-2"]
        as_written()


def test_one_that_is_closed_meanwhile_ends_at_once_and_stays_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = time.monotonic() + PATIENCE
    for begun in (False, True):
        with monkeypatch.context() as at_once:
            at_once.setattr(qdrant_tidying, "LEAST_REST", 0)
            index = opened(folder)
            tidier = index._tidier
            while begun and tidier._child is None:
                assert time.monotonic() < until
                time.sleep(0.01)
            index.close()
        assert not begun or (tidier._child and tidier._child.returncode == -signal.SIGKILL)
        assert shards_in(folder) == ["shard"]
        with closing(opened(folder)) as index:
            assert index.status().points == 2 * PRODUCTS


def test_one_that_comes_to_nothing_leaves_the_index_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(opened(folder)) as index:
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", "/bin/false")
            with pytest.raises(IndexUnavailable, match="ended by 1"):
                index.tidy()
        assert shards_in(folder) == ["shard"]
        moved(index, 0, 5)
        index.tidy()
        assert np.allclose(index.vectors(["p000000"])["p000000"].photos[0], CATALOGUE.photos[5])


WRITER = """
import sys, threading; from pathlib import Path; from core.stores import qdrant_shard as shards
from tests.integration.test_index_tidying import SOON, moved, opened
shards.MANY = SOON
index = opened(Path(sys.argv[1]))

def write():
    for number in range(1000):
        moved(index, number, 999 - number)
        print(number, flush=True)

threading.Thread(target=write, daemon=True).start()
while True:
    index.tidy()
    print("tidied", flush=True)
"""


def test_one_that_is_killed_amid_it_loses_nothing_that_was_written(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qdrant_tidying, "LEAST_REST", 3600)
    chance = random.Random(3)
    before = after = 0
    for number in range(KILLS):
        one = Path(shutil.copytree(filled, tmp_path / str(number)))
        command = [sys.executable, "-c", WRITER, str(one)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            lines = [first_line(process)]
            while number % 2 and lines[-1] != "tidied":  # every other one is killed in the second
                lines.append(first_line(process))
            time.sleep(chance.uniform(0, 1.5))
            process.kill()
            lines += said(process)
        written = [0, *(int(line) for line in lines if line != "tidied")]
        with closing(opened(one)) as index:
            assert len(shards_in(one)) == 1
            before, after = before + ("tidied" not in lines), after + ("tidied" in lines)
            known = index.vectors([f"p{n:06}" for n in written])
            for n in written:
                assert np.allclose(
                    known[f"p{n:06}"].photos[0], CATALOGUE.photos[999 - n], atol=1e-5
                )
            assert index.status().points == 2 * PRODUCTS
    assert before and after
