"""Meetings: those to come, those held, and one with agenda, attendance, decisions and tasks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import or_, select

from tracker.models import (
    Coming,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Presence,
    Task,
    TaskStatus,
)
from tracker.rules.access import Who
from tracker.services import inviting, moving, schedule, sign_up
from tracker.services.tasks import row_options
from tracker.web.access import allow, visit

blueprint = Blueprint("meetings", __name__)


@blueprint.get("/moter")
@allow(Who.MEMBER)
def index() -> str:
    """What is to come, and what was held."""
    seen = visit()
    return render_template(
        "meetings/index.html",
        coming=schedule.coming(seen.session, seen.mine.organisation_id, seen.mine.bodies, seen.today),
        held=schedule.held(seen.session, seen.mine.organisation_id, seen.mine.bodies, seen.today),
    )


@blueprint.get("/moter/<int:meeting_id>")
@allow(Who.MEMBER)
def show(meeting_id: int) -> str:
    """One meeting."""
    seen = visit()
    meeting = schedule.meeting_of(seen.session, seen.mine, meeting_id, whole=True)
    present: dict[Presence, list[str]] = {presence: [] for presence in Presence}
    for attendance in meeting.attendances:
        present[attendance.presence].append(attendance.person.name)
    tasks, before = _tasks(meeting)
    return render_template(
        "meetings/show.html",
        meeting=meeting,
        present={presence: _sorted(names) for presence, names in present.items()},
        tasks=tasks,
        before=before,
        is_meeting=meeting.kind is MeetingKind.MEETING,
        cancelled=meeting.status is MeetingStatus.CANCELLED,
        manage=seen.mine.may_manage(meeting.body_id),
        may_change=_may_change(meeting),
        change=moving.last_change(meeting, seen.now),
        **_coming(meeting),
    )


def _coming(meeting: Meeting) -> dict[str, Any]:
    """How many come, and the reader's own invitation with the page to answer it on."""
    seen = visit()
    standing = [i for i in meeting.invitations if i.stands]
    mine = next((i for i in standing if i.person_id == seen.me.id), None)
    return {
        "line": sign_up.line(meeting),
        "unanswered": sum(i.answer is Coming.NONE for i in standing),
        "cannot": sum(i.answer is Coming.NO for i in standing),
        "invited": len(standing),
        "mine": mine if inviting.can_change(meeting) else None,
        "my_page": seen.program.links.sign_up(mine.id) if mine else "",
    }


def _may_change(meeting: Meeting) -> bool:
    """Whether it can be moved or cancelled: called, without minutes, by its secretary."""
    open_still = meeting.status is MeetingStatus.CALLED and meeting.minutes_id is None
    return open_still and visit().mine.may_manage(meeting.body_id)


def _sorted(names: list[str]) -> list[str]:
    return sorted(names, key=visit().language.sort_key)


def _tasks(meeting: Meeting) -> tuple[dict[int | None, list[Task]], list[Task]]:
    """The meeting's tasks by agenda item, and those whose deadline moves with it. One query."""
    found = visit().session.scalars(
        select(Task)
        .where(
            Task.organisation_id == meeting.organisation_id,
            or_(Task.meeting_id == meeting.id, Task.due_event_id == meeting.id),
        )
        .options(*row_options())
        .order_by(Task.id)
    )
    given: dict[int | None, list[Task]] = {}
    hanging = []
    for task in found.unique():
        if task.meeting_id == meeting.id:
            given.setdefault(task.agenda_item_id, []).append(task)
        if task.due_event_id == meeting.id and task.status is not TaskStatus.DROPPED:
            hanging.append(task)
    return given, sorted(hanging, key=lambda task: (task.due_on is None, task.due_on, task.id))


from tracker.web import (  # noqa: E402 - their views stand on the same blueprint
    invitations,  # noqa: F401
    meeting_changes,  # noqa: F401
    planning,  # noqa: F401
    restricting,  # noqa: F401
)
