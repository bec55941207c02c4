"""Signing in by a mailed link; in the demo by one click."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from tracker.errors import LinkOutdated, TooManyTries
from tracker.language import WORD_JOINER
from tracker.models import Person
from tracker.rules.access import Rights, Who
from tracker.services import attempts, people, sign_in
from tracker.web.access import allow, visit
from tracker.web.device import device_of

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/logg-inn")
@allow(Who.ANYONE)
def ask() -> str | Response:
    """Ask for a link."""
    seen = visit()
    if seen.person is not None:
        return redirect(_onward(request.args.get("videre")), 303)
    return _ask_page("", _local(request.args.get("videre")))


@blueprint.post("/logg-inn")
@allow(Who.ANYONE)
def send() -> tuple[str, int] | Response:
    """Send a link to the address, if it is somebody's; the answer is the same either way."""
    seen = visit()
    email = request.form.get("email", "").strip()
    onward = _local(request.form.get("videre"))
    if not people.ADDRESS.fullmatch(email):
        return _ask_page(
            email, onward, seen.language.gettext("Skriv e-postadressen slik: navn@kommune.no.")
        ), 422
    try:
        attempts.note(seen.session, seen.program.links, email, request.remote_addr or "", seen.now)
    except TooManyTries as fault:
        return _ask_page(email, onward, seen.language.explain(fault)), 429
    sign_in.ask_for_link(seen.session, email, seen.now)
    session["onward"] = onward
    session["asked"] = email
    return redirect(url_for("sign_in.sent"), 303)


@blueprint.get("/logg-inn/sendt")
@allow(Who.ANYONE)
def sent() -> str:
    """What to do now."""
    email = session.get("asked", "")
    name, _, host = email.partition("@")
    return render_template(
        "sign_in/sent.html",
        masked=f"{name[:1]}…{WORD_JOINER}@{host}" if host else "",
        email=email,
        onward=_local(session.get("onward")),
    )


@blueprint.get("/inn/<token>")
@allow(Who.LINK)
def arrive(token: str) -> str | tuple[str, int]:
    """The link in the mail: says whom it signs in, and waits for a press (scanners open links too)."""
    seen = visit()
    try:
        person = sign_in.holder(seen.session, seen.program.links, token, seen.now)
    except LinkOutdated as fault:
        return render_template("sign_in/outdated.html", explanation=seen.language.explain(fault)), 410
    return render_template("sign_in/arrive.html", token=token, name=person.name)


@blueprint.post("/inn/<token>")
@allow(Who.LINK)
def enter(token: str) -> Response | tuple[str, int]:
    """Sign in; a new session every time, so that none can be fixed beforehand."""
    seen = visit()
    try:
        secret = sign_in.sign_in(seen.session, seen.program.links, token, seen.now, _device())
    except LinkOutdated as fault:
        return render_template("sign_in/outdated.html", explanation=seen.language.explain(fault)), 410
    return _welcome(secret)


@blueprint.post("/logg-inn/demo")
@allow(Who.ANYONE)
def demo() -> Response:
    """One click, in the demo only, and only as somebody on the list."""
    seen = visit()
    chosen = {str(person.id): person for person, _rights in _demo_people()}.get(
        request.form.get("person", "")
    )
    if chosen is None:
        abort(404)
    session["onward"] = _local(request.form.get("videre"))
    return _welcome(sign_in.start_session(seen.session, chosen, seen.now, _device()))


@blueprint.post("/logg-ut")
@allow(Who.ANYONE)
def sign_out() -> Response:
    """End the session."""
    _leave()
    return redirect(url_for("sign_in.ask"), 303)


def _ask_page(email: str, onward: str, fault: str = "") -> str:
    errors = {"email": fault} if fault else {}
    return render_template(
        "sign_in/ask.html", errors=errors, email=email, onward=onward, demo_people=_demo_people()
    )


def _leave() -> None:
    """End the session that this browser has, if any: copies of its cookie open nothing more either."""
    if "key" in session:
        sign_in.sign_out(visit().session, session["key"])
    session.clear()


def _welcome(secret: str) -> Response:
    onward = session.get("onward")
    let_in(secret)
    return redirect(_onward(onward), 303)


def let_in(secret: str) -> None:
    """Give this browser the session with that secret, and a new cookie for it."""
    _leave()
    session.permanent = True
    session["key"] = secret


def _demo_people() -> list[tuple[Person, Rights]]:
    """In the demo: a secretary, a leader and an owner to try the program as."""
    seen = visit()
    if not (seen.program.settings.demo and seen.program.captures_mail):
        return []
    chosen: dict[str, tuple[Person, Rights]] = {}
    for person in seen.session.scalars(select(Person).where(Person.email.is_not(None)).order_by(Person.id)):
        rights = people.rights(seen.session, person, seen.today)
        role = "secretary" if rights.is_secretary else "leader" if rights.is_leader else "owner"
        if rights.bodies:
            chosen.setdefault(role, (person, rights))
    return [chosen[role] for role in ("secretary", "owner", "leader") if role in chosen]


def _device() -> str:
    return device_of(request.headers.get("User-Agent", ""))


def _local(target: str | None) -> str:
    """`target` if it is a path of ours, else nothing: never a way out to another site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return ""
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and "\\" not in target else ""


def _onward(target: str | None) -> str:
    return _local(target) or url_for("tasks.mine")
