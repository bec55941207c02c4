"""When bodies meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker import db
from tracker.errors import NotFound
from tracker.models import (
    AgendaItem,
    Attendance,
    Body,
    Invitation,
    Meeting,
    MeetingChange,
    MeetingKind,
    MeetingStatus,
)
from tracker.rules.access import Rights

LONGEST = timedelta(days=366)  # that anything lasts: what is going on has begun within it


def next_meeting(session: Session, body: Body, today: date) -> Meeting | None:
    """The body's next called meeting (not a gathering), today included."""
    return session.scalar(
        select(Meeting)
        .where(
            Meeting.organisation_id == body.organisation_id,
            Meeting.body_id == body.id,
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status == MeetingStatus.CALLED,
            Meeting.starts_on >= today,
        )
        .order_by(Meeting.starts_on, Meeting.starts_at)
        .limit(1)
    )


def next_meetings(session: Session, bodies: Iterable[int], today: date) -> dict[int, tuple[str, date]]:
    """Title and day of the next called meeting (not a gathering) of each body (by id), today included."""
    found = session.execute(
        select(Meeting.body_id, Meeting.title, Meeting.starts_on)
        .where(
            db.among(session, Meeting.body_id, bodies),
            Meeting.kind == MeetingKind.MEETING,
            Meeting.status == MeetingStatus.CALLED,
            Meeting.starts_on >= today,
        )
        .order_by(Meeting.starts_on.desc(), Meeting.starts_at.desc())
    )
    return {body_id: (title, starts_on) for body_id, title, starts_on in found}


def coming(
    session: Session, organisation_id: int, bodies: Collection[int], today: date, most: int = 50
) -> list[Meeting]:
    """What lies ahead in these bodies, soonest first; cancelled ones left out."""
    asked = {"organisation": organisation_id, "bodies": sorted(bodies), "today": today}
    return list(session.scalars(_COMING, asked | {"begun": today - LONGEST, "most": most}))


_COMING = (
    select(Meeting)
    .where(
        Meeting.organisation_id == bindparam("organisation"),
        Meeting.body_id.in_(bindparam("bodies", type_=Integer, expanding=True)),
        Meeting.starts_on >= bindparam("begun"),
        Meeting.ends_on >= bindparam("today"),
        Meeting.status == MeetingStatus.CALLED,
    )
    .options(joinedload(Meeting.body))
    .order_by(Meeting.starts_on, Meeting.starts_at)
    .limit(db.rows("most"))
)


def held(
    session: Session, organisation_id: int, bodies: Collection[int], today: date, most: int = 50
) -> list[Meeting]:
    """Past meetings of these bodies, latest first."""
    query = _of(organisation_id, bodies).where(
        Meeting.starts_on < today, Meeting.ends_on < today, Meeting.status != MeetingStatus.CANCELLED
    )
    return list(session.scalars(query.order_by(Meeting.starts_on.desc()).limit(most)))


def between(
    session: Session, organisation_id: int, bodies: Collection[int], first: date, last: date
) -> list[Meeting]:
    """What happens in these bodies in a period, both days included."""
    query = _of(organisation_id, bodies).where(
        Meeting.starts_on.between(first - LONGEST, last), Meeting.ends_on >= first
    )
    return list(session.scalars(query.order_by(Meeting.starts_on, Meeting.starts_at)))


def _of(organisation_id: int, bodies: Collection[int]) -> Select[Meeting]:
    ours = Meeting.organisation_id == organisation_id, Meeting.body_id.in_(bodies)
    return select(Meeting).where(*ours).options(joinedload(Meeting.body))


def meeting_of(
    session: Session, rights: Rights, meeting_id: int, *, whole: bool = False, invited: bool = False
) -> Meeting:
    """A meeting that the person may see. Raises NotFound.

    One query, with who is asked to it if `invited`; `whole`: with its changes, and two more for the agenda
    with its decisions, and who came.
    """
    agenda = selectinload(Meeting.agenda)
    contents = (
        agenda.joinedload(AgendaItem.decisions),
        agenda.joinedload(AgendaItem.proposed_by),
        selectinload(Meeting.attendances).joinedload(Attendance.person),
        joinedload(Meeting.changes).joinedload(MeetingChange.person),
    )
    asked = (joinedload(Meeting.invitations).joinedload(Invitation.person),)
    found = session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting_id, Meeting.organisation_id == rights.organisation_id)
        .options(joinedload(Meeting.body), *(contents if whole else ()), *(asked if invited else ()))
    )
    if found is None or found.body_id not in rights.bodies:
        raise NotFound("Vi fant ikke møtet.")
    return found
