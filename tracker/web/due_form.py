"""A deadline as the secretary's form holds it: a date, days from a meeting, the next meeting, or none.

What can't be used is said at the field "due".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tracker.errors import InvalidAnswer
from tracker.models import Meeting, Task
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import schedule
from tracker.web.access import visit

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class DueForm:
    """The fields as they were filled in. `working` and `after`: "1" or ""; `event`: a meeting's number."""

    kind: str
    on: str = ""
    days: str = ""
    working: str = ""
    after: str = ""
    event: str = ""

    @classmethod
    def of(cls, task: Task) -> DueForm:
        """The deadline that the task has."""
        rule, on = task.due, task.due_on.isoformat() if task.due_on else ""
        if rule.kind is DueKind.EVENT and task.due_event_id:
            return cls(
                kind=rule.kind,
                on=on,
                days=str(abs(rule.days)),
                working="1" if rule.working else "",
                after="1" if rule.days > 0 else "",
                event=str(task.due_event_id),
            )
        if rule.kind is DueKind.EVENT or (rule.kind is DueKind.DATE and not on):
            return cls(kind=DueKind.NONE)
        return cls(kind=rule.kind, on=on)

    @classmethod
    def given(cls, form: Mapping[str, str]) -> DueForm:
        """What was filled in. Without a kind it is a date, or none."""
        on = form.get("due", "").strip()
        return cls(
            kind=form.get("due_kind") or (DueKind.DATE if on else DueKind.NONE),
            on=on,
            days=form.get("due_days", "").strip(),
            working="1" if form.get("due_working") else "",
            after="1" if form.get("due_after") else "",
            event=form.get("due_event", ""),
        )

    def rule(self, task: Task) -> tuple[DueRule, Meeting | None]:
        """The rule, and the meeting that it hangs on. Raises InvalidAnswer."""
        if self.kind == DueKind.DATE:
            return DueRule(DueKind.DATE, on=self._date()), None
        if self.kind == DueKind.EVENT:
            return self._from_event(task)
        if self.kind == DueKind.NEXT_MEETING:
            return self._next_meeting(task)
        if self.kind == DueKind.NONE:
            return DueRule(), None
        raise InvalidAnswer("Velg en frist, eller «Uten frist».", field="due")

    def earlier(self, day: date, event: Meeting | None) -> DueForm:
        """The same deadline brought forward to `day`; one that follows a meeting still does."""
        if event is None:
            return DueForm(DueKind.DATE, on=day.isoformat())
        days = (day - event.starts_on).days
        return DueForm(DueKind.EVENT, days=str(abs(days)), after="1" if days > 0 else "", event=str(event.id))

    @property
    def fields(self) -> dict[str, str]:
        """As a form sends it again."""
        sent = {
            "due_kind": self.kind,
            "due": self.on,
            "due_days": self.days,
            "due_working": self.working,
            "due_after": self.after,
            "due_event": self.event,
        }
        return {name: value for name, value in sent.items() if value}

    def _date(self) -> date:
        try:
            return date.fromisoformat(self.on)
        except ValueError:
            raise InvalidAnswer("Velg en dato.", field="due") from None

    def _from_event(self, task: Task) -> tuple[DueRule, Meeting]:
        event = next((m for m in events(task) if str(m.id) == self.event), None)
        if event is None:
            raise InvalidAnswer("Velg hvilket møte fristen følger.", field="due")
        if not (self.days.isascii() and self.days.isdigit() and int(self.days[:5]) <= MOST_DAYS):
            raise InvalidAnswer("Skriv et antall dager fra 0 til %(most)s.", field="due", most=MOST_DAYS)
        days = int(self.days) if self.after else -int(self.days)
        return DueRule(DueKind.EVENT, days=days, working=bool(self.working)), event

    def _next_meeting(self, task: Task) -> tuple[DueRule, Meeting]:
        coming = next_meeting(task)
        if coming is None:
            raise InvalidAnswer("Det er ikke kalt inn til noe neste møte ennå. Velg noe annet.", field="due")
        return DueRule(DueKind.NEXT_MEETING), coming


def next_meeting(task: Task) -> Meeting | None:
    """The meeting that «neste møte» is: the one it hangs on already while that is to come."""
    seen = visit()
    kept = task.due_event if task.due.kind is DueKind.NEXT_MEETING else None
    if kept is not None and not kept.is_cancelled and kept.starts_on >= seen.today:
        return kept
    return schedule.next_meeting(seen.session, task.body, seen.today)


def events(task: Task) -> list[Meeting]:
    """What a deadline can follow: what is to come in the reader's bodies, the task's own body first; and the
    meetings that it follows now and that the task comes from."""
    seen = visit()
    coming = schedule.coming(seen.session, seen.mine.organisation_id, seen.mine.bodies, seen.today)
    coming.sort(key=lambda meeting: (meeting.body_id != task.body_id, meeting.starts_on))
    near = [m for m in (task.due_event, task.meeting) if m is not None and not m.is_cancelled]
    return list({m.id: m for m in (*coming, *near)}.values())
