"""Is the process alive, is it ready, and its numbers."""

from typing import Literal

import redis
from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from o2o.infra import metrics
from o2o.infra.http import Public
from o2o.infra.problems import problem
from o2o.kit.wire import Wire

router = APIRouter(tags=["operations"], dependencies=[Public])


class Health(Wire):
    """A yes."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", operation_id="is_alive", response_model=Health, summary="The process answers")
def alive() -> Health:
    """Says that the process answers; asks nothing else."""
    return Health()


@router.get("/readyz", operation_id="is_ready", response_model=Health, summary="Database and broker answer")
def ready(request: Request) -> Health | Response:
    """Says whether the process can do its work; 503 names what is missing."""
    try:
        with request.app.state.tools.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return problem(503, "operations.no_database", "The database does not answer.")
    try:
        request.app.state.tools.valkey.ping()
    except redis.RedisError:
        return problem(503, "operations.no_broker", "The broker does not answer.")
    return Health()


@router.get("/metrics", operation_id="metrics", summary="Prometheus numbers", response_class=Response)
def numbers() -> Response:
    """Every process's numbers in Prometheus text."""
    page, kind = metrics.exposition()
    return Response(page, media_type=kind)
