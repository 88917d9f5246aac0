"""Only what was signed with the secret, as it is and just now, is let in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SignatureRefused
from handlers.signatures import SIGNATURE, TIMESTAMP, check_signature, check_time, signature

SECRETS = st.text(st.characters(codec="utf-8"), min_size=16, max_size=40)
TIMES = st.integers(0, 10**12)


def headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    return {TIMESTAMP: timestamp, SIGNATURE: signature(secret, timestamp, body)}


def test_it_is_what_openssl_makes() -> None:
    """printf '1700000000.{}' | openssl dgst -sha256 -hmac a-secret-of-the-two-of-us"""
    assert signature("a-secret-of-the-two-of-us", "1700000000", b"{}") == (
        "sha256=5c4f81eb1572bb59e30a3f70cb778aac8aee66c7ab696929cb8b62195fe62299"
    )


@given(SECRETS, SECRETS, TIMES, st.binary(max_size=200))
def test_what_was_signed_is_let_in_by_any_of_the_secrets(
    secret: str, other: str, now: int, body: bytes
) -> None:
    for secrets in ([secret], [other, secret], [secret, other]):
        check_signature(secrets, headers(secret, str(now), body), body)


@given(SECRETS, TIMES, st.binary(min_size=1, max_size=200), st.data())
def test_whatever_is_changed_is_refused(
    secret: str, now: int, body: bytes, data: st.DataObject
) -> None:
    signed = headers(secret, str(now), body)
    place = data.draw(st.integers(0, len(body) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = body[:place] + bytes([body[place] ^ 1 << bit]) + body[place + 1 :]
    given = signed[SIGNATURE]
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=255))
    for secrets, told, sent in (
        ([secret], signed, changed),
        ([secret + "x"], signed, body),
        ([], signed, body),
        ([secret], signed | {TIMESTAMP: str(now + 1)}, body),
        ([secret], signed | {SIGNATURE: given[:-1]}, body),
        ([secret], signed | {SIGNATURE: given + other}, body),
        ([secret], {TIMESTAMP: str(now)}, body),
    ):
        with pytest.raises(SignatureRefused):
            check_signature(secrets, told, sent)


@given(TIMES.filter(lambda now: now > 1000), st.integers(-300, 300))
def test_a_clock_may_be_five_minutes_off(now: int, off: int) -> None:
    check_time({TIMESTAMP: str(now + off)}, now)


@given(st.integers(301, 10**9), st.sampled_from((-1, 1)))
def test_and_no_more(off: int, way: int) -> None:
    with pytest.raises(SignatureRefused):
        check_time({TIMESTAMP: str(2 * 10**9 + way * off)}, 2 * 10**9)


@pytest.mark.parametrize("told", ["", "now", "1e9", "-5", "1700000000.5", "١٧٠٠٠٠٠٠٠٠", "9" * 5000])
def test_what_is_no_time_is_refused(told: str) -> None:
    with pytest.raises(SignatureRefused):
        check_time({TIMESTAMP: told}, 0)
