"""Whether a webhook comes from where it says, and was sent just now."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

from core.errors import SignatureRefused

TOLERANCE_SECONDS = 300
TIMESTAMP, SIGNATURE = "X-Webhook-Timestamp", "X-Webhook-Signature"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, sha256).hexdigest()


def check_time(headers: Mapping[str, str], now: float) -> None:
    """By itself, as it can be done before the body is read."""
    told = headers.get(TIMESTAMP, "")
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise SignatureRefused(f"{TIMESTAMP} must say when this was sent, in seconds since 1970.")
    if abs(now - int(told)) > TOLERANCE_SECONDS:
        raise SignatureRefused(
            f"{TIMESTAMP} is more than {TOLERANCE_SECONDS} seconds off: "
            "sign each attempt anew, and check the clock."
        )


def check_signature(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> None:
    """Each secret is tried, whichever fits: its place does not show in time."""
    given = headers.get(SIGNATURE, "").encode()
    timestamp = headers.get(TIMESTAMP, "")
    fits = [hmac.compare_digest(given, signature(s, timestamp, body).encode()) for s in secrets]
    if not any(fits):
        raise SignatureRefused(
            f"{SIGNATURE} does not fit: it must be sha256= and the hex HMAC-SHA256 of "
            f"{TIMESTAMP}, a full stop and the body as it is sent, with the source's secret."
        )
