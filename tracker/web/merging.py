"""Two rows that are one person: which, what moves, and one press. On the blueprint of people."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer
from tracker.models import Person
from tracker.rules.access import Who
from tracker.services import merging, people
from tracker.web.access import allow, visit
from tracker.web.people import Page, blueprint, whole_number
from tracker.web.personal import removable


@blueprint.get("/deltakere/<int:person_id>/sammenslaaing")
@allow(Who.SECRETARY)
def choose_double(person_id: int) -> Page:
    """Who is it the same as? With one chosen: what would move. Nothing is written."""
    person, errors = removable(person_id), {}
    other = None
    if request.args.get("other"):
        try:
            other = _other(request.args["other"])
            merging.check(person, other, visit().mine, visit().now)
        except InvalidAnswer as fault:
            errors, other = {fault.field: visit().language.explain(fault)}, None
    html = _page(person, other, errors)
    return (html, 422) if errors else (html, 200)


@blueprint.post("/deltakere/<int:person_id>/sammenslaaing")
@allow(Who.SECRETARY)
def merge(person_id: int) -> Page:
    """Make them one."""
    seen, person = visit(), removable(person_id)
    try:
        merging.merge(
            seen.session, person, _other(request.form.get("other", "")), seen.me, seen.mine, seen.now
        )
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _page(removable(person_id), None, {fault.field: seen.language.explain(fault)}), 422
    flash(seen.language.gettext("Oppføringene er slått sammen."))
    return redirect(url_for("people.show", person_id=person_id), 303)


def _other(given: str) -> Person:
    return removable(whole_number(given, InvalidAnswer("Velg en person.", field="other")))


def _page(person: Person, other: Person | None, errors: dict[str, str]) -> str:
    seen = visit()
    everyone = people.everyone(seen.session, person.organisation_id)
    likely = merging.likely(everyone, person)
    rest = sorted(
        (p for p in everyone if p not in likely and p.id != person.id),
        key=lambda p: seen.language.sort_key(p.name),
    )
    return render_template(
        "people/merge.html",
        person=person,
        other=other,
        moved=merging.preview(seen.session, other) if other else {},
        likely=likely,
        rest=rest,
        errors=errors,
    )
