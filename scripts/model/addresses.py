"""What an address says about whom we would talk to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urljoin, urlsplit


def origin(parts: SplitResult) -> tuple[str, str, int]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port


def split(url: str) -> SplitResult | None:
    """None for what is no address with a host in it."""
    try:
        parts = urlsplit(url)
        origin(parts)
    except ValueError:
        return None
    return parts if parts.hostname else None


def is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def follow(url: str, location: str) -> str:
    """Where a redirect from `url` leads; `location` may be relative to it, or nonsense."""
    try:
        return urljoin(url, quote(location, safe="%/:?#[]@!$&'()*+,;=~"))
    except ValueError:
        return location
