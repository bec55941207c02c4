"""One line a request: what was asked for, how it went, how long it took. No addresses, no query, no who."""

from __future__ import annotations

from time import perf_counter

import structlog
from flask import Flask, Response, g, request

QUIET = ("static", "public.health")  # asked for all the time, and of no interest while they work
log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Log every request of `app`. Put it first, so that it measures everything else."""
    app.before_request(_begin)
    app.after_request(_log)


def _begin() -> None:
    g.began = perf_counter()


def _log(response: Response) -> Response:
    quiet = request.endpoint in QUIET and response.status_code < 500
    spent = round((perf_counter() - g.began) * 1000, 1) if "began" in g else None
    (log.debug if quiet else log.info)(
        "request",
        method=request.method,
        endpoint=request.endpoint or "none",
        status=response.status_code,
        ms=spent,
    )
    return response
