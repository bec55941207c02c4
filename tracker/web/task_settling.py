"""What the secretary does with tasks: change, settle requests, hand over, drop, take up again.

The views stand on the blueprint of `tasks.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for

from tracker.errors import ChangedMeanwhile, InvalidAnswer, NotAllowed
from tracker.models import Answer, Assignment, Meeting, Person, Task, TaskStatus
from tracker.rules import workdays
from tracker.rules.access import Who
from tracker.rules.deadlines import due_date
from tracker.services import follow_up, history, people
from tracker.services.tasks import task_of
from tracker.web import due_form, task_view
from tracker.web.access import allow, visit
from tracker.web.due_form import DueForm
from tracker.web.tasks import Page, blueprint, conflict_page, settle


@dataclass(frozen=True, slots=True)
class Edit:
    """What the form says. `sure`: the deadline stands although nobody works that day."""

    what: str
    owner: str
    due: DueForm
    version: int
    sure: bool = False


@blueprint.get("/oppgaver/<int:task_id>/endre")
@allow(Who.SECRETARY)
def edit(task_id: int) -> str:
    """The form."""
    return _edit_page(_managed(task_id))


@blueprint.post("/oppgaver/<int:task_id>/endre")
@allow(Who.SECRETARY)
def change(task_id: int) -> Page:
    """Words, owner and deadline; a deadline on a day off is asked about before anything is kept.

    With "show" in the form nothing is kept: the page says which day the deadline would be.
    """
    seen, task = visit(), _managed(task_id, to_change=True)
    form = request.form
    given = Edit(
        " ".join(form.get("what", "").split()),
        form.get("owner", ""),
        DueForm.given(form),
        task_view.number(form, "version"),
        bool(form.get("sure")),
    )
    try:
        rule, event = given.due.rule(task)
        due_on = due_date(rule, event.starts_on if event else None)
        if form.get("show"):
            return _edit_page(task, given, previewed=True, shown=due_on)
        owner = _owner(task, given.owner)
        moved = (rule, event) != (task.due, task.due_event)
        if not (moved or owner or given.what != task.what):
            return redirect(url_for("tasks.show", task_id=task_id), 303)
        history.guard(task, given.version)
        if moved and due_on and not given.sure and not workdays.is_working_day(due_on):
            return _day_off_page(task, given, due_on, event), 422
        follow_up.reword(seen.session, task, given.what, seen.me, seen.now)
        if moved:
            follow_up.change_due(seen.session, task, rule, seen.me, seen.now, event=event)
        if owner:
            _hand_over(task, owner)
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _edit_page(_managed(task_id), given, {fault.field: seen.language.explain(fault)}), 422
    except ChangedMeanwhile as fault:
        seen.session.rollback()
        return _edit_page(_managed(task_id), given, conflict=seen.language.explain(fault)), 409
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@blueprint.post("/oppgaver/<int:task_id>/ny-frist")
@allow(Who.SECRETARY)
def accept(task_id: int) -> Page:
    """Yes to the deadline that was asked for, if it still is the one that was shown."""
    seen, task = visit(), _managed(task_id, to_change=True)
    part, wanted = _part(task), task_view.wanted_date(request.form)
    if part.answer is Answer.MORE_TIME and part.wanted_due_on != wanted:
        fault = ChangedMeanwhile("Ønsket om ny frist er endret. Se det før du svarer.")
        return conflict_page(task_id, fault), 409
    return settle(
        task,
        lambda: part.answer is not Answer.MORE_TIME,
        lambda: follow_up.accept_new_due(seen.session, part, seen.me, seen.now),
        "Godtatt. Den nye fristen gjelder fra nå.",
    )


@blueprint.post("/oppgaver/<int:task_id>/fristavslag")
@allow(Who.SECRETARY)
def keep(task_id: int) -> Page:
    """No: the deadline stands."""
    seen, task = visit(), _managed(task_id, to_change=True)
    part = _part(task)
    return settle(
        task,
        lambda: part.answer is not Answer.MORE_TIME,
        lambda: follow_up.keep_due(seen.session, part, seen.me, seen.now),
        "Fristen står som før.",
    )


@blueprint.post("/oppgaver/<int:task_id>/overlevering")
@allow(Who.SECRETARY)
def hand_over(task_id: int) -> Page:
    """Give the task to somebody, or let the owner keep it."""
    seen, task = visit(), _managed(task_id, to_change=True)
    to = people.person_of(seen.session, seen.mine.organisation_id, task_view.number(request.form, "person"))
    return settle(
        task, lambda: _has_it(task, to), lambda: _hand_over(task, to), "Lagret. Ansvaret er plassert."
    )


@blueprint.get("/oppgaver/<int:task_id>/slett")
@allow(Who.SECRETARY)
def drop(task_id: int) -> str:
    """Ask why."""
    return _drop_page(_managed(task_id))


@blueprint.post("/oppgaver/<int:task_id>/slett")
@allow(Who.SECRETARY)
def dropped(task_id: int) -> Page:
    """It is not to be done after all."""
    seen, task = visit(), _managed(task_id, to_change=True)
    reason = request.form.get("reason", "")
    try:
        return settle(
            task,
            lambda: task.status is TaskStatus.DROPPED,
            lambda: follow_up.drop(seen.session, task, reason, seen.me, seen.now),
            "Oppgaven utgår. Historikken er bevart.",
        )
    except InvalidAnswer as fault:
        seen.session.rollback()
        return _drop_page(_managed(task_id), reason, {fault.field: seen.language.explain(fault)}), 422


@blueprint.post("/oppgaver/<int:task_id>/gjenapning")
@allow(Who.SECRETARY)
def reopen(task_id: int) -> Page:
    """Take up again what was done or dropped."""
    seen, task = visit(), _managed(task_id, to_change=True)
    return settle(task, lambda: task.is_open, lambda: follow_up.reopen(seen.session, task, seen.me, seen.now))


def _managed(task_id: int, *, to_change: bool = False) -> Task:
    """A task of a body that the reader is secretary of."""
    seen = visit()
    task = task_of(seen.session, seen.mine, task_id, to_change=to_change)
    if not seen.mine.may_manage(task.body_id):
        raise NotAllowed("Bare sekretæren kan endre oppgaven.")
    return task


def _part(task: Task) -> Assignment:
    """The part that the form is about; the task itself is shown again when it is gone."""
    wanted = task_view.number(request.form, "part")
    for part in task.assignments:
        if part.id == wanted:
            return part
    raise InvalidAnswer("Svaret finnes ikke lenger.")


def _has_it(task: Task, person: Person) -> bool:
    """Whether the person is the one owner, and doesn't say otherwise."""
    owners = task.owners
    return len(owners) == 1 and owners[0].person_id == person.id and owners[0].answer is not Answer.NOT_MINE


def _owner(task: Task, given: str) -> Person | None:
    """The new owner that the form names; None when nothing is to change. Raises InvalidAnswer."""
    seen, owners = visit(), task.owners
    if not given:
        if len(owners) == 1:
            raise InvalidAnswer("Velg hvem som har ansvaret.", field="owner")
        return None
    everyone = people.everyone(seen.session, seen.mine.organisation_id)
    chosen = next((person for person in everyone if str(person.id) == given), None)
    if chosen is None:
        raise InvalidAnswer("Velg hvem som har ansvaret.", field="owner")
    return None if _has_it(task, chosen) else chosen


def _hand_over(task: Task, to: Person) -> None:
    seen = visit()
    follow_up.hand_over(seen.session, task, to, seen.me, seen.now)
    if not to.email:
        text = seen.language.gettext("%(name)s har ingen e-postadresse og får ikke beskjed.")
        flash(text % {"name": to.name}, "warning")


def _edit_page(
    task: Task,
    given: Edit | None = None,
    errors: dict[str, str] | None = None,
    conflict: str = "",
    *,
    previewed: bool = False,
    shown: date | None = None,
) -> str:
    """The form. `previewed`: it says which day the deadline given would be (`shown`, None for none)."""
    seen = visit()
    present = Edit(
        what=task.what,
        owner=str(task.owners[0].person_id) if len(task.owners) == 1 else "",
        due=DueForm.of(task),
        version=task.version,
    )
    colleagues = task_view.members(task.body_id)
    near = {person.id for person in colleagues}
    everyone = people.everyone(seen.session, seen.mine.organisation_id)
    return render_template(
        "tasks/edit.html",
        task=task,
        given=given or present,
        errors=errors or {},
        conflict=conflict,
        colleagues=colleagues,
        others=[person for person in everyone if person.id not in near],
        events=due_form.events(task),
        next_meeting=due_form.next_meeting(task),
        previewed=previewed,
        shown=shown,
    )


def _day_off_page(task: Task, given: Edit, day: date, event: Meeting | None) -> str:
    before = workdays.on_or_before(day)
    return render_template(
        "tasks/day_off.html",
        task=task,
        given=given,
        day=day,
        holiday=workdays.holiday_name(day),
        before=before,
        instead=given.due.earlier(before, event),
    )


def _drop_page(task: Task, reason: str = "", errors: dict[str, str] | None = None) -> str:
    return render_template("tasks/drop.html", task=task, reason=reason, errors=errors or {}, conflict="")
