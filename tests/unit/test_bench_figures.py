"""What is kept of measurements: told by the pages as it is, and changed by nothing that fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import asdict, replace

from scripts.bench import __main__ as bench
from scripts.bench import figures, kept
from scripts.bench.kept import Kept, keep, read
from scripts.bench.plots import draw
from scripts.bench.report import Figure, Report, Scale, Timing
from scripts.bench.stacks import StackFailed
from scripts.bench.tables import SUMMARY, TABLES, filled
from scripts.command import DONE, FAILED, STOPPED

AGAIN = "write it anew: make figures"


@pytest.mark.parametrize("page", figures.PAGES, ids=lambda page: page.name)
def test_the_pages_tell_what_is_kept(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert filled(text, read(kept.FILE)) == text, AGAIN


def test_every_table_is_on_a_page_and_every_measured_group_has_one() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in figures.PAGES)
    told = re.findall(r"<!-- bench: ([a-z]+) -->", pages)
    assert sorted(told) == sorted([*TABLES, SUMMARY])
    assert {table.group for table in TABLES.values()} == set(bench.GROUPS)
    for line in read(kept.FILE):
        assert any(table.of([line]) for table in TABLES.values()), line.name


def test_the_plots_are_those_of_what_is_kept(tmp_path: Path) -> None:
    drawn = list(draw(tmp_path, read(kept.FILE)))
    assert {path.name for path in drawn} == {one.name for one in figures.PLOTS.glob("bench-*.svg")}
    for path in drawn:
        ours, theirs = path.read_text(), (figures.PLOTS / path.name).read_text()
        # Another processor may round the last digit of a place in the picture otherwise.
        places = (list(map(float, re.findall(r"-?\d+\.\d+", one))) for one in (ours, theirs))
        assert next(places) == pytest.approx(next(places), abs=0.01), AGAIN


FIGURE = Figure(
    name="search", value=1, unit="ms", n=9, p50=1, p95=2, peer=None, ratio=None, machine="a machine"
)  # fmt: skip


def kept_of(table: str, *figures: Figure) -> str:
    """A page's one table, of these figures."""
    lines = [
        Kept(**asdict(one), group=TABLES[table].group, date="2026-11-30", load=0.5)
        for one in figures
    ]
    return filled(f"<!-- bench: {table} -->\nof yore\n<!-- bench ends -->", lines)


def test_a_table_has_a_row_for_each_thing_and_a_column_for_whose_it_is() -> None:
    ours, theirs = (
        replace(FIGURE, name=f"start ({whose})", p50=p50, p95=12_345.6, ratio=ratio)
        for whose, p50, ratio in (("Likeness mini", 0.9987, None), ("naive", 212.3, 212.575))
    )
    told = kept_of("coldstart", ours, replace(ours, name="more (Likeness mini)", n=1234), theirs)
    assert told.splitlines()[1:] == [
        "2026-11-30, a machine; load average as it began 0.5.",
        "",
        "![coldstart](plots/bench-coldstart.svg)",
        "",
        "| p50 / p95 | n | Likeness mini | naive |",
        "| --- | --- | --- | --- |",
        "| start, ms | 9 | 0.9987 / 12,346 | 212 / 12,346 (× 213) |",
        "| more, ms | 1,234 | 0.9987 / 12,346 | |",
        "<!-- bench ends -->",
    ]


def test_what_a_peer_took_stands_beside_ours() -> None:
    loaded = replace(FIGURE, name="load", unit="s", n=1, value=23.5, p50=None, peer=47.0, ratio=2.0)
    timed = replace(FIGURE, name="photo search", peer=300.4, ratio=300.4)
    its_own = replace(FIGURE, name="photo search (peer)", n=4, p50=300.4, p95=500)
    told = kept_of("search", loaded, timed, its_own)
    assert "| p50 / p95 | n | Likeness | qdrant-client |" in told
    assert "| load, s | 1 | 23.5 | 47 (× 2) |" in told
    assert "| photo search, ms | 9; 4 | 1 / 2 | 300 / 500 (× 300) |" in told


def test_over_http_parts_are_columns_each_in_its_unit() -> None:
    rate = replace(
        FIGURE, name="photo, in turn: answers a second", unit="1/s", value=54.321, p50=None
    )
    told = kept_of("http", replace(FIGURE, name="photo, in turn"), rate)
    assert "| | n | p50 / p95, ms | answers a second |" in told
    assert "| photo, in turn | 9 | 1 / 2 | 54.3 |" in told


def test_a_table_without_figures_says_how_to_get_them() -> None:
    assert 'make bench ARGS="--group page --keep"' in kept_of("page")


def test_a_group_s_lines_take_the_place_of_those_before(tmp_path: Path) -> None:
    file = tmp_path / "bench.jsonl"
    for group, names in (("page", "ab"), ("index", "cd"), ("page", "be")):
        keep(file, group, [replace(FIGURE, name=name) for name in names], "2026-11-30", 0.5)
    assert [(line.group, line.name) for line in read(file)] == [
        ("index", "c"), ("index", "d"), ("page", "b"), ("page", "e")
    ]  # fmt: skip
    assert list(tmp_path.iterdir()) == [file]


def fails(report: Report, scale: Scale) -> None:
    report.value("half of it", 1, "ms")
    raise StackFailed("no such luck")


def is_stopped(report: Report, scale: Scale) -> None:
    report.value("half of it", 1, "ms")
    raise KeyboardInterrupt


def finds_nothing_to_measure(report: Report, scale: Scale) -> None:
    pass


@pytest.mark.parametrize(
    ("page", "code"), [(fails, FAILED), (is_stopped, STOPPED), (finds_nothing_to_measure, DONE)]
)
def test_what_does_not_end_well_changes_nothing_that_is_kept(
    page: Callable[[Report, Scale], None],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, told = tmp_path / "bench.jsonl", []
    monkeypatch.setattr(kept, "FILE", file)
    monkeypatch.setattr(figures, "write", lambda: told.append(file.read_bytes()))
    keep(file, "page", [FIGURE], "2026-11-29", 0.5)
    before = read(file)

    def works(report: Report, scale: Scale) -> None:
        report.time("all of it", Timing.of([1, 2, 3]))

    monkeypatch.setattr(bench, "GROUPS", {"page": page, "index": works})
    try:
        done = bench.measure(["index", "page"], Scale(1, quick=False, peers=False), keep=True)
    except KeyboardInterrupt:
        done = STOPPED
    assert done == code
    [new, *others] = read(file)
    assert (new.group, new.name, new.p50) == ("index", "all of it", 2)
    assert others == before
    assert told == [file.read_bytes()]
