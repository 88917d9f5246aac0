"""Every setting, read once from the environment, checked as a whole, then frozen."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from core.errors import FieldError, SettingsInvalid


class Rate(NamedTuple):
    requests: int
    seconds: int


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decided. docs/settings.md says what each is for (a test compares)."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    model: str = "mini"
    model_dir: Path | None = None
    qdrant_url: str | None = None
    qdrant_api_key: str | None = None
    collection: str = "products"
    image_bucket: str | None = None
    index_queue_url: str | None = None
    cache_table: str | None = None
    cache_ttl: int = 3600
    stale_ttl: int = 0
    top_k: int = 10
    admin_keys: tuple[str, ...] = ()
    search_keys: tuple[str, ...] = ()
    webhook_secrets: tuple[tuple[str, str], ...] = ()
    allow_test_webhook: bool = False
    cors_origins: tuple[str, ...] = ()
    rate_limit: Rate | None = None
    request_budget_ms: int = 10_000
    allow_http_images: bool = False
    log_level: str = "INFO"

    @property
    def listens_on_loopback(self) -> bool:
        return _is_loopback(self.host)


LookUp = Callable[[str], str]
"""Gives what a reference names. A ValueError says why not, and never what else was found."""


def references(env: Mapping[str, str] = os.environ) -> list[str]:
    """What settings name instead of telling it: secrets that are kept elsewhere."""
    told = (env.get(name, "").strip() for name in _SECRETS)
    return [raw for raw in told if raw.startswith(_REFERENCE)]


def load_settings(
    env: Mapping[str, str] = os.environ,
    look_up: LookUp | None = None,
    *,
    exposed: bool | None = None,
) -> Settings:
    """Settings from the environment, or one SettingsInvalid that lists every problem.

    `exposed`: whether the door can be called from outside, where HOST has no say in that.
    """
    problems: list[FieldError] = []
    values: dict[str, object] = {}
    for name, (field, parse) in _PARSERS.items():
        raw = env.get(name, "").strip()
        if not raw:
            continue
        try:
            if name in _SECRETS and raw.startswith(_REFERENCE):
                raw = (look_up or _not_here)(raw).strip()
            values[field] = parse(raw)
        except ValueError as error:
            problems.append(FieldError(name, str(error)))
    if not problems:
        settings = Settings(**values)  # type: ignore[arg-type]
        problems = _contradictions(settings, exposed)
        if not problems:
            return settings
    listing = "\n".join(f"  {p.field}: {p.message}" for p in problems)
    raise SettingsInvalid(f"These settings need attention:\n{listing}", fields=problems)


def _contradictions(settings: Settings, exposed: bool | None) -> list[FieldError]:
    problems = []
    if not settings.admin_keys and exposed:
        open_to_all = "anyone may call this function, so writes need a key: set ADMIN_KEYS"
        problems.append(FieldError("ADMIN_KEYS", open_to_all))
    elif not settings.admin_keys and exposed is None and not settings.listens_on_loopback:
        problems.append(
            FieldError(
                "ADMIN_KEYS",
                f"HOST={settings.host} is reachable from outside, so writes need a key: "
                "set ADMIN_KEYS, or HOST=127.0.0.1",
            )
        )
    if settings.qdrant_api_key and not settings.qdrant_url:
        problems.append(FieldError("QDRANT_API_KEY", "is of no use without QDRANT_URL"))
    elif settings.qdrant_api_key and _is_sent_in_the_clear(settings.qdrant_url or ""):
        in_the_clear = "QDRANT_API_KEY would be sent in the clear: use https, or a loopback address"
        problems.append(FieldError("QDRANT_URL", in_the_clear))
    return problems


def _is_sent_in_the_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_loopback(parts.hostname or "")


def _not_here(reference: str) -> str:
    raise ValueError(f"names a secret, {reference}, and nothing here looks it up")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {raw!r}")
        return int(raw)

    return parse


def _rate(raw: str) -> Rate:
    requests, _, time = raw.partition("/")
    try:
        return Rate(_whole(1, 1_000_000)(requests), _TIMES[time])
    except (KeyError, ValueError):
        raise ValueError(
            f"must be such as 60/min, 5/s or 1000/h, at most 1000000, not {raw!r}"
        ) from None


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.upper() not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {raw!r}")
        return raw.upper()

    return parse


def _flag(raw: str) -> bool:
    return _one_of("TRUE", "FALSE")(raw) == "TRUE"


def _name(raw: str) -> str:
    if not raw.replace("-", "").replace("_", "").replace(".", "").isalnum() or raw[0] in ".-":
        raise ValueError(f"must be letters, digits, '-', '_' and '.', not {raw!r}")
    return raw


def _address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("must be an address such as https://name.example:6333, without keys")
    return raw


def _list(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def _keys(raw: str) -> tuple[str, ...]:
    keys = _list(raw)
    if any(len(key) < 16 for key in keys):
        # The value itself is never repeated: error messages end up in logs.
        raise ValueError("each key must have at least 16 characters")
    return keys


def _secrets(raw: str) -> tuple[tuple[str, str], ...]:
    """Sources and secrets. A source may have several, so that they can be changed."""
    pairs = []
    for part in _list(raw):
        source, _, secret = part.partition("=")
        if len(secret) < 16 or source in _TAKEN or not _SOURCE.fullmatch(source):
            raise ValueError(  # without the value: error messages end up in logs
                "each must be source=secret: a source of letters, digits, '-' and '_', neither "
                "'test' nor 'health', and a secret of at least 16 characters"
            )
        pairs.append((source, secret))
    return tuple(pairs)


_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TAKEN = {"test", "health"}
_TIMES = {"s": 1, "min": 60, "h": 3600}
_REFERENCE = "arn:"
_SECRETS = ("QDRANT_API_KEY", "ADMIN_KEYS", "SEARCH_KEYS", "WEBHOOK_SECRETS")
_PARSERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "HOST": ("host", str),
    "PORT": ("port", _whole(1, 65535)),
    "DATA_DIR": ("data_dir", Path),
    "MODEL": ("model", _name),
    "MODEL_DIR": ("model_dir", Path),
    "QDRANT_URL": ("qdrant_url", _address),
    "QDRANT_API_KEY": ("qdrant_api_key", str),
    "COLLECTION": ("collection", _name),
    "IMAGE_BUCKET": ("image_bucket", _name),
    "INDEX_QUEUE_URL": ("index_queue_url", _address),
    "CACHE_TABLE": ("cache_table", _name),
    "CACHE_TTL": ("cache_ttl", _whole(0, 30 * 86_400)),
    "STALE_TTL": ("stale_ttl", _whole(0, 30 * 86_400)),
    "TOP_K": ("top_k", _whole(1, 100)),
    "ADMIN_KEYS": ("admin_keys", _keys),
    "SEARCH_KEYS": ("search_keys", _keys),
    "WEBHOOK_SECRETS": ("webhook_secrets", _secrets),
    "ALLOW_TEST_WEBHOOK": ("allow_test_webhook", _flag),
    "CORS_ORIGINS": ("cors_origins", _list),
    "RATE_LIMIT": ("rate_limit", _rate),
    "REQUEST_BUDGET_MS": ("request_budget_ms", _whole(100, 600_000)),
    "ALLOW_HTTP_IMAGES": ("allow_http_images", _flag),
    "LOG_LEVEL": ("log_level", _one_of("DEBUG", "INFO", "WARNING", "ERROR")),
}
SETTING_NAMES = tuple(_PARSERS)
