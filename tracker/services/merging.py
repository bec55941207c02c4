"""Two rows that are one person: everything of the one becomes the other's, in one transaction.

Whatever table points to a person is moved, as in `personal.py`. Where both have the same thing and there can
be only one (an office, a presence, a part in a task), the one that stays keeps its own, put right by the
other's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, FromClause, Index, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Session

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.models import (
    Assignment,
    Attendance,
    Deed,
    Feed,
    Key,
    Membership,
    Part,
    Person,
    Presence,
    Reminder,
)
from tracker.rules.access import Rights
from tracker.services import audit, directory, people, personal

DETAILS = ("email", "title", "employer")
UNTOLD = {"audit", "key", "reminder", "meeting_notice", "verdict", "feed"}  # moved or ended, but no news
Moved = dict[str, int]


def likely(everyone: list[Person], person: Person) -> list[Person]:
    """Others who may be the same: of the same name, or with first and last name alike, best first."""
    name = people.folded(person.name)

    def alike(other: Person) -> int:
        theirs = people.folded(other.name)
        if theirs == name:
            return 2
        one, two = name.split(), theirs.split()
        ends = bool(one and two) and (one[0], one[-1]) == (two[0], two[-1])
        part = len(min(one, two, key=len)) == 1 and one[:1] == two[:1]
        return int(ends or part)

    found = [other for other in everyone if other.id != person.id and alike(other)]
    return sorted(found, key=lambda other: (-alike(other), other.name, other.id))


def preview(session: Session, gone: Person) -> Moved:
    """How much would move, by table; what nobody would miss isn't counted."""
    counts: Moved = {}
    for column in personal.references():
        name = column.table.name
        number = session.scalar(select(func.count()).select_from(column.table).where(column == gone.id)) or 0
        if number and name not in UNTOLD:
            counts[name] = counts.get(name, 0) + number
    return counts


def check(keep: Person, gone: Person, rights: Rights, now: datetime) -> None:
    """Raises InvalidAnswer when these two can't be made one by this secretary.

    Whoever gets the rows gets the offices, so both must be of the secretary's own bodies alone.
    """
    if keep.id == gone.id:
        raise InvalidAnswer("Velg en annen person.", field="other")
    for person in (keep, gone):
        if person.removed_at is not None:
            raise InvalidAnswer("Personen er slettet.", field="other")
        elsewhere = directory.elsewhere(person, rights, local_date(now))
        if elsewhere:
            raise InvalidAnswer(
                "%(name)s er også med i %(body)s, der du ikke er sekretær.",
                field="other",
                name=person.name,
                body=elsewhere[0],
            )
    if gone.id == rights.person_id:
        raise InvalidAnswer("Du er logget inn som denne. Behold den, og slå sammen den andre.", field="other")


def merge(session: Session, keep: Person, gone: Person, actor: Person, rights: Rights, now: datetime) -> None:
    """Make everything of `gone` `keep`'s, and take the row of `gone` away. Raises InvalidAnswer (`check`).

    Links in mails about tasks go on working; sessions, calendar addresses and links to pause of `gone` end.
    """
    check(keep, gone, rights, now)
    kept, lost = keep.id, gone.id
    details = {name: getattr(keep, name) or getattr(gone, name) for name in DETAILS}
    gone.email = None
    session.flush()
    session.execute(delete(Key).where(Key.person_id == lost))
    session.execute(delete(Feed).where(Feed.person_id == lost))
    _settle_offices(session, kept, lost)
    _settle_parts(session, kept, lost)
    _settle_presence(session, kept, lost)
    for column in personal.references():
        _drop_doubles(session, column, kept, lost)
        session.execute(update(column.table).where(column == lost).values({column.name: kept}))
    session.expire_all()
    session.delete(session.get_one(Person, lost))
    session.flush()
    for name, value in details.items():
        setattr(keep, name, value)
    audit.note(session, actor, now, Deed.PEOPLE_MERGED, subject=keep)
    session.flush()


def _settle_offices(session: Session, kept: int, lost: int) -> None:
    """Of one office in one body that both have held at a time, one stays, as long as the two together."""
    for theirs in session.scalars(select(Membership).where(Membership.person_id == lost)).all():
        same = session.scalars(
            select(Membership).where(
                Membership.person_id == kept,
                Membership.body_id == theirs.body_id,
                Membership.office == theirs.office,
            )
        )
        for own in same.all():
            apart = (own.to_date and own.to_date < theirs.from_date) or (
                theirs.to_date and theirs.to_date < own.from_date
            )
            if not apart:
                own.from_date = min(own.from_date, theirs.from_date)
                open_end = own.to_date is None or theirs.to_date is None
                own.to_date = None if open_end else max(d for d in (own.to_date, theirs.to_date) if d)
                own.substitute_order = own.substitute_order or theirs.substitute_order
                session.delete(theirs)
                break
    session.flush()


def _settle_parts(session: Session, kept: int, lost: int) -> None:
    """A part that both have in a task: whoever answers for it is its owner, and the mails are its."""
    mine = list(session.scalars(select(Assignment).where(Assignment.person_id == kept)))
    for part in session.scalars(select(Assignment).where(Assignment.person_id == lost)).all():
        own = next((own for own in mine if _same_part(own, part)), None)
        if own is None:
            continue
        own.part = Part.OWNER if Part.OWNER in (own.part, part.part) else own.part
        own.ended_at = None if part.ended_at is None else own.ended_at
        if own.answered_at is None and part.answered_at is not None:
            own.answer, own.answered_at, own.comment = part.answer, part.answered_at, part.comment
            own.wanted_due_on, own.suggested_person_id = part.wanted_due_on, part.suggested_person_id
        own.confirmed_at = own.confirmed_at or part.confirmed_at
        session.execute(
            update(Reminder).where(Reminder.assignment_id == part.id).values(assignment_id=own.id)
        )
        session.delete(part)
    session.flush()


def _same_part(own: Assignment, theirs: Assignment) -> bool:
    """Both have it now, or both were given it at one moment, of which there can be only one."""
    now = own.ended_at is None and theirs.ended_at is None
    return own.task_id == theirs.task_id and (now or own.assigned_at == theirs.assigned_at)


def _settle_presence(session: Session, kept: int, lost: int) -> None:
    """Whoever is written as absent by one name and present by the other was there."""
    came = {
        row.meeting_id: row.presence
        for row in session.scalars(select(Attendance).where(Attendance.person_id == lost))
        if row.presence is not Presence.ABSENT
    }
    own = select(Attendance).where(Attendance.person_id == kept, Attendance.meeting_id.in_(came))
    for row in session.scalars(own):
        row.presence = came[row.meeting_id] if row.presence is Presence.ABSENT else row.presence
    session.flush()


def _drop_doubles(session: Session, column: Column[Any], kept: int, lost: int) -> None:
    """Delete the rows of `lost` that would stand beside the very same of `kept`."""
    table = column.table
    for others in _unique_beside(table, column):
        own = table.alias("own")
        same = [own.c[c.name].is_not_distinct_from(c) for c in others]
        twice = select(own.c.id).where(own.c[column.name] == kept, *same).exists()
        session.execute(delete(table).where(column == lost, twice))


def _unique_beside(table: FromClause, column: Column[Any]) -> list[list[Column[Any]]]:
    """For each unique key that `column` is in: the other columns of the key."""
    keys = [list(c.columns) for c in getattr(table, "constraints", ()) if isinstance(c, UniqueConstraint)]
    keys += [list(i.columns) for i in getattr(table, "indexes", ()) if isinstance(i, Index) and i.unique]
    return [[c for c in key if c is not column] for key in keys if column in key]
