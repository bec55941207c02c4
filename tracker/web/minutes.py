"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("minutes", __name__)


@blueprint.get("/referat/nytt")
@allow(Who.MEMBER)
def new() -> str:
    return render_template("layout.html")
