"""One task with what goes with it, for whoever may see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import overload

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tracker.errors import LinkOutdated, NotFound
from tracker.links import Links
from tracker.models import Assignment, Comment, History, Message, Reminder, Task
from tracker.rules.access import Rights
from tracker.services import history
from tracker.services.rows import AnyPart, AnyTask, PartRow, TaskRow

LINK_LIVES_ON = timedelta(days=90)  # after the task is closed (CALENDAR_AND_MAIL.md, Mail)


def task_of(
    session: Session, rights: Rights, task_id: int, *, whole: bool = False, to_change: bool = False
) -> Task:
    """A task that the person may see: of their bodies, or one they have a part in. Raises NotFound.

    One query; `whole`: two more for its history and what is said of it. `to_change` holds it until the
    transaction ends.
    """
    contents = (
        selectinload(Task.history).joinedload(History.person),
        selectinload(Task.comments).joinedload(Comment.person),
    )
    found = session.scalar(
        select(Task)
        .where(Task.id == task_id, Task.organisation_id == rights.organisation_id)
        .options(
            *row_options(),
            joinedload(Task.meeting),
            joinedload(Task.decision),
            joinedload(Task.due_event),
            *(contents if whole else ()),
        )
    )
    if found is None or not (found.body_id in rights.bodies or part_of(found, rights.person_id)):
        raise NotFound("Vi fant ikke oppgaven.")
    if to_change:
        history.hold(session, found.id)
    return found


def by_link(
    session: Session, links: Links, token: str, now: datetime, *, to_change: bool = False
) -> Assignment:
    """The part in a task that an answer link is for; `to_change` holds the task until the transaction ends.

    Raises NotFound when it isn't ours; LinkOutdated when the task was closed more than 90 days ago.
    """
    assignment_id, _version = links.read("answer", token, (int, int))
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or assignment.person.removed_at is not None:
        raise NotFound("Vi fant ikke siden. Lenken kan være gammel eller skrevet feil.")
    if to_change:
        history.hold(session, assignment.task_id)
    closed = assignment.task.closed_at
    if closed is not None and now > closed + LINK_LIVES_ON:
        raise LinkOutdated("Lenken virker ikke lenger.")
    return assignment


@overload
def part_of(task: Task, person_id: int) -> Assignment | None: ...
@overload
def part_of(task: TaskRow, person_id: int) -> PartRow | None: ...
def part_of(task: AnyTask, person_id: int) -> AnyPart | None:
    """The person's present part in the task, as owner if both."""
    parts = [a for a in (*task.owners, *task.contributors) if a.person_id == person_id]
    return parts[0] if parts else None


def mails_about(session: Session, task: Task) -> list[Reminder]:
    """The reminders of a task with the mails they went in, oldest first."""
    return list(
        session.scalars(
            select(Reminder)
            .where(Reminder.organisation_id == task.organisation_id, Reminder.task_id == task.id)
            .options(joinedload(Reminder.message).joinedload(Message.person))
            .order_by(Reminder.created_at, Reminder.id)
        )
    )


def row_options() -> tuple[ORMOption, ...]:
    """What a row shows of a task, loaded in the same query."""
    return (
        joinedload(Task.body),
        joinedload(Task.agenda_item),
        joinedload(Task.assignments).joinedload(Assignment.person),
        joinedload(Task.assignments).joinedload(Assignment.suggested_person),
    )
