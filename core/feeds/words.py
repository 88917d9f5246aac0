"""What shops write in a cell, in our own terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import unescape
from html.parser import HTMLParser

from core.errors import InvalidRequest

MAX_DESCRIPTION = 10_000
_MONEY = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<number>[\d.,'\s]*\d)\s*(?P<after>[A-Z]{3})?")
_CENTS = re.compile(r"[.,](\d{1,2}|\d{4,})$")
"""A part of a number, unless it is three digits, which are thousands in half of the world."""
_BETWEEN_ADDRESSES = re.compile(r"\s*[,|]\s*(?=https?://)|\s+(?=https?://)", re.IGNORECASE)
_BETWEEN_FILES = re.compile(r"\s*[,|]\s*")
_BREAKS = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_UNSEEN = {"script", "style", "head", "template"}
_TAG = re.compile(r"</?[a-zA-Z]")
_SPACE = re.compile(r"\s+")
_YES = {"1", "true", "yes", "y", "on"}
_NO = {"0", "false", "no", "n", "off", "-1"}


def money(raw: str, what: str) -> tuple[str, str | None]:
    """An amount as a number is written here, and its currency where that is told: of 19.99 EUR,
    EUR 1,299.00 and 1.299,00 alike."""
    found = _MONEY.fullmatch(raw.strip())
    if not found:
        raise InvalidRequest(f"{what} must be an amount such as 19.99 EUR, not {raw!r}")
    number = re.sub(r"[\s']", "", found["number"])
    cents = _CENTS.search(number)
    if "," not in number and number.count(".") == 1:
        amount = number.zfill(len(number) + number.startswith("."))  # 1.299 is from a machine
    elif cents:
        amount = f"{re.sub(r'[.,]', '', number[: cents.start()]) or '0'}.{cents[1]}"
    else:
        amount = re.sub(r"[.,]", "", number)
    return amount, found["before"] or found["after"]


def flag(raw: str, what: str) -> bool:
    word = raw.lower()
    if word not in _YES | _NO:
        raise InvalidRequest(f"{what} must be true or false, not {raw!r}")
    return word in _YES


def addresses(raw: str) -> list[str]:
    """One cell's photos. A comma may be part of an address, so it parts them only where another
    one begins."""
    between = _BETWEEN_ADDRESSES if "://" in raw else _BETWEEN_FILES
    return [one for one in between.split(raw.strip()) if one]


def unique(many: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(many))


def one_or_all(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def listed(raw: str) -> list[str]:
    r"""Things with commas between; one that has a comma has it as \, ."""
    parts = re.split(r"(?<!\\),", raw)
    return [one for part in parts if (one := part.replace("\\,", ",").strip())]


def categories(paths: Iterable[str]) -> tuple[str | None, list[str]]:
    """Of Home > Lamps, Lamps is what shoppers choose by; the whole is for the attributes."""
    ways = [[step for part in path.split(">") if (step := part.strip())] for path in paths]
    ways = [way for way in ways if way]
    return (ways[0][-1] if ways else None), [" > ".join(way) for way in ways]


def plain_text(raw: str) -> str:
    """Without tags, and no longer than a description may be."""
    if _TAG.search(raw):
        reader = _Text()
        reader.feed(raw)
        reader.close()
        raw = "".join(reader.parts)
    else:
        raw = unescape(raw)
    lines = (" ".join(line.split()) for line in raw.splitlines())
    return "\n".join(line for line in lines if line)[:MAX_DESCRIPTION]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in _UNSEEN and not self._unseen:
            self._unseen = tag
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(_SPACE.sub(" ", data))


def is_between(now: datetime, begins: str, ends: str) -> bool:
    """Dates as they stand in feeds; one that is empty or makes no sense bounds nothing."""
    first, last = _moment(begins, now), _moment(ends, now)
    if last is not None and len(ends.strip()) == len("2027-05-01"):
        last = last.replace(hour=23, minute=59, second=59)
    return (first is None or first <= now) and (last is None or now <= last)


def _moment(raw: str, now: datetime) -> datetime | None:
    try:
        when = datetime.fromisoformat(raw.strip())
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=now.tzinfo)
