"""People: who they are, what they have to do, and putting new ones in."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from tracker.errors import InvalidAnswer, NotAllowed
from tracker.links import hashed
from tracker.models import Body, Deed, Person
from tracker.rules.access import Office, Who
from tracker.services import address_book, directory, offices, people, roster
from tracker.services.directory import Details
from tracker.web.access import allow, did, visit

blueprint = Blueprint("people", __name__)

LANGUAGE_NAMES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
LONGEST_LIST = 100_000  # characters
HIGHEST_ROW = 2**31 - 1  # PostgreSQL's integer; beyond it a query fails instead of finding nothing

Page = Response | tuple[str, int]


@blueprint.get("/deltakere")
@allow(Who.MEMBER)
def index() -> str:
    """Everybody, or the bodies. Addresses and answers are for secretaries."""
    seen = visit()
    organisation = seen.me.organisation_id
    if request.args.get("vis") == "organ":
        return _bodies_page()
    wanted = request.args.get("q", "").strip()[:100]
    listing = directory.listing(
        seen.session, organisation, wanted, request.args.get("side", 1, type=int), seen.language
    )
    asked = directory.asked_to_go(seen.session, seen.mine, seen.today) if seen.mine.is_secretary else []
    return render_template("people/index.html", listing=listing, q=wanted, asked_to_go=asked)


@blueprint.get("/deltakere/<int:person_id>")
@allow(Who.MEMBER)
def show(person_id: int) -> str:
    """One person; members see their own page."""
    seen, person = visit(), _person(person_id)
    parts = [
        part
        for part in directory.open_parts(seen.session, person)
        if part.task.body_id in seen.mine.bodies or person.id == seen.me.id
    ]
    return render_template(
        "people/show.html",
        person=person,
        memberships=sorted(person.memberships, key=lambda m: (m.from_date, m.id), reverse=True),
        parts=parts,
        answered=directory.last_answered(seen.session, person),
        editable=directory.may_edit(seen.mine, person, seen.today),
        languages=dict(LANGUAGE_NAMES),
    )


@blueprint.get("/deltakere/<int:person_id>/endre")
@allow(Who.MEMBER)
def edit(person_id: int) -> str:
    """Correct what is stored about somebody."""
    person = _editable(person_id)
    given = Details(
        person.name, person.email or "", person.title or "", person.employer or "", person.language
    )
    return _edit_page(person, given, {})


@blueprint.post("/deltakere/<int:person_id>/endre")
@allow(Who.MEMBER)
def correct(person_id: int) -> Page:
    """Store the correction."""
    seen, person, given = visit(), _editable(person_id), _details()
    try:
        kept, address = hashed(session["key"]), person.email
        directory.correct(seen.session, person, given, seen.mine, seen.today, keep_session=kept)
    except InvalidAnswer as fault:
        return _edit_page(person, given, {fault.field: seen.language.explain(fault)}), 422
    if person.email != address:
        did(Deed.ADDRESS_CHANGED, subject=person)
    flash(seen.language.gettext("Lagret."))
    return redirect(url_for("people.show", person_id=person.id), 303)


@blueprint.get("/deltakere/ny")
@allow(Who.SECRETARY)
def add() -> str:
    """Put one person in, or paste a list."""
    chosen = request.args.get("organ", "")
    return _add_page(
        Details("", "", "", "", _usual_language()), {"body": chosen, "office": Office.MEMBER}, {}
    )


@blueprint.post("/deltakere/ny")
@allow(Who.SECRETARY)
def create() -> Page:
    """Put one person in the register, and in a body."""
    seen, given = visit(), _details()
    place = {"body": request.form.get("body", ""), "office": request.form.get("office", "")}
    try:
        body, office = chosen_place()
        person = people.add_person(
            seen.session,
            seen.me.organisation_id,
            given.name,
            email=given.email,
            title=given.title,
            employer=given.employer,
        )
        person.language = given.language if given.language in dict(LANGUAGE_NAMES) else person.language
        if body is not None:
            people.add_to_body(seen.session, body, person, seen.today, office)
    except InvalidAnswer as fault:
        return _add_page(given, place, {fault.field: seen.language.explain(fault)}), 422
    did(Deed.PEOPLE_ADDED, subject=person, detail="1")
    if body is not None:
        did(Deed.OFFICE_GIVEN, body=body, subject=person, detail=office)
    flash(seen.language.gettext("%(name)s er lagt til.") % {"name": person.name})
    return redirect(url_for("people.show", person_id=person.id), 303)


@blueprint.post("/deltakere/liste")
@allow(Who.SECRETARY)
def list_preview() -> str | tuple[str, int]:
    """What a pasted list would put in; nothing is written."""
    seen, text, errors = visit(), _pasted(), {}
    body, office = chosen_place()
    try:
        text = _from_file() or text
    except InvalidAnswer as fault:
        errors = {fault.field: seen.language.explain(fault)}
    lines = roster.preview(seen.session, seen.me.organisation_id, text)
    if not (lines or errors):
        errors = {"lines": seen.language.gettext("Lim inn minst én linje med et navn, eller velg en fil.")}
    if errors:
        place = {"body": request.form.get("body", ""), "office": office.value}
        return _add_page(Details("", "", "", "", _usual_language()), place, errors, text), 422
    return render_template("people/preview.html", lines=lines, text=text, body=body, office=office)


@blueprint.post("/deltakere/liste/innlegging")
@allow(Who.SECRETARY)
def list_add() -> Page:
    """Put in what the preview showed as usable."""
    seen = visit()
    organisation = seen.me.organisation_id
    body, office = chosen_place()
    lines = roster.preview(seen.session, organisation, _pasted())
    sure = {int(place) for place in request.form.getlist("sure") if place.isdigit() and len(place) < 6}
    count = roster.add(seen.session, lines, organisation, body, office, seen.today, sure)
    did(Deed.PEOPLE_ADDED, body=body, detail=str(count))
    said = seen.language.ngettext("%(num)d person er lagt til.", "%(num)d personer er lagt til.", count)
    flash(said % {"num": count})
    if body is not None:
        return redirect(url_for("people.body", body_id=body.id), 303)
    return redirect(url_for("people.index"), 303)


def own_bodies() -> list[Body]:
    """The bodies that the secretary manages, by name."""
    seen = visit()
    everything = people.bodies(seen.session, seen.me.organisation_id)
    return [body for body in everything if seen.mine.may_manage(body.id)]


def chosen_place() -> tuple[Body | None, Office]:
    """The body and office that a form holds; no body is a choice too. Raises InvalidAnswer, NotFound."""
    seen, office = visit(), chosen_office()
    if not request.form.get("body"):
        return None, office
    number = whole_number(request.form["body"], InvalidAnswer("Velg et organ.", field="body"))
    return people.in_charge(seen.session, seen.mine, number), office


def chosen_office() -> Office:
    """The office that a form holds; a member where it holds none. Raises InvalidAnswer."""
    try:
        return Office(request.form.get("office", Office.MEMBER))
    except ValueError:
        raise InvalidAnswer("Velg et verv.", field="office") from None


def whole_number(given: str, otherwise: InvalidAnswer) -> int:
    """A row's number in a form. Raises `otherwise` when it isn't one that a row can have."""
    if given.isascii() and given.isdigit() and len(given) < 19 and int(given) <= HIGHEST_ROW:
        return int(given)
    raise otherwise


def chosen_date(field: str) -> date | None:
    """The date that a form holds; None when it holds none."""
    try:
        return date.fromisoformat(request.form.get(field, ""))
    except ValueError:
        return None


def _person(person_id: int) -> Person:
    seen = visit()
    if person_id != seen.me.id and not seen.mine.is_secretary:
        raise NotAllowed("Du har ikke tilgang til denne siden. Spør sekretæren i rådet.")
    return people.person_of(seen.session, seen.me.organisation_id, person_id)


def _editable(person_id: int) -> Person:
    seen, person = visit(), _person(person_id)
    if not directory.may_edit(seen.mine, person, seen.today):
        raise NotAllowed("Personen er i et organ der du ikke er sekretær.")
    return person


def _details() -> Details:
    form = request.form
    return Details(
        *(form.get(field, "").strip()[:300] for field in ("name", "email", "title", "employer", "language"))
    )


def _pasted() -> str:
    return request.form.get("lines", "")[:LONGEST_LIST]


def _from_file() -> str:
    """The list in the file that was sent, "" without one. Raises InvalidAnswer when it can't be read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return ""
    return address_book.as_list(file.read(address_book.LARGEST + 1))[:LONGEST_LIST]


def _usual_language() -> str:
    organisation = visit().organisation
    return organisation.language if organisation else "nb"


def _bodies_page() -> str:
    seen = visit()
    rows = [
        (body, [m for m in body.memberships if m.covers(seen.today)])
        for body in people.bodies(seen.session, seen.me.organisation_id, with_members=True)
    ]
    return render_template("people/bodies.html", bodies=rows)


def _edit_page(person: Person, given: Details, errors: dict[str, str]) -> str:
    return render_template(
        "people/edit.html", person=person, given=given, errors=errors, languages=LANGUAGE_NAMES
    )


def _add_page(given: Details, place: dict[str, str], errors: dict[str, str], text: str = "") -> str:
    return render_template(
        "people/add.html",
        given=given,
        place=place,
        errors=errors,
        text=text,
        bodies=[(body.id, body.name) for body in own_bodies()],
        offices=offices.ORDER,
        languages=LANGUAGE_NAMES,
    )


from tracker.web import bodies  # noqa: E402, F401 - its views stand on the same blueprint
