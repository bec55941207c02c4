"""Saved selections of the register pages: keeping one under a name, and taking it out of use."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.errors import InvalidAnswer
from tracker.rules.access import Who
from tracker.services import saved_filters
from tracker.web.access import allow, visit

blueprint = Blueprint("saved", __name__)
PAGES = {"tasks": "tasks.register", "decisions": "decisions.index"}


@blueprint.post("/utvalg")
@allow(Who.MEMBER)
def keep() -> Response:
    """Keep the selection that the page shows."""
    seen, form = visit(), request.form
    page = form.get("hvor", "") if form.get("hvor") in PAGES else "tasks"
    query = urlencode(parse_qsl(form.get("utvalg", "")[: saved_filters.LONGEST_QUERY]))
    try:
        row = saved_filters.keep(seen.session, seen.me, page, form.get("navn", ""), query)
    except InvalidAnswer as fault:
        flash(seen.language.explain(fault), "error")
    else:
        flash(seen.language.gettext("Utvalget «%(name)s» er lagret.") % {"name": row.name})
    return redirect(f"{url_for(PAGES[page])}?{query}", 303)


@blueprint.post("/utvalg/<int:filter_id>/sletting")
@allow(Who.MEMBER)
def forget(filter_id: int) -> Response:
    """Take one's own out of use."""
    seen = visit()
    page = saved_filters.forget(seen.session, seen.me, filter_id)
    flash(seen.language.gettext("Utvalget er slettet."))
    return redirect(url_for(PAGES[page]), 303)
