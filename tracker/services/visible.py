"""What may be told of restricted cases, as a condition of a query; of one it is `rules.access.hidden`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from tracker.models import AgendaItem, Meeting, Source
from tracker.rules.access import Rights, hidden


def cases(rights: Rights | None = None) -> ColumnElement[bool]:
    """The cases (`AgendaItem` in the query) whose words may be told to the holder of `rights`.

    Without `rights`: to anybody at all, as search, exports and public pages must reckon with.
    """
    public = AgendaItem.restricted.is_(None)
    if rights is None:
        return public
    return or_(public, AgendaItem.meeting.has(Meeting.body_id.in_(rights.trusted_in)))


def minutes(rights: Rights, source: Source) -> bool:
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
    return not any(hidden(item.restricted, meeting.body_id, rights) for item in meeting.agenda)
