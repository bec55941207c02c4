"""What published minutes led to, for the receipt."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
    messages = session.scalars(
        select(Message)
        .where(Message.id.in_(select(Reminder.message_id).where(Reminder.task_id.in_(numbers))))
        .where(Message.kind == MessageKind.NEW_TASKS)
        .order_by(Message.id)
    ).all()
    events = session.scalars(
        select(Meeting).where(Meeting.source_id == source.id).order_by(Meeting.starts_on)
    ).all()
    decisions = session.scalar(
        select(func.count()).select_from(Decision).where(Decision.source_id == source.id)
    )
    return Outcome(list(messages), list(events), list(tasks), decisions or 0)
