"""What the fuzzing shares: rounds while there is time, mutations, and a bare way to the API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Scope

from handlers.problems import STATUS

SECONDS = float(os.environ.get("FUZZ_EACH_SECONDS", "3"))
_LONGEST = timedelta(seconds=5)
_CODES = {kind.code for kind in STATUS} | {"not_found", "method_not_allowed"}


def fuzz(check: Callable[..., None], *strategies: st.SearchStrategy[Any]) -> int:
    """Rounds of a hundred, each with a seed of its own, until the time is up; how many cases."""
    until = monotonic() + SECONDS
    rounds = 0
    while rounds == 0 or monotonic() < until:
        one = given(*strategies)(check)
        one = settings(
            max_examples=100,
            deadline=_LONGEST,
            database=None,
            suppress_health_check=list(HealthCheck),
        )(one)
        seed(rounds)(one)()
        rounds += 1
    return rounds * 100


def mutated(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of the seeds, with some of it changed, cut out, said again or taken from another."""
    place = st.floats(0, 1, exclude_max=True)
    some = st.one_of(
        st.binary(min_size=1, max_size=8),
        st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\1", b"\n"]),
    )
    edits = st.lists(
        st.one_of(
            st.tuples(st.just("over"), place, some),
            st.tuples(st.just("in"), place, some),
            st.tuples(st.just("out"), place, place),
            st.tuples(st.just("again"), place, place),
            st.tuples(st.just("from"), place, st.sampled_from(seeds)),
            st.tuples(st.just("cut"), place, place),
        ),
        max_size=6,
    )
    return st.builds(_edited, st.sampled_from(seeds), edits)


def _edited(data: bytes, edits: list[tuple[str, float, Any]]) -> bytes:
    for kind, where, what in edits:
        at = int(where * len(data))
        if kind == "over":
            data = data[:at] + what + data[at + len(what) :]
        elif kind == "in":
            data = data[:at] + what + data[at:]
        elif kind == "from":
            data = data[:at] + what[at:]
        elif kind == "cut":
            data = data[:at]
        else:
            end = at + int(what * 200)
            data = data[:at] + (data[at:end] * 3 if kind == "again" else b"") + data[end:]
    return data


def ask(
    app: ASGIApp,
    method: str,
    path: str,
    chunks: Sequence[bytes],
    headers: Sequence[tuple[bytes, bytes]] = (),
    query: bytes = b"",
) -> int:
    """Its status, if it is one there may be. A bug is raised as it is."""
    left = list(chunks) or [b""]
    sent: list[Message] = []

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 50_000),
        "root_path": "",
        "path": f"/api/v1{path}",
        "raw_path": b"",
        "query_string": query,
        "headers": list(headers),
    }

    async def served() -> None:
        await app(scope, receive, send)

    asyncio.run(served())
    status: int = sent[0]["status"]
    body = b"".join(message.get("body", b"") for message in sent)
    assert status < 500, body
    if status >= 400:
        assert msgspec.json.decode(body)["code"] in _CODES, body
    return status
