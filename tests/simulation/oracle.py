"""Which mail should go to whom, when: slowly, one person and task at a time, straight from DOMAIN.md.

It shares nothing with the product but the words of its rules:
- 7 days before; 1 working day before; overdue notice 3 working days after, then weekly, at most 3; on
  working days only, so that what comes before a deadline moves earlier and what comes after it later.
- One mail a person and working morning, from the hour of a body concerned; who wants it gets one a task.
- A step missed goes once, while it is true; one that a later one has replaced does not.
- Nothing to who has answered, left, paused or can't be reached, nor about what is closed.
- A notice that couldn't go for 30 days doesn't: the secretary's list has had the task for as long.
- Contributors get no overdue notices. The news of a task covers what would have come by that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.simulation import calendar
from tests.simulation.world import OSLO, Errand, Letter, Member, Organ, Role, World


@dataclass(frozen=True, order=True)
class Sent:
    """A mail that went: when (Norwegian time), to whom, what sort, about which tasks."""

    at: str
    to: int
    kind: str
    tasks: tuple[int, ...]
    steps: tuple[str, ...] = ()


@dataclass
class Oracle:
    """Decides and sends, as of the world's state at the moment it is asked."""

    world: World
    sent: list[Sent]
    told: set[tuple[int, int, str, date]]  # (task, person, step, day) that went
    status_sent: set[tuple[int, int, date]]
    waiting: set[tuple[int, int, str, date]]  # decided on, and not gone yet

    @classmethod
    def over(cls, world: World) -> Oracle:
        return cls(world, [], set(), set(), set())

    def decide(self, now: datetime) -> None:
        """What is due goes into the outbox."""
        local = now.astimezone(OSLO)
        if not calendar.works(local.date()):
            return
        self.waiting = {
            (errand.key, letter.to.key, name, on)
            for letter in self.world.under_way()
            for errand, _role, name, on in letter.steps
        }
        due: dict[Member, list[tuple[Errand, Role, str, date]]] = {}
        for errand in self.world.open_errands():
            for role in errand.live:
                step = self._due_step(errand, role, local.date())
                if step is not None:
                    due.setdefault(role.member, []).append((errand, role, *step))
        for member, steps in due.items():
            ready = any(local.time() >= errand.organ.hour for errand, *_rest in steps)
            if not ready or self._written_to_today(member, local.date()):
                continue
            for bundle in [steps] if member.bundled else [[step] for step in steps]:
                self.world.letters.append(Letter("reminder", member, now, steps=bundle))
        self._decide_on_status(now)

    def send(self, now: datetime) -> None:
        """What waits and still has something to say goes."""
        for letter in self.world.under_way():
            letter.state = "sent" if self._goes(letter, now) else "stopped"

    def _due_step(self, errand: Errand, role: Role, today: date) -> tuple[str, date] | None:
        member = role.member
        if errand.due is None or role.answer or not member.reachable or member.rests(today):
            return None
        step = latest_step(errand.due, errand.organ, today, owner=role.owner)
        if step is None or step[1] <= role.since.astimezone(OSLO).date():
            return None
        taken = (errand.key, member.key, *step)
        return None if taken in self.told or taken in self.waiting else step

    def _written_to_today(self, member: Member, today: date) -> bool:
        return any(
            letter.kind in ("reminder", "meeting_changed")
            and letter.state != "stopped"
            and letter.to is member
            for letter in self.world.letters_of(today)
        )

    def _decide_on_status(self, now: datetime) -> None:
        local = now.astimezone(OSLO)
        for meeting in self.world.gatherings:
            organ = meeting.organ
            followed = any(errand.organ is organ for errand in self.world.errands)
            if not meeting.formal or meeting.cancelled or meeting.day < local.date() or not followed:
                continue
            if local.date() < calendar.count(meeting.day, -3) or local.time() < organ.hour:
                continue
            for member in (organ.leader, organ.secretary):
                key = (meeting.key, member.key, meeting.day)
                if key not in self.status_sent and member.reachable and not member.rests(local.date()):
                    self.status_sent.add(key)
                    self.world.letters.append(Letter("status", member, now, meeting=meeting))

    def _goes(self, letter: Letter, now: datetime) -> bool:
        """Whether there is anything to say now; then it is noted as sent."""
        today = now.astimezone(OSLO).date()
        if not letter.to.reachable:
            return False
        tasks: list[int] = []
        steps: list[str] = []
        if letter.kind == "reminder":
            if letter.to.rests(today):
                return False
            for errand, role, step, on in letter.steps:
                true = latest_step(errand.due, errand.organ, today, owner=role.owner) == (step, on)
                if errand.is_open and not role.ended and not role.answer and true:
                    self.told.add((errand.key, letter.to.key, step, on))
                    tasks.append(errand.key)
                    steps.append(step)
        elif letter.kind == "new_tasks":
            letter.items = [(e, r) for e, r in letter.items if e.is_open and not r.ended and not r.answer]
            tasks = [errand.key for errand, _role in letter.items]
        elif letter.kind == "request":
            tasks = [
                e.key
                for e, r in letter.items
                if e.is_open and not r.ended and r.answer in ("more time", "not mine")
            ]
        elif letter.kind == "meeting_changed":
            assert letter.change is not None
            if letter.change.undone:
                return False
            for errand, _before, after in letter.change.shifted:
                if errand.is_open and errand.due == after and any(r.member is letter.to for r in errand.live):
                    tasks.append(errand.key)
            if not tasks and letter.to not in letter.change.meeting.organ.members:
                return False
            self._note(letter, now, tasks, steps)
            return True
        elif letter.kind == "status":
            assert letter.meeting is not None
            if letter.meeting.cancelled or letter.meeting.day < today or letter.to.rests(today):
                return False
            self._note(letter, now, [letter.meeting.key], steps)
            return True
        if tasks:
            self._note(letter, now, tasks, steps)
        return bool(tasks)

    def _note(self, letter: Letter, now: datetime, tasks: list[int], steps: list[str]) -> None:
        at = f"{now.astimezone(OSLO):%Y-%m-%d %H.%M}"
        together = sorted(zip(tasks, steps, strict=True)) if steps else [(task, "") for task in sorted(tasks)]
        self.sent.append(
            Sent(
                at,
                letter.to.key,
                letter.kind,
                tuple(task for task, _step in together),
                tuple(step for _task, step in together if step),
            )
        )


def latest_step(due: date | None, organ: Organ, today: date, *, owner: bool) -> tuple[str, date] | None:
    """The last step that has come by today, unless it said that there is time left and there is none."""
    if due is None:
        return None
    steps: list[tuple[date, int, str]] = []
    if organ.days_before:
        steps.append((calendar.no_later(due - timedelta(days=organ.days_before)), 0, "before"))
    if organ.working_days_before:
        steps.append((calendar.count(due, -organ.working_days_before), 1, "day_before"))
    if owner and organ.overdue_after:
        first = calendar.count(due, organ.overdue_after)
        for number in range(organ.overdue_most):
            on = calendar.no_earlier(first + timedelta(days=organ.overdue_every * number))
            steps.append((on, 2 + number, f"overdue_{number + 1}"))
    come = [step for step in steps if step[0] <= today]
    if not come:
        return None
    on, _order, name = max(come)
    overdue = name.startswith("overdue")
    if (today > due and not overdue) or (overdue and (today - on).days > 30):
        return None
    return name, on
