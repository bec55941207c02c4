"""Being written."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@allow(Who.ANYONE)
def front() -> Response:
    return redirect(url_for("tasks.mine"), 303)


@blueprint.get("/tilgjengelighet")
@allow(Who.ANYONE)
def accessibility() -> str:
    return render_template("layout.html")


@blueprint.get("/personvern")
@allow(Who.ANYONE)
def privacy() -> str:
    return render_template("layout.html")


@blueprint.get("/hjelp")
@allow(Who.ANYONE)
def help() -> str:  # noqa: A001
    return render_template("layout.html")
