"""A shop behind a line that can be troubled."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.aws import LocalAws
from tests.fakes.troubled_aws import Request, Trouble, hangs, hangs_up, says


class Visit(Request):
    def do_GET(self) -> None:  # noqa: N802
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.operation = f"{self.command} {self.path.removeprefix('/api/v1')}"
        self.server.asked.append(self.operation)
        self.server.trouble(self)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815


def place(url: str) -> LocalAws:
    at = httpx.URL(url)
    return LocalAws(at.host, at.port or 80)


def busy(status: int, **headers: str) -> Trouble:
    """What the service says of itself when it can't."""
    return says(status, b'{"code": "index_unavailable", "detail": "Not now."}', **headers)


def cut_after_work(request: Request) -> None:
    """The request is worked, and nobody hears of it."""
    request.wfile = _Nowhere()  # type: ignore[assignment]
    request.pass_on()
    request.close_connection = True


def newer(request: Request) -> None:
    """The service of a later release, which says more of everything."""
    said = _fetched(request)
    request.reply(200, json.dumps(_more(said)).encode())


def older(request: Request) -> None:
    """The service of an earlier release, which says the least."""
    said = _fetched(request)
    hits = [
        {name: hit[name] for name in ("product_id", "similarity_score")} for hit in said["results"]
    ]
    body = {"query_id": said["query_id"], "query_type": said["query_type"], "results": hits}
    request.reply(200, json.dumps(body).encode())


def _fetched(request: Request) -> Any:
    well = request.server.well
    headers = dict(request.headers.items())
    answer = httpx.request(
        request.command, well.url + request.path, content=request.body, headers=headers
    )
    return answer.raise_for_status().json()


def _more(said: Any) -> Any:
    if isinstance(said, list):
        return [_more(one) for one in said]
    if isinstance(said, dict) and said.keys() & {"query_id", "product_id"}:
        return {name: _more(one) for name, one in said.items()} | {"yet_to_come": {"a": [1]}}
    return said


class _Nowhere:
    closed = False

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...


PASSING: dict[str, Trouble] = {
    "429": busy(429),
    "429 with Retry-After": busy(429, Retry_After="1"),
    "503": busy(503),
    "503 with a date": busy(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "502 of a proxy": says(502, b"<html>Bad gateway</html>"),
    "504": busy(504),
    "cut": hangs_up,
    "worked, and cut": cut_after_work,
}
LASTING: dict[str, tuple[Trouble, str]] = {
    "hangs": (hangs, "timed_out"),
    "always cut": (hangs_up, "no_answer"),
    "always 503": (busy(503), "index_unavailable"),
    "come back in an hour": (busy(429, Retry_After="3600"), "index_unavailable"),
    "error page": (says(500, b"<html>Sorry</html>"), "http_500"),
    "page": (says(200, b"<html>Welcome to this network</html>"), "not_understood"),
    "nothing": (says(200, b""), "not_understood"),
    "null": (says(200, b"null"), "not_understood"),
    "list": (says(200, b"[1, 2]"), "not_understood"),
    "object": (says(200, b"{}"), "not_understood"),
    "not UTF-8": (says(200, b'{"status": "\xff\xfe"}'), "not_understood"),
    "half an object": (says(200, b'{"status": "heal'), "not_understood"),
    "other types": (says(200, b'{"results": 7, "query_id": []}'), "not_understood"),
    "not compressed": (says(200, b"{}", Content_Encoding="gzip"), "not_understood"),
    "deep": (says(200, b"[" * 100_000), "not_understood"),
    "redirect": (says(308, b"", Location="https://other.example/"), "not_understood"),
}
