"""The web program: the one place where its pieces are put together."""

from __future__ import annotations

import gc
from datetime import timedelta
from typing import Any

from flask import Flask, Response
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from tracker import collector
from tracker.program import Program
from tracker.web import (
    BLUEPRINTS,
    access,
    assets,
    compression,
    error_pages,
    headers,
    presentation,
    request_log,
)

LARGEST_REQUEST = 26 * 1024 * 1024  # a document of 25 MB and the form around it
LARGEST_TEXT = 4 * 1024 * 1024  # pasted minutes
UNCOLLECTED = 20_000  # new objects, those of a few requests, after which the collector looks for cycles


class RowNumber(IntegerConverter):
    """A row's number in an address. One larger than any row can have is a page that isn't there."""

    def __init__(self, map: Map, **rules: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, **{"max": 2**31 - 1, **rules})


def create_app(program: Program) -> Flask:
    """The web program over `program`'s parts. Refuses to start when a route doesn't say who may use it."""
    settings = program.settings
    app = Flask("tracker", static_folder=None)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=assets.send_asset)
    keys = settings.signing_keys
    app.config.update(
        SECRET_KEY=keys[-1],
        SECRET_KEY_FALLBACKS=keys[:-1],
        SESSION_COOKIE_NAME="oppfolging",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_TEXT,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # Referrer-Policy withholds the referrer; the token is what counts
    )
    app.extensions["program"] = program
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.url_map.converters["int"] = RowNumber
    request_log.install(app)
    presentation.install(app)
    error_pages.install(app)
    access.install(app)
    headers.install(app)
    compression.install(app)
    protection = CSRFProtect(app)
    for blueprint, needs_token in BLUEPRINTS:
        app.register_blueprint(blueprint)
        if not needs_token:
            protection.exempt(blueprint)
    access.check_declared(app)
    return app


def serving(program: Program) -> Flask:
    """`create_app` for a process that does nothing else than serve.

    The collector works when an answer has gone, not within a request, where it stops one in twenty for some
    tenth of a second. CPython 3.11 has been seen to fall (a segmentation fault in `subtract_refs`, never
    explained, not seen with 3.12) when it began while a template with thousands of objects was rendered; that
    is seldom now, not impossible: another thread may be rendering.
    """
    app = create_app(program)
    collector.leave_loaded_alone(50 * UNCOLLECTED)
    app.after_request(_collect_afterwards)
    return app


def _collect_afterwards(response: Response) -> Response:
    response.call_on_close(_collect)
    return response


def _collect() -> None:
    if gc.get_count()[0] > UNCOLLECTED:
        gc.collect()
