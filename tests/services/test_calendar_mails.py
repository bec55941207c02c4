"""Invitations in people's calendars: what each mail carries, and which changes bring one."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import policy

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tests.services.mornings import MAIL_FROM
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.models import Coming, Invitation, Meeting, Message, MessageKind, MessageState, Person, Via
from tracker.rules.deadlines import DueKind, DueRule
from tracker.services import calendar_mails, inviting, moving, sign_up
from tracker.services.calendar_mails import AnswerAddress
from tracker.services.compose import Stopped, compose

DAY = date(2026, 3, 24)
MINUTE = timedelta(minutes=1)
ANSWERS = AnswerAddress("svar@elvedal.example", tagged=True)


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime) -> Meeting:
    made = make_meeting(session, cast, now, DAY)
    inviting.invite(session, made, now)
    session.commit()
    return made


def of(meeting: Meeting, person: Person) -> Invitation:
    return next(i for i in meeting.invitations if i.person_id == person.id)


def sent(
    session: Session, links: Links, now: datetime, person: Person, answers_to: AnswerAddress | None = ANSWERS
) -> list[Outgoing]:
    """What goes to somebody now, and is sent."""
    waiting = session.scalars(
        select(Message)
        .where(Message.state == MessageState.WAITING, Message.person_id == person.id)
        .order_by(Message.id)
    ).all()
    gone = []
    for message in waiting:
        mail = compose(session, message, now, links, MAIL_FROM, answers_to)
        message.state = MessageState.STOPPED if isinstance(mail, Stopped) else MessageState.SENT
        if isinstance(mail, Outgoing):
            gone.append(mail)
    session.commit()
    return gone


def due(session: Session, now: datetime) -> int:
    session.commit()
    count = calendar_mails.send_due(session, now)
    session.commit()
    return count


def event(mail: Outgoing) -> dict[str, str]:
    assert mail.calendar is not None
    read = email.message_from_bytes(mail.as_bytes(), policy=policy.default)
    part = next(part for part in read.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    (found,) = calendar.walk("VEVENT")
    assert part["Content-Type"].params["method"] == calendar["METHOD"] == mail.calendar.method
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(found["UID"]),
        "sequence": str(found["SEQUENCE"]),
        "organizer": str(found["ORGANIZER"]),
        "attendee": str(found["ATTENDEE"]),
        "partstat": str(found["ATTENDEE"].params["PARTSTAT"]),
        "starts": found["DTSTART"].dt.strftime("%Y-%m-%d %H:%M"),
        "status": str(found["STATUS"]),
    }


def said(mail: Outgoing) -> str:
    return mail.letter.text.replace("\u00a0", " ")


def to(day: date, place: str | None = "Elvedal rådhus") -> moving.Plan:
    from datetime import time

    return moving.Plan(day, day, time(10), time(12), place)


def test_the_invitation_comes_from_the_address_that_calendars_answer(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    [mail] = sent(session, links, now, cast.contributor)
    own = f"svar+{links.answer_tag(kari.id)}@elvedal.example"
    assert (mail.from_address, mail.reply_to) == (own, "")
    assert event(mail) == {
        "method": "REQUEST",
        "uid": f"meeting-{meeting.public_id}@oppfolging.example",
        "sequence": "0",
        "organizer": f"mailto:{own}",
        "attendee": f"mailto:{cast.contributor.email}",
        "partstat": "NEEDS-ACTION",
        "starts": "2026-03-24 10:00",
        "status": "CONFIRMED",
    }
    [other] = sent(session, links, now, cast.owner)
    assert other.from_address != own
    assert due(session, now + 5 * MINUTE) == 0


def test_without_a_mailbox_answers_go_to_the_secretary(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    [mail] = sent(session, links, now, cast.contributor, None)
    assert (mail.from_address, mail.reply_to) == (MAIL_FROM, cast.secretary.email)
    assert event(mail)["organizer"] == f"mailto:{MAIL_FROM}"
    [plain] = sent(session, links, now, cast.owner, AnswerAddress("svar@elvedal.example"))
    assert plain.from_address == "svar@elvedal.example"


def test_a_mail_that_is_written_again_is_the_same(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    moving.move(session, meeting, to(DAY + timedelta(days=1)), cast.secretary, now)
    for kind in (MessageKind.INVITATION, MessageKind.MEETING_CHANGED):
        if kind is MessageKind.MEETING_CHANGED:
            sent(session, links, now, cast.contributor)
            moving.move(session, meeting, to(DAY + timedelta(days=2)), cast.secretary, now + MINUTE)
            due(session, now + 3 * MINUTE)
        message = session.scalars(
            select(Message).where(Message.kind == kind, Message.person_id == cast.contributor.id)
        ).one()
        first, second = (
            compose(session, message, now + 4 * MINUTE, links, MAIL_FROM, ANSWERS) for _ in range(2)
        )
        assert isinstance(first, Outgoing)
        assert isinstance(second, Outgoing)
        assert first.as_bytes() == second.as_bytes()
        message.state = MessageState.SENT


def test_a_move_brings_one_mail_with_the_same_uid_and_a_higher_sequence(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    [first] = sent(session, links, now, cast.contributor)
    sign_up.answer(session, of(meeting, cast.contributor), sign_up.Reply(Coming.YES), now, Via.PAGE)
    moving.move(session, meeting, to(DAY + timedelta(days=1)), cast.secretary, now + MINUTE)
    assert due(session, now + MINUTE + timedelta(seconds=59)) == 0, "more edits may come"
    due(session, now + 2 * MINUTE)
    due(session, now + 2 * MINUTE)
    [second] = sent(session, links, now + 2 * MINUTE, cast.contributor)
    assert event(second) == {
        **event(first),
        "sequence": "1",
        "partstat": "ACCEPTED",
        "starts": "2026-03-25 10:00",
    }
    assert "Før: tirsdag 24. mars" in said(second)
    assert links.sign_up(of(meeting, cast.contributor).id) in second.letter.text
    assert due(session, now + 9 * MINUTE) == 0


def test_several_quick_edits_are_one_mail_and_tell_what_was_before_them_all(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    sent(session, links, now, cast.contributor)
    for step, plan in enumerate(
        (to(date(2026, 3, 25)), to(date(2026, 3, 26)), to(date(2026, 3, 26), "Fjellstua"))
    ):
        moving.move(session, meeting, plan, cast.secretary, now + MINUTE + timedelta(seconds=30 * step))
        due(session, now + MINUTE + timedelta(seconds=30 * step))
    due(session, now + 4 * MINUTE)
    [mail] = sent(session, links, now + 4 * MINUTE, cast.contributor)
    assert event(mail)["sequence"] == "3"
    assert "Før: tirsdag 24. mars" in said(mail)
    assert "Fjellstua" in said(mail)


def test_edits_that_are_undone_in_time_are_nobodys_news(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    sent(session, links, now, cast.contributor)
    change = moving.move(session, meeting, to(date(2026, 3, 25)), cast.secretary, now + MINUTE)
    assert change is not None
    moving.undo(session, meeting, change.id, cast.secretary, now + MINUTE)
    due(session, now + 5 * MINUTE)
    assert sent(session, links, now + 5 * MINUTE, cast.contributor) == []
    moving.move(session, meeting, to(date(2026, 3, 26)), cast.secretary, now + 6 * MINUTE)
    due(session, now + 8 * MINUTE)
    [mail] = sent(session, links, now + 8 * MINUTE, cast.contributor)
    assert event(mail)["sequence"] == "3"


def test_an_undoing_that_comes_later_is_told(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    sent(session, links, now, cast.contributor)
    change = moving.cancel(session, meeting, cast.secretary, now + MINUTE)
    assert change is not None
    due(session, now + 3 * MINUTE)
    [off] = sent(session, links, now + 3 * MINUTE, cast.contributor)
    moving.undo(session, meeting, change.id, cast.secretary, now + 10 * MINUTE)
    due(session, now + 12 * MINUTE)
    [back] = sent(session, links, now + 12 * MINUTE, cast.contributor)
    found = [(event(mail)["method"], event(mail)["sequence"]) for mail in (off, back)]
    assert found == [("CANCEL", "1"), ("REQUEST", "2")]
    assert back.letter.subject.startswith("Likevel:")


def test_a_cancellation(session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting) -> None:
    [first] = sent(session, links, now, cast.contributor)
    moving.cancel(session, meeting, cast.secretary, now + MINUTE)
    due(session, now + 2 * MINUTE)
    [mail] = sent(session, links, now + 2 * MINUTE, cast.contributor)
    wanted = {**event(first), "method": "CANCEL", "sequence": "1", "status": "CANCELLED"}
    assert event(mail) == wanted
    assert mail.letter.subject.startswith("Avlyst:")
    assert due(session, now + 9 * MINUTE) == 0


def test_who_is_taken_off_the_list_and_asked_again(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    guest = inviting.add_guest(session, meeting, "Ada Gjest", "ada@gjest.example", now)
    sent(session, links, now, guest.person)
    inviting.withdraw(session, guest, now + MINUTE)
    assert due(session, now + 3 * MINUTE) == 1
    [off] = sent(session, links, now + 3 * MINUTE, guest.person)
    again = inviting.add_guest(session, meeting, "Ada Gjest", "ada@gjest.example", now + 5 * MINUTE)
    assert again is guest
    [back] = sent(session, links, now + 5 * MINUTE, guest.person)
    assert [(event(m)["method"], event(m)["sequence"]) for m in (off, back)] == [
        ("CANCEL", "1"),
        ("REQUEST", "2"),
    ]
    assert off.letter.subject.startswith("Ikke lenger innkalt:")
    assert kari.taken_back == 0


def test_who_was_never_mailed_hears_nothing_of_its_end(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    moving.cancel(session, meeting, cast.secretary, now)
    assert sent(session, links, now, cast.contributor) == []
    due(session, now + 5 * MINUTE)
    assert sent(session, links, now + 5 * MINUTE, cast.contributor) == []


def test_an_invitation_that_waits_tells_the_newest_and_nothing_follows(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    moving.move(session, meeting, to(date(2026, 3, 25)), cast.secretary, now + MINUTE)
    due(session, now + 5 * MINUTE)
    [mail] = sent(session, links, now + 6 * MINUTE, cast.contributor)
    assert event(mail)["starts"] == "2026-03-25 10:00"
    assert due(session, now + 9 * MINUTE) == 0


def test_what_the_secretary_stops_stays_stopped(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    for person in (cast.leader, cast.owner, cast.contributor):
        sent(session, links, now, person)
    moving.move(session, meeting, to(date(2026, 3, 25)), cast.secretary, now + MINUTE)
    assert due(session, now + 3 * MINUTE) == 3
    for message in session.scalars(select(Message).where(Message.state == MessageState.WAITING)):
        message.state = MessageState.STOPPED
    assert due(session, now + 60 * MINUTE) == 0


def test_a_title_or_a_link_is_news_too(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    sent(session, links, now, cast.contributor)
    details = inviting.Details("Ekstra rådsmøte", "https://video.example/1")
    inviting.change(session, meeting, details, now + MINUTE)
    due(session, now + 3 * MINUTE)
    [mail] = sent(session, links, now + 3 * MINUTE, cast.contributor)
    assert mail.letter.subject.startswith("Endret: Ekstra rådsmøte")
    assert event(mail)["sequence"] == "1"


def test_who_is_invited_hears_of_a_change_and_of_their_deadlines_in_one_mail(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    task = make_task(session, cast, now, owners=[cast.contributor], due_on=None)
    task.set_due(DueRule(DueKind.EVENT, days=-14), event=meeting)
    sent(session, links, now, cast.contributor)
    moving.move(session, meeting, to(date(2026, 3, 31)), cast.secretary, now + MINUTE)
    due(session, now + 3 * MINUTE)
    [mail] = sent(session, links, now + 3 * MINUTE, cast.contributor)
    assert task.what in mail.letter.text
    assert mail.calendar is not None


@pytest.mark.parametrize(("day", "told"), [(date(2026, 3, 4), True), (date(2026, 3, 6), False)])
def test_within_72_hours_those_who_only_subscribe_are_told_as_well(
    session: Session, cast: Cast, now: datetime, day: date, told: bool
) -> None:
    made = make_meeting(session, cast, now, day)
    moving.move(
        session, made, replace(moving.plan_of(made), place="Fjellstua"), cast.secretary, now, tell=False
    )
    mails = session.scalars(select(Message).where(Message.kind == MessageKind.MEETING_CHANGED)).all()
    assert bool(mails) is told
