"""The outbox as a secretary meets it: what went, what waits, what came back; stopping and sending again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, literal, not_, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, defer, joinedload, selectinload

from tracker import db
from tracker.errors import ChangedMeanwhile, NotFound
from tracker.mail.bounce import Undelivered, why
from tracker.models import (
    AgendaItem,
    Assignment,
    Comment,
    Decision,
    Meeting,
    Message,
    MessageKind,
    MessageState,
    Reminder,
    Task,
)
from tracker.rules.access import Rights, hidden

A_PAGE = 50
FAILED_ON_TOP = timedelta(days=30)  # how long an undelivered mail stands above the others


@dataclass(frozen=True, slots=True)
class Filter:
    """Which mails are wanted: in one state, to one person; None is any."""

    state: MessageState | None = None
    person_id: int | None = None

    @property
    def any(self) -> bool:
        return self.state is not None or self.person_id is not None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of mails, and above them those that didn't arrive."""

    failed: list[Message]
    messages: list[Message]
    page: int
    more: bool


def listing(session: Session, organisation_id: int, wanted: Filter, page: int, now: datetime) -> Listing:
    """A page of the organisation's mails, the newest first; what didn't arrive lately comes on top."""
    page = min(max(page, 1), 1000)
    fresh_failures = and_(Message.state == MessageState.FAILED, Message.created_at > now - FAILED_ON_TOP)
    failed: list[Message] = []
    chosen = _chosen(organisation_id, wanted)
    if not wanted.any:
        if page == 1:
            failed = list(session.scalars(chosen.where(fresh_failures).limit(A_PAGE)))
        chosen = chosen.where(not_(fresh_failures))
    found = list(session.scalars(chosen.offset((page - 1) * A_PAGE).limit(A_PAGE + 1)))
    return Listing(failed, found[:A_PAGE], page, len(found) > A_PAGE)


def _chosen(organisation_id: int, wanted: Filter) -> Select[Message]:
    chosen = (
        select(Message)
        .where(Message.organisation_id == organisation_id)
        .options(joinedload(Message.person), defer(Message.body_text), defer(Message.body_html))
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    if wanted.state is not None:
        chosen = chosen.where(Message.state == wanted.state)
    if wanted.person_id is not None:
        chosen = chosen.where(Message.person_id == wanted.person_id)
    return chosen


def message_of(session: Session, organisation_id: int, message_id: int) -> Message:
    """A mail of this organisation, with the tasks it is about. Raises NotFound."""
    found = session.scalar(
        select(Message)
        .where(Message.id == message_id, Message.organisation_id == organisation_id)
        .options(
            joinedload(Message.person),
            selectinload(Message.reminders).joinedload(Reminder.task).joinedload(Task.agenda_item),
        )
    )
    if found is None:
        raise NotFound("Vi fant ikke e-posten.")
    return found


def restricted(session: Session, messages: list[Message], rights: Rights) -> frozenset[int]:
    """Those of the mails (ids) whose subject and words the reader must not see. One query.

    Mails never tell what a restricted case says; but a case may have become restricted after the mail went.
    """
    parts = {m.id: number for m in messages if isinstance(number := m.about.get("assignment"), int)}
    told = {m.id: m.about.get("comments", []) for m in messages if m.kind is MessageKind.COMMENTS}
    said = db.among(session, Comment.id, {number for numbers in told.values() for number in numbers})
    cases = union_all(
        _cases("mail", Reminder.message_id, Task.body_id)
        .join(Reminder.task)
        .join(Task.agenda_item)
        .where(db.among(session, Reminder.message_id, [message.id for message in messages])),
        _cases("part", Assignment.id, Task.body_id)
        .join(Assignment.task)
        .join(Task.agenda_item)
        .where(db.among(session, Assignment.id, parts.values())),
        _cases("said", Comment.id, Task.body_id).join(Comment.task).join(Task.agenda_item).where(said),
        _cases("said", Comment.id, Meeting.body_id)
        .join(Comment.decision)
        .join(Decision.agenda_item)
        .join(AgendaItem.meeting)
        .where(said),
    )
    rows = session.execute(cases)
    secret = {(kind, number) for kind, number, basis, body_id in rows if hidden(basis, body_id, rights)}
    return frozenset(
        message.id
        for message in messages
        if ("mail", message.id) in secret
        or ("part", parts.get(message.id)) in secret
        or any(("said", number) in secret for number in told.get(message.id, []))
    )


def _cases(
    kind: str, number: InstrumentedAttribute[int], body_id: InstrumentedAttribute[int]
) -> Select[str, int, str | None, int]:
    """The restricted cases (`AgendaItem`, still to be joined) of some rows: kind and number of the row, the
    legal basis, and the body."""
    chosen = select(literal(kind), number, AgendaItem.restricted, body_id).select_from(number.class_)
    return chosen.where(AgendaItem.restricted.is_not(None))


def stop(session: Session, organisation_id: int, message_id: int, reason: str) -> Message:
    """Keep a planned mail back. Raises ChangedMeanwhile when it has gone, or is going."""
    message = _held(session, organisation_id, message_id)
    if message.state is MessageState.STOPPED:
        return message
    if message.state is not MessageState.WAITING:
        raise ChangedMeanwhile("E-posten er sendt, eller blir sendt nå, og kan ikke stoppes.")
    message.state, message.reason = MessageState.STOPPED, reason
    session.flush()
    return message


def send_again(session: Session, organisation_id: int, message_id: int, now: datetime) -> Message:
    """Try an undelivered mail once more, to the address the person has now. Raises ChangedMeanwhile."""
    message = _held(session, organisation_id, message_id)
    if message.state is MessageState.WAITING:
        return message
    if message.state is not MessageState.FAILED:
        raise ChangedMeanwhile("E-posten er alt sendt eller stoppet.")
    message.state, message.reason = MessageState.WAITING, ""
    message.send_at, message.attempts = now, 0
    session.flush()
    return message


def came_back(session: Session, report: Undelivered) -> None:
    """A mail that went, and did not arrive after all. Nobody but who was sent it knows its Message-ID."""
    number, _, _host = report.message_id.partition("@")
    row = session.scalar(select(Message).where(Message.message_id == number).with_for_update())
    if row is not None and row.state is MessageState.SENT:
        row.state, row.reason = MessageState.FAILED, why(report.status)
        session.flush()


def waiting(session: Session, organisation_id: int) -> int:
    """How many mails wait for their time."""
    found = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.organisation_id == organisation_id,
            or_(Message.state == MessageState.WAITING, Message.state == MessageState.SENDING),
        )
    )
    return found or 0


def _held(session: Session, organisation_id: int, message_id: int) -> Message:
    """The mail, held against the worker that sends until this transaction ends."""
    found = session.scalar(
        select(Message)
        .where(Message.id == message_id, Message.organisation_id == organisation_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound("Vi fant ikke e-posten.")
    return found
