"""A stranger's address to a photo's bytes, or one of four errors, in bounded time and space."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Sequence, Set
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from urllib.parse import urljoin

from core.budget import Calls
from core.errors import ImageTooLarge, ImageUrlFailed, ImageUrlRefused
from core.photos import MAX_PHOTO_BYTES
from core.photos.fetch.addresses import addresses_of, is_public
from core.photos.fetch.line import Line, connect, left, secured
from core.photos.fetch.target import Target, target_of
from core.photos.kinds import format_of

log = logging.getLogger(__name__)

_REDIRECTS = 3
_MOST_ADDRESSES = 4
_PIECE = 64 * 1024
_LOOK_UPS = 16
"""At once: one can't be broken off, only not waited for, and stays until the resolver gives up."""
_MOVED = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
_NOT_PUBLIC = "This image_url leads to no address of the public internet."
"""One sentence for names that are not there and for names that only we can see: whoever asks shall
not learn which names there are inside."""

Resolve = Callable[[str], Sequence[str]]


class Fetcher:
    """What is public and what a name means is told by tests alone, which have no internet."""

    def __init__(
        self,
        *,
        allow_http: bool = False,
        resolve: Resolve = addresses_of,
        is_public: Callable[[str], bool] = is_public,
        ports: Set[int] = frozenset({80, 443}),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._target_of = partial(target_of, allow_http=allow_http, ports=ports)
        self._resolve = resolve
        self._is_public = is_public
        self._tls = tls or ssl.create_default_context()
        self._look_ups = Calls("look-ups", _LOOK_UPS)

    def fetch(self, url: str, until: float) -> bytes:
        """The photo, before that moment of the monotonic clock.

        Raises ImageUrlRefused for an address we do not go to, ImageUrlFailed where there was
        nothing to be had, and ImageUnreadable or ImageTooLarge for what is no photo.
        """
        try:
            for _ in range(1 + _REDIRECTS):
                got = self._ask(self._target_of(url), until)
                if isinstance(got, bytes):
                    return got
                url = urljoin(url, got)
        except TimeoutError as error:
            raise ImageUrlFailed("The photo's server did not give it in time.") from error
        except ssl.SSLCertVerificationError as error:
            raise ImageUrlFailed(
                "The photo's server could not prove who it is: its certificate will not do."
            ) from error
        except (OSError, HTTPException, ValueError) as error:
            # What others say of their troubles names machines, and is for the log of those here.
            log.debug("a photo could not be fetched", exc_info=True)
            raise ImageUrlFailed("The photo's server did not give it.") from error
        raise ImageUrlFailed(f"The photo's server sends on more than {_REDIRECTS} times.")

    def _ask(self, target: Target, until: float) -> bytes | str:
        """The photo, or where it is to be had instead."""
        addresses = self._addresses(target, until)
        with connect(addresses, target.port, until) as sock:
            if not target.secure:
                return _answer(Line(sock, until), target)
            with secured(sock, self._tls, target.host, until) as safe:
                return _answer(Line(safe, until), target)

    def _addresses(self, target: Target, until: float) -> Sequence[str]:
        """Where to connect: these addresses and no others, for the name may mean others already
        when it is looked up again. One that is not public taints them all."""
        found = [target.host] if target.is_address else self._look_up(target.host, until)
        if not found or not all(self._is_public(address) for address in found):
            raise ImageUrlRefused(_NOT_PUBLIC)
        return found[:_MOST_ADDRESSES]

    def _look_up(self, name: str, until: float) -> Sequence[str]:
        """A resolver has no timeout that could be set, so it is only not waited for any longer."""

        def look_up() -> Sequence[str]:
            try:
                return self._resolve(name)
            except (OSError, ValueError):
                return ()

        return self._look_ups.within(left(until), look_up)


def _answer(line: Line, target: Target) -> bytes | str:
    line.ask(
        f"GET {target.path} HTTP/1.1\r\nHost: {target.authority}\r\nUser-Agent: Likeness\r\n"
        "Accept: image/*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n".encode()
    )
    response = HTTPResponse(line)  # type: ignore[arg-type]
    response.begin()
    location = response.getheader("Location")
    if response.status in _MOVED and location:
        return location.encode("latin-1").decode("utf-8", "replace")
    if response.status != HTTPStatus.OK:
        raise ImageUrlFailed(f"The photo's server answered {response.status}.")
    if response.getheader("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise ImageUrlFailed("The photo's server packs it in a way we did not ask for.")
    return _photo(response)


def _photo(response: HTTPResponse) -> bytes:
    """The body, which ends as soon as it is too large or shows to be no photo."""
    if (response.length or 0) > MAX_PHOTO_BYTES:
        raise _too_large()
    photo = BytesIO()  # which gives its bytes away without a copy
    while piece := response.read(_PIECE):
        if not photo.tell():
            format_of(piece)
        photo.write(piece)
        if photo.tell() > MAX_PHOTO_BYTES:
            raise _too_large()
    if response.length:
        raise ImageUrlFailed("The photo's server broke off before it was complete.")
    if not photo.tell():
        format_of(b"")
    return photo.getvalue()


def _too_large() -> ImageTooLarge:
    most = MAX_PHOTO_BYTES // 2**20
    return ImageTooLarge(f"The photo at this image_url has more than {most} MB.")
