"""All that the service can be asked, each as a function that gives the call or calls it takes.

Both clients have these as their methods, under these names and with these arguments.
"""

from likeness_client.calls.catalogue import (
    change_product,
    create_product,
    delete_product,
    product,
    products,
    put_product,
    put_products,
)
from likeness_client.calls.embeddings import embed_photo, embed_text, embed_texts, similarity
from likeness_client.calls.operations import (
    collections,
    detailed_health,
    health,
    metrics,
    rejected,
    stats,
)
from likeness_client.calls.search import hits, search, search_many, similar
from likeness_client.calls.uploads import upload, upload_product_photo
from likeness_client.calls.webhooks import send_event, send_test_event, webhooks_health

__all__ = [
    "change_product",
    "collections",
    "create_product",
    "delete_product",
    "detailed_health",
    "embed_photo",
    "embed_text",
    "embed_texts",
    "health",
    "hits",
    "metrics",
    "product",
    "products",
    "put_product",
    "put_products",
    "rejected",
    "search",
    "search_many",
    "send_event",
    "send_test_event",
    "similar",
    "similarity",
    "stats",
    "upload",
    "upload_product_photo",
    "webhooks_health",
]
