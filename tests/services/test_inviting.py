"""Whom a meeting is for: members on the day, guests, and substitutes called in their order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.cast import SINCE, Cast
from tests.factories import make_meeting
from tests.services.mornings import MAIL_FROM
from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.minutes.draft import Event
from tracker.models import (
    Attendance,
    Coming,
    Invitation,
    Meeting,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Method,
    Person,
    Role,
    Via,
)
from tracker.rules.access import Office
from tracker.services import calendar_mails, inviting, moving, sign_up
from tracker.services.cards import EventCard
from tracker.services.compose import Stopped, compose
from tracker.services.sign_up import Reply

DAY = date(2026, 3, 24)
YES, NO = Reply(Coming.YES), Reply(Coming.NO)


@pytest.fixture
def substitutes(session: Session, cast: Cast) -> list[Person]:
    """Three vara, added in another order than they are to be called in."""
    found = []
    for order, name in ((3, "Tea Tveit"), (1, "Ole Aas"), (2, "Pia Berg")):
        person = Person(
            organisation_id=cast.organisation.id, name=name, email=f"{name.split()[0].lower()}@vara.example"
        )
        session.add(
            Membership(
                organisation_id=cast.organisation.id, body=cast.body, person=person,
                office=Office.SUBSTITUTE, substitute_order=order, from_date=SINCE,
            )
        )  # fmt: skip
        found.append(person)
    session.flush()
    return [found[1], found[2], found[0]]


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime, substitutes: list[Person]) -> Meeting:
    made = make_meeting(session, cast, now, DAY)
    inviting.invite(session, made, now)
    session.commit()
    return made


def of(meeting: Meeting, person: Person) -> Invitation:
    return next(i for i in meeting.invitations if i.person_id == person.id)


def mails(session: Session, kind: MessageKind) -> list[str]:
    found = session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id))
    return [message.person.name for message in found]


def say(session: Session, invitation: Invitation, reply: Reply, now: datetime) -> None:
    sign_up.answer(session, invitation, reply, now, Via.PAGE)
    session.flush()


def offer(session: Session, meeting: Meeting, person: Person) -> Person | None:
    found = {a.invitation.person_id: a for a in inviting.absences(session, meeting)}
    return found[person.id].offer


def test_the_members_that_day_are_asked_and_mailed_once(session: Session, cast: Cast, now: datetime) -> None:
    for held in cast.body.memberships:
        if held.person_id == cast.contributor.id:
            held.to_date = DAY - timedelta(days=1)
    newcomer = Person(organisation_id=cast.organisation.id, name="Nora Ny", email="nora@elvedal.example")
    silent = Person(organisation_id=cast.organisation.id, name="Stein Stille")
    for person in (newcomer, silent):
        session.add(
            Membership(organisation_id=cast.organisation.id, body=cast.body, person=person, from_date=DAY)
        )
    meeting = make_meeting(session, cast, now, DAY)
    session.flush()
    assert inviting.invite(session, meeting, now) == 3
    assert inviting.invite(session, meeting, now) == 0
    assert sorted(i.person.name for i in meeting.invitations) == [
        "Nils Arne Holmen", "Nora Ny", "Sigurd Lien", "Stein Stille",
    ]  # fmt: skip
    assert sorted(mails(session, MessageKind.INVITATION)) == ["Nils Arne Holmen", "Nora Ny", "Sigurd Lien"]
    assert meeting.invites
    assert (of(meeting, newcomer).sent_method, of(meeting, silent).sent_method) == (Method.REQUEST, None)
    silent.email = "stein@elvedal.example"
    assert inviting.invite(session, meeting, now) == 1


def test_guests_come_by_name_and_address_and_the_known_are_who_they_are(
    session: Session, cast: Cast, now: datetime
) -> None:
    meeting = make_meeting(session, cast, now, DAY)
    guest = inviting.add_guest(session, meeting, "Ada Gjest", "ada@gjest.example", now)
    assert (guest.role, guest.person.memberships, guest.sent_method) == (Role.GUEST, [], None)
    assert (
        inviting.add_guest(session, meeting, "T.", "TOVE.Strand@elvedal.example", now).person is cast.outsider
    )
    member = inviting.add_guest(session, meeting, "Nils", cast.owner.email or "", now)
    assert (member.person, member.role) == (cast.owner, Role.MEMBER)
    with pytest.raises(InvalidAnswer, match="Ada Gjest er alt innkalt"):
        inviting.add_guest(session, meeting, "Ada", "ada@gjest.example", now)
    with pytest.raises(InvalidAnswer, match="Skriv e-postadressen slik"):
        inviting.add_guest(session, meeting, "Bo", "bo", now)
    assert inviting.invite(session, meeting, now) == 5
    late = inviting.add_guest(session, meeting, "Bo", "bo@gjest.example", now)
    assert late.sent_method is Method.REQUEST


def test_somebody_taken_off_and_asked_again_begins_anew(
    session: Session, cast: Cast, now: datetime, meeting: Meeting
) -> None:
    say(session, of(meeting, cast.owner), YES, now)
    inviting.withdraw(session, of(meeting, cast.owner), now)
    assert sign_up.line(meeting).seated == []
    assert inviting.not_invited(session, meeting) == []
    again = inviting.add_guest(session, meeting, "", cast.owner.email or "", now)
    assert (again, again.answer, again.stands) == (of(meeting, cast.owner), Coming.NONE, True)
    assert mails(session, MessageKind.INVITATION).count(cast.owner.name) == 2


def test_substitutes_are_called_in_order_until_one_can(
    session: Session, cast: Cast, now: datetime, meeting: Meeting, substitutes: list[Person]
) -> None:
    ole, pia, tea = substitutes
    assert inviting.absences(session, meeting) == []
    say(session, of(meeting, cast.owner), NO, now)
    assert offer(session, meeting, cast.owner) is ole
    with pytest.raises(InvalidAnswer, match="En annen vara er nå den neste"):
        inviting.call_substitute(session, of(meeting, cast.owner), pia.id, now)
    for _twice in range(2):
        inviting.call_substitute(session, of(meeting, cast.owner), ole.id, now)
    assert of(meeting, ole).role is Role.SUBSTITUTE
    assert mails(session, MessageKind.INVITATION).count(ole.name) == 1
    assert offer(session, meeting, cast.owner) is None
    sign_up.name_substitute(session, of(meeting, cast.owner), tea)  # too late: Ole is called
    assert of(meeting, cast.owner).substitute is ole
    say(session, of(meeting, ole), NO, now)
    assert offer(session, meeting, cast.owner) is pia
    say(session, of(meeting, cast.leader), NO, now)
    inviting.call_substitute(session, of(meeting, cast.leader), pia.id, now)
    inviting.call_substitute(session, of(meeting, cast.owner), tea.id, now)
    say(session, of(meeting, tea), NO, now)
    assert offer(session, meeting, cast.owner) is None  # nobody is left
    assert offer(session, meeting, cast.leader) is None  # nobody is needed


def test_a_substitute_whose_member_comes_after_all_is_pointed_out(
    session: Session, cast: Cast, now: datetime, meeting: Meeting, substitutes: list[Person]
) -> None:
    say(session, of(meeting, cast.owner), NO, now)
    inviting.call_substitute(session, of(meeting, cast.owner), substitutes[0].id, now)
    assert inviting.not_needed(meeting) == []
    say(session, of(meeting, cast.owner), YES, now)
    assert inviting.not_needed(meeting) == [(of(meeting, substitutes[0]), of(meeting, cast.owner))]
    inviting.withdraw(session, of(meeting, substitutes[0]), now)
    assert inviting.not_needed(meeting) == []


def test_forfall_is_told_to_the_secretary_and_is_no_attendance(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting, substitutes: list[Person]
) -> None:
    for _twice in range(2):
        say(session, of(meeting, cast.owner), NO, now)
    sign_up.name_substitute(session, of(meeting, cast.owner), substitutes[1])
    assert mails(session, MessageKind.ABSENCE) == ["Berit Kampen"]
    assert session.scalars(select(Attendance)).all() == []
    (absence,) = inviting.absences(session, meeting)
    assert (absence.offer, absence.named) == (substitutes[0], substitutes[1])
    message = session.scalars(select(Message).where(Message.kind == MessageKind.ABSENCE)).one()
    mail = compose(session, message, now, links, MAIL_FROM)
    assert isinstance(mail, Outgoing)
    assert "Nils Arne Holmen melder forfall til:" in mail.letter.text
    assert "Neste vara er Ole Aas." in mail.letter.text
    assert mail.reply_to == cast.owner.email
    say(session, of(meeting, cast.owner), YES, now)
    assert compose(session, message, now, links, MAIL_FROM) == Stopped("Svaret er endret.")


def test_the_substitutes_letter_says_in_whose_place(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting, substitutes: list[Person]
) -> None:
    say(session, of(meeting, cast.owner), NO, now)
    inviting.call_substitute(session, of(meeting, cast.owner), substitutes[0].id, now)
    message = session.scalars(select(Message).where(Message.person_id == substitutes[0].id)).one()
    mail = compose(session, message, now, links, MAIL_FROM)
    assert isinstance(mail, Outgoing)
    assert "Berit Kampen kaller deg inn som vara for Nils Arne Holmen til:" in mail.letter.text


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        (" https://mote.example/abc?p=1#x ", "https://mote.example/abc?p=1#x"),
        ("", None),
        ("http://mote.example/abc", "refused"),
        ("mote.example/abc", "refused"),
        ("javascript:alert(1)", "refused"),
        ("https://", "refused"),
        ("https://[", "refused"),
        ("https://mote", "refused"),
        ("https://eva:hemmelig@mote.example/", "refused"),
        ('https://mote.example/"><script>', "refused"),
        ("https://mote.example/a b", "refused"),
        ("https://mote.example/\nBEGIN:VEVENT", "refused"),
        ("https://mote.example/" + "a" * 500, "refused"),
    ],
)
def test_a_remote_link_is_an_https_address(link: str, kept: str | None) -> None:
    if kept == "refused":
        with pytest.raises(InvalidAnswer, match="Lim inn hele lenken"):
            inviting.checked_link(link)
    else:
        assert inviting.checked_link(link) == kept


def test_title_and_link_are_news_to_calendars_and_the_rest_is_not(
    session: Session, cast: Cast, now: datetime, meeting: Meeting
) -> None:
    then = now + timedelta(hours=1)
    inviting.change(session, meeting, inviting.Details(meeting.title), then)
    assert (meeting.sequence, meeting.changed_at) == (0, now)
    inviting.change(session, meeting, inviting.Details(meeting.title, register_by=DAY, asks_diet=True), then)
    assert (meeting.sequence, meeting.changed_at) == (0, then)
    inviting.change(session, meeting, inviting.Details("  Nytt   navn "), then)
    inviting.change(session, meeting, inviting.Details("Nytt navn", "https://mote.example"), then)
    assert (meeting.title, meeting.remote_link, meeting.sequence) == ("Nytt navn", "https://mote.example", 2)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (inviting.Details(" "), "title"),
        (inviting.Details("Møte", register_by=DAY + timedelta(days=1)), "register_by"),
        (inviting.Details("Møte", seats=0), "seats"),
        (inviting.Details("Møte", seats=10**9), "seats"),
        (inviting.Details("Møte", "http://x.example"), "remote_link"),
    ],
)
def test_details_that_cannot_be_are_refused(
    session: Session, cast: Cast, now: datetime, meeting: Meeting, details: inviting.Details, field: str
) -> None:
    with pytest.raises(InvalidAnswer) as fault:
        inviting.change(session, meeting, details, now)
    assert fault.value.field == field


def test_a_cancelled_meeting_asks_nobody(
    session: Session, cast: Cast, now: datetime, meeting: Meeting
) -> None:
    moving.cancel(session, meeting, cast.secretary, now)
    with pytest.raises(InvalidAnswer, match="avlyst eller holdt"):
        inviting.invite(session, meeting, now)
    with pytest.raises(InvalidAnswer, match="avlyst eller holdt"):
        inviting.add_guest(session, meeting, "Ada", "ada@gjest.example", now)


def test_guests_hear_of_a_move_and_answers_from_before_it_are_marked(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    guest = inviting.add_guest(session, meeting, "Ada Gjest", "ada@gjest.example", now)
    say(session, guest, YES, now)
    plan = moving.plan_of(meeting)
    later = moving.Plan(
        DAY + timedelta(days=7), DAY + timedelta(days=7), plan.starts_at, plan.ends_at, plan.place
    )
    moving.move(session, meeting, later, cast.secretary, now + timedelta(minutes=1))
    session.execute(update(Message).values(state=MessageState.SENT))
    session.commit()
    calendar_mails.send_due(session, now + timedelta(minutes=2))
    assert "Ada Gjest" in mails(session, MessageKind.MEETING_CHANGED)
    message = session.scalars(
        select(Message).where(
            Message.person_id == guest.person_id, Message.kind == MessageKind.MEETING_CHANGED
        )
    ).one()
    mail = compose(session, message, now, links, MAIL_FROM)
    assert isinstance(mail, Outgoing)
    assert links.sign_up(guest.id) in mail.letter.text
    assert inviting.answered_before_move(guest)
    say(session, guest, YES, now + timedelta(minutes=2))
    assert not inviting.answered_before_move(guest)


@pytest.mark.parametrize(
    ("said", "register_by", "registration"),
    [
        ("2026-03-20", date(2026, 3, 20), None),
        ("required", None, "required"),
        ("Hos sekretæren", None, "Hos sekretæren"),
        (None, None, None),
    ],
)
def test_what_minutes_say_of_signing_up_is_a_day_or_that_one_has_to(
    said: str | None, register_by: date | None, registration: str | None
) -> None:
    event = Event("m1", "Samling", "2026-04-20T12:00", registration=said)
    kept = EventCard(id="m1", event=event).signing_up
    assert kept == {"register_by": register_by, "registration": registration}


def test_nobody_is_asked_to_a_meeting_that_is_over(session: Session, cast: Cast, now: datetime) -> None:
    over = make_meeting(session, cast, now, local_date(now) - timedelta(days=1))
    session.commit()
    with pytest.raises(InvalidAnswer, match="kalles inn"):
        inviting.invite(session, over, now)
    session.rollback()
    with pytest.raises(InvalidAnswer, match="kalles inn"):
        inviting.add_guest(session, over, "Gro Gjest", "gro@gjest.example", now)
