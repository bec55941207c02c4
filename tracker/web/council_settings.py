"""The council's own names, colour and language, with what they look like beside them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer
from tracker.models import Deed, Organisation
from tracker.rules import colours
from tracker.rules.access import Who
from tracker.services import council
from tracker.services.council import Names
from tracker.web.access import allow, did, visit
from tracker.web.people import LANGUAGE_NAMES
from tracker.web.settings import Page, blueprint


@blueprint.get("/innstillinger/raadet")
@allow(Who.SECRETARY)
def council_names() -> str:
    """What the council is called now."""
    return _page(council.names(_organisation()), {})


@blueprint.post("/innstillinger/raadet/visning")
@allow(Who.SECRETARY)
def preview_council() -> Page:
    """What the pages would look like with the names in the form; nothing is written."""
    given, errors = _given(), {}
    try:
        council.checked(given)
    except InvalidAnswer as fault:
        errors = {fault.field: visit().language.explain(fault)}
    return _page(given, errors), 422 if errors else 200


@blueprint.post("/innstillinger/raadet")
@allow(Who.SECRETARY)
def set_council() -> Page:
    """Store the names, the colour and the language."""
    seen, given = visit(), _given()
    try:
        council.rename(_organisation(), given)
    except InvalidAnswer as fault:
        return _page(given, {fault.field: seen.language.explain(fault)}), 422
    did(Deed.SETTINGS, detail="council")
    flash(seen.language.gettext("Lagret."))
    return redirect(url_for("settings.council_names"), 303)


def _organisation() -> Organisation:
    found = visit().organisation
    assert found is not None
    return found


def _given() -> Names:
    return Names(*(request.form.get(field, "") for field in ("name", "short_name", "language", "colour")))


def _page(given: Names, errors: dict[str, str]) -> str:
    return render_template(
        "settings/council.html",
        given=given,
        errors=errors,
        shown=council.tidy(given),
        own_colour=colours.OWN,
        languages=LANGUAGE_NAMES,
    )
