"""What the report makes of the query log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.errors import BadInput
from scripts.report import parts, queries

_seconds = count(0, 10)


def at(seconds: float) -> str:
    return (datetime(2027, 1, 15, 9, 30, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()


def line(words: str, hits: int = 10, best: float | None = 0.3, **more: Any) -> bytes:
    """Each long after the one before, unless it is said."""
    said: Mapping[str, Any] = {
        **{"log": "query", "time": at(next(_seconds)), "type": "text", "ms": 1.0},
        **{"words": words, "hits": hits, "best": best if hits else None},
    }
    return msgspec.json.encode({**said, **more}) + b"\n"


def read(folder: Path, *lines: bytes) -> queries.Queries:
    log = folder / "log"
    log.write_bytes(b"".join(lines))
    return queries.read([log], lambda *_: None)


def test_what_was_looked_for_in_vain_most_often_first(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("Blue  Sofa", 0, filters=["price_max=20"]),
        line("blue sofa", 0, filters=["price_max=20"]),
        line("blue sofa", 0),
        line("blue sofa"),
        line("yoga mat", 0),
        line("red mug"),
    )
    assert (found.count, found.in_vain) == (6, 4)
    sofa, mat = found.found_nothing
    assert (sofa.words, sofa.in_vain, sofa.times) == ("blue sofa", 3, 4)
    assert sofa.filters.most_common(1) == [("price_max=20", 2)]
    assert mat.words == "yoga mat"


def test_the_weakest_tenth_of_many_queries_and_of_few_none(tmp_path: Path) -> None:
    few = [line(f"q{n}", best=n / 100) for n in range(19)]
    assert read(tmp_path, *few).found_weakly == []
    many = [line(f"q{n}", best=n / 100) for n in range(40)]
    found = read(tmp_path, *many, line("q2", best=0.01), line("q9", best=-0.5))
    assert found.weak_below == 0.04
    assert [one.words for one in found.found_weakly] == ["q2", "q0", "q1", "q3"]


def test_what_says_nothing_of_the_catalogue_does_not_count(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line("mug", 0, offset=20),  # the end of many pages
        line("", 0, type="image"),
        line("mug", best=0.01, degraded=True),
        b'{"method": "GET", "path": "/health"}\n',
        b"2027-01-15 a line of something else {\n",
        b"\xff\xfe{\n",
        line("cup")[:30],
        line("cup", time="yesterday"),
        b"\n2027-01-15T09:30:00Z " + line("cup", 0),
    )
    assert (found.count, found.in_vain, found.degraded) == (3, 2, 1)
    assert [one.words for one in found.found_nothing] == ["cup"]
    assert found.sought["mug"].best == -1


def test_of_words_that_were_typed_letter_by_letter_the_last_count(tmp_path: Path) -> None:
    """Two at once, one of whom made a mistake and stopped to think."""
    typed = ["r", "re", "red", "red mu", "red mug", "red mugg", "red mug"]
    other = ["y", "yoga", "yoga ma", "yoga mat"]
    lines = [
        *(line(words, 0, time=at(n * 0.3)) for n, words in enumerate(typed)),
        *(line(words, 0, time=at(0.1 + n * 0.5)) for n, words in enumerate(other)),
        line("red mug bag", time=at(9)),
    ]
    found = read(tmp_path, *sorted(lines, key=_moment))
    assert {one.words: one.times for one in found.sought.values()} == {
        "red mug": 1,
        "yoga mat": 1,
        "red mug bag": 1,
    }
    assert (found.count, found.in_vain) == (3, 2)


def _moment(one: bytes) -> str:
    moment: str = msgspec.json.decode(one)["time"]
    return moment


def test_what_many_look_for_at_once_is_counted_for_each(tmp_path: Path) -> None:
    words = ["red mug", "red mug", "dress", "red mug", "red mug with stripes"]
    found = read(tmp_path, *(line(one, time=at(0.1)) for one in words))
    assert (found.sought["red mug"].times, found.count) == (3, 5)


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none can't be read: No such file"):
        queries.read([tmp_path / "none"], lambda *_: None)


def test_words_are_shown_as_they_are_and_do_nothing(tmp_path: Path) -> None:
    words = '<script>alert(1)</script> & "so"'
    shown = parts.queries(read(tmp_path, line(words, 0, filters=["category=<b>"])))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so&quot;" in shown
    assert "category=&lt;b&gt;" in shown
    assert "<script" not in shown and "<b>" not in shown
