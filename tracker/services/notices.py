"""What other mails say than those of deadlines: a meeting moved, an answer noted, the status before one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.links import Links
from tracker.mail import letters
from tracker.models import Answer, Assignment, Invitation, Meeting, MeetingChange, Membership, Person, Task
from tracker.rules.access import Rights
from tracker.services import follow_up, reports
from tracker.services.moving import Plan, plan_of
from tracker.services.rows import TaskRow
from tracker.services.tasks import part_of, row_options

MOST_TO_SETTLE = 20


@dataclass(frozen=True, slots=True)
class News:
    """A change of a meeting as one person is to hear of it."""

    meeting: Meeting
    news: letters.MeetingNews
    lines: list[letters.TaskLine]


def of_change(
    session: Session, change: MeetingChange, person: Person, links: Links, today: date
) -> News | None:
    """What `person` is to hear of a change; None when it no longer concerns them."""
    meeting, before, after = change.meeting, Plan.from_json(change.before), Plan.from_json(change.after)
    lines = _shifted(session, [change], person, links)
    asked = next((i for i in meeting.invitations if i.person_id == person.id and i.stands), None)
    if not lines and asked is None and not _member(session, meeting, person, today):
        return None
    news = letters.MeetingNews(
        title=meeting.title,
        change=_kind(before, after),
        before=_occasion(before),
        after=_occasion(after),
        url=links.sign_up(asked.id) if asked else f"{links.url}/moter/{meeting.id}",
    )
    return News(meeting, news, lines)


def of_invitation(session: Session, invitation: Invitation, since: list[MeetingChange], links: Links) -> News:
    """What somebody who is invited is to hear of the changes `since` the last mail; with none of them it is
    the title or the link that is new."""
    meeting, person = invitation.meeting, invitation.person
    after = plan_of(meeting)
    before = Plan.from_json(since[0].before) if since else after
    news = letters.MeetingNews(
        title=meeting.title,
        change=_kind(before, after) if invitation.stands else "withdrawn",
        before=_occasion(before),
        after=_occasion(after),
        url=links.sign_up(invitation.id),
        invited=True,
    )
    return News(meeting, news, _shifted(session, since, person, links))


def receipt_of(part: Assignment, links: Links) -> tuple[str, letters.TaskLine] | None:
    """What to confirm to somebody who answered, and the task; None when the answer was taken back."""
    task = part.task
    if part.ended_at is not None:
        return None
    if part.answer is not Answer.NONE:
        answer, due_on = part.answer.value, part.wanted_due_on or task.due_on
    elif follow_up.extended(part):
        answer, due_on = "accepted", task.due_on
    else:
        return None
    url = f"{links.answer(part.id, task.version)}/kvittering"
    return answer, letters.TaskLine(
        what=task.what,
        due_on=due_on,
        answer_url=url,
        case_number=task.case_number,
        restricted=task.restricted,
    )


def status_of(
    session: Session, meeting: Meeting, person: Person, links: Links, today: date
) -> letters.Status:
    """The status before a meeting as a letter tells it."""
    rights = Rights(person.id, person.organisation_id, member_of=frozenset({meeting.body_id}))
    report = reports.report(session, rights, today, meeting)
    counts = report.counts
    return letters.Status(
        meeting=meeting.title,
        meeting_on=meeting.starts_on,
        done=counts.done,
        on_track=counts.on_track,
        overdue=counts.overdue,
        unowned=counts.unowned,
        to_settle=[_to_settle(task, links, today) for task in report.to_settle[:MOST_TO_SETTLE]],
        url=f"{links.url}/status/{meeting.id}",
    )


def _to_settle(task: TaskRow, links: Links, today: date) -> letters.StatusLine:
    line = letters.TaskLine(
        what=task.what,
        due_on=task.due_on,
        answer_url=f"{links.url}/oppgaver/{task.id}",
        case_number=task.case_number,
        restricted=task.restricted,
    )
    asks = tuple((part.person.name, part.wanted_due_on, part.comment) for part in reports.requests(task))
    owners = tuple(owner.person.name for owner in task.owners)
    return letters.StatusLine(line, owners, task.is_overdue(today), asks)


def _shifted(
    session: Session, changes: list[MeetingChange], person: Person, links: Links
) -> list[letters.TaskLine]:
    """The person's open tasks whose deadlines these changes moved, and nobody has set anew since."""
    moved: dict[Any, tuple[Any, Any]] = {}
    for number, was, becomes in (entry for change in changes for entry in change.shifted):
        moved[number] = (moved[number][0] if number in moved else was, becomes)
    found = session.scalars(select(Task).where(Task.id.in_(moved)).options(*row_options()).order_by(Task.id))
    lines = []
    for task in found.unique():
        before, after = (_day(written) for written in moved[task.id])
        part = part_of(task, person.id)
        if part is None or not task.is_open or task.due_on != after or before == after:
            continue
        lines.append(
            letters.TaskLine(
                what=task.what,
                due_on=after,
                due_before=before,
                answer_url=links.answer(part.id, task.version),
                case_number=task.case_number,
                restricted=task.restricted,
                contributor=part not in task.owners,
            )
        )
    return lines


def _member(session: Session, meeting: Meeting, person: Person, today: date) -> bool:
    held = session.scalars(
        select(Membership).where(Membership.body_id == meeting.body_id, Membership.person_id == person.id)
    )
    return any(membership.covers(today) for membership in held)


def _kind(before: Plan, after: Plan) -> str:
    if after.cancelled:
        return "cancelled"
    if before.cancelled:
        return "back"
    times = [(plan.starts_on, plan.starts_at, plan.ends_on, plan.ends_at) for plan in (before, after)]
    if times[0] != times[1]:
        return "moved"
    return "place" if before.place != after.place else "details"


def _occasion(plan: Plan) -> letters.Occasion:
    return letters.Occasion(plan.starts_on, plan.starts_at, plan.ends_on, plan.ends_at, plan.place or "")


def _day(written: int | str | None) -> date | None:
    return date.fromisoformat(written) if isinstance(written, str) else None
