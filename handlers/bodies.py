"""Reading requests and writing answers: bytes and fields on one side, models on the other."""

from __future__ import annotations

import binascii
import logging
import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from http import HTTPStatus
from io import BytesIO
from typing import Any

import msgspec
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive

from core.errors import BadInput, BodyTooLarge, ImageUnreadable, InvalidRequest, QueryEmpty
from core.photos import MAX_PHOTO_BYTES

MAX_JSON_BYTES = MAX_PHOTO_BYTES * 4 // 3 + 64 * 1024
"""Room for the largest photo in base64 and everything else a search says."""
MAX_PRODUCT_BYTES = 1024 * 1024
MAX_FORM_BYTES = MAX_PHOTO_BYTES + 1024 * 1024
MAX_PAIR_BYTES = MAX_FORM_BYTES + MAX_PHOTO_BYTES
MAX_FORM_FIELDS = 64
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
PHOTO_FIELDS = ("file", "image", "image_file")
"""What a photo may be called in a form: ours, and what older clients say."""
PAIR = ("image_1", "image_2")
"""What two photos are called, where two are compared."""
BARE_PHOTOS = ("image/*", "application/octet-stream")
MAX_FORM_FILES = 4
_BOUNDARY = re.compile(r"""boundary="?([\w'()+,./:=? -]{1,200})""", re.ASCII | re.IGNORECASE)

# It warns of each oddity in a form, of which a stranger's may have thousands.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


class Form(msgspec.Struct, frozen=True):
    """What a form says, and the photo that came with it, or two by their names."""

    fields: dict[str, Any] = {}
    photo: bytes = b""
    filename: str = ""
    pair: dict[str, bytes] = {}


class Json(Response):
    """An answer, encoded by the library that validated the question."""

    def __init__(self, body: Any, status: int = HTTPStatus.OK) -> None:
        super().__init__(msgspec.json.encode(body), status, media_type="application/json")


async def read_bytes(request: Request, limit: int) -> bytes:
    """The whole body, never more of it than `limit`, whatever Content-Length says."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(f"The body may have {limit:,} bytes at most.")
    body = BytesIO()  # which gives its bytes away without a copy
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise InvalidRequest("The connection closed before the body was complete.")
        body.write(message.get("body", b""))
        if body.tell() > limit:
            raise BodyTooLarge(f"The body may have {limit:,} bytes at most.")
        more = message.get("more_body", False)
    return body.getvalue()


async def read_object(request: Request, limit: int = MAX_JSON_BYTES) -> dict[str, Any]:
    """A JSON object. Never NaN or infinity, never deeper than the decoder dares."""
    return object_of(await read_bytes(request, limit))


def object_of(raw: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return value


async def read_fields(request: Request, limit: int) -> dict[str, Any]:
    """The fields of a form, of either kind, or of a JSON object."""
    if kind_of(request) in FORMS:
        return (await _read_form(request, limit)).fields
    return await read_object(request, limit)


async def read_photo(request: Request) -> Form:
    """A photo, from a form or as the bare body, and the fields that came with it."""
    kind = kind_of(request)
    if kind == "multipart/form-data":
        form = await _read_form(request, MAX_FORM_BYTES)
    elif kind.startswith("image/") or kind == "application/octet-stream":
        form = Form(photo=await read_bytes(request, MAX_PHOTO_BYTES))
    else:
        raise InvalidRequest("Send the photo as multipart field 'file', or as image/* bytes.")
    if not form.photo:
        raise QueryEmpty("There is no photo in the request: send it as multipart field 'file'.")
    return form


class _InMemory(MultiPartParser):
    """A shopper's photo is nobody's business on our disk, which may also be full."""

    spool_max_size = MAX_PAIR_BYTES + 1
    _whole = False

    def on_end(self) -> None:
        self._whole = True

    async def parse(self) -> FormData:
        form = await super().parse()
        if self._whole:
            return form
        for file in self._files_to_close_on_error:  # of which the last is in no form
            file.close()
        raise MultiPartException("It breaks off.")


async def read_photo_or_pair(request: Request) -> Form:
    """From a form, which may also have none of them."""
    return await _read_form(request, MAX_PAIR_BYTES, PAIR)


async def _read_form(request: Request, limit: int, pair_names: Sequence[str] = ()) -> Form:
    stream = Request(request.scope, _bounded(request.receive, limit)).stream()
    called, photo, filename = "", b"", ""
    pair: dict[str, bytes] = {}
    pairs: list[tuple[str, str]] = []
    try:
        form = await _parser(request.headers.get("content-type", ""), stream).parse()
        try:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    pairs.append((name, value))
                elif name in pair_names:
                    if name in pair:
                        raise InvalidRequest(f"{name} is given twice.")
                    pair[name] = await value.read()
                elif name in PHOTO_FIELDS:
                    if called:
                        raise InvalidRequest(f"Send one photo: {called}, and no {name} besides.")
                    called, photo, filename = name, await value.read(), value.filename or ""
        finally:
            await form.close()
    except MultiPartException as error:
        raise BadInput("The form is damaged, or has more parts than a form has here.") from error
    except ClientDisconnect as error:
        raise InvalidRequest("The connection closed before the body was complete.") from error
    return Form(fields_of(pairs), photo, filename, pair)


def _parser(kind: str, stream: AsyncGenerator[bytes, None]) -> FormParser | MultiPartParser:
    if not kind.lower().startswith("multipart/"):
        return FormParser(Headers(), stream, max_fields=MAX_FORM_FIELDS)
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        raise BadInput("The form does not say what is between its parts: its boundary.")
    # Nothing else of it is believed: a form is UTF-8, and some other encodings take for ever.
    said = Headers({"content-type": f'multipart/form-data; boundary="{boundary[1]}"'})
    return _InMemory(said, stream, max_files=MAX_FORM_FILES, max_fields=MAX_FORM_FIELDS)


def kind_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def fields_of(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Text fields as one dict: repeated names become lists, `attributes.x=y` an attribute, a `crop`
    its four numbers, and `attributes={...}` is read as the JSON it is."""
    fields: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for name, value in pairs:
        if name == "attributes":
            attributes |= json_object(name, value)
        elif name.startswith("attributes."):
            _gather(attributes, name.removeprefix("attributes."), value)
        elif name == "crop" and "," in value:
            for share in value.removeprefix("[").removesuffix("]").split(","):
                _gather(fields, name, share.strip())
        else:
            _gather(fields, name, value)
    return fields | ({"attributes": attributes} if attributes else {})


def photo_from_base64(text: str) -> bytes:
    """The bytes of bare base64 or a data URI."""
    if text.startswith("data:"):
        head, _, text = text.partition(",")
        if not head.endswith(";base64"):
            raise ImageUnreadable("A data URI must be base64: data:image/jpeg;base64,...")
    try:
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except binascii.Error:  # perhaps for its line ends, without which it takes another copy
            data = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise ImageUnreadable("image_base64 is not valid base64.") from error
    if not data:
        raise ImageUnreadable("The photo is empty.")
    return data


def _bounded(receive: Receive, limit: int) -> Receive:
    """The form parser keeps all that comes; this is what keeps it finite."""
    left = limit

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise BodyTooLarge(f"The body may have {limit:,} bytes at most.")
        return message

    return bounded


def _gather(fields: dict[str, Any], name: str, value: str) -> None:
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]


def json_object(name: str, text: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidRequest(f"{name} must be a JSON object.") from error
    if not isinstance(value, dict):
        raise InvalidRequest(f"{name} must be a JSON object.")
    return value
