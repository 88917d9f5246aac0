"""The Starlette application as data: routes, middleware, error table."""

from __future__ import annotations

from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from handlers.endpoint import RATE_HEADERS, routes_of
from handlers.holding import Holding
from handlers.metrics import Counting, Metrics
from handlers.middleware import RequestLog, Surprises, TimeLimit
from handlers.openapi import describe
from handlers.page_files import PageFiles
from handlers.problems import EXCEPTION_HANDLERS
from handlers.routes import (
    catalogue,
    embeddings,
    events,
    indexing,
    operations,
    pages,
    product_batch,
    reference,
    search,
    similarity,
    uploads,
    webhooks,
)
from handlers.shop import Shop
from handlers.version import VERSION

ENDPOINTS = (
    *search.ENDPOINTS,
    *product_batch.ENDPOINTS,  # before the products, of which one may be called "batch"
    *catalogue.ENDPOINTS,
    *indexing.ENDPOINTS,
    *uploads.ENDPOINTS,
    *embeddings.ENDPOINTS,
    *similarity.ENDPOINTS,
    *operations.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *events.ENDPOINTS,
)


def create_app(shop: Shop) -> Starlette:
    page = PageFiles(pages.PAGE, pages.PAGE_HEADERS, lighten=True)
    return Starlette(
        routes=[
            *routes_of(ENDPOINTS, shop),
            *uploads.routes(shop),
            *reference.routes(page, partial(describe, ENDPOINTS, VERSION)),
            *pages.routes(shop, page),
        ],
        middleware=[
            Middleware(RequestLog),
            Middleware(Counting, metrics=Metrics()),
            Middleware(
                CORSMiddleware,
                allow_origins=shop.settings.cors_origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["X-Request-Id", "Retry-After", *RATE_HEADERS],
            ),
            Middleware(Surprises),
            Middleware(Holding),
            Middleware(TimeLimit, seconds=shop.settings.request_budget_ms / 1000),
        ],
        exception_handlers=EXCEPTION_HANDLERS,
    )
