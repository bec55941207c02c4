"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/oppgaver")
@allow(Who.MEMBER)
def mine() -> str:
    return render_template("layout.html")
