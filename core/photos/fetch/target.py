"""What an address asks for, read as strictly as no browser would: two readers who take one address
for different ones are how a check is got round."""

from __future__ import annotations

import re
from collections.abc import Set
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

import msgspec

from core.errors import ImageUrlRefused

MAX_URL = 4096

_NEVER = re.compile(r"[\x00-\x1f\x7f\\]")
"""Characters that some leave out and some take for others."""
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE = {"localhost", "local", "internal"}
_IN_PATH = "/%:@!$&'()*+,;=~"


class Target(msgspec.Struct, frozen=True):
    secure: bool
    host: str
    """A name in ASCII, or an address."""
    is_address: bool
    port: int
    path: str
    """With its query."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target_of(url: str, *, allow_http: bool, ports: Set[int]) -> Target:
    """Raises ImageUrlRefused for what nobody who means well would write."""
    if len(url) > MAX_URL:
        raise ImageUrlRefused(f"An image_url may have {MAX_URL:,} characters at most.")
    if _NEVER.search(url):
        raise ImageUrlRefused("This image_url has characters in it that no address has.")
    scheme = url.partition(":")[0].lower()
    if scheme != "https" and not (allow_http and scheme == "http"):
        raise ImageUrlRefused("An image_url must begin with https://.")
    secure = scheme == "https"
    try:
        parts = urlsplit(url)
        port = parts.port
        host, is_address = _host(parts.hostname or "")
        path = quote(parts.path or "/", safe=_IN_PATH)
        query = quote(parts.query, safe=_IN_PATH + "?")
    except ValueError as error:
        raise ImageUrlRefused("This image_url is no address of the public internet.") from error
    if "@" in parts.netloc:
        raise ImageUrlRefused("An image_url must have no user name and no password in it.")
    if port is None:
        port = 443 if secure else 80
    if port not in ports:
        raise ImageUrlRefused("An image_url must lead to port 443 or 80.")
    path += f"?{query}" if query else ""
    return Target(secure, host, is_address, port, path)


def _host(host: str) -> tuple[str, bool]:
    """The one way to write a host. A ValueError for every other one: an address of version 4 has
    four decimal numbers, and has them whoever reads it."""
    if ":" in host:
        if "%" in host:
            raise ValueError("a zone is a matter of one machine")
        return str(IPv6Address(host)), True
    if not host.isascii():
        host = host.encode("idna").decode().lower()
    host = host.removesuffix(".")
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        return str(IPv4Address(host)), True
    if len(host) > 253 or last in _INSIDE or not _NAME.fullmatch(host):
        raise ValueError("no name of the public internet")
    return host, False
