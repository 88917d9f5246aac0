"""The files of the page, and how browsers keep them.

Where a file says `page/@/`, it is given out with the release in place of the `@`: a digest of the
whole folder. What is asked for under the release never changes and is kept for a year; the few
files that name the release are looked at again each time. So a page that was seen before needs
nothing but its first answer, and one that has changed is never half new.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from mimetypes import guess_type
from pathlib import Path

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FOR_A_YEAR = "public, max-age=31536000, immutable"
LOOKED_AT_AGAIN = "no-cache"
_RELEASE_LENGTH = 16
_TEXT = (".html", ".css", ".js", ".json", ".svg", ".map")
_FOR_READERS = re.compile(rb"^[ \t]*(?://.*|/\*\*(?s:.*?)\*/[ \t]*)$|^[ \t]+", re.MULTILINE)
"""Of a script: comments that have lines to themselves, and what lines are indented by."""


class _File(msgspec.Struct, frozen=True):
    whole: bytes
    small: bytes | None
    """Compressed, where that helps."""
    kind: str
    tag: str


class PageFiles:
    """Files of one folder, read when they are first asked for."""

    def __init__(
        self,
        folder: Path,
        headers: dict[str, str],
        only: Collection[str] | None = None,
        *,
        lighten: bool = False,
    ) -> None:
        """`headers` go with every answer. Where not all of the folder is for browsers, `only` says
        what is. To `lighten` is for scripts of our own."""
        self._folder = folder
        self._only = only
        self._headers = headers
        self._lighten = lighten
        self._read: dict[str, _File] = {}

    @cached_property
    def release(self) -> str:
        digest = blake2b(digest_size=_RELEASE_LENGTH // 2)
        for name in self._names:
            digest.update(name.encode() + b"\0" + (self._folder / name).read_bytes())
        return digest.hexdigest()

    def versioned(self, request: Request, path: str) -> Response:
        """`<release>/<name>`, or a name alone. Of another release than ours (an older page asks a
        newer server) we give what we have, and nobody keeps it."""
        release, _, name = path.partition("/")
        if release == self.release:
            return self.answer(request, name, FOR_A_YEAR)
        another = len(release) == _RELEASE_LENGTH or release == "@"
        return self.answer(request, name if another else path, LOOKED_AT_AGAIN)

    def answer(self, request: Request, name: str, keep: str = LOOKED_AT_AGAIN) -> Response:
        if name not in self._names:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        file = self._file(name)
        headers = self._headers | {
            "Cache-Control": keep,
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
            # Shops load the components from pages of their own.
            "Access-Control-Allow-Origin": "*",
        }
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        body = file.whole
        if file.small and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = file.small, "gzip"
        return Response(body, headers=headers, media_type=file.kind)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        if self._only is not None:
            return tuple(sorted(self._only))
        found = (path for path in self._folder.rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(self._folder).as_posix() for path in found))

    def _file(self, name: str) -> _File:
        if name not in self._read:
            whole = (self._folder / name).read_bytes()
            is_text = name.endswith(_TEXT)
            if is_text:
                whole = whole.replace(b"page/@/", b"page/" + self.release.encode() + b"/")
            if self._lighten and name.endswith(".js"):
                whole = lightened(whole)
            self._read[name] = _File(
                whole=whole,
                small=gzip.compress(whole, mtime=0) if is_text else None,
                kind=guess_type(name)[0] or "application/octet-stream",
                tag=f'"{blake2b(whole, digest_size=12).hexdigest()}"',
            )
        return self._read[name]


def lightened(script: bytes) -> bytes:
    """A script without what is there for its readers, which is an eighth of what would travel. Its
    lines stay where they are, so that the place an error names is found in the source."""
    return _FOR_READERS.sub(lambda found: b"\n" * found[0].count(b"\n"), script)
