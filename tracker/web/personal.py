"""What is stored about oneself, as a page and as a file; asking to be taken out, and being taken out.

The views stand on the blueprints of settings and of people.
"""

from __future__ import annotations

from flask import Response, flash, jsonify, redirect, render_template, url_for

from tracker.errors import InvalidAnswer, NotFound
from tracker.models import Person
from tracker.rules.access import Who
from tracker.services import directory, people, personal, removal
from tracker.web.access import allow, did_fetch, visit
from tracker.web.people import Page
from tracker.web.people import blueprint as of_people
from tracker.web.settings import blueprint


@blueprint.get("/innstillinger/meg/lagret")
@allow(Who.MEMBER)
def stored() -> str:
    """Everything that is stored about the reader."""
    seen = visit()
    found = personal.stored(seen.session, seen.me, seen.mine)
    return render_template("settings/stored.html", stored=found, person=seen.me)


@blueprint.get("/innstillinger/meg/lagret.json")
@allow(Who.MEMBER)
def stored_json() -> Response:
    """The same for machines (GDPR, article 20)."""
    seen = visit()
    response = jsonify(personal.stored(seen.session, seen.me, seen.mine))
    file = f"lagret-{seen.today}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    did_fetch(response, file)
    return response


@blueprint.post("/innstillinger/meg/sletting")
@allow(Who.MEMBER)
def ask_removal() -> Page:
    """Ask to be taken out."""
    seen = visit()
    removal.ask(seen.session, seen.me, seen.now)
    flash(seen.language.gettext("Sekretæren har fått ønsket ditt om å bli slettet."))
    return redirect(url_for("settings.stored"), 303)


@blueprint.post("/innstillinger/meg/sletting/angring")
@allow(Who.MEMBER)
def withdraw_removal() -> Page:
    """Stay after all."""
    seen = visit()
    removal.withdraw(seen.session, seen.me)
    flash(seen.language.gettext("Ønsket er trukket tilbake."))
    return redirect(url_for("settings.stored"), 303)


@of_people.get("/deltakere/<int:person_id>/sletting")
@allow(Who.SECRETARY)
def removal_page(person_id: int) -> str:
    """What would be taken out, and what stays."""
    return _removal_page(removable(person_id))


@of_people.post("/deltakere/<int:person_id>/sletting")
@allow(Who.SECRETARY)
def remove(person_id: int) -> Page:
    """Take the person out. Pressed twice it is done once: then there is nobody left to take out."""
    seen, person = visit(), removable(person_id)
    try:
        removal.remove(seen.session, person, seen.me, seen.mine, seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _removal_page(removable(person_id), seen.language.explain(fault)), 422
    flash(seen.language.gettext("Opplysningene er slettet."))
    return redirect(url_for("people.index"), 303)


def removable(person_id: int) -> Person:
    """A person whose row is the secretary's to change. Raises NotFound."""
    seen = visit()
    person = people.person_of(seen.session, seen.me.organisation_id, person_id)
    if not directory.may_edit(seen.mine, person, seen.today):
        raise NotFound("Vi fant ikke personen.")
    return person


def _removal_page(person: Person, fault: str = "") -> str:
    seen = visit()
    if not fault:
        try:
            removal.check(person, seen.mine, seen.now)
        except InvalidAnswer as found:
            fault = seen.language.explain(found)
    return render_template(
        "people/removal.html",
        person=person,
        fault=fault,
        parts=directory.open_parts(seen.session, person),
        nobody=removal.NOBODY,
    )
