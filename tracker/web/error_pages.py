"""Errors, translated once: what each gets for a status, a heading and a way out."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from tracker.errors import (
    ChangedMeanwhile,
    InvalidAnswer,
    LinkOutdated,
    NotAllowed,
    NotFound,
    NotReady,
    TooManyTries,
    TrackerError,
    UnreadableDocument,
)
from tracker.language import Language, language, negotiate

log = structlog.get_logger(__name__)

STATUS: dict[type[TrackerError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    LinkOutdated: 410,
    ChangedMeanwhile: 409,
    InvalidAnswer: 422,
    TooManyTries: 429,
    NotReady: 422,
    UnreadableDocument: 422,
}

# Headings and explanations by status; an error's own sentence stands instead of the explanation.
PAGES = {
    400: ("Vi forsto ikke det du sendte", "Gå tilbake og prøv igjen."),
    403: ("Du har ikke tilgang", "Du har ikke tilgang til denne siden. Spør sekretæren i rådet."),
    404: ("Vi fant ikke siden", "Lenken kan være gammel eller skrevet feil."),
    405: ("Dette går ikke an her", "Gå tilbake og prøv igjen."),
    409: ("Noen kom deg i forkjøpet", "Siden er endret siden du åpnet den. Gå tilbake og last den på nytt."),
    410: ("Lenken virker ikke lenger", "Be om en ny lenke."),
    413: ("Filen er for stor", "Filen kan være høyst 25 MB. Lim inn teksten i stedet."),
    422: ("Noe må rettes", "Gå tilbake og prøv igjen."),
    429: ("For mange forsøk", "Vent litt og prøv igjen."),
    500: ("Noe gikk galt hos oss", "Det du har lagret, er trygt. Prøv igjen om litt."),
    503: ("Tjenesten er ikke tilgjengelig akkurat nå", "Det du har lagret, er trygt. Prøv igjen om litt."),
}


def install(app: Flask) -> None:
    """Register what `app` does with errors."""
    app.register_error_handler(TrackerError, _ours)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, lambda _fault: page(409))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)


def page(status: int, explanation: str = "", way_out: tuple[str, str] | None = None) -> Response:
    """The error page for `status`, in the reader's language."""
    heading, usual = PAGES.get(status, PAGES[500])
    tongue = _language()
    html = render_template(
        "errors/page.html",
        heading=tongue.gettext(heading),
        explanation=explanation or tongue.gettext(usual),
        way_out=way_out,
    )
    return make_response(html, status)


def _language() -> Language:
    if "visit" in g:
        found: Language = g.visit.language
        return found
    return language(negotiate(request.headers.get("Accept-Language", "")))


def _ours(error: TrackerError) -> Response:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    return page(status, _language().explain(error))


def _csrf(_error: CSRFError) -> Response:
    return page(
        400,
        _language().gettext("Siden har ligget åpen for lenge. Gå tilbake, last siden på nytt og prøv igjen."),
    )


def _http(error: HTTPException) -> Response:
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    if error.code is not None and error.code < 400:
        return make_response(error.get_response())
    return page(error.code or 500)


def _database(error: DBAPIError) -> Response:
    """The database is away or busy: 503, so that calendars and mail clients keep what they have."""
    log.error("database fault", kind=type(error.orig).__name__)
    return page(503)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected fault", kind=type(error).__name__, endpoint=request.endpoint, exc_info=error)
    return page(500)
