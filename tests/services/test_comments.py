"""Comments: who is told, how several go in one mail, and what never stands in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import MAIL_FROM
from tracker.errors import InvalidAnswer
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.models import Decision, Message, MessageKind, MessageState, Person, Task
from tracker.services import comments, follow_up, outbox, people
from tracker.services.compose import Stopped, compose


@pytest.fixture
def task(session: Session, cast: Cast, now: datetime) -> Task:
    held = make_meeting(session, cast, now, date(2026, 2, 2))
    made = make_task(session, cast, now, meeting=held, contributors=[cast.contributor])
    session.commit()
    return made


def mails(session: Session) -> list[Message]:
    found = session.scalars(
        select(Message).where(Message.kind == MessageKind.COMMENTS).order_by(Message.person_id)
    )
    return list(found)


def told(session: Session) -> list[Person]:
    return [mail.person for mail in mails(session)]


def written(session: Session, cast: Cast, person: Person, now: datetime, links: Links) -> Outgoing | Stopped:
    mail = next(mail for mail in mails(session) if mail.person_id == person.id)
    return compose(session, mail, now, links, MAIL_FROM)


def test_those_concerned_are_told_but_not_the_writer(
    session: Session, cast: Cast, now: datetime, task: Task
) -> None:
    comments.add(session, task, cast.owner, "Hotellet svarer ikke.", now)
    assert told(session) == [cast.secretary, cast.contributor]
    assert {mail.send_at for mail in mails(session)} == {now + comments.LATER}


def test_the_words_of_some_minutes_go_in_one_mail(
    session: Session, cast: Cast, now: datetime, task: Task, links: Links
) -> None:
    other = make_task(session, cast, now, what="Bestille buss")
    comments.add(session, task, cast.owner, "Hotellet svarer ikke.", now)
    comments.add(session, task, cast.contributor, "Ring dem.", now + timedelta(minutes=2))
    comments.add(session, other, cast.owner, "Bussen er full.", now + timedelta(minutes=3))
    assert told(session) == [cast.secretary, cast.owner, cast.contributor]
    mail = written(session, cast, cast.secretary, now, links)
    assert isinstance(mail, Outgoing)
    assert mail.letter.subject == "3 nye kommentarer"
    for words in (
        "Nils Arne Holmen: «Hotellet svarer ikke.»",
        "Kari Oremo: «Ring dem.»",
        "«Bussen er full.»",
    ):
        assert words in mail.letter.text
    own = written(session, cast, cast.contributor, now, links)
    assert isinstance(own, Outgoing)
    assert "Ring dem" not in own.letter.text
    assert own.letter.subject == "Nils Arne Holmen kommenterte: Finne egnet sted til samlingen"
    assert f"https://oppfolging.example/oppgaver/{task.id}#kommentarer" in own.letter.text


def test_a_comment_after_the_mail_went_makes_a_new_one(
    session: Session, cast: Cast, now: datetime, task: Task
) -> None:
    comments.add(session, task, cast.owner, "En.", now)
    for mail in mails(session):
        mail.state = MessageState.SENT
    comments.add(session, task, cast.owner, "To.", now + timedelta(hours=1))
    assert [len(mail.about["comments"]) for mail in mails(session)] == [1, 1, 1, 1]


def test_who_has_nothing_to_do_with_it_any_more_is_not_told(
    session: Session, cast: Cast, now: datetime, task: Task, links: Links
) -> None:
    comments.add(session, task, cast.secretary, "Hvordan går det?", now)
    follow_up.hand_over(session, task, cast.leader, cast.secretary, now)
    assert written(session, cast, cast.owner, now, links) == Stopped(
        "Kommentarene angår ikke mottakeren lenger."
    )


def test_words_about_a_restricted_case_stay_inside(
    session: Session, cast: Cast, now: datetime, task: Task, links: Links
) -> None:
    comments.add(session, task, cast.owner, "Det gjelder lønnen.", now)
    assert task.agenda_item is not None
    task.agenda_item.restricted = "offl. § 13"
    session.flush()
    mail = written(session, cast, cast.secretary, now, links)
    assert isinstance(mail, Outgoing)
    for part in (mail.letter.subject, mail.letter.text, mail.letter.html):
        assert "lønnen" not in part
        assert "samlingen" not in part
    assert "Logg inn for å lese den." in mail.letter.text
    outsider = people.rights(session, cast.outsider, date(2026, 3, 2))
    assert len(outbox.restricted(session, mails(session), outsider)) == 2
    follow_up.ask_more_time(session, task.owners[0], date(2026, 4, 15), "", now, via="page")
    asked = session.scalars(select(Message).where(Message.kind == MessageKind.REQUEST)).one()
    assert outbox.restricted(session, [asked], outsider) == {asked.id}
    assert not outbox.restricted(session, [asked], people.rights(session, cast.secretary, date(2026, 3, 2)))


def test_a_decision_tells_those_who_carry_it_out(
    session: Session, cast: Cast, now: datetime, task: Task, links: Links
) -> None:
    decision = Decision(
        organisation_id=cast.organisation.id, agenda_item=task.agenda_item, position=1, text="Samling.",
        needs_follow_up=True,
    )  # fmt: skip
    session.add(decision)
    task.decision = decision
    session.flush()
    comments.add(session, decision, cast.leader, "Godt vedtak.", now)
    assert told(session) == [cast.secretary, cast.owner, cast.contributor]
    mail = written(session, cast, cast.owner, now, links)
    assert isinstance(mail, Outgoing)
    assert f"/vedtak/{decision.id}#kommentarer" in mail.letter.text
    outsider = people.rights(session, cast.outsider, date(2026, 3, 2))
    assert not outbox.restricted(session, mails(session), outsider)
    assert task.agenda_item is not None
    task.agenda_item.restricted = "offl. § 13"
    session.flush()
    assert len(outbox.restricted(session, mails(session), outsider)) == 3


def test_the_same_words_sent_twice_are_said_once(
    session: Session, cast: Cast, now: datetime, task: Task
) -> None:
    first = comments.add(session, task, cast.owner, "Hei.\r\n", now)
    assert comments.add(session, task, cast.owner, " Hei.", now + timedelta(seconds=5)) is first
    assert comments.add(session, task, cast.owner, "Hei.", now + timedelta(minutes=5)) is not first


@pytest.mark.parametrize("given", ["", "  \n ", "\x00", "x" * 4001])
def test_nothing_and_too_much_are_refused(
    session: Session, cast: Cast, now: datetime, task: Task, given: str
) -> None:
    with pytest.raises(InvalidAnswer):
        comments.add(session, task, cast.owner, given, now)
    assert told(session) == []
