"""The API's reference: for people Swagger UI and ReDoc, for machines openapi.json."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from core.errors import SettingsInvalid
from handlers.bodies import Json
from handlers.page_files import PageFiles
from handlers.routes.pages import PAGE_HEADERS

BUNDLES = {
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
    "redoc/bundles/redoc.standalone.js",
}
_KEPT = "public, max-age=86400"
_REDOC_CSP = PAGE_HEADERS["Content-Security-Policy"].replace(
    "style-src 'self'",
    # Its search works in a thread made of a blob. Two styles are its own: one that is empty, to be
    # filled by rules from the script, and one for its scroll bars.
    "worker-src blob:; style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


def routes(files: PageFiles, describe: Callable[[], dict[str, Any]]) -> list[BaseRoute]:
    bundles = PageFiles(bundles_folder(), PAGE_HEADERS, only=BUNDLES)

    async def docs(request: Request) -> Response:
        return files.answer(request, "docs.html")

    async def redoc(request: Request) -> Response:
        answer = files.answer(request, "redoc.html")
        answer.headers["Content-Security-Policy"] = _REDOC_CSP
        return answer

    async def bundle(request: Request) -> Response:
        # In a thread, as it is read and compressed the first time.
        return await to_thread(bundles.answer, request, request.path_params["path"], _KEPT)

    async def openapi(request: Request) -> Response:  # noqa: ARG001
        return Json(describe())

    return [
        Route("/docs", docs),
        Route("/redoc", redoc),
        Route("/reference/{path:path}", bundle),
        Route("/openapi.json", openapi),
    ]


def bundles_folder() -> Path:
    """Where the files of both are: in a package for Django, which is found here, never imported."""
    package = find_spec("drf_spectacular_sidecar")
    if package is None or package.origin is None:
        raise SettingsInvalid(
            "The package drf-spectacular-sidecar, which has the API reference's files, is not "
            "installed: install requirements.txt, or run again what set this environment up."
        )
    return Path(package.origin).parent / "static" / "drf_spectacular_sidecar"
