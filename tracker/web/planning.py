"""Calling meetings: one by hand, the plan of a year by a rule, and that plan on paper.

The views stand on the blueprint of `meetings.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import InvalidAnswer
from tracker.models import Body, MeetingKind
from tracker.rules.access import Who
from tracker.rules.series import MOST, Series, SeriesDay, series_days
from tracker.rules.workdays import holiday_name, on_or_after
from tracker.services import people, planning, schedule
from tracker.services.moving import Plan
from tracker.services.planning import Call
from tracker.web import month, task_view
from tracker.web.access import allow, visit
from tracker.web.meeting_changes import Page, given_plan
from tracker.web.meetings import blueprint
from tracker.web.people import own_bodies

YEARS = range(2000, 2100)
AHEAD = timedelta(days=14)
RHYTHMS = ("w1", "w2", "w3", "w4", "m1", "m2", "m3", "m4", "m-1")
FIELDS = ("title", "body", "starts_on", "days", "starts_at", "ends_at", "place", "remote_link")
FORM = dict.fromkeys((*FIELDS, "register_by", "until", "rhythm", "weekday", "every", "summer_off"), "") | {
    "kind": MeetingKind.MEETING.value
}


@blueprint.get("/moter/nytt")
@allow(Who.SECRETARY)
def new() -> str:
    """The form for one meeting, filled in as the body usually meets; a gathering goes from lunch to lunch."""
    seen, body = visit(), _chosen_body(request.args.get("organ", ""))
    kind = _kind(request.args.get("slag", ""))
    plan = planning.usual(seen.session, body, kind, on_or_after(seen.today + AHEAD))
    title = _usual_title(body) if kind is MeetingKind.MEETING else ""
    return _form({**_written(plan), "title": title, "kind": kind, "body": str(body.id)}, {})


@blueprint.post("/moter/nytt")
@allow(Who.SECRETARY)
def create() -> Page:
    """Call it. Pressed twice there is one."""
    seen = visit()
    try:
        body = people.in_charge(seen.session, seen.mine, task_view.number(request.form, "body"))
        made = planning.call(seen.session, body, _call(given_plan()), seen.me, seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _form(dict(request.form), {fault.field: seen.language.explain(fault)}), 422
    flash(
        seen.language.gettext("Lagt inn. Det kommer i kalenderne av seg selv. Ingen får e-post."), "success"
    )
    return redirect(url_for("meetings.show", meeting_id=made.id), 303)


@blueprint.get("/moter/moteplan/ny")
@allow(Who.SECRETARY)
def new_series() -> str:
    """The form for a year's meetings: the rule, and what is alike for all of them."""
    seen, body = visit(), _chosen_body(request.args.get("organ", ""))
    start = date(seen.today.year + (seen.today.month > 6), 1, 1)
    plan = planning.usual(seen.session, body, MeetingKind.MEETING, max(start, seen.today))
    rule = {"until": date(start.year, 12, 31).isoformat(), "rhythm": "m1", "weekday": "0", "every": "1"}
    given = {**_written(plan), **rule, "summer_off": "1", "title": _usual_title(body), "body": str(body.id)}
    return _series_form(given, {})


@blueprint.post("/moter/moteplan/ny/visning")
@allow(Who.SECRETARY)
def preview_series() -> Page:
    """The days that the rule gives, each to change or leave out. Nothing is written."""
    seen = visit()
    try:
        found = _days()
        _call(given_plan())
    except InvalidAnswer as fault:
        return _series_form(dict(request.form), {fault.field: seen.language.explain(fault)}), 422
    return _days_page(found, {})


@blueprint.post("/moter/moteplan/ny")
@allow(Who.SECRETARY)
def create_series() -> Page:
    """Call them all. Pressed twice each is called once."""
    seen, numbers = visit(), range(1, MOST + 1)
    used = [n for n in numbers if request.form.get(f"use-{n}") == "1"]
    try:
        body = people.in_charge(seen.session, seen.mine, task_view.number(request.form, "body"))
        days = [task_view.wanted_date(request.form, f"day-{n}") for n in used]
        made = planning.call_series(seen.session, body, _call(given_plan()), days, seen.me, seen.now)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _days_page(_given_days(), {"day-1": seen.language.explain(fault)}), 422
    tongue = seen.language
    said = tongue.ngettext("%(num)d møte er lagt inn.", "%(num)d møter er lagt inn.", len(made))
    flash(said % {"num": len(made)}, "success")
    return redirect(url_for("meetings.year", aar=made[0].starts_on.year, organ=body.id), 303)


@blueprint.get("/moter/moteplan")
@allow(Who.MEMBER)
def year() -> str:
    """The meetings of a year on one page, to print."""
    seen = visit()
    asked = request.args.get("aar", "")
    shown = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in YEARS else seen.today.year
    everything = people.bodies(seen.session, seen.mine.organisation_id)
    bodies = [body for body in everything if body.id in seen.mine.bodies]
    chosen = next((body for body in bodies if str(body.id) == request.args.get("organ")), None)
    found = planning.year_plan(seen.session, [chosen.id] if chosen else seen.mine.bodies, shown)
    return render_template(
        "meetings/year.html",
        year=shown,
        years=YEARS,
        bodies=bodies,
        chosen=chosen,
        months=month.by_month(month.entries(found, [])),
        on_paper=request.args.get("utskrift") == "1",
    )


def _chosen_body(asked: str) -> Body:
    """The body that an address names, else the first that the secretary manages."""
    bodies = own_bodies()
    return next((body for body in bodies if str(body.id) == asked), bodies[0])


def _choices() -> list[tuple[int, str]]:
    return [(body.id, body.name) for body in own_bodies()]


def _kind(asked: str) -> MeetingKind:
    return MeetingKind(asked) if asked in set(MeetingKind) else MeetingKind.MEETING


def _usual_title(body: Body) -> str:
    return visit().language.gettext("Møte i %(body)s") % {"body": body.short_name or body.name}


def _call(plan: Plan) -> Call:
    """What the form calls. Raises InvalidAnswer."""
    last_day = request.form.get("register_by", "")
    return Call(
        kind=_kind(request.form.get("kind", "")),
        title=request.form.get("title", ""),
        plan=plan,
        register_by=task_view.wanted_date(request.form, "register_by") if last_day else None,
        remote_link=request.form.get("remote_link", ""),
    )


def _series() -> Series:
    """The rule that the form holds. Raises InvalidAnswer."""
    first, last = (
        task_view.wanted_date(request.form, "starts_on"),
        task_view.wanted_date(request.form, "until"),
    )
    if last < first:
        raise InvalidAnswer("Siste dag er før den første.", field="until")
    rhythm = request.form.get("rhythm", "")
    if rhythm not in RHYTHMS:
        raise InvalidAnswer("Velg hvor ofte.", field="rhythm")
    count = int(rhythm[1:])
    series = Series(
        first,
        last,
        weekday=min(task_view.number(request.form, "weekday"), 6),
        interval=count,
        summer_off=request.form.get("summer_off") == "1",
    )
    if rhythm.startswith("w"):
        return series
    return replace(series, interval=max(task_view.number(request.form, "every"), 1), position=count)


def _days() -> list[SeriesDay]:
    """The days that the rule in the form gives. Raises InvalidAnswer."""
    found = series_days(_series())
    if not found:
        raise InvalidAnswer("Regelen gir ingen datoer. Velg en lengre periode.", field="until")
    return found


def _given_days() -> list[SeriesDay]:
    """The days that the second form holds, as far as they are days."""
    found = []
    for number in range(1, MOST + 1):
        try:
            found.append(SeriesDay(date.fromisoformat(request.form.get(f"day-{number}", ""))))
        except ValueError:
            continue
    return found


def _written(plan: Plan) -> dict[str, str]:
    return {
        "starts_on": plan.starts_on.isoformat(),
        "days": str((plan.ends_on - plan.starts_on).days + 1),
        "starts_at": f"{plan.starts_at:%H:%M}" if plan.starts_at else "",
        "ends_at": f"{plan.ends_at:%H:%M}" if plan.ends_at else "",
        "place": plan.place or "",
    }


def _form(given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("meetings/new.html", given=FORM | given, errors=errors, bodies=_choices())


def _series_form(given: dict[str, str], errors: dict[str, str]) -> str:
    monday = date(2024, 1, 1)
    return render_template(
        "meetings/series.html",
        given=FORM | given,
        errors=errors,
        bodies=_choices(),
        weekdays=[monday + timedelta(days=number) for number in range(5)],
    )


def _days_page(days: list[SeriesDay], errors: dict[str, str]) -> str:
    seen = visit()
    body = people.in_charge(seen.session, seen.mine, task_view.number(request.form, "body"))
    taken: set[date] = set()
    if days:
        first, last = min(day.day for day in days), max(day.day for day in days)
        taken = {
            meeting.starts_on
            for meeting in schedule.between(seen.session, body.organisation_id, [body.id], first, last)
        }
    return render_template(
        "meetings/series_days.html",
        days=days,
        taken=taken,
        holidays={day.day: holiday_name(day.day) for day in days},
        body=body,
        kept={name: request.form.get(name, "") for name in FIELDS},
        errors=errors,
    )
