"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/kalender")
@allow(Who.MEMBER)
def index() -> str:
    return render_template("layout.html")
