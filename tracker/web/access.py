"""Who is asking, whether they may, and their transaction: before every view, in one place.

Every view declares who may use it with `@allow(…)`; the program refuses to start with one that doesn't.
A request that may change something (not GET, HEAD or OPTIONS) has one transaction, committed when the
answer is a good one and rolled back otherwise; GET reads by a connection on which the database lets nobody
change anything. (That a session was used is noted beside the request, once an hour.)
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app, g, redirect, request, session, url_for
from flask import Response as FlaskResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from tracker import db
from tracker.clock import local_date
from tracker.errors import NotAllowed, NotFound
from tracker.language import Language, language, negotiate
from tracker.models import Deed, Key, Organisation, Person
from tracker.program import Program
from tracker.rules.access import Rights, Who
from tracker.services import audit, sign_in, start

View = TypeVar("View", bound=Callable[..., Any])
ALWAYS = {
    "start.welcome", "start.enter", "public.health", "public.robots", "public.help", "public.privacy",
    "public.accessibility",
}  # fmt: skip
READS = ("GET", "HEAD", "OPTIONS")
log = structlog.get_logger(__name__)


def allow(who: Who, *, slow: bool = False) -> Callable[[View], View]:
    """Declare who may use a view. `slow`: the view works long before it writes, and begins by itself."""

    def declare(view: View) -> View:
        view.who, view.slow = who, slow  # type: ignore[attr-defined]
        return view

    return declare


@dataclass
class Visit:
    """One request: who asks, in which language, at what time, with which session of the register.

    `silent_since`: since when the jobs stand still, known when somebody is signed in.
    """

    program: Program
    session: Session
    now: datetime
    language: Language
    person: Person | None = None
    organisation: Organisation | None = None
    rights: Rights | None = None
    key: Key | None = None
    silent_since: datetime | None = None

    @property
    def today(self) -> date:
        return local_date(self.now)

    @property
    def me(self) -> Person:
        """The signed-in person; only in views for members and secretaries."""
        assert self.person is not None
        return self.person

    @property
    def mine(self) -> Rights:
        """The signed-in person's rights."""
        assert self.rights is not None
        return self.rights


def did(deed: Deed, **about: Any) -> None:
    """Note in the log, within this request's transaction, what the signed-in person does (`audit.note`)."""
    seen = visit()
    audit.note(seen.session, seen.me, seen.now, deed, **about)


def did_fetch(response: FlaskResponse, detail: str) -> None:
    """Note that the signed-in person took data away: beside the request, since fetching changes nothing."""
    sessions, me, now = program().sessions, visit().me.id, visit().now

    def write() -> None:
        with db.writing(sessions) as register:
            audit.note(register, register.get_one(Person, me), now, Deed.EXPORTED, detail=detail)

    response.call_on_close(_never_failing(write))


def program() -> Program:
    """The program that serves this request."""
    found: Program = current_app.extensions["program"]
    return found


_VISIT: ContextVar[Visit] = ContextVar("visit")  # asked for hundreds of times a page; `g` is ten times slower


def visit() -> Visit:
    """This request. Made at its beginning."""
    return _VISIT.get()


def install(app: Flask) -> None:
    """Put the checks before, and the commit after, every view of `app`."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_close)


def check_declared(app: Flask) -> None:
    """Refuse to start with a route that doesn't say who may use it."""
    silent = [
        rule.endpoint for rule in app.url_map.iter_rules() if not hasattr(view_of(app, rule.endpoint), "who")
    ]
    if silent:
        raise RuntimeError(f"routes that do not declare who may use them: {', '.join(sorted(set(silent)))}")


def view_of(app: Flask, endpoint: str) -> Callable[..., Any]:
    """The function behind an endpoint; Flask's own static files are for anyone."""
    view = app.view_functions[endpoint]
    if endpoint == "static":
        view.__dict__.setdefault("who", Who.ANYONE)
    return view


def _begin() -> Response | None:
    """Make the visit, and turn away who may not. Static files are anyone's, and open no register."""
    running = program()
    register = running.readers() if request.method in READS else running.sessions()
    chosen = session.get("language") or negotiate(request.headers.get("Accept-Language", ""))
    g.visit = seen = Visit(running, register, running.clock(), language(chosen))
    g.earlier = _VISIT.set(seen)
    if request.endpoint == "static":
        return None
    if request.endpoint is None:
        _recognise(seen)  # «we didn't find the page» in the reader's own language
        return None
    view = view_of(current_app, request.endpoint)
    if request.method not in READS and not view.slow:  # type: ignore[attr-defined]
        db.write_at_once(register)
    _recognise(seen)
    return _to_the_start(view.who) or _turn_away(view.who)  # type: ignore[attr-defined]


def _to_the_start(who: Who) -> Response | None:
    """While nobody is in the register, every page is the first start; help and monitors answer as ever."""
    seen, endpoint = visit(), request.endpoint or ""
    if who in (Who.LINK, Who.MACHINE) or endpoint in ALWAYS or current_app.extensions.get("begun"):
        return None
    if start.is_empty(seen.session):
        return redirect(url_for("start.welcome"), 303)
    current_app.extensions["begun"] = True  # it won't be empty again
    return None


def _recognise(seen: Visit) -> None:
    secret = session.get("key")
    found = sign_in.visitor(seen.session, secret, seen.now) if secret else None
    if found is None:
        return
    seen.key, seen.rights, seen.silent_since = found.key, found.rights, found.silent_since
    seen.person = person = found.key.person
    seen.organisation = person.organisation
    seen.language = language(person.language)


def _turn_away(who: Who) -> Response | None:
    seen = visit()
    if who in (Who.ANYONE, Who.LINK):
        return None
    if who is Who.MACHINE:
        _check_machine(seen.program.settings.metrics_token.get_secret_value())
        return None
    if seen.person is None:
        onward = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.ask", videre=onward), 303)
    if who is Who.SECRETARY and not seen.mine.is_secretary:
        raise NotAllowed("Du har ikke tilgang til denne siden. Spør sekretæren i rådet.")
    return None


def _check_machine(token: str) -> None:
    """Raises NotFound without the right token: a page that isn't switched on doesn't show that it exists."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")


def _finish(response: FlaskResponse) -> FlaskResponse:
    seen: Visit | None = g.get("visit")
    if seen is not None and request.method not in READS:
        if response.status_code < 400:
            seen.session.commit()
        else:
            seen.session.rollback()
    if seen is not None and seen.key is not None and sign_in.needs_note(seen.key, seen.now):
        response.call_on_close(_used(seen.key, seen.now))
    return response


def _used(key: Key, now: datetime) -> Callable[[], None]:
    """Note that the session is used, after the answer has gone."""
    sessions = program().sessions

    def write() -> None:
        with db.writing(sessions) as register:
            sign_in.used(register, key, now)

    return _never_failing(write)


def _never_failing(write: Callable[[], None]) -> Callable[[], None]:
    """`write`, which is done beside a request and must not spoil it."""

    def attempt() -> None:
        try:
            write()
        except SQLAlchemyError as fault:
            log.warning("not noted", kind=type(fault).__name__)

    return attempt


def _close(_fault: BaseException | None) -> None:
    seen: Visit | None = g.pop("visit", None)
    if seen is not None:
        _VISIT.reset(g.pop("earlier"))
        seen.session.close()
