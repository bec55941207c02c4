"""What happened after the meetings, to tasks and the next meeting, told with the verbs that the pages use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock import at
from tracker.example.days import Day
from tracker.example.register import Register
from tracker.models import Assignment, Coming, Meeting, Task, Via
from tracker.rules import workdays
from tracker.services import comments, follow_up, inviting, sign_up
from tracker.services.sign_up import Reply


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done at a moment."""

    at: datetime
    act: Callable[[Session, datetime], None]


class Story:
    """The happenings of the example. `tasks` is filled as minutes are published: key → task."""

    def __init__(self, register: Register, days: dict[str, Day], today: date) -> None:
        self.people, self.secretary = register.people, register.secretary
        self.days, self.today = days, today
        self.tasks: dict[str, Task] = {}

    def happenings(self) -> list[Happening]:
        """Everything, in no order."""
        was, early, lately = self.days["was"], self.days["was_early"], self.days["was_lately"]
        meeting = self.days["m3"]  # on the last working day
        return [
            *self._done(
                "plan", "Trond Haugsrud", workdays.add(was, -2), time(14, 20),
                "Planen er sendt kommunene. Øvelsen holdes sammen med Sivilforsvaret.",
            ),
            *self._done(
                "brev", "Nils Arne Holmen", workdays.add(early, 5), time(8, 45),
                "Brevet er sendt. Fylkeskommunen har lovet svar innen en måned.",
            ),
            *self._done(
                "kalender", "Mona Thoresen", workdays.add(lately, -1), time(13, 5),
                "Kalenderen er åpen for alle kommunene.",
            ),
            *self._done(
                "ulykkestall", "Lise Marie Kjelsås", workdays.add(lately, 3), time(9, 30),
                "Tallene ligger i saksmappa.",
            ),
            *self._done("styringsgruppa", "Gunhild Sæterbakken", workdays.add(lately, -4), time(7, 50)),
            *self._done("utlysning", "Ingrid Nymoen", workdays.add(self.today, -2), time(11, 15)),
            *self._done("takk", "Silje Grønli Aamot", meeting, time(15, 30)),
            *self._done("møterom", "Berit Kampen", meeting, time(15, 45), "Vi har kommunestyresalen."),
            self._tell(workdays.add(self.days["k1"], 12), time(10, 0), self._drop),
            self._tell(workdays.add(self.days["m2"], 6), time(20, 40), self._more_time_for_water),
            self._tell(workdays.add(self.days["m2"], 7), time(9, 10), self._water_gets_it),
            self._tell(workdays.add(self.today, -3), time(10, 30), self._not_mine),
            self._tell(meeting, time(20, 15), self._more_time_for_schools),
            self._tell(workdays.add(self.today, -5), time(9, 40), self._ask_to_the_meeting),
            *self._answers(),
            *self._talk(),
        ]  # fmt: skip

    def _done(self, key: str, who: str, day: date, hour: time, result: str = "") -> list[Happening]:
        return [self._tell(day, hour, partial(self._report_done, key, who, result))]

    def _answers(self) -> list[Happening]:
        """What those say who are asked to the next meeting of the network."""
        said = ((-5, "Ragna Solbakken", Coming.YES), (-4, "Silje Grønli Aamot", Coming.YES),
                (-3, "Mona Thoresen", Coming.NO))  # fmt: skip
        return [
            self._tell(workdays.add(self.today, days), time(12, 20), partial(self._answer, who, coming))
            for days, who, coming in said
        ]

    def _talk(self) -> list[Happening]:
        """What is said beside the tasks."""
        said = (
            (-4, time(8, 30), "Berit Kampen", "Fikk du svar fra alle, Silje? Jeg kan ringe dem som mangler."),
            (-4, time(10, 5), "Silje Grønli Aamot", "Tre mangler. Jeg prøver en gang til denne uken."),
            (-3, time(13, 45), "Ragna Solbakken", "Onsdager passer best for Storåsen."),
        )
        return [
            self._tell(workdays.add(self.today, days), hour, partial(self._say, "skolene", who, text))
            for days, hour, who, text in said
        ]

    def _tell(self, day: date, hour: time, act: Callable[[Session, datetime], None]) -> Happening:
        return Happening(at(day, hour), act)

    def _part(self, key: str, who: str) -> Assignment:
        return next(a for a in self.tasks[key].assignments if a.person.name == who)

    def _report_done(self, key: str, who: str, result: str, session: Session, now: datetime) -> None:
        part = self._part(key, who)
        follow_up.report_done(session, part, now, via="mail")
        if result:
            follow_up.add_words(session, part, result, now, via="mail")

    def _drop(self, session: Session, now: datetime) -> None:
        reason = "Fylkeskommunen har lagt ned ordningen."
        follow_up.drop(session, self.tasks["tilskudd"], reason, self.secretary, now)

    def _more_time_for_water(self, session: Session, now: datetime) -> None:
        part = self._part("vannprøver", "Yusuf Warsame")
        why = "Laboratoriet har lang ventetid."
        follow_up.ask_more_time(session, part, self.days["far"], why, now, via="mail")

    def _water_gets_it(self, session: Session, now: datetime) -> None:
        part = self._part("vannprøver", "Yusuf Warsame")
        follow_up.accept_new_due(session, part, self.secretary, now)

    def _not_mine(self, session: Session, now: datetime) -> None:
        part = self._part("vurdering", "Ingrid Nymoen")
        why = "Brannvesenet hører til Fagerlia."
        follow_up.not_mine(session, part, self.people["Arvid Tveiten"], why, now, via="mail")

    def _more_time_for_schools(self, session: Session, now: datetime) -> None:
        part = self._part("skolene", "Silje Grønli Aamot")
        wanted = workdays.add(self.days["k2"], -1)
        follow_up.ask_more_time(session, part, wanted, "Tre skoler har ikke svart ennå.", now, via="page")

    def _next_of_the_network(self, session: Session) -> Meeting:
        body = self.tasks["skolene"].body_id
        found = select(Meeting).where(Meeting.body_id == body, Meeting.starts_on == self.days["k2"])
        return session.scalars(found).one()

    def _ask_to_the_meeting(self, session: Session, now: datetime) -> None:
        inviting.invite(session, self._next_of_the_network(session), now)

    def _answer(self, who: str, coming: Coming, session: Session, now: datetime) -> None:
        invitations = self._next_of_the_network(session).invitations
        found = next(one for one in invitations if one.person.name == who)
        sign_up.answer(session, found, Reply(coming), now, Via.PAGE)

    def _say(self, key: str, who: str, text: str, session: Session, now: datetime) -> None:
        comments.add(session, self.tasks[key], self.people[who], text, now)
