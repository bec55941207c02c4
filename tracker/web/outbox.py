"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("outbox", __name__)


@blueprint.get("/utboks")
@allow(Who.SECRETARY)
def index() -> str:
    return render_template("layout.html")
