"""Mails that can't be placed by themselves: the secretary says whose answer each is, or puts it away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.errors import InvalidAnswer, NotFound
from tracker.models import Coming, Invitation, Meeting, MeetingStatus, Outcome, Person, ReceivedMail, Via
from tracker.rules.access import Rights
from tracker.services import replies, sign_up

A_PAGE = 50
MOST_CHOICES = 500


def waiting(session: Session, rights: Rights) -> list[ReceivedMail]:
    """What the secretary is to place, the oldest first: of their bodies, and what may be of any."""
    found = session.scalars(
        _waiting(rights)
        .options(
            joinedload(ReceivedMail.invitation).joinedload(Invitation.person),
            joinedload(ReceivedMail.invitation).joinedload(Invitation.meeting),
        )
        .order_by(ReceivedMail.received_at, ReceivedMail.id)
        .limit(A_PAGE)
    )
    return list(found)


def count_waiting(session: Session, rights: Rights) -> int:
    """How many that is."""
    return session.scalar(counted(rights)) or 0


def counted(rights: Rights) -> Select[int]:
    """`count_waiting`, for a query that asks for more."""
    return _waiting(rights).with_only_columns(func.count(), maintain_column_froms=True)


def nobodys(session: Session) -> int:
    """How many mails wait that nothing in them says whose council they are for. No secretary sees them."""
    wanted = ReceivedMail.organisation_id.is_(None), ReceivedMail.settled_at.is_(None)
    return session.scalar(select(func.count()).select_from(ReceivedMail).where(*wanted)) or 0


def _waiting(rights: Rights) -> Select[ReceivedMail]:
    return (
        select(ReceivedMail)
        .outerjoin(ReceivedMail.invitation)
        .outerjoin(Invitation.meeting)
        .where(
            ReceivedMail.organisation_id == rights.organisation_id,
            ReceivedMail.settled_at.is_(None),
            or_(Meeting.id.is_(None), Meeting.body_id.in_(rights.secretary_of)),
        )
    )


def choices(session: Session, rights: Rights, today: date) -> list[Invitation]:
    """Whom a mail can be from: everybody who is asked to a meeting to come, by meeting and name."""
    found = session.scalars(
        select(Invitation)
        .join(Invitation.meeting)
        .join(Invitation.person)
        .where(
            Invitation.organisation_id == rights.organisation_id,
            Meeting.body_id.in_(rights.secretary_of),
            Meeting.status == MeetingStatus.CALLED,
            Meeting.ends_on >= today,
            Invitation.withdrawn_at.is_(None),
        )
        .options(joinedload(Invitation.meeting), joinedload(Invitation.person))
        .order_by(Meeting.starts_on, Meeting.id, Person.name, Invitation.id)
        .limit(MOST_CHOICES)
    )
    return list(found)


def mail_of(session: Session, rights: Rights, mail_id: int, *, to_change: bool = False) -> ReceivedMail:
    """A mail on the secretary's list, or that has been. Raises NotFound."""
    ours = select(ReceivedMail).where(
        ReceivedMail.id == mail_id, ReceivedMail.organisation_id == rights.organisation_id
    )
    found = session.scalar(ours.with_for_update() if to_change else ours)
    theirs = found is not None and (
        found.invitation is None or rights.may_manage(found.invitation.meeting.body_id)
    )
    if found is None or not theirs:
        raise NotFound("Vi fant ikke svaret.")
    return found


def invitation_of(session: Session, rights: Rights, invitation_id: int) -> Invitation:
    """The invitation that the secretary has chosen. Raises InvalidAnswer."""
    found = session.get(Invitation, invitation_id)
    if found is None or not rights.may_manage(found.meeting.body_id):
        raise InvalidAnswer("Velg hvem svaret er fra.", field="invitation")
    return found


def settle(
    session: Session, row: ReceivedMail, invitation: Invitation, coming: Coming, actor: Person, now: datetime
) -> None:
    """The secretary says whose answer it is, and what it says. Twice is once. Raises as `sign_up.answer`."""
    if row.settled_at is not None:
        return
    sign_up.answer(session, invitation, replies.with_all_else(invitation, coming), now, Via.SECRETARY)
    row.invitation, row.outcome = invitation, Outcome.NOTED
    _put_away(session, row, actor, now)


def dismiss(session: Session, row: ReceivedMail, actor: Person, now: datetime) -> None:
    """The secretary has seen it, and there is nothing to write down."""
    if row.settled_at is None:
        _put_away(session, row, actor, now)


def _put_away(session: Session, row: ReceivedMail, actor: Person, now: datetime) -> None:
    row.settled_at, row.settled_by_id, row.content, row.said = now, actor.id, None, ""
    session.flush()
