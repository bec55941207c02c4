"""Take a case out of what is public, or let it back. On the blueprint of meetings."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer
from tracker.models import AgendaItem
from tracker.rules.access import Who
from tracker.services import restricting
from tracker.web.access import allow, visit
from tracker.web.meeting_changes import Page, managed
from tracker.web.meetings import blueprint


@blueprint.get("/moter/<int:meeting_id>/saker/<int:item_id>/unntak")
@allow(Who.SECRETARY)
def restriction(meeting_id: int, item_id: int) -> str:
    """On which legal basis?"""
    item = _case(meeting_id, item_id)
    return _form(item, item.restricted or "", {})


@blueprint.post("/moter/<int:meeting_id>/saker/<int:item_id>/unntak")
@allow(Who.SECRETARY)
def restrict(meeting_id: int, item_id: int) -> Page:
    """From now on it is told of by its number alone."""
    seen, item = visit(), _case(meeting_id, item_id)
    basis = request.form.get("basis", "")
    try:
        restricting.restrict(seen.session, item, basis, seen.me, seen.now)
    except InvalidAnswer as fault:
        return _form(item, basis, {fault.field: seen.language.explain(fault)}), 422
    flash(seen.language.gettext("Saken er unntatt offentlighet."))
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


@blueprint.post("/moter/<int:meeting_id>/saker/<int:item_id>/unntak/opphevelse")
@allow(Who.SECRETARY)
def lift(meeting_id: int, item_id: int) -> Page:
    """It is public again."""
    seen = visit()
    restricting.lift(seen.session, _case(meeting_id, item_id), seen.me, seen.now)
    flash(seen.language.gettext("Saken er ikke lenger unntatt offentlighet."))
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)


def _case(meeting_id: int, item_id: int) -> AgendaItem:
    return restricting.case_of(visit().session, managed(meeting_id), item_id)


def _form(item: AgendaItem, basis: str, errors: dict[str, str]) -> str:
    return render_template(
        "meetings/restriction.html", item=item, basis=basis, errors=errors, usual=restricting.USUAL
    )
