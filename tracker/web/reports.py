"""Being written."""

from flask import Blueprint, render_template

from tracker.rules.access import Who
from tracker.web.access import allow

blueprint = Blueprint("reports", __name__)


@blueprint.get("/status")
@allow(Who.MEMBER)
def status() -> str:
    return render_template("layout.html")
