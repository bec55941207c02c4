"""The first start, in three steps behind the link from the console: the council, the secretary, the mail."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker import settings
from tracker.errors import InvalidAnswer, LinkOutdated, MailRefused, NotFound
from tracker.rules.access import Who
from tracker.services import people, sign_in, start, trial
from tracker.services.start import Begun
from tracker.web import mail_form
from tracker.web.access import allow, visit
from tracker.web.device import device_of
from tracker.web.people import LANGUAGE_NAMES
from tracker.web.sign_in import let_in

blueprint = Blueprint("start", __name__)

PASTED = re.compile(r"(?:.*/inn/start/)?([\w.~-]{16,1000})/?", re.ASCII)
PATIENCE = 10.0  # seconds that a person waits for the mail server
Page = Response | tuple[str, int]


@blueprint.get("/start")
@allow(Who.ANYONE)
def welcome() -> str | Response:
    """What every page is while nobody is in the register."""
    if not start.is_empty(visit().session):
        return redirect(url_for("public.front"), 303)
    return render_template("start/welcome.html", errors={}, given="")


@blueprint.post("/start")
@allow(Who.ANYONE)
def enter() -> Page:
    """The link pasted, where it can't be opened as it is (another name for the machine)."""
    seen, given = visit(), request.form.get("link", "").strip()[:2000]
    found = PASTED.fullmatch(given)
    token = found[1] if found else ""
    said = seen.language.gettext("Lim inn hele lenken fra vinduet der programmet ble startet.")
    try:
        start.check(seen.program.links, token, seen.now)
    except LinkOutdated as fault:
        said = seen.language.explain(fault)
    except NotFound:
        pass
    else:
        return redirect(url_for("start.council", token=token), 303)
    return render_template("start/welcome.html", errors={"link": said}, given=given), 422


@blueprint.get("/inn/start/<token>")
@allow(Who.LINK)
def council(token: str) -> str | Response:
    """Step 1: the council or association, and its first body."""
    held = _begun(token)
    if held is None:
        return redirect(url_for("start.mail", token=token), 303)
    given = {
        "name": held.organisation.name if held.organisation else "",
        "body": held.body.name if held.body else "",
        "language": held.organisation.language if held.organisation else visit().language.code,
    }
    return _council_page(token, given, {})


@blueprint.post("/inn/start/<token>")
@allow(Who.LINK)
def name_council(token: str) -> Page:
    """Keep step 1."""
    seen = visit()
    start.check(seen.program.links, token, seen.now)
    given = {field: request.form.get(field, "") for field in ("name", "body", "language")}
    try:
        start.name_council(seen.session, given["name"], given["body"], given["language"])
    except InvalidAnswer as fault:
        return _council_page(token, given, {fault.field: seen.language.explain(fault)}), 422
    return redirect(url_for("start.secretary", token=token), 303)


@blueprint.get("/inn/start/<token>/sekretaer")
@allow(Who.LINK)
def secretary(token: str) -> str | Response:
    """Step 2: who uses the program first."""
    held = _begun(token)
    if held is None:
        return redirect(url_for("start.mail", token=token), 303)
    if held.body is None:
        return redirect(url_for("start.council", token=token), 303)
    person = held.person
    given = {"name": person.name, "email": person.email or ""} if person else {"name": "", "email": ""}
    return render_template("start/secretary.html", token=token, given=given, errors={}, body=held.body)


@blueprint.post("/inn/start/<token>/sekretaer")
@allow(Who.LINK)
def name_secretary(token: str) -> Page:
    """Keep step 2, and sign this browser in as the secretary."""
    seen = visit()
    start.check(seen.program.links, token, seen.now)
    given = {field: request.form.get(field, "") for field in ("name", "email")}
    try:
        person = start.name_secretary(seen.session, given["name"], given["email"], seen.now)
    except InvalidAnswer as fault:
        errors = {fault.field: seen.language.explain(fault)}
        held = start.begun(seen.session)
        body = held.body if held else None
        html = render_template("start/secretary.html", token=token, given=given, errors=errors, body=body)
        return html, 422
    device = device_of(request.headers.get("User-Agent", ""))
    let_in(sign_in.start_session(seen.session, person, seen.now, device))
    return redirect(url_for("start.mail", token=token), 303)


@blueprint.get("/inn/start/<token>/epost")
@allow(Who.LINK)
def mail(token: str) -> str | Response:
    """Step 3: how mail leaves. Open ever after to whoever has a new link from the console."""
    held = _begun(token)
    if held is not None and held.person is None:
        return redirect(url_for("start.secretary", token=token), 303)
    return _mail_page(token, mail_form.written(visit().program.settings.mail), {})


@blueprint.post("/inn/start/<token>/epost")
@allow(Who.LINK)
def set_mail(token: str) -> Page:
    """Keep step 3, and go on to the first minutes."""
    seen = visit()
    start.check(seen.program.links, token, seen.now)
    own, given = seen.program.settings, dict(request.form)
    if own.mail_is_set:
        return redirect(url_for("start.mail", token=token), 303)
    server, errors = mail_form.read(given, own.mail, seen.language)
    if server is None:
        return _mail_page(token, given, errors), 422
    try:
        settings.keep_mail(own.data, server)
    except OSError as fault:
        said = seen.language.gettext("Kan ikke lagre i mappen %(folder)s (%(fault)s).")
        errors = {"host": said % {"folder": own.data.resolve(), "fault": fault.strerror}}
        return _mail_page(token, given, errors), 422
    flash(seen.language.gettext("Lagret. E-posten går ut slik fra nå av."))
    return redirect(url_for("minutes.new") if seen.person else url_for("start.mail", token=token), 303)


@blueprint.post("/inn/start/<token>/epost/prove")
@allow(Who.LINK, slow=True)
def try_mail(token: str) -> Page:
    """Send one mail as the form says, and tell what the server answered. Nothing is kept."""
    seen = visit()
    start.check(seen.program.links, token, seen.now)
    own, given = seen.program.settings, dict(request.form)
    server, errors = (own.mail, {}) if own.mail_is_set else mail_form.read(given, own.mail, seen.language)
    to = given.get("to", "").strip()
    if not people.ADDRESS.fullmatch(to):
        errors["to"] = seen.language.gettext("Skriv e-postadressen slik: navn@kommune.no.")
    if server is None or errors:
        return _mail_page(token, given, errors), 422
    try:
        transport = seen.program.transport_to(server, PATIENCE)
        trial.send(transport, server.mail_from, to, own.url, seen.language.code, seen.now)
    except MailRefused as fault:
        return _mail_page(token, given, {}, refused=seen.language.explain(fault)), 200
    return _mail_page(token, given, {}, taken_for=to), 200


def _begun(token: str) -> Begun | None:
    seen = visit()
    start.check(seen.program.links, token, seen.now)
    return start.begun(seen.session)


def _council_page(token: str, given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "start/council.html", token=token, given=given, errors=errors, languages=LANGUAGE_NAMES
    )


def _mail_page(
    token: str, given: dict[str, str], errors: dict[str, str], *, refused: str = "", taken_for: str = ""
) -> str:
    seen = visit()
    own = seen.program.settings
    return render_template(
        "start/mail.html",
        token=token,
        given=given,
        errors=errors,
        refused=refused,
        taken_for=taken_for,
        to=given.get("to") or (seen.person.email if seen.person else "") or "",
        mail_is_set=own.mail_is_set,
        host=own.mail.host,
        url=own.url,
        first=start.begun(seen.session) is not None,
    )
