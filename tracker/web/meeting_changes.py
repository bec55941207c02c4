"""What the secretary does with a meeting: move it, cancel it, undo that. First what follows, then one press.

The views stand on the blueprint of `meetings.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker.errors import ChangedMeanwhile, InvalidAnswer, LinkOutdated, NotAllowed, TrackerError
from tracker.models import Meeting, Person
from tracker.rules import workdays
from tracker.rules.access import Who
from tracker.services import moving, schedule
from tracker.services.moving import Plan, plan_of
from tracker.web import task_view
from tracker.web.access import allow, visit
from tracker.web.meetings import blueprint

Page = Response | str | tuple[str, int]
LONGEST = 60  # days


@blueprint.get("/moter/<int:meeting_id>/endre")
@allow(Who.SECRETARY)
def edit(meeting_id: int) -> str:
    """The form: when and where."""
    meeting = managed(meeting_id)
    return _form(meeting, _written(meeting), {})


@blueprint.post("/moter/<int:meeting_id>/endring/visning")
@allow(Who.SECRETARY)
def preview_move(meeting_id: int) -> Page:
    """What would follow; nothing is written."""
    seen, meeting = visit(), managed(meeting_id, invited=True)
    try:
        plan = _new_plan(meeting)
    except InvalidAnswer as fault:
        return _form(meeting, dict(request.form), {fault.field: seen.language.explain(fault)}), 422
    return _preview(meeting, plan)


@blueprint.post("/moter/<int:meeting_id>/endring")
@allow(Who.SECRETARY)
def move(meeting_id: int) -> Page:
    """Move it. Pressed twice it is moved once."""
    seen, meeting = visit(), managed(meeting_id)
    try:
        plan = given_plan()
        if plan != plan_of(meeting):
            _guard(meeting)
            moving.move(seen.session, meeting, plan, seen.me, seen.now, tell=_tell())
            flash(seen.language.gettext("Møtet er endret. Fristene som følger det, er flyttet."))
    except InvalidAnswer as fault:
        seen.session.rollback()
        html = _form(managed(meeting_id), dict(request.form), {fault.field: seen.language.explain(fault)})
        return html, 422
    except ChangedMeanwhile as fault:
        return _conflict(meeting_id, fault)
    return _back(meeting_id)


@blueprint.get("/moter/<int:meeting_id>/avlys")
@allow(Who.SECRETARY)
def preview_cancel(meeting_id: int) -> Page:
    """What would follow if it were cancelled."""
    meeting = managed(meeting_id, invited=True)
    if meeting.is_cancelled:
        return _back(meeting_id)
    return _preview(meeting, replace(plan_of(meeting), cancelled=True))


@blueprint.post("/moter/<int:meeting_id>/avlysning")
@allow(Who.SECRETARY)
def cancel(meeting_id: int) -> Page:
    """Cancel it. Pressed twice it is cancelled once."""
    seen, meeting = visit(), managed(meeting_id)
    try:
        if not meeting.is_cancelled:
            _guard(meeting)
            moving.cancel(seen.session, meeting, seen.me, seen.now, tell=_tell())
            flash(seen.language.gettext("Møtet er avlyst."))
    except (ChangedMeanwhile, InvalidAnswer) as fault:
        return _conflict(meeting_id, fault)
    return _back(meeting_id)


@blueprint.post("/moter/<int:meeting_id>/angring")
@allow(Who.SECRETARY)
def undo(meeting_id: int) -> Page:
    """Take the last change back."""
    seen, meeting = visit(), managed(meeting_id)
    try:
        moving.undo(seen.session, meeting, task_view.number(request.form, "change"), seen.me, seen.now)
    except (LinkOutdated, ChangedMeanwhile) as fault:
        return _conflict(meeting_id, fault)
    flash(seen.language.gettext("Endringen er angret. De som hadde fått beskjed, får vite det."))
    return _back(meeting_id)


def managed(meeting_id: int, *, invited: bool = False) -> Meeting:
    """A meeting of a body that the reader is secretary of; `invited`: with who is asked to it."""
    seen = visit()
    meeting = schedule.meeting_of(seen.session, seen.mine, meeting_id, invited=invited)
    if not seen.mine.may_manage(meeting.body_id):
        raise NotAllowed("Bare sekretæren kan endre møtet.")
    return meeting


def _guard(meeting: Meeting) -> None:
    """Raises ChangedMeanwhile unless the form was made from the meeting as it is."""
    if task_view.number(request.form, "version") != meeting.sequence:
        raise ChangedMeanwhile("Noen endret møtet mens du hadde siden åpen. Se over før du lagrer.")


def _tell() -> bool:
    return request.form.get("tell") == "1"


def given_plan() -> Plan:
    """When and where, as the form has it. Raises InvalidAnswer."""
    starts_on = task_view.wanted_date(request.form, "starts_on")
    days = task_view.number(request.form, "days")
    if not 1 <= days <= LONGEST:
        raise InvalidAnswer("Skriv et tall fra 1 til %(most)d.", field="days", most=LONGEST)
    return Plan(
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        starts_at=_clock("starts_at"),
        ends_at=_clock("ends_at"),
        place=" ".join(request.form.get("place", "").split())[:300] or None,
    )


def _new_plan(meeting: Meeting) -> Plan:
    """A plan that can be carried out and isn't as now. Raises InvalidAnswer."""
    plan = moving.checked(meeting, given_plan(), visit().today)
    if plan == plan_of(meeting):
        raise InvalidAnswer("Velg en ny dato, et nytt klokkeslett eller et nytt sted.", field="starts_on")
    return plan


def _clock(field: str) -> time | None:
    given = request.form.get(field, "").strip()
    if not given:
        return None
    try:
        chosen = time.fromisoformat(given)
    except ValueError:
        raise InvalidAnswer("Skriv klokkeslettet slik: 14:30.", field=field) from None
    return chosen.replace(second=0, microsecond=0, tzinfo=None)


def _written(meeting: Meeting) -> dict[str, str]:
    plan = plan_of(meeting)
    return {
        "starts_on": plan.starts_on.isoformat(),
        "days": str((plan.ends_on - plan.starts_on).days + 1),
        "starts_at": f"{plan.starts_at:%H:%M}" if plan.starts_at else "",
        "ends_at": f"{plan.ends_at:%H:%M}" if plan.ends_at else "",
        "place": plan.place or "",
        "version": str(meeting.sequence),
    }


def _form(meeting: Meeting, given: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("meetings/move.html", meeting=meeting, given=given, errors=errors)


def _preview(meeting: Meeting, plan: Plan) -> str:
    """What follows: deadlines, mails, and what to think of first."""
    seen = visit()
    found = moving.shifts(seen.session, meeting, plan, seen.today)
    shifted = [shift for shift in found if shift.due_on != shift.task.due_on]
    tasks = [shift.task for shift in shifted]
    told = [
        moving.concerned(seen.session, meeting, tasks, seen.today, members=all_) for all_ in (True, False)
    ]
    everyone, affected = ([person for person in people if person.id != seen.me.id] for people in told)
    return render_template(
        "meetings/preview.html",
        meeting=meeting,
        plan=plan,
        given=dict(request.form),
        shifts=shifted,
        days_off={
            shift.due_on for shift in shifted if shift.due_on and not workdays.is_working_day(shift.due_on)
        },
        everyone=everyone,
        affected=affected,
        silent=_silent(meeting, everyone),
        soon=moving.is_soon(plan_of(meeting), seen.now) or moving.is_soon(plan, seen.now),
        invited=[person for person in everyone if person.id in moving.invited(meeting)],
        day_off=_day_off(plan),
    )


def _silent(meeting: Meeting, told: list[Person]) -> list[str]:
    """Members without an address: nobody tells them."""
    members = task_view.members(meeting.body_id)
    return [person.name for person in members if not person.email and person not in told]


def _day_off(plan: Plan) -> date | None:
    off = not plan.cancelled and not workdays.is_working_day(plan.starts_on)
    return plan.starts_on if off else None


def _conflict(meeting_id: int, fault: TrackerError) -> Page:
    """The meeting as it is now, and why nothing was kept."""
    seen = visit()
    seen.session.rollback()
    flash(seen.language.explain(fault), "warning")
    return _back(meeting_id)


def _back(meeting_id: int) -> Response:
    return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)
