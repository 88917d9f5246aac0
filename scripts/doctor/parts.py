"""The parts of a deployment as its settings name them, looked at one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from core.errors import IndexUnavailable, LikenessError, SettingsInvalid
from core.findings import Finding, doubtful, failed, fine
from core.ports import ByMeaning, Embedder
from core.query import Filters
from core.settings import Settings, load_settings, references
from handlers.choices import examine
from handlers.compose import open_shop
from handlers.configure import secrets

_FEWEST_LETTERS = 8


def look_at_settings() -> tuple[Settings | None, list[Finding]]:
    to_do = "see docs/settings.md"
    try:
        settings = load_settings(look_up=secrets())
    except SettingsInvalid as error:
        wrong = [failed(one.field, one.message, to_do) for one in error.fields]
        return None, wrong or [failed("settings", error.detail, to_do)]
    count = len(references())
    looked_up = f", and so can the {count} secrets they name" if count else ""
    return settings, [fine("settings", f"can be read{looked_up}"), *_keys(settings)]


def _keys(settings: Settings) -> Iterator[Finding]:
    writing, searching = settings.admin_keys, settings.search_keys
    if not writing:
        yield doubtful("keys", "writing needs none", "set ADMIN_KEYS, if others reach the service")
    if any(len(set(key)) < _FEWEST_LETTERS for key in (*writing, *searching)):
        yield doubtful("keys", "one is easily guessed", "make one as docs/settings.md says")
    if set(writing) & set(searching):
        yield doubtful("keys", "one is for searching and for writing", "make them differ")
    if writing:
        yield fine("keys", f"{len(writing)} for writing, {len(searching)} for searching")


def look_at_parts(settings: Settings, embedder: Embedder) -> Iterator[Finding]:
    yield fine("model", f"{embedder.model} is whole, {embedder.dimension} dimensions")
    missing = False
    for finding in examine(settings, embedder.model, embedder.dimension):
        missing |= finding.part.startswith(("Qdrant", "collection")) and "not there" in finding.told
        yield finding
    if not missing:  # to open it would make it
        yield _round_trip(settings)


def _round_trip(settings: Settings) -> Finding:
    """As a shopper would: words in, products out."""
    part = "round trip"
    try:
        with open_shop(settings) as shop:
            began = perf_counter()
            vector = shop.embedder.words("doctor").vector
            [found] = shop.index.search([ByMeaning(vector)], Filters(), 1)
            took = f"{(perf_counter() - began) * 1000:.0f} ms"
    except IndexUnavailable as error:
        if settings.qdrant_url:
            return failed(part, error.detail, "put right what failed above")
        return doubtful(part, error.detail, "if it is the server that has it open, ask that: --url")
    except LikenessError as error:
        return failed(part, error.detail, "put right what failed above")
    if not found:
        return doubtful(part, f"finds nothing, in {took}", "fill it: python -m scripts.sync")
    return fine(part, f"words to a product in {took}")
