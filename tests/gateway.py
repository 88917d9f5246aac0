"""Events as API Gateway (HTTP API, payload 2.0) makes them, and answers as a browser gets them.

Written after AWS's own example of the format: headers in lower case and joined by commas, cookies
apart from them, a body as base64 unless its content type says it is text.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

REQUEST_ID = "JKJaXmPLvHcESHA="
_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


class Context:
    """What Lambda says of the call."""

    def __init__(self, seconds: float = 30) -> None:
        self._milliseconds = round(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Answer:
        body = told.get("body", "")
        data = base64.b64decode(body, validate=True) if told["isBase64Encoded"] else body.encode()
        return cls(told["statusCode"], told["headers"], data)


def event(
    method: str,
    path: str,
    body: bytes = b"",
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    cookies: tuple[str, ...] = (),
) -> dict[str, Any]:
    path, _, query = path.partition("?")
    said = {
        "accept": "*/*",
        "content-length": str(len(body)),
        "host": "r3pmxmplak.execute-api.eu-west-1.amazonaws.com",
        "user-agent": "Mozilla/5.0",
        "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
        "x-forwarded-for": "205.255.255.176",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        **({"content-type": content_type} if content_type else {}),
        **{name.lower(): value for name, value in (headers or {}).items()},
    }
    is_text = content_type.startswith(_TEXT)
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": said,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": "r3pmxmplak.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "r3pmxmplak",
            "http": {
                "method": method,
                "path": unquote(path),
                "protocol": "HTTP/1.1",
                "sourceIp": "205.255.255.176",
                "userAgent": "Mozilla/5.0",
            },
            "requestId": REQUEST_ID,
            "routeKey": "$default",
            "stage": "$default",
            "time": "10/Mar/2020:05:16:23 +0000",
            "timeEpoch": 1583817383220,
        },
        "isBase64Encoded": bool(body) and not is_text,
    }
    if query:
        made["queryStringParameters"] = dict(parse_qsl(query))
    if cookies:
        made["cookies"] = list(cookies)
    if body:
        made["body"] = body.decode() if is_text else base64.b64encode(body).decode()
    return made


def form(photo: bytes, **fields: str) -> tuple[bytes, str]:
    """A multipart form as browsers make it, and its content type."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    head = b'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    parts.append(head + b"Content-Type: image/jpeg\r\n\r\n" + photo)
    lines = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts)
    return lines + b"--edge--\r\n", "multipart/form-data; boundary=edge"


PINGS: list[dict[str, Any]] = [
    {},
    {"warmer": True},
    {
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2027-03-10T05:16:23Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/keep-warm"],
        "detail": {},
    },
]
"""What keeps a function warm: EventBridge's scheduled event, and what people make up."""
