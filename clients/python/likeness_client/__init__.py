"""Likeness, visual product search, from Python: `Likeness`, and `AsyncLikeness` for asyncio.

What may be called is in `calls`, once for both. `ImageSearchClient` is for code that was written
for an older API.
"""

from likeness_client.answers import (
    Collection,
    DetailedHealth,
    Embedding,
    Health,
    Hit,
    Outcome,
    Part,
    Product,
    Receipt,
    Rejected,
    SearchAnswer,
    Stats,
)
from likeness_client.async_client import AsyncLikeness
from likeness_client.calls.search import Search
from likeness_client.client import Likeness
from likeness_client.errors import (
    Conflict,
    FieldError,
    InvalidRequest,
    LikenessError,
    NoAnswer,
    NotAllowed,
    NotFound,
    NotUnderstood,
    RateLimited,
    Refused,
    TimedOut,
    Unavailable,
)
from likeness_client.older import ImageSearchClient

__all__ = [
    "AsyncLikeness",
    "Collection",
    "Conflict",
    "DetailedHealth",
    "Embedding",
    "FieldError",
    "Health",
    "Hit",
    "ImageSearchClient",
    "InvalidRequest",
    "Likeness",
    "LikenessError",
    "NoAnswer",
    "NotAllowed",
    "NotFound",
    "NotUnderstood",
    "Outcome",
    "Part",
    "Product",
    "RateLimited",
    "Receipt",
    "Refused",
    "Rejected",
    "Search",
    "SearchAnswer",
    "Stats",
    "TimedOut",
    "Unavailable",
]
