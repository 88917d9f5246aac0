"""A write that returned survives kill -9, and two processes never share an index."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from core.errors import IndexUnavailable
from core.ports import ByMeaning, ByPhotos, ByWords
from core.query import Filters
from core.words import of_query
from tests.integration.index_writer import open_index, removed_after, vector, write

ROUNDS = 10


@contextmanager
def writer(folder: Path, first: int) -> Iterator[subprocess.Popen[str]]:
    """A writing process, killed at the end."""
    command = [sys.executable, "-m", "tests.integration.index_writer", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> list[str]:
    """What the process has said since; the last line may be cut short and then does not count."""
    stdout = process.stdout
    assert stdout is not None
    return [line.strip() for line in stdout.read().splitlines(keepends=True) if line[-1] == "\n"]


def first_line(process: subprocess.Popen[str]) -> str:
    stdout: IO[str] | None = process.stdout
    assert stdout is not None
    return stdout.readline().strip()


def test_what_was_acknowledged_survives_being_killed_again_and_again(tmp_path: Path) -> None:
    chance = random.Random(7)
    there: set[int] = set()
    gone: set[int] = set()
    first = 0
    for _ in range(ROUNDS):
        with writer(tmp_path, first) as process:
            assert first_line(process) == "open"
            time.sleep(chance.uniform(0.001, 0.25))
            process.kill()
            lines = said(process)
            for line in lines:
                sign, _, written = line.partition(" ")
                (there if sign == "+" else gone).add(int(written))
            if lines:
                # The removal under way when it was killed may have come through or not.
                there.discard(removed_after(lines[-1]))
        first = max(there, default=-1) + 1000
        with closing(open_index(tmp_path)) as index:
            for number in there - gone:
                found = index.get(f"p{number}")
                assert found is not None and len(found.photos) == 1
                for [match, *_] in index.search(
                    [
                        ByPhotos(vector(number)),
                        ByMeaning(vector(number)),
                        ByWords(of_query(f"w{number}x")),
                    ],
                    Filters(categories=("Things",), price_min=number, price_max=number),
                    1,
                ):
                    assert match.product_id == f"p{number}"
            assert all(index.get(f"p{number}") is None for number in gone)
            # At most one write a round was under way, and that one may have come through or not.
            unsaid = index.status().products - len(there - gone)
            assert -ROUNDS <= unsaid <= ROUNDS
    assert len(there) > ROUNDS


def test_a_process_killed_while_it_makes_the_index_leaves_none_behind(tmp_path: Path) -> None:
    chance = random.Random(11)
    for number in range(5):
        folder = tmp_path / str(number)
        with writer(folder, 0) as process:
            while not folder.exists() and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.3))
            process.kill()
        with closing(open_index(folder)) as index:
            status = index.status()
            assert status.points <= 2 * status.products


def test_a_second_process_is_refused_and_the_index_is_free_once_the_first_is_dead(
    tmp_path: Path,
) -> None:
    with writer(tmp_path, 0) as process:
        assert first_line(process) == "open"
        with pytest.raises(IndexUnavailable, match=f"already open in process {process.pid}"):
            open_index(tmp_path)
        assert first_line(process) == "+ 0"
    with closing(open_index(tmp_path)) as index:
        assert index.status().products > 0


def test_the_same_process_is_refused_a_second_time_too(tmp_path: Path) -> None:
    with closing(open_index(tmp_path)), pytest.raises(IndexUnavailable, match="already open"):
        open_index(tmp_path)
    open_index(tmp_path).close()


def test_giving_back_room_at_the_next_opening_keeps_what_is_there(tmp_path: Path) -> None:
    with closing(open_index(tmp_path)) as index:
        for number in range(1500):
            write(index, number)
        for number in range(1000):
            index.remove(f"p{number}")
    for _ in range(2):
        with closing(open_index(tmp_path)) as index:
            status = index.status()
            assert (status.products, status.photos) == (500, 500)
            for number in range(1000, 1500, 7):
                [[match]] = index.search([ByPhotos(vector(number))], Filters(), 1)
                assert match.product_id == f"p{number}"
            write(index, 1234)
            assert index.remove("p0") is False
