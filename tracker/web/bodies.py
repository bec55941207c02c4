"""Bodies: what they are called and who holds which office in them. On the blueprint of people."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer
from tracker.models import Body, Deed, Membership
from tracker.rules.access import Office, Who
from tracker.services import directory, offices, people
from tracker.web.access import allow, did, visit
from tracker.web.people import Page, blueprint, chosen_date, chosen_office, whole_number


@blueprint.get("/deltakere/organ/<int:body_id>")
@allow(Who.MEMBER)
def body(body_id: int) -> str:
    """Who is in the body now, and who was."""
    seen = visit()
    found = offices.body_of(seen.session, seen.me.organisation_id, body_id)
    return render_template(
        "people/body.html",
        body=found,
        present=offices.present(found, seen.today, seen.language),
        former=offices.former(found, seen.today),
        manages=seen.mine.may_manage(found.id),
    )


@blueprint.get("/deltakere/organ/nytt")
@allow(Who.SECRETARY)
def new_body() -> str:
    """A new body."""
    return _naming_page(None, {"name": "", "short_name": "", "aliases": ""}, {})


@blueprint.post("/deltakere/organ/nytt")
@allow(Who.SECRETARY)
def create_body() -> Page:
    """Make the body, with whoever makes it as its secretary."""
    seen, given = visit(), _names()
    try:
        made = offices.name_body(
            seen.session,
            seen.mine,
            None,
            given["name"],
            given["short_name"],
            given["aliases"].splitlines(),
        )
    except InvalidAnswer as fault:
        return _naming_page(None, given, {fault.field: seen.language.explain(fault)}), 422
    people.add_to_body(seen.session, made, seen.me, seen.today, Office.SECRETARY)
    did(Deed.OFFICE_GIVEN, body=made, subject=seen.me, detail=Office.SECRETARY)
    flash(seen.language.gettext("%(name)s er lagt til. Legg til de som er med.") % {"name": made.name})
    return redirect(url_for("people.body", body_id=made.id), 303)


@blueprint.get("/deltakere/organ/<int:body_id>/endre")
@allow(Who.SECRETARY)
def edit_body(body_id: int) -> str:
    """Correct what the body is called."""
    found = _managed(body_id)
    given = {
        "name": found.name,
        "short_name": found.short_name or "",
        "aliases": "\n".join(found.aliases),
    }
    return _naming_page(found, given, {})


@blueprint.post("/deltakere/organ/<int:body_id>/endre")
@allow(Who.SECRETARY)
def rename_body(body_id: int) -> Page:
    """Store what it is called."""
    seen, found, given = visit(), _managed(body_id), _names()
    try:
        offices.name_body(
            seen.session,
            seen.mine,
            found,
            given["name"],
            given["short_name"],
            given["aliases"].splitlines(),
        )
    except InvalidAnswer as fault:
        return _naming_page(found, given, {fault.field: seen.language.explain(fault)}), 422
    did(Deed.SETTINGS, body=found, detail="names")
    flash(seen.language.gettext("Lagret."))
    return redirect(url_for("people.body", body_id=found.id), 303)


@blueprint.get("/deltakere/organ/<int:body_id>/verv")
@allow(Who.SECRETARY)
def new_office(body_id: int) -> str:
    """Give somebody who is in the register an office."""
    usual = {
        "person": request.args.get("person", ""),
        "office": Office.MEMBER.value,
        "order": "",
        "from": visit().today.isoformat(),
    }
    return _office_page(_managed(body_id), usual, {})


@blueprint.post("/deltakere/organ/<int:body_id>/verv")
@allow(Who.SECRETARY)
def give_office(body_id: int) -> Page:
    """Write the office down."""
    seen, found = visit(), _managed(body_id)
    given = {field: request.form.get(field, "") for field in ("person", "office", "order", "from")}
    try:
        number = whole_number(given["person"], InvalidAnswer("Velg en person.", field="person"))
        held = offices.take(
            seen.session,
            found,
            people.person_of(seen.session, seen.me.organisation_id, number),
            chosen_office(),
            chosen_date("from"),
            seen.today,
            int(given["order"]) if given["order"] in [str(n) for n in range(1, 100)] else None,
        )
    except InvalidAnswer as fault:
        return _office_page(found, given, {fault.field: seen.language.explain(fault)}), 422
    did(Deed.OFFICE_GIVEN, body=found, subject=held.person, detail=held.office)
    flash(seen.language.gettext("Vervet er lagt til."))
    return redirect(url_for("people.body", body_id=found.id), 303)


@blueprint.post("/deltakere/organ/<int:body_id>/verv/<int:membership_id>/opp")
@allow(Who.SECRETARY)
def move_up(body_id: int, membership_id: int) -> Page:
    """A substitute goes one place up."""
    seen = visit()
    offices.move_up(seen.session, offices.membership_of(_managed(body_id), membership_id), seen.today)
    return redirect(url_for("people.body", body_id=body_id, _anchor="members"), 303)


@blueprint.get("/deltakere/organ/<int:body_id>/verv/<int:membership_id>/avslutning")
@allow(Who.SECRETARY)
def leave(body_id: int, membership_id: int) -> str:
    """When does the office end, and what is left to do?"""
    membership = offices.membership_of(_managed(body_id), membership_id)
    return _leave_page(membership, (membership.to_date or visit().today).isoformat(), {})


@blueprint.post("/deltakere/organ/<int:body_id>/verv/<int:membership_id>/avslutning")
@allow(Who.SECRETARY)
def end_office(body_id: int, membership_id: int) -> Page:
    """End the office; nothing is deleted."""
    seen = visit()
    membership = offices.membership_of(_managed(body_id), membership_id)
    try:
        offices.end(seen.session, membership, chosen_date("until"), seen.today)
    except InvalidAnswer as fault:
        errors = {fault.field: seen.language.explain(fault)}
        return _leave_page(membership, request.form.get("until", ""), errors), 422
    did(Deed.OFFICE_ENDED, body=membership.body, subject=membership.person, detail=membership.office)
    flash(seen.language.gettext("Vervet til %(name)s er avsluttet.") % {"name": membership.person.name})
    return redirect(url_for("people.body", body_id=body_id), 303)


def _managed(body_id: int) -> Body:
    seen = visit()
    return people.in_charge(seen.session, seen.mine, body_id)


def _names() -> dict[str, str]:
    return {field: request.form.get(field, "")[:4000] for field in ("name", "short_name", "aliases")}


def _naming_page(found: Body | None, given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("people/edit_body.html", body=found, given=given, errors=errors)


def _office_page(found: Body, given: dict[str, str], errors: dict[str, str]) -> str:
    everyone = people.everyone(visit().session, found.organisation_id)
    tongue = visit().language
    return render_template(
        "people/office.html",
        body=found,
        given=given,
        errors=errors,
        people=[(p.id, p.name) for p in sorted(everyone, key=lambda p: tongue.sort_key(p.name))],
        offices=offices.ORDER,
    )


def _leave_page(membership: Membership, until: str, errors: dict[str, str]) -> str:
    parts = directory.open_parts(visit().session, membership.person, membership.body_id)
    return render_template(
        "people/leave.html", membership=membership, until=until, errors=errors, parts=parts
    )
