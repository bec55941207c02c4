"""Taking a person out of the register, as far as it allows (GDPR, article 17 no. 3 letters b and d).

What was decided, who had which task and who came to a meeting stays, since it documents what a public body
did; but there stands «Tidligere medlem» and the role, and nothing that leads to the person.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.models import (
    Action,
    Assignment,
    Deed,
    Feed,
    History,
    Invitation,
    Key,
    Message,
    MessageState,
    Part,
    Person,
    ReceivedMail,
    SavedFilter,
)
from tracker.rules.access import Rights
from tracker.services import audit, directory, history, offices, personal

NOBODY = "Tidligere medlem"
NAMED_IN = (Action.OWNER_CHANGED, Action.NOT_MINE)  # whose `before` and `after` are names


def ask(session: Session, person: Person, now: datetime) -> None:
    """The person asks to be taken out; the secretary sees it. Asking twice is asking once."""
    if person.removal_asked_at is None:
        person.removal_asked_at = now
        audit.note(session, person, now, Deed.REMOVAL_ASKED, subject=person)
        session.flush()


def withdraw(session: Session, person: Person) -> None:
    """The person wants to stay after all."""
    person.removal_asked_at = None
    session.flush()


def check(person: Person, rights: Rights, now: datetime) -> None:
    """Raises InvalidAnswer when the secretary can't take this person out."""
    today = local_date(now)
    if person.id == rights.person_id:
        raise InvalidAnswer("Du kan ikke slette deg selv. Be en annen sekretær om det.")
    elsewhere = directory.elsewhere(person, rights, today)
    if elsewhere:
        raise InvalidAnswer(
            "%(name)s er også med i %(body)s, der du ikke er sekretær. "
            "Sekretæren der må avslutte vervet først.",
            name=person.name,
            body=elsewhere[0],
        )


def remove(session: Session, person: Person, actor: Person, rights: Rights, now: datetime) -> None:
    """Take the person out: name, address, words, offices, sessions, calendars and mail. For good.

    Raises InvalidAnswer (`check`), also when a body would be left without a secretary.
    """
    check(person, rights, now)
    today = local_date(now)
    for held in list(person.memberships):
        if held.covers(today) or held.from_date > today:
            offices.end(session, held, max(held.from_date, today - timedelta(days=1)), today)
        if held.from_date >= today:
            session.delete(held)
    for part in directory.open_parts(session, person):
        _take_off(session, part, actor, now)
    name, title = person.name, person.title
    person.name = f"{NOBODY} ({title[:1].lower()}{title[1:]})"[:200] if title else NOBODY
    person.email = person.title = person.employer = None
    person.pause_from = person.pause_until = person.removal_asked_at = None
    person.removed_at = now
    session.flush()
    _forget_words(session, person, name)
    for table in (Key, Feed, SavedFilter):
        session.execute(delete(table).where(table.person_id == person.id))
    theirs = select(Invitation.id).where(Invitation.person_id == person.id)
    session.execute(delete(ReceivedMail).where(ReceivedMail.invitation_id.in_(theirs)))
    audit.note(session, actor, now, Deed.REMOVED, subject=person)
    session.flush()
    session.expire_all()


def _take_off(session: Session, part: Assignment, actor: Person, now: datetime) -> None:
    """The open task goes on without the person; without an owner it stands on the secretary's list."""
    part.ended_at = now
    if part.part is Part.OWNER:
        history.note(session, part.task, now, Action.OWNER_CHANGED, actor, "page", before=part.person.name)


def _forget_words(session: Session, person: Person, name: str) -> None:
    for column in personal.references():
        table = column.table
        own = {c.name: "" for c in table.columns if c.name in personal.OWN_WORDS}
        if own and column.name == personal.OWN:
            session.execute(update(table).where(column == person.id).values(**own))
    session.execute(
        update(Message).where(Message.person_id == person.id).values(subject="", body_text="", body_html="")
    )
    waiting = (Message.person_id == person.id, Message.state == MessageState.WAITING)
    session.execute(update(Message).where(*waiting).values(state=MessageState.STOPPED))
    session.execute(
        update(History)
        .where(History.person_id == person.id, History.action == Action.RESULT)
        .values(before="", after="")
    )
    of_here = (History.organisation_id == person.organisation_id, History.action.in_(NAMED_IN))
    for side in (History.before, History.after):
        session.execute(update(History).where(*of_here, side == name).values({side: person.name}))
