"""The pieces that the page is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from scripts.report.alike import Alike, Pair
from scripts.report.pictures import Pictures
from scripts.report.queries import Queries, Sought
from scripts.report.survey import Gap, Item, Seen

DOT, SMALL, LARGE = 72, 96, 200
"""Sides of pictures: on the map, in a list, side by side."""
MOST_BARS = 30
COLOURS = range(1, 9)
"""Of categories; each is in the style sheet."""
_SURELY_THE_SAME = 0.9995
_COUNT = " class=count"
_VAIN = (("in vain", _COUNT), ("of", _COUNT), ("most often with", ""))
_WEAK = (("times", _COUNT), ("best", _COUNT))


def escaped(text: str) -> str:
    return escape(text, quote=True)


def named(text: str) -> str:
    """Words of the shop, in whichever direction they are written."""
    return f"<bdi>{escaped(text)}</bdi>"


def number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def anchor(what: str) -> str:
    return what.replace(" ", "-")


def section(title: str, inside: str, name: str) -> str:
    return f'<section id="{name}">\n<h2>{title}</h2>\n{inside}\n</section>'


def figure(count: int, one: str, to: str, many: str = "", *, warn: bool = False) -> str:
    what = one if count == 1 else many or one + "s"
    link = f'<a href="{to}"><b>{count:,}</b> {what}</a>' if count else f"<b>0</b> {what}"
    return f"<li{' class=warn' if warn else ''}>{link}</li>"


def picture(url: str, alt: str = "") -> str:
    if not url:
        return "<span class=none>no picture</span>"
    return f'<img src="{url}" alt="{escaped(alt)}">'


def bars(counts: Sequence[tuple[str, int]], others: Mapping[str, int], total: int) -> str:
    """`others` are told without a bar, beside which those of the rest would be nothing."""
    most = max(count for _, count in counts)
    drawn = [
        _bar(named(name), f'<span style="width:{100 * count / most:.1f}%"></span>', count, total)
        for name, count in counts
    ]
    told = [_bar(f"<i>{name}</i>", "", count, total) for name, count in others.items() if count]
    head = "<thead><tr><th>category<th><th class=count>products<th class=count>share</thead>"
    return f"<table class=bars>{head}<tbody>\n{''.join(drawn + told)}</tbody></table>"


def _bar(name: str, bar: str, count: int, total: int) -> str:
    return (
        f"<tr><th scope=row>{name}</th><td class=bar>{bar}</td>"
        f"<td class=count>{count:,}</td><td class=count>{100 * count / total:.1f} %</td></tr>\n"
    )


def items(gap: Gap, pictures: Pictures) -> str:
    shown = "".join(
        f"<li>{picture(pictures(item.first, SMALL)) if item.first else ''}"
        f"<span>{named(item.name)}<br><code>{escaped(item.id)}</code></span></li>\n"
        for item in gap.shown
    )
    more = gap.count - len(gap.shown)
    rest = f"<p>And {more:,} more.</p>" if more else ""
    return f"<ul class=items>{shown}</ul>{rest}"


def dot(item: Item, url: str, cell: tuple[int, int], colour: int) -> str:
    title = " · ".join(one for one in (item.name, item.category, item.price, item.id) if one)
    at = f'style="grid-area:{cell[1]}/{cell[0]}" class=c{colour} title="{escaped(title)}"'
    return f'<img {at} src="{url}" alt="">' if url else f"<i {at}></i>"


def chart(dots: Sequence[str], colours: Mapping[str, int], columns: int, rows: int) -> str:
    """Choosing a category fades all others, by the style sheet alone."""
    choices = [("all", "all"), *((str(n), name) for name, n in colours.items()), ("0", "others")]
    keys = "".join(
        f'<label class="c{n}"><input type=radio name=category id="only-{n}"'
        f"{' checked' if n == 'all' else ''}> {named(name)}</label>"
        for n, name in choices
    )
    whole = (
        f'<div class=scroll><div class=dots role=img aria-label="A map of {len(dots)} photos" '
        f'style="--columns:{columns};--rows:{rows}">\n' + "\n".join(dots) + "\n</div></div>"
    )
    return (
        f"<figure class=map><fieldset><legend>Show</legend>{keys}</fieldset>\n{whole}\n"
        "<figcaption><output>&nbsp;</output></figcaption></figure>"
    )


def pairs(found: Alike, pictures: Pictures) -> str:
    if not found.total:
        return "<p class=well>There are none.</p>"
    shown = "".join(_pair(pair, pictures) for pair in found.shown)
    rest = found.total - len(found.shown)
    told = f"<p>{number(found.total, 'pair')} of photos"
    told += (
        f"; the {len(found.shown)} nearest are shown, one for each two products." if rest else "."
    )
    return f"{told}</p>\n<ol class=pairs>{shown}</ol>"


def _pair(pair: Pair, pictures: Pictures) -> str:
    same = " — the same photo" if pair.cosine >= _SURELY_THE_SAME else ""
    of_one = pair.one.item.id == pair.other.item.id
    sides = "".join(_side(seen, pictures, of_one) for seen in (pair.one, pair.other))
    return f"<li><div>{sides}</div><p>{pair.cosine:.3f}{same}</p></li>\n"


def _side(seen: Seen, pictures: Pictures, of_one: bool) -> str:
    place = seen.place.rpartition("/")[2]
    what = f"<code>{escaped(place if of_one else seen.item.id)}</code>"
    told = f"{named(seen.item.name)}<br>{what}"
    if seen.item.price and not of_one:
        told += f"<br>{escaped(seen.item.price)}"
    photo = picture(pictures(seen.place, LARGE), seen.item.name)
    return f"<figure>{photo}<figcaption>{told}</figcaption></figure>"


def queries(asked: Queries) -> str:
    name, title = "queries", "What was looked for in vain"
    if not asked.count:
        told = (
            "<p>There is no query log. With <code>QUERY_LOG=true</code> the server notes what is "
            "looked for, and the next report shows what was not found.</p>"
        )
        return section(title, told, name)
    searches = number(asked.count, "search", "searches")
    share = 100 * asked.in_vain / asked.count
    told = f"<p>{searches} {_days(asked.first, asked.last)}. "
    told += f"{asked.in_vain:,} of them ({share:.1f} %) found nothing"
    if asked.degraded:
        told += f", and {asked.degraded:,} were answered without the model"
    told += ".</p>"
    nothing = _table("Found nothing", _VAIN, asked.found_nothing)
    weak = _table("Found only what hardly fits", _WEAK, asked.found_weakly, weak=True)
    if weak:
        weak += (
            f"<p>The best cosine is below {asked.weak_below:.3f}, which nine tenths of the "
            "queries reach: what they ask for may be wanting in the catalogue, or be called "
            "something else there.</p>"
        )
    return section(title, told + nothing + weak, name)


def _days(first: str, last: str) -> str:
    one, other = escaped(first[:10]), escaped(last[:10])
    return f"on {one}" if one == other else f"from {one} to {other}"


def _table(
    title: str, heads: Sequence[tuple[str, str]], rows: Sequence[Sought], *, weak: bool = False
) -> str:
    if not rows:
        return ""
    cells = "".join(f"<th scope=col{how}>{head}</th>" for head, how in heads)
    told = "".join(
        f"<tr><th scope=row>{named(row.words)}</th>{_weak(row) if weak else _vain(row)}</tr>\n"
        for row in rows
    )
    return (
        f"<table class=queries><caption>{title}</caption>"
        f"<thead><tr><th scope=col>words</th>{cells}</tr></thead><tbody>\n{told}</tbody></table>"
    )


def _vain(row: Sought) -> str:
    [(filters, _)] = row.filters.most_common(1)
    return (
        f"<td class=count>{row.in_vain:,}</td><td class=count>{row.times:,}</td>"
        f"<td>{named(filters) if filters else 'no filter'}</td>"
    )


def _weak(row: Sought) -> str:
    return f"<td class=count>{row.times:,}</td><td class=count>{row.best:.3f}</td>"
