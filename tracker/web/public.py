"""What everybody may see: the front door, help, the statements that the law asks for, and a pulse."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as Answer

from tracker.rules.access import Who
from tracker.services import pulse
from tracker.web.access import allow, visit

blueprint = Blueprint("public", __name__)
log = structlog.get_logger(__name__)


@blueprint.get("/")
@allow(Who.ANYONE)
def front() -> Answer:
    """Where one's own day begins."""
    return redirect(url_for("tasks.mine" if visit().person else "sign_in.ask"), 303)


@blueprint.get("/tilgjengelighet")
@allow(Who.ANYONE)
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("public/accessibility.html")


@blueprint.get("/personvern")
@allow(Who.ANYONE)
def privacy() -> str:
    """What is stored about people, and for how long."""
    return render_template("public/privacy.html")


@blueprint.get("/hjelp")
@allow(Who.ANYONE)
def help() -> str:  # noqa: A001 - the endpoint is what templates call it
    """The way from minutes to done."""
    return render_template("public/help.html")


@blueprint.get("/health")
@allow(Who.ANYONE)
def health() -> Response:
    """For load balancers and monitors: 200 when the database answers, else 503; and whether the jobs run."""
    try:
        silent = pulse.silent_since(visit().session, visit().now)
    except SQLAlchemyError as fault:
        log.error("database does not answer", kind=type(fault).__name__)  # noqa: TRY400 - its text names hosts
        return make_response(jsonify(database="unavailable"), 503)
    return jsonify(database="ok", jobs="late" if silent else "ok")


@blueprint.get("/metrics")
@allow(Who.MACHINE)
def metrics() -> Response:
    """For Prometheus; no personal data."""
    seen = visit()
    response = make_response(pulse.metrics(pulse.take(seen.session, seen.now), seen.now))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response


@blueprint.get("/robots.txt")
@allow(Who.ANYONE)
def robots() -> Response:
    """Search engines have no business here but on the public pages."""
    response = make_response("User-agent: *\nAllow: /r/\nDisallow: /\n")
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
