"""Where photos are that products are told with: a stranger's server, behind lines like the others,
and what it makes of those who ask."""

from __future__ import annotations

import socket
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from core.photos.fetch.fetcher import Fetcher
from core.web_photos import photo_name
from tests.fakes.line import Line, Weather
from tests.internet import NAME, PUBLIC, Internet, Serve, answer, moved
from tests.photos import jpeg


class Way(StrEnum):
    """What there is at an address, where nothing is wrong with the line."""

    STRAIGHT = "photo"
    MOVED = "moved"
    """The photo is elsewhere, and it says where."""
    ROUND = "round"
    """It always sends on."""
    INSIDE = "inside"
    """It sends to where only we can look."""
    GONE = "gone"
    PAGE = "page"
    """It gives something that is no photo."""


OF_PHOTOS = {"image_url_failed", "image_url_refused", "image_unreadable"}
_OF_THE_WAY: dict[Way, str | None] = {
    Way.STRAIGHT: None,
    Way.MOVED: None,
    Way.ROUND: "image_url_failed",
    Way.INSIDE: "image_url_refused",
    Way.GONE: "image_url_failed",
    Way.PAGE: "image_unreadable",
}


class Where(NamedTuple):
    way: Way
    weather: Weather
    safe: bool
    """Over TLS."""

    @property
    def may_spoil(self) -> bool:
        """What comes may look like anything, and nobody can tell."""
        return self.weather is Weather.MANGLED and not self.safe

    def may_be_told(self) -> set[str | None]:
        """What is wrong with a photo there; None where it may be had."""
        if self.may_spoil:
            return {None, *OF_PHOTOS}
        if self.weather in (Weather.CLEAR, Weather.SLOW):
            return {_OF_THE_WAY[self.way]}
        if self.weather is Weather.CUT and self.way is Way.PAGE and not self.safe:
            return {"image_url_failed", "image_unreadable"}  # whichever is seen first
        return {"image_url_failed"}


class Origin:
    """An address of it names the photo by a number, and the way to it."""

    def __init__(self, folder: Path) -> None:
        self._internet = Internet(folder)
        self._internet.safe.serve = self._internet.plain.serve = self._serve

    def lines(self, silent: float) -> OriginLines:
        return OriginLines(self._internet, silent)

    def close(self) -> None:
        self._internet.close()

    def _serve(self, sock: socket.socket, head: str) -> None:
        _, way, number = head.split()[1].split("/")
        self._answers(Way(way), number)(sock, head)

    def _answers(self, way: Way, number: str) -> Serve:
        match way:
            case Way.STRAIGHT:
                return answer(photo(int(number)))
            case Way.MOVED:
                return moved(f"/{Way.STRAIGHT}/{number}")
            case Way.ROUND:
                return moved(f"/{Way.ROUND}/{number}")
            case Way.INSIDE:
                return moved(f"https://127.0.0.1:{self._internet.inside_port}/{number}")
            case Way.GONE:
                return answer(b"", 404)
            case Way.PAGE:
                return answer(b"<html>" * 200)


class OriginLines:
    """The origin as one world sees it, over TLS and without."""

    def __init__(self, internet: Internet, silent: float) -> None:
        self._internet = internet
        self._safe = Line(PUBLIC, internet.safe.port, at=PUBLIC, silent=silent)
        self._plain = Line(PUBLIC, internet.plain.port, at=PUBLIC, silent=silent)

    def leads(self, where: Where, number: int) -> str:
        """The address of the photo, on such a day."""
        scheme, line = ("https", self._safe) if where.safe else ("http", self._plain)
        line.weather = where.weather
        return f"{scheme}://{NAME}:{line.port}/{where.way}/{number}"

    def fetcher(self) -> Fetcher:
        return self._internet.fetcher(self._safe.port, self._plain.port, allow_http=True)

    def nobody_came_inside(self) -> None:
        assert self._internet.visits_inside == 0, "somebody was sent where only we can look"

    def close(self) -> None:
        self._safe.close()
        self._plain.close()


def photo(number: int) -> bytes:
    return jpeg(number, (24, 24))


def name_of(url: str) -> str:
    """What a product's only photo is called, when it came from there."""
    return photo_name(0, url)
