"""Errors as `application/problem+json` (RFC 9457): the one place from error to status."""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler, Scope

from core import errors
from core.errors import FieldError, LikenessError

log = logging.getLogger(__name__)

STATUS: dict[type[LikenessError], HTTPStatus] = {
    errors.LikenessError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.BadInput: HTTPStatus.BAD_REQUEST,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QueryEmpty: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ProductNotFound: HTTPStatus.NOT_FOUND,
    errors.ProductExists: HTTPStatus.CONFLICT,
    errors.PhotoNotFound: HTTPStatus.NOT_FOUND,
    errors.ImageUnreadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ImageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.ImageUrlRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ImageUrlFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.BodySlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.AnswerTooLarge: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.KeyMissing: HTTPStatus.UNAUTHORIZED,
    errors.KeyRefused: HTTPStatus.FORBIDDEN,
    errors.SourceUnknown: HTTPStatus.NOT_FOUND,
    errors.SignatureRefused: HTTPStatus.UNAUTHORIZED,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexSlow: HTTPStatus.GATEWAY_TIMEOUT,
    errors.OutOfTime: HTTPStatus.GATEWAY_TIMEOUT,
    errors.Misconfigured: HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_AFTER_SECONDS = 2


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What every error answers."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None
    request_id: str = ""


def status_of(error: LikenessError) -> HTTPStatus:
    """The status of the nearest class in the error's family that has one."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_of(error: LikenessError, request_id: str = "") -> Problem:
    status = status_of(error)
    return Problem(
        type=f"urn:likeness:error:{error.code}",
        title=status.phrase,
        status=status,
        detail=error.detail,
        code=error.code,
        errors=list(error.fields) or None,
        request_id=request_id,
    )


def refusal(scope: Scope, error: LikenessError) -> Response:
    """For what stands between the door and the application, where nobody catches errors."""
    problem = problem_of(error, scope.get("request_id", ""))
    scope["error_code"] = problem.code
    headers = {}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == HTTPStatus.REQUEST_TIMEOUT:
        headers["Connection"] = "close"  # the rest of it is not waited for either
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        headers=headers,
        media_type="application/problem+json",
    )


async def _on_likeness_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LikenessError)
    return refusal(request.scope, error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """The router's own refusals (no such path, wrong method) in the same clothes as ours."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    request.scope["error_code"] = _code(phrase)
    problem = Problem(
        type=f"urn:likeness:error:{_code(phrase)}",
        title=phrase,
        status=error.status_code,
        detail=f"{request.method} {request.url.path}: {phrase.lower()}.",
        code=_code(phrase),
        request_id=request.scope.get("request_id", ""),
    )
    return Response(
        msgspec.json.encode(problem),
        status_code=error.status_code,
        headers=error.headers,
        media_type="application/problem+json",
    )


async def _on_surprise(request: Request, error: Exception) -> Response:
    return refusal(request.scope, surprise(error))


def surprise(error: Exception) -> LikenessError:
    """A bug of ours. The log gets all of it, the caller a request id to quote."""
    log.error("request failed", exc_info=error)
    return LikenessError("Something went wrong on our side; it has been logged.")


def _code(phrase: str) -> str:
    return phrase.lower().replace(" ", "_").replace("-", "_")


EXCEPTION_HANDLERS: dict[int | type[Exception], ExceptionHandler] = {
    LikenessError: _on_likeness_error,
    HTTPException: _on_http_exception,
    Exception: _on_surprise,
}
