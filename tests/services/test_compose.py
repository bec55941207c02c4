"""Words are written when a mail's turn comes, from what is true then."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import MAIL_FROM
from tracker.clock import at
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.models import (
    Action,
    Answer,
    Key,
    Membership,
    Message,
    MessageKind,
    Task,
    TaskStatus,
)
from tracker.rules.access import Office
from tracker.rules.deadlines import DueKind, DueRule
from tracker.rules.reminders import Rhythm
from tracker.services import follow_up, remind, sign_in
from tracker.services.compose import Stopped, compose

ASSIGNED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DUE = date(2026, 3, 20)
MORNING = at(date(2026, 3, 13), Rhythm().hour)


@pytest.fixture
def task(session: Session, cast: Cast) -> Task:
    meeting = make_meeting(session, cast, ASSIGNED, date(2026, 2, 27))
    made = make_task(session, cast, ASSIGNED, due_on=DUE, meeting=meeting, contributors=[cast.contributor])
    session.commit()
    return made


def news(session: Session, task: Task) -> Message:
    """The news of the task to its owner."""
    return remind.announce(session, task.assignments, ASSIGNED)[0]


def reminder(session: Session, now: datetime = MORNING) -> Message:
    """The reminder to the owner."""
    session.commit()
    remind.remind_all(session, now)
    session.commit()
    return session.query(Message).filter_by(kind=MessageKind.REMINDER).order_by(Message.person_id).all()[0]


def written(session: Session, message: Message, now: datetime, links: Links) -> Outgoing:
    made = compose(session, message, now, links, MAIL_FROM)
    assert isinstance(made, Outgoing), made
    return made


def stopped(session: Session, message: Message, now: datetime, links: Links) -> str:
    made = compose(session, message, now, links, MAIL_FROM)
    assert isinstance(made, Stopped)
    return made.reason


def test_the_news_of_a_task(session: Session, task: Task, links: Links) -> None:
    message = news(session, task)
    mail = written(session, message, ASSIGNED, links)
    assert mail.letter.subject == "Ny oppgave: Finne egnet sted til samlingen"
    assert "I møtet fredag 27. februar 2026 fikk du ansvaret for å:" in plain(mail)
    assert "Sammen med Kari Oremo." in plain(mail)
    assert "Vi minner deg på det fredag 13. mars." in plain(mail)
    assert (mail.to_name, mail.to_address) == ("Nils Arne Holmen", "nils.arne.holmen@elvedal.example")
    assert (mail.from_name, mail.from_address) == ("Berit Kampen via Oppfølging", MAIL_FROM)
    assert mail.reply_to == "berit.kampen@elvedal.example"
    assert mail.message_id == f"{message.message_id}@elvedal.example"
    assert mail.thread == f"task-{task.id}@elvedal.example"
    assert not mail.letter.headers


def plain(mail: Outgoing) -> str:
    return mail.letter.text.replace("\xa0", " ")


def test_a_reminder_can_be_paused_and_answered_from_the_mail(
    session: Session, task: Task, links: Links
) -> None:
    mail = written(session, reminder(session), MORNING, links)
    part = task.assignments[0]
    assert mail.letter.headers["List-Unsubscribe"] == f"<{links.pause(part.person_id)}>"
    assert f"{links.answer(part.id, task.version)}?svar=utfort" in mail.letter.text
    assert mail.thread == f"task-{task.id}@elvedal.example"  # as the news of it


def test_the_mails_of_several_tasks_stand_alone(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    make_task(session, cast, ASSIGNED, what="Invitere", due_on=DUE)
    mail = written(session, reminder(session), MORNING, links)
    assert mail.letter.subject == "2 oppgaver, den første med frist fredag 20. mars"
    assert mail.thread == ""


def test_only_what_still_is_true_is_told(session: Session, cast: Cast, task: Task, links: Links) -> None:
    for what in ("Ferdig", "Gitt videre", "Utsatt", "Utgår"):
        make_task(session, cast, ASSIGNED, what=what, due_on=DUE)
    message = reminder(session)
    done, given, moved, dropped = session.query(Task).order_by(Task.id).all()[1:]
    follow_up.report_done(session, done.assignments[0], MORNING, via="mail")
    follow_up.hand_over(session, given, cast.leader, cast.secretary, MORNING)
    follow_up.change_due(session, moved, DueRule(DueKind.DATE, on=date(2026, 5, 20)), cast.secretary, MORNING)
    follow_up.drop(session, dropped, "Ikke aktuelt", cast.secretary, MORNING)
    assert written(session, message, MORNING, links).letter.subject == (
        "Frist fredag 20. mars: Finne egnet sted til samlingen"
    )
    follow_up.ask_more_time(session, task.assignments[0], date(2026, 4, 1), "", MORNING, via="mail")
    assert stopped(session, message, MORNING, links) == "Oppgavene er løst, flyttet eller gitt videre."


@pytest.mark.parametrize("kind", [MessageKind.NEW_TASKS, MessageKind.REMINDER])
@pytest.mark.parametrize("answer", [Answer.DONE, Answer.MORE_TIME, Answer.NOT_MINE])
def test_nothing_left_to_say(
    session: Session, task: Task, links: Links, kind: MessageKind, answer: Answer
) -> None:
    message = news(session, task) if kind is MessageKind.NEW_TASKS else reminder(session)
    task.assignments[0].answer = answer
    assert "løst" in stopped(session, message, MORNING, links)


def test_a_step_that_a_later_one_has_replaced_is_not_told(session: Session, task: Task, links: Links) -> None:
    """The mail server was away for a week: the reminder of the 13th has become untrue by the 19th."""
    message = reminder(session)
    assert written(session, message, at(date(2026, 3, 18), Rhythm().hour), links)
    assert stopped(session, message, at(date(2026, 3, 19), Rhythm().hour), links)
    assert stopped(session, message, at(date(2026, 3, 23), Rhythm().hour), links)


def test_who_pauses_in_between_gets_no_reminder_but_still_the_news(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    told, message = news(session, task), reminder(session)
    cast.owner.pause_until = date(2026, 3, 31)
    assert stopped(session, message, MORNING, links) == "Mottakeren har satt påminnelser på pause."
    assert written(session, told, MORNING, links)


def test_the_address_is_the_one_the_person_has_now(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    message = news(session, task)
    cast.owner.email = "ny@elvedal.example"
    assert written(session, message, ASSIGNED, links).to_address == "ny@elvedal.example"
    cast.owner.email = None
    assert stopped(session, message, ASSIGNED, links) == "Mottakeren har ingen e-postadresse."


def test_a_restricted_case_is_told_of_by_its_number_alone(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    task.what, task.evidence = "Ringe Eva om lønnen", "Eva Moen får ny lønn."
    assert task.agenda_item is not None
    task.agenda_item.restricted = "offl. § 23"
    follow_up.not_mine(session, task.assignments[0], cast.leader, "Eva er sykmeldt", ASSIGNED, via="mail")
    asked = session.query(Message).filter_by(kind=MessageKind.REQUEST).one()
    mails = [written(session, asked, ASSIGNED, links)]
    task.assignments[0].answer = Answer.NONE
    mails += [
        written(session, news(session, task), ASSIGNED, links),
        written(session, reminder(session), MORNING, links),
    ]
    for mail in mails:
        everything = mail.letter.subject + mail.letter.text + mail.letter.html
        assert "Sak 4/26 (unntatt offentlighet)" in everything
        assert not re.search(r"Eva|lønn|Ringe|sykmeldt|§", everything)


def test_an_overdue_task_stands_on_the_status_of_the_next_meeting(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    make_meeting(session, cast, ASSIGNED, date(2026, 4, 16))
    now = at(date(2026, 3, 25), Rhythm().hour)
    text = plain(written(session, reminder(session, now), now, links))
    assert "statusen til neste møte: Møte i Elvedalsrådet torsdag 16. april 2026." in text


def test_a_task_without_deadline_says_when_it_is_taken_up(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    task.set_due(DueRule())
    message = news(session, task)
    assert "Uten frist. Tas opp på neste møte." in plain(written(session, message, ASSIGNED, links))
    make_meeting(session, cast, ASSIGNED, date(2026, 4, 16))
    text = plain(written(session, message, ASSIGNED, links))
    assert "Uten frist. Tas opp i møtet torsdag 16. april 2026." in text


def test_who_gets_a_task_later_is_not_told_that_it_was_given_in_the_meeting(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    follow_up.hand_over(session, task, cast.leader, cast.secretary, ASSIGNED + timedelta(days=3))
    message = session.query(Message).filter_by(person_id=cast.leader.id).one()
    text = plain(written(session, message, ASSIGNED + timedelta(days=3), links))
    assert "Du har fått ansvaret for å:" in text
    assert "Sak 4/26, møtet fredag 27. februar 2026" in text


@pytest.mark.parametrize("code", ["nn", "en"])
def test_letters_are_in_the_language_of_the_person(
    session: Session, cast: Cast, task: Task, links: Links, code: str
) -> None:
    cast.owner.language = code
    assert f'<html lang="{code}">' in written(session, news(session, task), ASSIGNED, links).letter.html


def test_the_secretary_reads_who_asks_for_what(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    part = task.assignments[0]
    follow_up.ask_more_time(session, part, date(2026, 4, 1), "Hotellet svarer ikke.", ASSIGNED, via="mail")
    message = session.query(Message).filter_by(kind=MessageKind.REQUEST).one()
    mail = written(session, message, ASSIGNED, links)
    assert mail.letter.subject == "Nils Arne Holmen trenger mer tid: Finne egnet sted til samlingen"
    assert "Nils Arne Holmen ber om ny frist onsdag 1. april 2026 for:" in plain(mail)
    assert "«Hotellet svarer ikke.»" in plain(mail)
    assert f"{links.url}/oppgaver/{task.id}" in plain(mail)
    assert (mail.from_name, mail.reply_to) == ("Nils Arne Holmen via Oppfølging", cast.owner.email)
    follow_up.undo(session, part, ASSIGNED, via="mail")
    assert stopped(session, message, ASSIGNED, links) == "Spørsmålet er alt besvart."
    follow_up.not_mine(session, part, cast.leader, "", ASSIGNED, via="mail")
    text = plain(written(session, message, ASSIGNED, links))
    assert "Nils Arne Holmen svarer «Ikke min oppgave»:" in text
    assert "Forslag: Sigurd Lien har den." in text
    follow_up.hand_over(session, task, cast.leader, cast.secretary, ASSIGNED)
    assert stopped(session, message, ASSIGNED, links) == "Spørsmålet er alt besvart."
    assert task.history[-1].action is Action.OWNER_CHANGED


def test_a_body_without_secretary_writes_in_the_name_of_the_organisation(
    session: Session, cast: Cast, task: Task, links: Links
) -> None:
    for office in session.query(Membership).filter_by(office=Office.SECRETARY):
        office.to_date = date(2026, 1, 1)
    mail = written(session, news(session, task), ASSIGNED, links)
    assert mail.from_name == "Elvedal interkommunale råd via Oppfølging"
    assert mail.reply_to == ""


def test_a_sign_in_link_is_made_when_the_mail_is_written(
    session: Session, cast: Cast, now: datetime, links: Links
) -> None:
    assert cast.secretary.email is not None
    sign_in.ask_for_link(session, cast.secretary.email, now)
    message = session.query(Message).one()
    assert session.query(Key).count() == 0
    mail = written(session, message, now, links)
    token = re.search(r"/inn/(\S+)", mail.letter.text)
    assert token is not None
    assert sign_in.holder(session, links, token[1], now) == cast.secretary
    assert (mail.from_name, mail.reply_to) == ("Oppfølging", "")


def test_closed_tasks_make_no_news(session: Session, task: Task, links: Links) -> None:
    message = news(session, task)
    task.status = TaskStatus.DROPPED
    assert stopped(session, message, ASSIGNED, links)


def test_written_twice_it_is_the_same_mail(session: Session, task: Task, links: Links) -> None:
    """A second copy after a crash can be known as one."""
    message = news(session, task)
    one, two = (written(session, message, ASSIGNED, links) for _ in range(2))
    assert one == replace(two)


def test_an_answer_is_confirmed_with_a_way_back(session: Session, task: Task, links: Links) -> None:
    part = task.assignments[0]
    follow_up.report_done(session, part, ASSIGNED, via="mail")
    message = session.query(Message).filter_by(kind=MessageKind.RECEIPT).one()
    mail = written(session, message, ASSIGNED, links)
    assert mail.letter.subject == "Meldt utført: Finne egnet sted til samlingen"
    assert "/kvittering" in plain(mail)
    assert "Du kan angre i ett døgn." in plain(mail)
    follow_up.undo(session, part, ASSIGNED, via="mail")
    assert stopped(session, message, ASSIGNED, links) == "Svaret er tatt tilbake."
