"""Moving and cancelling a meeting: what hangs on it follows, in one transaction, and people are told.

Deadlines are recomputed from their rules, reminders from the deadlines (`due.py`), calendars from the rows
(SEQUENCE counts). Every change is kept (`MeetingChange`) and can be undone within a day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.clock import at, local_date
from tracker.errors import ChangedMeanwhile, InvalidAnswer, LinkOutdated
from tracker.language import sort_key
from tracker.models import (
    Meeting,
    MeetingChange,
    MeetingKind,
    MeetingStatus,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Person,
    Task,
    TaskStatus,
)
from tracker.rules.deadlines import DueKind, due_date
from tracker.services import follow_up, remind
from tracker.services.tasks import row_options

SOON = timedelta(hours=72)  # calendars that subscribe may take a day to see a change
FURTHEST_DAYS = 366 * 3
GONE = (MessageState.SENDING, MessageState.SENT, MessageState.CAPTURED)


@dataclass(frozen=True, slots=True)
class Plan:
    """When and where a meeting is: all that can be moved. Without `starts_at` it lasts whole days."""

    starts_on: date
    ends_on: date
    starts_at: time | None = None
    ends_at: time | None = None
    place: str | None = None
    cancelled: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is kept in a `MeetingChange`."""
        times = {name: getattr(self, name) for name in ("starts_on", "ends_on", "starts_at", "ends_at")}
        written = {name: value.isoformat() if value else None for name, value in times.items()}
        return {**written, "place": self.place, "cancelled": self.cancelled}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Plan:
        """The inverse of `to_json`."""
        return cls(
            starts_on=date.fromisoformat(kept["starts_on"]),
            ends_on=date.fromisoformat(kept["ends_on"]),
            starts_at=time.fromisoformat(kept["starts_at"]) if kept["starts_at"] else None,
            ends_at=time.fromisoformat(kept["ends_at"]) if kept["ends_at"] else None,
            place=kept["place"],
            cancelled=kept["cancelled"],
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """A task whose deadline follows: the meeting it will hang on, and the day that gives."""

    task: Task
    event: Meeting | None
    due_on: date | None


def plan_of(meeting: Meeting) -> Plan:
    """When and where the meeting is now."""
    return Plan(
        meeting.starts_on,
        meeting.ends_on,
        meeting.starts_at,
        meeting.ends_at,
        meeting.place,
        meeting.is_cancelled,
    )


def checked(meeting: Meeting, plan: Plan, today: date) -> Plan:
    """The plan as it can be carried out. Raises InvalidAnswer.

    When neither the last day nor the end is given anew, the meeting keeps its length.
    """
    if meeting.status is not MeetingStatus.CALLED or meeting.minutes_id is not None:
        raise InvalidAnswer("Møtet er avlyst eller holdt og kan ikke flyttes.", field="starts_on")
    if plan.starts_on < today:
        raise InvalidAnswer("Velg en dato fra i dag av.", field="starts_on")
    if (plan.starts_on - today).days > FURTHEST_DAYS:
        raise InvalidAnswer("Velg en dato innen tre år.", field="starts_on")
    if plan.ends_on < plan.starts_on:
        raise InvalidAnswer("Møtet slutter før det begynner.", field="ends_on")
    if plan.starts_at is None and plan.ends_at is not None:
        raise InvalidAnswer("Skriv når møtet begynner.", field="starts_at")
    one_day = plan.starts_on == plan.ends_on
    if one_day and plan.starts_at and plan.ends_at and plan.ends_at <= plan.starts_at:
        raise InvalidAnswer("Møtet slutter før det begynner.", field="ends_at")
    return replace(plan, place=" ".join((plan.place or "").split())[:300] or None)


def shifts(
    session: Session, meeting: Meeting, plan: Plan, today: date, *, to_change: bool = False
) -> list[Shift]:
    """The open tasks whose deadlines follow, the first due first. Nothing is written.

    Those at so many days from the meeting, and those due at the body's next meeting, which may become
    another one. `to_change` holds them until the transaction ends.
    """
    hanging = and_(Task.due_event_id == meeting.id, _kind(DueKind.EVENT))
    if meeting.kind is MeetingKind.MEETING:
        hanging = or_(hanging, and_(Task.body_id == meeting.body_id, _kind(DueKind.NEXT_MEETING)))
    found = (
        select(Task)
        .where(Task.organisation_id == meeting.organisation_id, Task.status == TaskStatus.OPEN, hanging)
        .options(*row_options(), joinedload(Task.meeting), joinedload(Task.due_event))
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
    )
    if to_change:
        found = found.with_for_update(of=Task).execution_options(populate_existing=True)
    calendar = _calendar(session, meeting, plan, today)
    planned = (_shifted(task, meeting, plan, calendar, today) for task in session.scalars(found).unique())
    return [
        shift for shift in planned if (shift.event, shift.due_on) != (shift.task.due_event, shift.task.due_on)
    ]


def move(
    session: Session, meeting: Meeting, plan: Plan, actor: Person, now: datetime, *, tell: bool = True
) -> MeetingChange | None:
    """Give the meeting another time or place; None when it has it already. Raises InvalidAnswer.

    `tell` the members of the body; whose deadlines move is told in any case, and so is everybody when it is
    soon. Who is invited gets the invitation anew (`calendar_mails.py`).
    """
    _hold(session, meeting)
    plan = replace(plan, cancelled=False)
    if plan == plan_of(meeting):
        return None
    plan = checked(meeting, plan, local_date(now))
    if plan == plan_of(meeting):
        return None
    soon = is_soon(plan_of(meeting), now) or is_soon(plan, now)
    return _change(session, meeting, plan, actor, now, tell=tell or soon)


def cancel(
    session: Session, meeting: Meeting, actor: Person, now: datetime, *, tell: bool = True
) -> MeetingChange | None:
    """The meeting will not be held; None when that is known. Raises InvalidAnswer for one that was held.

    A deadline at so many days from it is gone until somebody sets another: nobody invents one.
    """
    _hold(session, meeting)
    if meeting.is_cancelled:
        return None
    if meeting.status is not MeetingStatus.CALLED or meeting.minutes_id is not None:
        raise InvalidAnswer("Møtet er holdt og kan ikke avlyses.")
    tell = tell or is_soon(plan_of(meeting), now)
    return _change(session, meeting, replace(plan_of(meeting), cancelled=True), actor, now, tell=tell)


def invited(meeting: Meeting) -> set[int]:
    """Who (ids) has the meeting in their own calendar by mail, and gets it anew when it changes."""
    return {i.person_id for i in meeting.invitations if i.stands and i.sent_method is not None}


def is_soon(plan: Plan, now: datetime) -> bool:
    """Whether it begins so soon that a change of it goes by mail to everybody it concerns."""
    return at(plan.starts_on, plan.starts_at or time()) - now <= SOON


def correct(session: Session, meeting: Meeting, plan: Plan, actor: Person, now: datetime) -> None:
    """Put right when and where a meeting is, as corrected minutes have it, be it held already.

    Only those are told whose deadlines move.
    """
    _hold(session, meeting)
    if plan == plan_of(meeting):
        return
    status = meeting.status
    _change(session, meeting, plan, actor, now)
    meeting.status = status


def last_change(meeting: Meeting, now: datetime) -> MeetingChange | None:
    """The change that can be undone now, if any: the last one, within a day."""
    last = meeting.changes[-1] if meeting.changes else None
    if last is None or last.undone_at is not None or now > last.at + follow_up.UNDO_WITHIN:
        return None
    return last if Plan.from_json(last.after) == plan_of(meeting) else None


def undo(session: Session, meeting: Meeting, change_id: int, actor: Person, now: datetime) -> None:
    """Put the meeting back. Whoever was told is told again; mails that still wait are stopped.

    Once is enough; raises LinkOutdated after a day, ChangedMeanwhile when something came after it.
    """
    _hold(session, meeting)
    change = next((c for c in meeting.changes if c.id == change_id), None)
    if change is None or change.undone_at is not None:
        return
    if now > change.at + follow_up.UNDO_WITHIN:
        raise LinkOutdated("Endringen er mer enn ett døgn gammel. Flytt møtet i stedet.")
    if last_change(meeting, now) is not change:
        raise ChangedMeanwhile("Møtet er endret etterpå. Se det før du angrer.")
    change.undone_at = now
    told = _recall(session, change)
    _change(session, meeting, Plan.from_json(change.before), actor, now, told=told)


def _change(
    session: Session,
    meeting: Meeting,
    plan: Plan,
    actor: Person,
    now: datetime,
    *,
    tell: bool = False,
    told: set[int] | None = None,
) -> MeetingChange:
    """Carry `plan` out. `told`: who alone is to hear of it (an undoing)."""
    before, today = plan_of(meeting), local_date(now)
    moved = shifts(session, meeting, plan, today, to_change=True)
    shifted = [(shift.task, shift.task.due_on, shift.due_on) for shift in moved]
    meeting.starts_on, meeting.ends_on = plan.starts_on, plan.ends_on
    meeting.starts_at, meeting.ends_at, meeting.place = plan.starts_at, plan.ends_at, plan.place
    meeting.status = MeetingStatus.CANCELLED if plan.cancelled else MeetingStatus.CALLED
    meeting.sequence, meeting.changed_at = meeting.sequence + 1, now
    for shift in moved:
        follow_up.shift_due(session, shift.task, shift.event, actor, now)
    change = MeetingChange(
        organisation_id=meeting.organisation_id,
        at=now,
        person=actor,
        before=before.to_json(),
        after=plan.to_json(),
        shifted=[[task.id, _iso(old), _iso(new)] for task, old, new in shifted if old != new],
    )
    meeting.changes.append(change)
    session.flush()
    people = concerned(
        session, meeting, (task for task, old, new in shifted if old != new), today, members=tell
    )
    if told is not None:
        people = list(session.scalars(select(Person).where(Person.id.in_(told)).order_by(Person.id)))
    told_here = [p for p in people if p is not actor and p.id not in invited(meeting)]
    remind.tell(session, MessageKind.MEETING_CHANGED, told_here, now, change=change.id)
    return change


def concerned(
    session: Session, meeting: Meeting, tasks: Iterable[Task], today: date, *, members: bool = True
) -> list[Person]:
    """Who is to hear of a change, by name: those with a part in the `tasks`; and `members`, which are those
    of the body and whoever else is asked to the meeting."""
    found = {part.person for task in tasks for part in (*task.owners, *task.contributors)}
    if members:
        held = session.scalars(
            select(Membership)
            .where(Membership.body_id == meeting.body_id)
            .options(joinedload(Membership.person))
        )
        found |= {membership.person for membership in held if membership.covers(today)}
        found |= {invitation.person for invitation in meeting.invitations if invitation.stands}
    return sorted(
        (person for person in found if person.email), key=lambda person: (sort_key(person.name), person.id)
    )


def _recall(session: Session, change: MeetingChange) -> set[int]:
    """Stop the mails about a change that still wait; gives who has had theirs."""
    rows = session.scalars(
        select(Message)
        .where(
            Message.organisation_id == change.organisation_id,
            Message.kind == MessageKind.MEETING_CHANGED,
            Message.created_at >= change.at,
            Message.about["change"].as_integer() == change.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.state is MessageState.WAITING:
            row.state, row.reason = MessageState.STOPPED, "Endringen ble angret."
    return {row.person_id for row in rows if row.state in GONE}


def _hold(session: Session, meeting: Meeting) -> None:
    """The meeting as it is now, held against others until this transaction ends (two clicks at once)."""
    session.flush()
    session.refresh(meeting, with_for_update={"of": Meeting})
    session.refresh(meeting, ["changes"])


def _kind(kind: DueKind) -> Any:
    return Task.__table__.c.due_kind == kind


def _calendar(session: Session, meeting: Meeting, plan: Plan, today: date) -> list[tuple[date, Meeting]]:
    """The meetings of the body from today on as they will be, soonest first."""
    others = session.scalars(
        select(Meeting).where(
            Meeting.organisation_id == meeting.organisation_id,
            Meeting.body_id == meeting.body_id,
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status == MeetingStatus.CALLED,
            Meeting.starts_on >= today,
            Meeting.id != meeting.id,
        )
    )
    coming = [(other.starts_on, other) for other in others]
    if not plan.cancelled and meeting.kind is MeetingKind.MEETING:
        coming.append((plan.starts_on, meeting))
    return sorted(coming, key=lambda entry: (entry[0], entry[1].id))


def _shifted(
    task: Task, meeting: Meeting, plan: Plan, calendar: list[tuple[date, Meeting]], today: date
) -> Shift:
    """Where the task's deadline comes to lie. One that hung on a meeting of the past stays there."""
    if task.due.kind is DueKind.EVENT:
        start = None if plan.cancelled else plan.starts_on
        return Shift(task, meeting, due_date(task.due, start))
    held = task.due_event
    if held is not None and held is not meeting and held.starts_on < today and not held.is_cancelled:
        return Shift(task, held, task.due_on)
    given = task.meeting.starts_on if task.meeting else local_date(task.created_at)
    event_start = next(((event, start) for start, event in calendar if start > given), None)
    if event_start is None:
        return Shift(task, None, None)
    return Shift(task, event_start[0], due_date(task.due, event_start[1]))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
