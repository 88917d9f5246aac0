"""Writes the catalogue as a page to look at: one file, which any browser opens, with its pictures
in it and without a network. How much there is of what, what is missing, which photos look alike,
what shoppers look for in vain, and a map on which products that look alike are near each other.

It reads the index of the settings. Where the server has that open, the server is asked, and looks
at no more photos than it takes a minute to fetch. Nothing is changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

import numpy as np

from core.clip.embedder import load
from core.errors import LikenessError, Misconfigured
from core.settings import Settings
from handlers.choices import query_file
from scripts.command import DONE, parser, positive, run
from scripts.progress import Bar
from scripts.report import alike, layout, page, queries
from scripts.report.pictures import Pictures
from scripts.report.sources import Source, opened
from scripts.report.survey import Looks, Seen, Survey, go_through

_EXAMPLES = """examples:
  python -m scripts.report                            DATA_DIR/report.html
  python -m scripts.report --out catalogue.html       elsewhere
  python -m scripts.report --url https://api.my.shop  of a shop that runs somewhere else
  python -m scripts.report --queries searches.log     with a log that lies somewhere else"""
_MOST_KNOWN, _MOST_FETCHED = 100_000, 2_000
"""Photos that are compared: where the index tells how they look, and where they must be fetched."""
_ON_THE_MAP = 600


def main() -> int:
    options = _options()
    return run(lambda settings: report(settings, options), "Stopped. Nothing was written.")


def report(settings: Settings, options: argparse.Namespace) -> int:
    out = options.out or settings.data_dir / "report.html"
    with Bar("Reading the query log", unit="B") as bar:
        asked = queries.read(_logs(settings, options.queries), bar.show)
    with _written(out) as file, opened(settings, options.url) as source:
        most = options.photos or (_MOST_KNOWN if source.knows_looks else _MOST_FETCHED)
        survey = go_through(source, most)
        seen, looks = _looked_at(source, survey, settings)
        least_of_one = (1 + options.alike) / 2
        with Bar("Comparing photos") as bar:
            bounds = (options.alike, least_of_one)
            found = alike.find(seen, looks, *bounds, page.PAIRS, bar.show)
        some = np.unique(np.linspace(0, len(seen) - 1, min(len(seen), _ON_THE_MAP)).astype(int))
        with Bar("Drawing the map") as bar:
            points = layout.flat(looks[some].astype(np.float64), bar.show)
        whole = page.Report(
            where=source.where,
            when=datetime.now().astimezone(),
            survey=survey,
            compared=len(seen),
            bounds=bounds,
            different=found[0],
            same=found[1],
            map=[seen[number] for number in some],
            points=points,
            queries=asked,
        )
        pictures = Pictures()
        pictures.make(source, page.wanted(whole))
        file.write(page.html(whole, pictures))
    gaps = f", of which {pictures.missing} could not be read" if pictures.missing else ""
    print(f"{survey.products} products, {survey.photos} photos{gaps}: {out.resolve().as_uri()}")
    return DONE


def _looked_at(source: Source, survey: Survey, settings: Settings) -> tuple[list[Seen], Looks]:
    """The photos to compare and how they look; those that can't be had are left out."""
    if survey.looks:
        return survey.seen, np.stack(survey.looks)
    embedder = load(settings.model, settings.model_dir)
    seen: list[Seen] = []
    looks: Looks = np.empty((len(survey.seen), embedder.dimension), np.float16)
    with Bar("Looking at photos") as bar:
        for number, one in enumerate(survey.seen, start=1):
            try:
                looks[len(seen)] = embedder.photo(source.picture(one.place))
                seen.append(one)
            except LikenessError:
                continue
            finally:
                bar.show(number, len(survey.seen))
    return seen, looks[: len(seen)]


def _logs(settings: Settings, given: list[Path]) -> list[Path]:
    ours = query_file(settings)
    return given or [one for one in (ours.with_name(f"{ours.name}.1"), ours) if one.exists()]


@contextmanager
def _written(out: Path) -> Iterator[TextIO]:
    """A file that takes the place of `out` when it is done. That it can't be is said at once."""
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "w", encoding="utf-8", errors="replace", opener=_private) as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise Misconfigured(f"{out} can't be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    """What shoppers look for is in it."""
    return os.open(path, flags, 0o600)


def _cosine(raw: str) -> float:
    try:
        value = float(raw)
    except ValueError:
        value = 2
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"must be between 0 and 1, not {raw!r}")
    return value


def _options() -> argparse.Namespace:
    options = parser("report", __doc__, _EXAMPLES)
    options.add_argument(
        "--out", type=Path, metavar="FILE", help="the page (DATA_DIR/report.html if not given)"
    )
    options.add_argument("--url", help="where the shop's API is, if its index is not to be read")
    options.add_argument(
        "--alike",
        type=_cosine,
        default=0.95,
        metavar="COSINE",
        help="from which on photos of two products count as alike (0.95 if not given)",
    )
    options.add_argument(
        "--photos",
        type=positive,
        metavar="N",
        help=f"so many are compared, spread over all ({_MOST_KNOWN} if not given, "
        f"{_MOST_FETCHED} where they must be fetched)",
    )
    options.add_argument(
        "--queries",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="the query log (DATA_DIR/queries.jsonl and the one before if not given)",
    )
    return options.parse_args()


if __name__ == "__main__":
    sys.exit(main())
