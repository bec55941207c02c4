"""The calendar: what is to come as list and month, how to subscribe, and what calendars fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import structlog
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from tracker import db
from tracker.calendars import client
from tracker.calendars.feed import FeedContent, one_meeting, own_deadlines, read_feed
from tracker.errors import InvalidAnswer
from tracker.models import Body, Feed
from tracker.rules.access import Who
from tracker.services import feeds, people, schedule
from tracker.web import month
from tracker.web.access import allow, program, visit
from tracker.web.qr import qr

blueprint = Blueprint("calendars", __name__)
log = structlog.get_logger(__name__)
CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Address:
    """A feed as the page shows it. None where it hasn't been made yet."""

    body: Body | None
    feed: Feed | None
    https: str = ""
    webcal: str = ""
    code: Markup | str = ""


@blueprint.get("/kalender")
@allow(Who.MEMBER)
def index() -> str:
    """What is to come, as a list or as a month; of all the reader's bodies or one."""
    seen = visit()
    bodies = _bodies()
    chosen = next((body for body in bodies if str(body.id) == request.args.get("organ")), None)
    as_month = request.args.get("vis") == "maaned"
    first = month.asked_for(request.args.get("maaned", ""), seen.today)
    start, end = month.shown(first) if as_month else (seen.today, date(seen.today.year + 3, 12, 31))
    found = _entries(chosen, start, end)
    return render_template(
        "calendars/index.html",
        as_month=as_month,
        bodies=bodies,
        chosen=chosen,
        first=first,
        previous=month.previous_month(first),
        following=month.next_month(first),
        weeks=month.weeks(first, found) if as_month else [],
        months=month.by_month(found),
    )


def _bodies() -> list[Body]:
    """The bodies whose meetings the reader may see."""
    seen = visit()
    return [b for b in people.bodies(seen.session, seen.mine.organisation_id) if b.id in seen.mine.bodies]


def _entries(chosen: Body | None, start: date, end: date) -> list[month.Entry]:
    """Meetings and own deadlines of a period, in the chosen body or in all (a deadline may be in another)."""
    seen = visit()
    tasks = [
        task
        for task in own_deadlines(seen.session, seen.me)
        if task.due_on is not None
        and start <= task.due_on <= end
        and (chosen is None or task.body_id == chosen.id)
    ]
    ids = {chosen.id} if chosen else seen.mine.bodies
    return month.entries(schedule.between(seen.session, seen.mine.organisation_id, ids, start, end), tasks)


@blueprint.get("/kalender/abonner")
@allow(Who.MEMBER)
def subscribe() -> str:
    """How to get the dates into one's own calendar."""
    return _subscribe_page({})


def _subscribe_page(errors: dict[str, str]) -> str:
    seen, own, bodies = visit(), _address(None), _bodies()
    slug = seen.organisation.slug if seen.organisation else ""
    return render_template(
        "calendars/subscribe.html",
        own=own,
        by_body=[_address(body) for body in bodies] if own.feed else [],
        public=[
            (body, seen.program.links.public(slug, body.id), seen.mine.may_manage(body.id))
            for body in bodies
            if body.public or seen.mine.may_manage(body.id)
        ],
        programs=client.NAMES,
        errors=errors,
    )


def _address(body: Body | None) -> Address:
    seen = visit()
    feed = feeds.find_feed(seen.session, seen.me, body)
    if feed is None or feed.revoked_at is not None:
        return Address(body, None)
    links = seen.program.links
    https = links.feed(feed.id, feed.generation)
    webcal = links.feed(feed.id, feed.generation, scheme="webcal")
    code = "" if body else qr(webcal, seen.language.gettext("QR-kode med kalenderadressen din"))
    return Address(body, feed, https, webcal, code)


@blueprint.post("/kalender/abonner")
@allow(Who.MEMBER)
def make() -> Response:
    """Make the reader's addresses: one for everything, one for each body. Those that exist stay."""
    seen = visit()
    feeds.feed_of(seen.session, seen.me, seen.now)
    for body in _bodies():
        feeds.feed_of(seen.session, seen.me, seen.now, body)
    return redirect(url_for("calendars.subscribe"), 303)


@blueprint.post("/kalender/abonner/<int:feed_id>/ny-adresse")
@allow(Who.MEMBER)
def replace(feed_id: int) -> Response:
    """A new address; the old one is dead. The form names the one it was for: pressed twice, replaced once."""
    seen = visit()
    feed = feeds.own_feed(seen.session, seen.me, feed_id)
    if request.form.get("generation") == str(feed.generation):
        feeds.replace_address(seen.session, feed)
        flash(seen.language.gettext("Adressen er byttet. Legg den nye inn i kalenderen din."), "success")
    return redirect(url_for("calendars.subscribe"), 303)


@blueprint.post("/kalender/abonner/<int:feed_id>/avslutning")
@allow(Who.MEMBER)
def revoke(feed_id: int) -> Response:
    """Turn the address off: for good, since a new one is another."""
    seen = visit()
    feed = feeds.own_feed(seen.session, seen.me, feed_id)
    if request.form.get("generation") == str(feed.generation):
        feeds.revoke(seen.session, feed, seen.now)
        flash(seen.language.gettext("Adressen er slått av. Fjern kalenderen der du la den inn."), "success")
    return redirect(url_for("calendars.subscribe"), 303)


@blueprint.post("/kalender/abonner/<int:feed_id>/innhold")
@allow(Who.MEMBER)
def options(feed_id: int) -> Response | tuple[str, int]:
    """What is in the feed: deadlines, as days or as tasks, alarms, and in which language."""
    seen = visit()
    feed = feeds.own_feed(seen.session, seen.me, feed_id)
    wanted = request.form.get("deadlines", "")
    choice = feeds.Choice(
        deadlines=wanted in ("yes", "tasks"),
        as_tasks=wanted == "tasks",
        alarms=request.form.get("alarms") == "1",
        language=request.form.get("language") or None,
    )
    try:
        feeds.choose(seen.session, feed, choice)
    except InvalidAnswer as fault:
        return _subscribe_page({fault.field: seen.language.explain(fault)}), 422
    flash(seen.language.gettext("Lagret. Kalenderen din får det med neste gang den henter."), "success")
    return redirect(url_for("calendars.subscribe"), 303)


@blueprint.get("/ics/<token>.ics")
@allow(Who.LINK)
def feed(token: str) -> Response:
    """What a calendar program fetches: 304 when it has it already (RFC 9110 §13.1.2).

    If-Modified-Since is left unanswered: when something goes out of a feed, its newest change doesn't move.
    """
    seen = visit()
    found = feeds.open_feed(seen.session, seen.program.links, token)
    response = answer(read_feed(seen.session, found, seen.today, seen.program.links))
    if feeds.needs_note(found, seen.now):
        response.call_on_close(_note(found))
    return response


def answer(content: FeedContent, cached: str = "private, max-age=0, must-revalidate") -> Response:
    """304 when the client has just this, else the calendar. `cached`: what caches may do with it."""
    known = request.if_none_match.contains_weak(content.etag)
    response = Response(status=304) if known else Response(content.body, content_type=CALENDAR)
    response.set_etag(content.etag)
    response.last_modified = content.last_modified
    response.headers["Cache-Control"] = cached
    return response


def _note(found: Feed) -> Callable[[], None]:
    """Write down that a calendar was here once the answer has left, which never waits or fails for it.

    It tells the owner that the address works, and changes nothing that anybody acts on.
    """
    sessions, now = program().sessions, visit().now
    kind = client.kind_of(request.headers.get("User-Agent", ""))

    def write() -> None:
        try:
            with db.writing(sessions) as session:
                feeds.fetched(session, found, now, kind)
        except SQLAlchemyError as fault:
            log.warning("fetch not noted", kind=type(fault).__name__)

    return write


@blueprint.get("/moter/<int:meeting_id>.ics")
@allow(Who.MEMBER)
def meeting_file(meeting_id: int) -> Response:
    """One meeting as a file."""
    seen = visit()
    meeting = schedule.meeting_of(seen.session, seen.mine, meeting_id)
    response = Response(one_meeting(meeting, seen.program.links.url, seen.language), content_type=CALENDAR)
    name = f"{meeting.starts_on.isoformat()}-{meeting.id}.ics"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


from tracker.web import public_calendars  # noqa: E402, F401 - its views stand on the same blueprint
