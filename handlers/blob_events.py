"""Events of Azure Blob storage as Event Grid tells them: in its own schema, or as CloudEvents."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from core.bucket import IMAGES
from core.errors import BadInput, InvalidRequest
from core.feeds import FEEDS

_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
_BLOBS, _FOLDERS = "Microsoft.Storage.Blob", "Microsoft.Storage.Directory"
_ABOUT_FOLDERS = frozenset({f"{_FOLDERS}Renamed", f"{_FOLDERS}Deleted"})
_NOT_YET = frozenset({"CreateFile", "SftpCreate"})
"""A file that was begun, with nothing in it yet. When it is whole there is another event."""
_SUBJECT = re.compile(r"/blobServices/default/containers/[^/]+/blobs/(.+)", re.DOTALL)
_BROKEN = "\ufffd"
_MOST_OF_AN_ID = 100


class _Data(msgspec.Struct):
    api: str = ""
    url: str = ""
    source: str = msgspec.field(name="sourceUrl", default="")
    destination: str = msgspec.field(name="destinationUrl", default="")
    code: str = msgspec.field(name="validationCode", default="")


class _Event(msgspec.Struct):
    """Of both schemas, which call the same by different names."""

    id: str = ""
    subject: str = ""
    event_type: str = msgspec.field(name="eventType", default="")
    event_time: str = msgspec.field(name="eventTime", default="")
    type: str = ""
    time: str = ""
    data: _Data | None = None

    @property
    def kind(self) -> str:
        return self.event_type or self.type


class Told(NamedTuple):
    """One of the events that come in a request."""

    id: str
    body: str
    code: str = ""
    """Of an event that asks whether its events are wanted here: what to answer."""


def events_of(body: bytes) -> list[Told]:
    """Each by itself, that one which is broken spoils no other."""
    try:
        try:
            parts = msgspec.json.decode(body, type=list[msgspec.Raw])
        except msgspec.ValidationError:  # CloudEvents come one by one
            parts = [msgspec.Raw(body)]
        return [_told(bytes(part).decode()) for part in parts]
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadInput("The body is no list of events, and no event.") from error


def _told(body: str) -> Told:
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.ValidationError:
        return Told("", body)
    asked = event.data is not None and event.kind == _VALIDATION
    return Told(ascii(event.id[:_MOST_OF_AN_ID]), body, event.data.code if asked else "")  # type: ignore[union-attr]


def told_keys(body: str) -> tuple[list[str], str] | None:
    """The keys an event may be about, and when it was; None for what is no event of Event Grid.

    The subject has a blob's name as it is, the addresses have it percent-encoded. Emoji are broken
    in subjects, and nobody promised how addresses are encoded: to look at one too many is no harm.
    There are events of other kinds, to which somebody may have subscribed us.
    """
    event = msgspec.json.decode(body, type=_Event)
    if event.data is None or not event.kind:
        return None
    if not event.kind.startswith((_BLOBS, _FOLDERS)) or event.data.api in _NOT_YET:
        return [], ""
    subject = _SUBJECT.fullmatch(event.subject)
    data = event.data
    names = [_name(url) for url in (data.url, data.source, data.destination) if url]
    if subject and (_BROKEN not in subject[1] or not names):
        names.append(subject[1])
    if not any(names):
        raise InvalidRequest("This is no event of a bucket: it names no blob.")
    if event.kind.startswith(_FOLDERS):
        names = _inside(names) if event.kind in _ABOUT_FOLDERS else []
    return list(dict.fromkeys(names)), event.event_time or event.time


def _name(url: str) -> str:
    """What stands behind the container's name."""
    return unquote(urlsplit(url).path.lstrip("/").partition("/")[2])


def _inside(folders: list[str]) -> list[str]:
    """Something in each, in the place of all. Of a product's folder, that is enough."""
    inside = [f"{folder.rstrip('/')}/" for folder in folders]
    if any(IMAGES.startswith(one) or one.startswith(FEEDS) for one in inside):
        raise InvalidRequest("A folder of many is not there as it was: run scripts.sync.")
    return [f"{one}_.jpg" for one in inside]
