"""Taking a case out of what is public, by hand, and letting it back (offentleglova)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.errors import InvalidAnswer, NotFound
from tracker.models import AgendaItem, Deed, Meeting, Person
from tracker.services import audit

LONGEST_BASIS = 300
# The grounds that councils use, as they are cited: a duty of secrecy, documents for internal preparation,
# obtained from outside for it, bargaining, control, appointments, threats to security.
USUAL = tuple(f"offentleglova § {number}" for number in (13, 14, 15, 23, 24, 25, 26))


def case_of(session: Session, meeting: Meeting, item_id: int) -> AgendaItem:
    """A case on the agenda of the meeting. Raises NotFound."""
    found = session.scalar(
        select(AgendaItem).where(
            AgendaItem.organisation_id == meeting.organisation_id,
            AgendaItem.meeting_id == meeting.id,
            AgendaItem.id == item_id,
        )
    )
    if found is None:
        raise NotFound("Vi fant ikke saken.")
    return found


def restrict(session: Session, item: AgendaItem, basis: str, actor: Person, now: datetime) -> None:
    """From now on the case is told of by its number alone. Raises InvalidAnswer without a legal basis.

    Everything else follows when it is asked for: pages, feeds and mails read the basis then.
    """
    basis = " ".join(basis.split())
    if not basis:
        raise InvalidAnswer("Skriv hjemmelen, for eksempel offentleglova § 13.", field="basis")
    if len(basis) > LONGEST_BASIS:
        raise InvalidAnswer("Hjemmelen er for lang. Skriv bare lov og paragraf.", field="basis")
    if item.restricted == basis:
        return
    item.restricted = basis
    audit.note(
        session, actor, now, Deed.RESTRICTED,
        body=item.meeting.body, about=f"meeting {item.meeting_id}", detail=basis,
    )  # fmt: skip
    session.flush()


def lift(session: Session, item: AgendaItem, actor: Person, now: datetime) -> None:
    """The case is public again."""
    if item.restricted is None:
        return
    audit.note(
        session, actor, now, Deed.LIFTED,
        body=item.meeting.body, about=f"meeting {item.meeting_id}", detail=item.restricted,
    )  # fmt: skip
    item.restricted = None
    session.flush()
