"""Forms as nobody would write them: an answer, or a refusal that says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from starlette.types import ASGIApp

from tests.fuzz.fuzzing import ask, fuzz, mutated
from tests.photos import jpeg

_PHOTO = jpeg(3, size=(40, 40))
_NAMES = st.sampled_from(
    [
        b"file",
        b"image",
        b"image_file",
        b"top_k",
        b"crop",
        b"attributes",
        b"attributes.x",
        b"query",
        b"product_id",
        b"metadata",
        b"price_min",
        b"facets",
        b"more_like",
        b"",
        b"\xff\xfe",
        b"a" * 9000,
    ]
)
_FILENAMES = st.sampled_from(
    [b"a.jpg", b"../../etc/passwd", b"a\0.jpg", b"%00", b'"; name="x', b"\xff", b"x" * 5000, b""]
)
_VALUES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=40).map(lambda text: text.encode(errors="replace")),
    st.sampled_from(
        [_PHOTO, b"0.5", b"1e400", b"nan", b"-1", b'{"a": 1}', b"[" * 5000, b"9" * 5000]
    ),
)


def _part(name: bytes, filename: bytes | None, more: list[bytes], value: bytes) -> bytes:
    file = b"" if filename is None else b'; filename="' + filename + b'"'
    head = b'Content-Disposition: form-data; name="' + name + b'"' + file
    return b"\r\n".join([head, *more, b"", value])


_HEADERS = st.sampled_from(
    [
        b"Content-Type: image/jpeg",
        b"Content-Type: multipart/mixed; boundary=y",
        b"X: " + b"y" * 9000,
        b"Content-Transfer-Encoding: base64",
        b"no colon",
        b": no name",
        b"X\x00: y",
        b" folded",
        b"Content-Disposition: form-data",
        b"Content-Disposition: attachment; filename*=utf-8''%ff",
    ]
)
_PARTS = st.lists(
    st.builds(_part, _NAMES, st.none() | _FILENAMES, st.lists(_HEADERS, max_size=3), _VALUES),
    max_size=6,
)
_KINDS = st.sampled_from(
    [
        b"multipart/form-data; boundary=x",
        b'multipart/form-data; boundary="x"',
        b"multipart/form-data; boundary=x; charset=undefined",
        b"multipart/form-data",
        b"multipart/form-data; boundary*=utf-8''x",
        b"multipart/form-data; boundary=" + b"x" * 300,
        b"MULTIPART/FORM-DATA; BOUNDARY=x",
        b"application/x-www-form-urlencoded",
        b"image/jpeg",
    ]
)


def _form(parts: list[bytes], end: bytes) -> bytes:
    return b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + end


_FORMS = st.builds(
    _form, _PARTS, st.sampled_from([b"--x--\r\n", b"--x--", b"", b"--x", b"--x\r\n"])
)
_WHOLE = [
    _form([_part(b"file", b"a.jpg", [], _PHOTO), _part(b"top_k", None, [], b"3")], b"--x--\r\n"),
    _form([_part(b"product_id", None, [], b"m")] * 80, b"--x--\r\n"),
    b"product_id=m&name=%ff&metadata=%7B%7D&price=1&price=2&attributes.a=b",
]
_CUTS = st.lists(st.integers(1, 400), max_size=5)


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    pieces, at = [], 0
    for length in cuts:
        pieces.append(data[at : at + length])
        at += length
    return [*pieces, data[at:]]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::RuntimeWarning:PIL")
@pytest.mark.parametrize(
    "path", ["/search/by-image", "/embed-image", "/index-product-with-image", "/index-product"]
)
def test_forms(path: str, app: ASGIApp, record_property: Callable[[str, object], None]) -> None:
    def check(data: bytes, kind: bytes, cuts: list[int]) -> None:
        ask(app, "POST", path, chunks(data, cuts), [(b"content-type", kind)])

    cases = fuzz(check, st.one_of(_FORMS, mutated(_WHOLE)), _KINDS, _CUTS)
    record_property(f"fuzzed forms to {path}", cases)
