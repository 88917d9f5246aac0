"""The seams: what the core needs from outside, as protocols nobody inherits.

Every adapter and every fake of a port passes the port's one suite in `tests/contract`.
All calls are synchronous and may be made from several threads at once. Vendors' exceptions and
objects stay inside the adapter; what comes out is `core.errors` and the nouns of the core.
"""

from core.ports.bucket import PhotoStore, SignedAddresses, SignedUpload, StoredObject
from core.ports.cache import Allowance, Cache, Lookup, Once, RateLimiter
from core.ports.index import (
    ByMeaning,
    ByPhotos,
    ByWords,
    CatalogueItem,
    IndexStatus,
    Match,
    Page,
    PhotoVector,
    Probe,
    VectorIndex,
    Vectors,
)
from core.ports.model import Embedder, WordsVector
from core.ports.queue import Message, Queue
from core.ports.shelf import Shelf, Slot

__all__ = [
    "Allowance",
    "ByMeaning",
    "ByPhotos",
    "ByWords",
    "Cache",
    "CatalogueItem",
    "Embedder",
    "IndexStatus",
    "Lookup",
    "Match",
    "Message",
    "Once",
    "Page",
    "PhotoStore",
    "PhotoVector",
    "Probe",
    "Queue",
    "RateLimiter",
    "Shelf",
    "SignedAddresses",
    "SignedUpload",
    "Slot",
    "StoredObject",
    "VectorIndex",
    "Vectors",
    "WordsVector",
]
