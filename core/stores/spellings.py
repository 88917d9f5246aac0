"""How the extensions of files in the bucket's folder are written, in upper and lower case.

A product's files are asked for by name, as the folder may hold 100,000 others. To ask for every
extension in every mixture of cases would be 176 questions a look, and the disk has to search for
each name the first time. So the usual ones are asked for (`jpg`, `JPG`, `Jpg`), and others from the
moment on that a file was seen with one, in a listing or by the watch.
"""

from __future__ import annotations

from core.bucket import PHOTO_EXTENSIONS

_OURS = frozenset({*PHOTO_EXTENSIONS, "json"})
_USUAL = frozenset(
    {"WebP", *(written for one in _OURS for written in (one, one.upper(), one.capitalize()))}
)
_seen: set[str] = set()
"""Of this process: it can do no harm to ask for one too many."""


def note(name: str) -> None:
    """A file was seen, by this name or key."""
    extension = name.rpartition(".")[2]
    if extension not in _USUAL and extension.lower() in _OURS:
        _seen.add(extension)


def known() -> list[str]:
    return sorted(_USUAL.union(_seen))
