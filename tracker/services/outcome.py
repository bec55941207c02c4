"""What published minutes led to, for the receipt."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.models import Decision, Meeting, Message, MessageKind, Reminder, Source, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a published source led to."""

    messages: list[Message]
    events: list[Meeting]
    tasks: list[Task]
    decisions: int


def outcome(session: Session, source: Source) -> Outcome:
    """What came of publishing `source`."""
    tasks = session.scalars(select(Task).where(Task.source_id == source.id).order_by(Task.id)).all()
    numbers = [task.id for task in tasks]
    given = select(Reminder.message_id).where(Reminder.task_id.in_(numbers))
    of_changes = Message.about["source"].as_integer() == source.id
    messages = session.scalars(
        select(Message)
        .where(
            Message.organisation_id == source.organisation_id,
            Message.created_at == source.published_at,
            or_(and_(Message.kind == MessageKind.NEW_TASKS, Message.id.in_(given)), of_changes),
        )
        .options(joinedload(Message.person))
        .order_by(Message.id)
    ).all()
    events = session.scalars(
        select(Meeting).where(Meeting.source_id == source.id).order_by(Meeting.starts_on)
    ).all()
    decisions = session.scalar(
        select(func.count()).select_from(Decision).where(Decision.source_id == source.id)
    )
    return Outcome(list(messages), list(events), list(tasks), decisions or 0)
