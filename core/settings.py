"""Every setting, read once from the environment, checked as a whole, then frozen."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from core.errors import FieldError, SettingsInvalid
from core.setting_values import (
    Rate,
    address,
    base64_key,
    container,
    flag,
    keys,
    listed,
    one_of,
    plain_name,
    rate,
    secrets,
    whole,
)


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
    image_container: str | None = None
    blob_key: str | None = None
    event_keys: tuple[str, ...] = ()
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
    trusted_proxies: int = 0
    request_budget_ms: int = 10_000
    allow_http_images: bool = False
    log_level: str = "INFO"
    query_log: bool = False

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
    elif settings.qdrant_api_key and is_sent_in_the_clear(settings.qdrant_url or ""):
        in_the_clear = "QDRANT_API_KEY would be sent in the clear: use https, or a loopback address"
        problems.append(FieldError("QDRANT_URL", in_the_clear))
    return problems + _about_the_container(settings)


def _about_the_container(settings: Settings) -> list[FieldError]:
    problems = []
    if settings.blob_key and not settings.image_container:
        problems.append(FieldError("BLOB_KEY", "is of no use without IMAGE_CONTAINER"))
    if settings.image_container and settings.image_bucket:
        both = "photos lie in one place: set this one or IMAGE_BUCKET"
        problems.append(FieldError("IMAGE_CONTAINER", both))
    if is_sent_in_the_clear(settings.image_container or ""):
        in_the_clear = "photos and keys would be sent in the clear: use https"
        problems.append(FieldError("IMAGE_CONTAINER", in_the_clear))
    return problems


def is_sent_in_the_clear(url: str) -> bool:
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


_REFERENCE = "arn:"
_SECRETS = (
    "QDRANT_API_KEY",
    "BLOB_KEY",
    "EVENT_KEYS",
    "ADMIN_KEYS",
    "SEARCH_KEYS",
    "WEBHOOK_SECRETS",
)
_PARSERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "HOST": ("host", str),
    "PORT": ("port", whole(1, 65535)),
    "DATA_DIR": ("data_dir", Path),
    "MODEL": ("model", plain_name),
    "MODEL_DIR": ("model_dir", Path),
    "QDRANT_URL": ("qdrant_url", address),
    "QDRANT_API_KEY": ("qdrant_api_key", str),
    "COLLECTION": ("collection", plain_name),
    "IMAGE_BUCKET": ("image_bucket", plain_name),
    "IMAGE_CONTAINER": ("image_container", container),
    "BLOB_KEY": ("blob_key", base64_key),
    "EVENT_KEYS": ("event_keys", keys),
    "INDEX_QUEUE_URL": ("index_queue_url", address),
    "CACHE_TABLE": ("cache_table", plain_name),
    "CACHE_TTL": ("cache_ttl", whole(0, 30 * 86_400)),
    "STALE_TTL": ("stale_ttl", whole(0, 30 * 86_400)),
    "TOP_K": ("top_k", whole(1, 100)),
    "ADMIN_KEYS": ("admin_keys", keys),
    "SEARCH_KEYS": ("search_keys", keys),
    "WEBHOOK_SECRETS": ("webhook_secrets", secrets),
    "ALLOW_TEST_WEBHOOK": ("allow_test_webhook", flag),
    "CORS_ORIGINS": ("cors_origins", listed),
    "RATE_LIMIT": ("rate_limit", rate),
    "TRUSTED_PROXIES": ("trusted_proxies", whole(0, 10)),
    "REQUEST_BUDGET_MS": ("request_budget_ms", whole(100, 600_000)),
    "ALLOW_HTTP_IMAGES": ("allow_http_images", flag),
    "LOG_LEVEL": ("log_level", one_of("DEBUG", "INFO", "WARNING", "ERROR")),
    "QUERY_LOG": ("query_log", flag),
}
SETTING_NAMES = tuple(_PARSERS)
