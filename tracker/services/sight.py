"""Who may see which rows, and which of them may be found by their words, as conditions of queries.

One place, so that a list, a search, an export and a page never disagree. A restricted case stands in lists
with its number; what it says is for those who `rules.access` lets see it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, select

from tracker.models import AgendaItem, Assignment, Meeting, Source, SourceState, Task
from tracker.rules.access import Rights


def trusted(rights: Rights) -> list[int]:
    """The bodies whose restricted cases the person may read."""
    return sorted(body for body in rights.bodies if rights.may_see_restricted(body))


def own_tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks that the person has a part in, whatever body they are of.

    Whose organisation they are of is said of the parts alone: said of the tasks too, SQLite would read all of
    the organisation's instead of these few.
    """
    parts = select(Assignment.task_id).where(
        Assignment.organisation_id == rights.organisation_id,
        Assignment.person_id == rights.person_id,
        Assignment.ended_at.is_(None),
    )
    return Task.id.in_(parts)


def tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks that the person may see: of their bodies, and their own."""
    of_bodies = and_(Task.organisation_id == rights.organisation_id, Task.body_id.in_(rights.bodies))
    return or_(of_bodies, own_tasks(rights))


def words_of_tasks(rights: Rights) -> ColumnElement[bool]:
    """The tasks whose words the person may read."""
    secret = exists().where(AgendaItem.id == Task.agenda_item_id, AgendaItem.restricted.is_not(None))
    return or_(Task.body_id.in_(trusted(rights)), ~secret.correlate(Task))


def meetings(rights: Rights) -> ColumnElement[bool]:
    """The meetings of the person's bodies."""
    return and_(Meeting.organisation_id == rights.organisation_id, Meeting.body_id.in_(rights.bodies))


def words_of_cases(rights: Rights) -> ColumnElement[bool]:
    """The cases (with `Meeting` in the query) whose title and decisions the person may read."""
    return or_(AgendaItem.restricted.is_(None), Meeting.body_id.in_(trusted(rights)))


def minutes(rights: Rights) -> ColumnElement[bool]:
    """The published minutes (with `Meeting` in the query) that the person may read whole."""
    secret = exists().where(AgendaItem.meeting_id == Meeting.id, AgendaItem.restricted.is_not(None))
    return and_(
        meetings(rights),
        Source.state == SourceState.PUBLISHED,
        or_(Meeting.body_id.in_(trusted(rights)), ~secret.correlate(Meeting)),
    )
