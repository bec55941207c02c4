"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("meetings", __name__)


@blueprint.get("/moter")
@allow(Who.MEMBER)
def index() -> str:
    return render_template("layout.html")
