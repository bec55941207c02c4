"""What may be seen, and what of it may be told, as conditions of queries; of one case it is `access.hidden`.

One place, so that a list, a search, an export and a page never disagree. A restricted case stands in lists
with its number; what it says is for those whom `rules.access` lets see it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, and_, bindparam, exists, or_, select

from tracker.models import AgendaItem, Assignment, Meeting, Part, Source, SourceState, Task
from tracker.rules.access import Rights, hidden

_IDS = ("person_id", "organisation_id")
_SETS = ("bodies", "trusted_in", "secretary_of")
HOLDER = cast(
    "Rights",
    SimpleNamespace(
        **{name: bindparam(name, type_=Integer) for name in _IDS},
        **{name: bindparam(name, type_=Integer, expanding=True) for name in _SETS},
    ),
)
"""Anybody's rights, for statements that are made once: what a request asks is then said with `held`.

To make one anew takes SQLAlchemy as long as it takes the database to answer.
"""


def held(rights: Rights, **more: Any) -> dict[str, Any]:
    """The values of a statement about HOLDER, for this person; `more`: those of its own."""
    return (
        {name: getattr(rights, name) for name in _IDS}
        | {name: sorted(getattr(rights, name)) for name in _SETS}
        | more
    )


def own_parts(rights: Rights) -> Select[int]:
    """The numbers of the tasks that the person has a part in."""
    return select(Assignment.task_id).where(
        Assignment.organisation_id == rights.organisation_id,
        Assignment.person_id == rights.person_id,
        Assignment.ended_at.is_(None),
    )


def owned_by(rights: Rights, person_id: int | BindParameter[int]) -> Select[int]:
    """The numbers of the tasks that somebody owns now."""
    return select(Assignment.task_id).where(
        Assignment.organisation_id == rights.organisation_id,
        Assignment.person_id == person_id,
        Assignment.part == Part.OWNER,
        Assignment.ended_at.is_(None),
    )


def own_tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks that the person has a part in, whatever body they are of.

    Whose organisation they are of is said of the parts alone: said of the tasks too, SQLite would read all of
    the organisation's instead of these few.
    """
    return Task.id.in_(own_parts(rights))


def tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks that the person may see: of their bodies, and their own."""
    of_bodies = and_(Task.organisation_id == rights.organisation_id, Task.body_id.in_(rights.bodies))
    return or_(of_bodies, own_tasks(rights))


def words_of_tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks whose words the person may read."""
    secret = exists().where(AgendaItem.id == Task.agenda_item_id, AgendaItem.restricted.is_not(None))
    return or_(Task.body_id.in_(rights.trusted_in), ~secret.correlate(Task))


def meetings(rights: Rights) -> ColumnElement[bool]:
    """The meetings of the person's bodies."""
    return and_(Meeting.organisation_id == rights.organisation_id, Meeting.body_id.in_(rights.bodies))


def cases(rights: Rights | None = None) -> ColumnElement[bool]:
    """The cases (`AgendaItem` in the query) whose words may be told to the holder of `rights`.

    Without `rights`: to anybody at all, as exports and public pages must reckon with.
    """
    public = AgendaItem.restricted.is_(None)
    if rights is None:
        return public
    return or_(public, AgendaItem.meeting.has(Meeting.body_id.in_(rights.trusted_in)))


def minutes(rights: Rights) -> ColumnElement[bool]:
    """The published minutes (with `Meeting` in the query) that the person may read: as `whole_minutes`."""
    secret = exists().where(AgendaItem.meeting_id == Meeting.id, AgendaItem.restricted.is_not(None))
    return and_(
        meetings(rights),
        Source.state == SourceState.PUBLISHED,
        or_(Meeting.body_id.in_(rights.trusted_in), ~secret.correlate(Meeting)),
    )


def whole_minutes(rights: Rights, source: Source) -> bool:
    """Whether the holder of `rights` may read the document itself.

    It says everything, so a guest reads only minutes in which nothing is restricted; and of a document that
    has been replaced by a corrected one nobody can tell that any more.
    """
    if source.body_id is None or source.organisation_id != rights.organisation_id:
        return False
    if source.body_id in rights.trusted_in:
        return True
    meeting = source.meeting
    return source.body_id in rights.bodies and meeting is not None and open_minutes(meeting, rights)


def open_minutes(meeting: Meeting, rights: Rights) -> bool:
    """Whether no case of the meeting is hidden from the holder of `rights`."""
    return meeting.body_id in rights.trusted_in or not any(
        hidden(item.restricted, meeting.body_id, rights) for item in meeting.agenda
    )
