"""A council's year by chance, but the same each time: every event happens to the register and to the world.

Events are chosen from the world alone. They go through the services that the pages use.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from tests.simulation.world import OSLO, Change, Errand, Gathering, Letter, Member, Organ, Role, World
from tracker.models import Assignment, Body, Meeting, Part, Person, Task
from tracker.rules.deadlines import DueKind, DueRule
from tracker.rules.reminders import Rhythm
from tracker.services import directory, follow_up, moving, pauses, remind


@dataclass
class Life:
    """What happens. `now`, `session` and `today` are those of the bunch of events that is going on."""

    world: World
    rng: random.Random
    session: Session = field(init=False)
    now: datetime = field(init=False)
    changes: list[tuple[Change, int]] = field(default_factory=list)  # with the row's id
    happened: dict[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    def bunch(self, session: Session, now: datetime, events: list[str]) -> None:
        """Let events happen, one after another at one moment, each committed."""
        self.session, self.now = session, now
        for name in events:
            self.now += timedelta(seconds=1)
            event: Callable[[], bool] = getattr(self, name)
            if event():
                self.happened[name] = self.happened.get(name, 0) + 1
            session.commit()

    # ── new tasks ──

    def minutes(self) -> bool:
        """A meeting's worth of new tasks, told of in one mail each."""
        organ = self.rng.choice(self.world.organs)
        made = [self._task(organ) for _ in range(self.rng.randint(6, 14))]
        parts = [part for _errand, task in made for part in task.assignments]
        remind.announce(self.session, parts, self.now)
        self._news([(errand, role) for errand, _task in made for role in errand.roles])
        return True

    def _task(self, organ: Organ) -> tuple[Errand, Task]:
        rng = self.rng
        people = rng.sample(self.world.members, 6)
        owners, helpers = rng.choice([(1, 0)] * 6 + [(1, 1), (1, 2), (2, 0), (3, 1), (5, 0)])
        roles = [Role(m, number < owners, self.now) for number, m in enumerate(people[: owners + helpers])]
        errand = Errand(0, organ, self._rule(organ), self.now, self.today, roles)
        errand.due, errand.hangs_on = self.world.due_of(errand, self.today)
        task = Task(
            organisation_id=1, body_id=organ.key, what="", created_at=self.now, evidence="Det ble bestemt."
        )
        event = self.session.get_one(Meeting, errand.hangs_on.key) if errand.hangs_on else None
        task.set_due(_due_rule(errand), event)
        for role in roles:
            part = Part.OWNER if role.owner else Part.CONTRIBUTOR
            person = self.session.get_one(Person, role.member.key)
            task.assignments.append(
                Assignment(organisation_id=1, person=person, part=part, assigned_at=self.now)
            )
        self.session.add(task)
        self.session.flush()
        task.what = f"Oppgave nr. {task.id}"
        errand.key = task.id
        for role, part in zip(roles, sorted(task.assignments, key=lambda a: a.id), strict=True):
            role.key = part.id
        self.world.errands.append(errand)
        return errand, task

    def _rule(self, organ: Organ) -> tuple[object, ...]:
        rng = self.rng
        ahead = [
            g for g in self.world.gatherings
            if not g.cancelled and g.organ is organ and 20 < (g.day - self.today).days < 100
        ]  # fmt: skip
        kind = rng.choices(["date", "event", "next", "none"], [60, 20, 12, 8])[0]
        if kind == "event" and ahead:
            return ("event", rng.choice(ahead), rng.choice([-14, -10, -7, -3, -1, 0, 5]), rng.random() < 0.4)
        if kind in ("next", "none"):
            return (kind,)
        return ("date", self.today + timedelta(days=min(rng.randint(1, 90), rng.randint(1, 90))))

    def _news(self, given: list[tuple[Errand, Role]]) -> None:
        letters: dict[Member, Letter] = {}
        for errand, role in given:
            if not role.member.reachable:
                continue
            told = next(
                (
                    (letter, number)
                    for letter in self.world.letters_of(self.today)
                    if letter.kind == "new_tasks" and letter.to is role.member and letter.state != "stopped"
                    for number, (known, _role) in enumerate(letter.items)
                    if known is errand
                ),
                None,
            )
            if told is not None:  # given away and back on the same day
                told[0].items[told[1]] = (errand, role)
                continue
            if role.member not in letters:
                letters[role.member] = Letter("new_tasks", role.member, self.now)
            letters[role.member].items.append((errand, role))
        self.world.letters += letters.values()

    # ── answers ──

    def _some(
        self, answers: tuple[str, ...] = ("",), *, wish: str = "any"
    ) -> tuple[Errand, Role, Assignment] | None:
        """An owner of an open task who has answered so; `wish` «soon»: rather one whose deadline is near."""
        found = [
            (errand, role)
            for errand in self.world.open_errands()
            for role in errand.owners
            if role.answer in answers
        ]
        if wish == "soon":
            near = [(e, r) for e, r in found if e.due and abs((e.due - self.today).days) < 25]
            found = near or found
        if not found:
            return None
        errand, role = self.rng.choice(found)
        return errand, role, self.session.get_one(Assignment, role.key)

    def done(self) -> bool:
        return self._report_done(self._some(("", "more time"), wish="soon"))

    def done_early(self) -> bool:
        return self._report_done(self._some())

    def _report_done(self, picked: tuple[Errand, Role, Assignment] | None) -> bool:
        if picked is None:
            return False
        errand, role, part = picked
        follow_up.report_done(self.session, part, self.now, via="page")
        role.answer, role.answered, role.wanted = "done", self.now, None
        if all(owner.answer == "done" for owner in errand.owners):
            errand.is_open, errand.done = False, True
        return True

    def ask_more_time(self) -> bool:
        picked = self._some(wish="soon")
        if picked is None:
            return False
        errand, role, part = picked
        wanted = max(errand.due or self.today, self.today) + timedelta(days=self.rng.randint(1, 20))
        follow_up.ask_more_time(self.session, part, wanted, "", self.now, via="page")
        role.answer, role.answered, role.wanted = "more time", self.now, wanted
        self._request(errand, role)
        return True

    def not_mine(self) -> bool:
        picked = self._some()
        if picked is None:
            return False
        errand, role, part = picked
        follow_up.not_mine(self.session, part, None, "", self.now, via="page")
        role.answer, role.answered = "not mine", self.now
        self._request(errand, role)
        return True

    def _request(self, errand: Errand, role: Role) -> None:
        secretary = errand.organ.secretary
        waits = any(
            letter.kind == "request" and letter.state == "waiting" and letter.items[0][1] is role
            for letter in self.world.under_way()
        )
        if secretary.reachable and secretary is not role.member and not waits:
            self.world.letters.append(Letter("request", secretary, self.now, [(errand, role)]))

    def take_back(self) -> bool:
        """An answer of today is undone."""
        found = [
            (errand, role)
            for errand in self.world.errands
            for role in errand.owners
            if role.answer and role.answered and self.now - role.answered < timedelta(hours=24)
            and (errand.is_open or errand.done)
        ]  # fmt: skip
        if not found:
            return False
        errand, role = self.rng.choice(found)
        follow_up.undo(self.session, self.session.get_one(Assignment, role.key), self.now, via="page")
        if errand.done and role.answer == "done":
            errand.is_open, errand.done = True, False
        role.answer, role.answered, role.wanted = "", None, None
        return True

    # ── the secretary ──

    def settle(self) -> bool:
        """Says yes or no to more time; finds another owner, or lets the owner keep it."""
        picked = self._some(("more time", "not mine"))
        if picked is None:
            return False
        errand, role, part = picked
        actor = self._person(errand.organ.secretary)
        if role.answer == "not mine":
            to = self.rng.choice([*self.world.members, role.member])
            self._give(errand, to)
        elif self.rng.random() < 0.7:
            follow_up.accept_new_due(self.session, part, actor, self.now)
            errand.rule = ("date", role.wanted)
            self._due_set(errand)
        else:
            follow_up.keep_due(self.session, part, actor, self.now)
            role.answer, role.answered, role.wanted = "", None, None
        return True

    def _due_set(self, errand: Errand) -> None:
        errand.due, errand.hangs_on = self.world.due_of(errand, self.today)
        for role in errand.roles:
            if role.answer == "more time":
                role.answer, role.answered, role.wanted = "", None, None

    def new_due(self) -> bool:
        errand = self._any_open()
        if errand is None:
            return False
        day = self.today + timedelta(days=self.rng.randint(-5, 40))
        task = self.session.get_one(Task, errand.key)
        rule = DueRule(DueKind.DATE, on=day)
        follow_up.change_due(self.session, task, rule, self._person(errand.organ.secretary), self.now)
        errand.rule = ("date", day)
        self._due_set(errand)
        return True

    def hand_over(self) -> bool:
        errand = self._any_open()
        if errand is None:
            return False
        self._give(errand, self.rng.choice(self.world.members))
        return True

    def there_and_back(self) -> bool:
        """Handed over by mistake, and back at once."""
        found = [errand for errand in self.world.open_errands() if len(errand.owners) == 1]
        if not found:
            return False
        errand = self.rng.choice(found)
        first = errand.owners[0].member
        other = self.rng.choice([member for member in self.world.members if member is not first])
        self._give(errand, other)
        self.now += timedelta(seconds=20)
        self._give(errand, first)
        return True

    def _give(self, errand: Errand, to: Member) -> None:
        task = self.session.get_one(Task, errand.key)
        actor = self._person(errand.organ.secretary)
        owners = errand.owners
        follow_up.hand_over(self.session, task, self._person(to), actor, self.now)
        if [role.member for role in owners] == [to]:
            if owners[0].answer == "not mine":
                owners[0].answer, owners[0].answered = "", None
            return
        for role in errand.live:
            if role.owner or role.member is to:
                role.ended = True
        self.session.flush()
        self.session.expire(task, ["assignments"])
        fresh = Role(to, True, self.now, key=max(part.id for part in task.assignments))
        errand.roles.append(fresh)
        self._news([(errand, fresh)])

    def drop(self) -> bool:
        errand = self._any_open()
        if errand is None:
            return False
        task = self.session.get_one(Task, errand.key)
        follow_up.drop(self.session, task, "Ikke aktuelt", self._person(errand.organ.secretary), self.now)
        errand.is_open = False
        return True

    def close(self) -> bool:
        errand = self._any_open()
        if errand is None:
            return False
        task = self.session.get_one(Task, errand.key)
        follow_up.close(self.session, task, self._person(errand.organ.secretary), self.now)
        errand.is_open, errand.done = False, True
        return True

    def reopen(self) -> bool:
        closed = [errand for errand in self.world.errands if not errand.is_open]
        if not closed:
            return False
        errand = self.rng.choice(closed[-200:])
        task = self.session.get_one(Task, errand.key)
        follow_up.reopen(self.session, task, self._person(errand.organ.secretary), self.now)
        errand.is_open, errand.done = True, False
        for owner in errand.owners:
            owner.answer, owner.answered, owner.wanted = "", None, None
        if errand.rule[0] in ("date", "event"):
            errand.due, errand.hangs_on = self.world.due_of(errand, self.today)
        elif errand.hangs_on is not None:
            errand.due = None if errand.hangs_on.cancelled else errand.hangs_on.day
        return True

    def _any_open(self) -> Errand | None:
        found = list(self.world.open_errands())
        return self.rng.choice(found) if found else None

    # ── meetings ──

    def move_meeting(self) -> bool:
        ahead = [g for g in self.world.gatherings if not g.cancelled and g.day > self.today]
        if not ahead:
            return False
        gathering = self.rng.choice(ahead[:12])
        day = max(gathering.day + timedelta(days=self.rng.randint(-21, 28)), self.today + timedelta(days=1))
        if day == gathering.day:
            return False
        meeting = self.session.get_one(Meeting, gathering.key)
        tell = self.rng.random() < 0.5
        length = meeting.ends_on - meeting.starts_on
        plan = replace(moving.plan_of(meeting), starts_on=day, ends_on=day + length)
        row = moving.move(
            self.session, meeting, plan, self._person(gathering.organ.secretary), self.now, tell=tell
        )
        assert row is not None
        soon = any(self.now >= _midnight(start) - timedelta(hours=72) for start in (gathering.day, day))
        self._changed(gathering, (day, False), row.id, tell=tell or soon)
        return True

    def cancel_meeting(self) -> bool:
        ahead = [g for g in self.world.gatherings if not g.cancelled and g.day > self.today]
        if not ahead:
            return False
        gathering = self.rng.choice(ahead[:12])
        meeting = self.session.get_one(Meeting, gathering.key)
        row = moving.cancel(self.session, meeting, self._person(gathering.organ.secretary), self.now)
        assert row is not None
        self._changed(gathering, (gathering.day, True), row.id, tell=True)
        return True

    def undo_change(self) -> bool:
        """The last change of a meeting is taken back within the day."""
        recent = [
            (change, number)
            for change, number in self.changes
            if not change.undone and self.now - change.at <= timedelta(hours=24)
            and (change.meeting.day, change.meeting.cancelled) == change.after
        ]  # fmt: skip
        last: dict[int, tuple[Change, int]] = {
            change.meeting.key: (change, number) for change, number in recent
        }
        newest = {change.meeting.key: number for change, number in self.changes}
        found = [(c, n) for c, n in last.values() if newest[c.meeting.key] == n and c.before[0] >= self.today]
        if not found:
            return False
        change, number = self.rng.choice(found)
        gathering = change.meeting
        meeting = self.session.get_one(Meeting, gathering.key)
        moving.undo(self.session, meeting, number, self._person(gathering.organ.secretary), self.now)
        change.undone = True
        told = []
        for letter in self.world.letters:
            if letter.change is change:
                if letter.state == "waiting":
                    letter.state = "stopped"
                elif letter.state == "sent":
                    told.append(letter.to)
        self._changed(gathering, change.before, meeting.changes[-1].id, told=told)
        return True

    def _changed(
        self,
        gathering: Gathering,
        after: tuple[date, bool],
        number: int,
        *,
        tell: bool = False,
        told: list[Member] | None = None,
    ) -> None:
        change = Change(gathering, self.now, (gathering.day, gathering.cancelled), after)
        gathering.day, gathering.cancelled = after
        self.changes.append((change, number))
        for errand in self.world.open_errands():
            follows = errand.rule[0] == "event" and errand.rule[1] is gathering
            follows = follows or (
                errand.rule[0] == "next" and gathering.formal and errand.organ is gathering.organ
            )
            if not follows:
                continue
            before = errand.due
            errand.due, errand.hangs_on = self.world.due_of(errand, self.today)
            if before != errand.due:
                change.shifted.append((errand, before, errand.due))
                for role in errand.roles:
                    if role.wanted and errand.due and role.wanted <= errand.due:
                        role.answer, role.answered, role.wanted = "", None, None
        people = {role.member for errand, *_days in change.shifted for role in errand.live}
        if tell:
            people |= set(gathering.organ.members)
        if told is not None:
            people = set(told)
        for member in sorted(people, key=lambda m: m.key):
            if member.reachable and member is not gathering.organ.secretary:
                self.world.letters.append(
                    Letter("meeting_changed", member, self.now, meeting=gathering, change=change)
                )

    # ── people ──

    def pause(self) -> bool:
        member = self.rng.choice(self.world.members)
        first = self.today + timedelta(days=self.rng.randint(0, 3))
        last = first + timedelta(days=self.rng.randint(0, 14))
        directory.set_pause(self.session, self._person(member), first, last, self.today)
        member.away = (first, last)
        return True

    def resume(self) -> bool:
        resting = [member for member in self.world.members if member.rests(self.today)]
        if not resting:
            return False
        member = self.rng.choice(resting)
        pauses.resume(self.session, self._person(member))
        member.away = None
        return True

    def lose_address(self) -> bool:
        """An address is taken away, or one that was is given back."""
        without = [member for member in self.world.members if not member.reachable]
        if len(without) > 3 or (without and self.rng.random() < 0.4):
            member = self.rng.choice(without)
        else:
            member = self.rng.choice(self.world.members)
        person = self._person(member)
        member.reachable = not member.reachable
        person.email = f"p{member.key}@elvedal.example" if member.reachable else None
        return True

    def change_mind(self) -> bool:
        """One mail a task, or one for all of them."""
        member = self.rng.choice(self.world.members)
        member.bundled = not member.bundled
        self._person(member).bundled = member.bundled
        return True

    def new_rhythm(self) -> bool:
        """A body changes when its people are reminded."""
        organ = self.rng.choice(self.world.organs)
        organ.days_before = self.rng.choice([0, 3, 7, 10])
        organ.overdue_after = self.rng.choice([1, 3, 5])
        organ.overdue_most = self.rng.choice([1, 2, 3, 3])
        self.session.flush()
        set_rhythm(self.session, organ)
        return True

    def _person(self, member: Member) -> Person:
        return self.session.get_one(Person, member.key)


def set_rhythm(session: Session, organ: Organ) -> None:
    """Give the body the rhythm that the world has it follow."""
    session.get_one(Body, organ.key).rhythm = Rhythm(
        days_before=organ.days_before,
        working_days_before=organ.working_days_before,
        overdue_after=organ.overdue_after,
        overdue_every=organ.overdue_every,
        overdue_most=organ.overdue_most,
        hour=organ.hour,
    )


def _due_rule(errand: Errand) -> DueRule:
    kind = errand.rule[0]
    if kind == "date":
        return DueRule(DueKind.DATE, on=errand.due)
    if kind == "event":
        _kind, _gathering, days, working = errand.rule
        assert isinstance(days, int)
        return DueRule(DueKind.EVENT, days=days, working=bool(working))
    return DueRule(DueKind.NEXT_MEETING) if kind == "next" else DueRule()


def _midnight(day: date) -> datetime:
    """When the day of a meeting without a time begins."""
    return datetime.combine(day, time(), OSLO).astimezone(UTC)
