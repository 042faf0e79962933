"""Errors as problem+json (RFC 9457): the kind of an error chooses its status, once for the whole house."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from o2o.infra import idempotency
from o2o.infra.db import is_passing
from o2o.infra.http import Unauthenticated
from o2o.kit.errors import Conflict, DomainError, Invalid, NotFound, Refused

_STATUS = {NotFound: 404, Conflict: 409, Refused: 403, Invalid: 422}


def problem(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """An RFC 9457 answer: `code` is stable and for machines, `detail` is for people, the rest are facts."""
    body = {"type": f"urn:o2o:problem:{code}", "title": detail, "status": status, "code": code, **more}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def _domain_error(error: DomainError) -> Response:
    status = (
        401 if isinstance(error, Unauthenticated) else next(s for kind, s in _STATUS.items() if isinstance(error, kind))
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    facts = {name: _shown(value) for name, value in error.facts.items()}
    return problem(status, error.code, error.message, headers=headers, **facts)


def _shown(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _shown(item) for name, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _unreadable(error: RequestValidationError) -> Response:
    errors = [
        {
            "field": ".".join(str(part) for part in e["loc"][1:]) or str(e["loc"][0]),
            "code": e["type"],
            "message": e["msg"],
        }
        for e in error.errors()
    ]
    first = errors[0]["field"] if errors else "body"
    return problem(422, "invalid", "The request cannot be read as meant.", field=first, errors=errors[:20])


def _http_error(error: HTTPException) -> Response:
    return problem(error.status_code, f"http.{error.status_code}", str(error.detail), headers=dict(error.headers or {}))


def _database_error(error: DBAPIError) -> Response | None:
    if is_passing(error):
        return busy()
    state = getattr(error.orig, "sqlstate", None)
    if state in {"22P05", "22021"}:
        return problem(422, "invalid.text", "A text contains characters that cannot be kept.", field="body")
    if state == "23505" and "idempotency_keys" in str(error.orig):
        return problem(
            409, idempotency.StillRunning.code, "The same request is still being worked on; ask again in a moment."
        )
    return None


def answer_to(error: Exception) -> Response | None:
    """The problem an error is answered with; None for one that nobody foresaw, which is a bug."""
    match error:
        case DomainError():
            return _domain_error(error)
        case RequestValidationError():
            return _unreadable(error)
        case HTTPException():
            return _http_error(error)
        case DBAPIError():
            return _database_error(error)
        case PoolTimeout():
            return busy()
        case _:
            return None


async def _handle(_: Request, error: Exception) -> Response:
    answer = answer_to(error)
    if answer is None:
        raise error
    return answer


def busy(retry_after_s: int = 1) -> Response:
    """503: nothing was done, try again after a moment."""
    return problem(
        503, "busy", "Too much at once; nothing was done. Try again.", headers={"Retry-After": str(retry_after_s)}
    )


def add_problem_answers(app: FastAPI) -> None:
    """Make every error of `app` a problem+json."""
    for kind in (DomainError, RequestValidationError, HTTPException, DBAPIError, PoolTimeout):
        app.add_exception_handler(kind, _handle)
