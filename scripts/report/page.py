"""The page: what was found, told in HTML. Whatever comes from the shop is escaped."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scripts.report import parts
from scripts.report.alike import Alike
from scripts.report.layout import Points, on_a_grid
from scripts.report.parts import COLOURS, DOT, LARGE, SMALL, escaped, figure, number
from scripts.report.pictures import Pictures
from scripts.report.queries import Queries
from scripts.report.survey import Gap, Seen, Survey

PAIRS = 40
_HERE = Path(__file__).parent


class Report(NamedTuple):
    where: str
    when: datetime
    survey: Survey
    compared: int
    bounds: tuple[float, float]
    """From which cosine on photos of two products are alike, and photos of one."""
    different: Alike
    same: Alike
    map: list[Seen]
    points: Points
    queries: Queries


def wanted(report: Report) -> dict[str, set[int]]:
    """The pictures that the page needs: of which photos, and how large."""
    found: dict[str, set[int]] = {}
    for seen in report.map:
        found.setdefault(seen.place, set()).add(DOT)
    for pair in (*report.different.shown, *report.same.shown):
        for seen in (pair.one, pair.other):
            found.setdefault(seen.place, set()).add(LARGE)
    for _, gap, _ in _gaps(report.survey):
        for item in gap.shown:
            if item.first:
                found.setdefault(item.first, set()).add(SMALL)
    return found


def html(report: Report, pictures: Pictures) -> str:
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'"
    )
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="robots" content="noindex">',
            f"<title>The catalogue, {report.when:%d %B %Y}</title>",
            f"<style>\n{style}</style>\n</head>\n<body>\n<main>",
            _head(report),
            _map(report, pictures),
            _categories(report.survey),
            *_missing(report.survey, pictures),
            _alike(report, pictures),
            _repeated(report, pictures),
            parts.queries(report.queries),
            f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def _head(report: Report) -> str:
    survey = report.survey
    figures = [
        figure(survey.products, "product", "#categories"),
        figure(survey.photos, "photo", "#map"),
        figure(len(survey.categories), "category", "#categories", "categories"),
        *(
            figure(gap.count, what, f"#{parts.anchor(what)}", what, warn=warn and gap.count > 0)
            for what, gap, warn in _gaps(survey)
        ),
        figure(report.different.total, "pair alike", "#alike", "pairs alike"),
    ]
    if report.queries.count:
        figures.append(
            figure(report.queries.in_vain, "search in vain", "#queries", "searches in vain")
        )
    return (
        f"<header>\n<h1>The catalogue</h1>\n<p>As of {report.when:%d %B %Y, %H:%M}, from "
        f"{escaped(report.where)}.</p>\n<ul class=figures>{''.join(figures)}</ul>\n</header>"
    )


def _gaps(survey: Survey) -> list[tuple[str, Gap, bool]]:
    """What it is called, who they are, and whether it wants something."""
    return [
        ("without a photo", survey.without_photo, True),
        ("without a price", survey.without_price, True),
        ("without a category", survey.without_category, True),
        ("out of stock", survey.out_of_stock, False),
    ]


_ADVICE = {
    "without a photo": "They are found by their words alone, and never by a picture.",
    "without a price": "A search with a price filter never finds them.",
    "without a category": "A search with a category filter never finds them.",
    "out of stock": "They are found like all others, unless a search asks for what is in stock.",
}


def _missing(survey: Survey, pictures: Pictures) -> list[str]:
    return [
        parts.section(
            what.capitalize(),
            f"<p>{number(gap.count, 'product')}. {_ADVICE[what]}</p>{parts.items(gap, pictures)}",
            parts.anchor(what),
        )
        for what, gap, _ in _gaps(survey)
        if gap.count
    ]


def _categories(survey: Survey) -> str:
    counts = survey.categories.most_common()
    shown, rest = counts[: parts.MOST_BARS], counts[parts.MOST_BARS :]
    if not counts:
        return parts.section("Categories", "<p>No product has one.</p>", "categories")
    others = {
        f"{len(rest)} more": sum(count for _, count in rest),
        "none": survey.without_category.count,
    }
    return parts.section("Categories", parts.bars(shown, others, survey.products), "categories")


def _map(report: Report, pictures: Pictures) -> str:
    if not report.map:
        return parts.section("The map", "<p>There is no photo to be put on it.</p>", "map")
    cells, columns, rows = on_a_grid(report.points)
    colours = {
        category: n % len(COLOURS) + 1
        for n, (category, _) in enumerate(report.survey.categories.most_common(len(COLOURS)))
    }
    dots = [
        parts.dot(seen.item, pictures(seen.place, DOT), cell, colours.get(seen.item.category, 0))
        for seen, cell in zip(report.map, cells, strict=True)
    ]
    total = report.survey.photos
    some = "All" if len(dots) == total else f"{len(dots):,} of the"
    told = (
        f"<p>{some} {number(total, 'photo')}. What looks alike lies together, so a photo "
        "among others of another kind is worth a look: it may be of another product, or its "
        "product in the wrong category.</p>"
    )
    return parts.section("The map", told + parts.chart(dots, colours, columns, rows), "map")


def _compared(report: Report) -> str:
    total = report.survey.photos
    if report.compared == total:
        return f"All {number(total, 'photo')} were compared."
    told = f"Of {number(total, 'photo')}, {report.compared:,} were compared, evenly spread"
    return f"{told}: <code>--photos</code> says how many."


def _alike(report: Report, pictures: Pictures) -> str:
    told = (
        f"<p>Photos of two different products whose cosine is {report.bounds[0]:g} or more. "
        "One product may have been entered twice, or have the photo of another. "
        f"{_compared(report)}</p>"
    )
    return parts.section(
        "Products that look alike", told + parts.pairs(report.different, pictures), "alike"
    )


def _repeated(report: Report, pictures: Pictures) -> str:
    told = (
        f"<p>Photos of one product whose cosine is {report.bounds[1]:g} or more. "
        "The second of two hardly tells a shopper, or a search, anything new.</p>"
    )
    return parts.section(
        "Photos that repeat themselves", told + parts.pairs(report.same, pictures), "repeated"
    )
