"""Answering an invitation: seats and who waits for one, the deadline, forfall, and what is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting
from tests.services.mornings import MAIL_FROM
from tracker import db
from tracker.clock import at
from tracker.errors import InvalidAnswer, LinkOutdated, NotFound
from tracker.links import Links
from tracker.mail.mime import Outgoing
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    MeetingKind,
    MeetingStatus,
    Message,
    MessageKind,
    MessageState,
    Person,
    Via,
)
from tracker.services import inviting, sign_up
from tracker.services.compose import Stopped, compose
from tracker.services.sign_up import Reply

DAY = date(2026, 3, 24)  # a Tuesday
DEADLINE = date(2026, 3, 16)  # a Monday: three working days before is Wednesday 11 March
YES, NO, PARTLY = Reply(Coming.YES), Reply(Coming.NO), Reply(Coming.PARTLY, "Bare tirsdag")


@pytest.fixture
def gathering(session: Session, cast: Cast, now: datetime) -> Meeting:
    """Members asked: the leader, the owner and the contributor."""
    made = make_meeting(session, cast, now, DAY, kind=MeetingKind.GATHERING, title="Fagsamling")
    made.register_by = DEADLINE
    inviting.invite(session, made, now)
    session.commit()
    return made


def of(meeting: Meeting, person: Person) -> Invitation:
    return next(i for i in meeting.invitations if i.person_id == person.id)


def mails(session: Session, kind: MessageKind) -> list[str]:
    found = session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id))
    return [message.person.first_name for message in found]


def names(invitations: list[Invitation]) -> list[str]:
    return [invitation.person.first_name for invitation in invitations]


def answer(
    session: Session, invitation: Invitation, reply: Reply, now: datetime, via: Via = Via.PAGE
) -> None:
    sign_up.answer(session, invitation, reply, now, via)
    session.commit()


def test_the_first_get_the_seats_and_the_others_wait_in_order(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    gathering.seats = 1
    answer(session, of(gathering, cast.owner), YES, now)
    answer(session, of(gathering, cast.leader), PARTLY, now - timedelta(hours=1))  # a clock that is behind
    answer(session, of(gathering, cast.contributor), YES, now)
    line = sign_up.line(gathering)
    assert (names(line.seated), names(line.waiting)) == (["Nils Arne"], ["Sigurd", "Kari"])
    assert line.place(of(gathering, cast.contributor)) == 2
    assert line.place(of(gathering, cast.owner)) is None
    assert sign_up.is_full(gathering)
    assert mails(session, MessageKind.MOVED_UP) == []


def test_who_leaves_makes_room_for_the_first_who_waits_and_only_they_are_told(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    gathering.seats = 1
    for person in (cast.owner, cast.leader, cast.contributor):
        answer(session, of(gathering, person), YES, now)
    for _twice in range(2):
        answer(session, of(gathering, cast.owner), NO, now)
    line = sign_up.line(gathering)
    assert (names(line.seated), names(line.waiting)) == (["Sigurd"], ["Kari"])
    assert mails(session, MessageKind.MOVED_UP) == ["Sigurd"]
    answer(session, of(gathering, cast.owner), YES, now)
    assert names(sign_up.line(gathering).waiting) == ["Kari", "Nils Arne"]


def test_a_changed_answer_keeps_the_seat(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    gathering.seats = 1
    for person in (cast.owner, cast.leader):
        answer(session, of(gathering, person), YES, now)
    answer(session, of(gathering, cast.owner), PARTLY, now)
    invitation = of(gathering, cast.owner)
    assert names(sign_up.line(gathering).seated) == ["Nils Arne"]
    assert (invitation.answer, invitation.partly_text) == (Coming.PARTLY, "Bare tirsdag")
    answer(session, invitation, YES, now)
    assert invitation.partly_text == ""


def test_more_seats_are_taken_by_those_who_wait_and_fewer_take_none_away(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    details = inviting.Details("Fagsamling", register_by=DEADLINE, seats=1)
    inviting.change(session, gathering, details, now)
    for person in (cast.owner, cast.leader, cast.contributor):
        answer(session, of(gathering, person), YES, now)
    inviting.change(session, gathering, inviting.Details("Fagsamling", seats=2), now)
    assert mails(session, MessageKind.MOVED_UP) == ["Sigurd"]
    with pytest.raises(InvalidAnswer, match="2 har alt fått plass"):
        inviting.change(session, gathering, details, now)
    inviting.change(session, gathering, inviting.Details("Fagsamling"), now)
    assert mails(session, MessageKind.MOVED_UP) == ["Sigurd", "Kari"]


def test_of_two_at_once_one_gets_the_last_seat(
    engine: Engine, session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    gathering.seats = 1
    people = (cast.owner, cast.leader, cast.contributor)
    numbers = [of(gathering, person).id for person in people]
    session.commit()
    start = Barrier(len(numbers))

    def sign(number: int) -> None:
        with db.sessions(engine)() as own:
            invitation = own.get_one(Invitation, number)  # read before the others write
            assert invitation.meeting.invitations
            own.rollback()
            start.wait(30)
            db.write_at_once(own)
            sign_up.answer(own, own.get_one(Invitation, number), YES, now, Via.PAGE)
            own.commit()

    with ThreadPoolExecutor(len(numbers)) as together:
        list(together.map(sign, numbers))
    session.expire_all()
    line = sign_up.line(gathering)
    assert (len(line.seated), len(line.waiting)) == (1, 2)
    assert sorted(i.turn or 0 for i in gathering.invitations) == [1, 2, 3]


def test_two_who_leave_at_once_make_room_for_two(
    engine: Engine, session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    gathering.seats = 2
    guests = [
        inviting.add_guest(session, gathering, name, f"{name.lower()}@gjest.example", now)
        for name in ("Ada", "Bo")
    ]
    for invitation in (of(gathering, cast.owner), of(gathering, cast.leader), *guests):
        answer(session, invitation, YES, now)
    leaving = [of(gathering, cast.owner).id, of(gathering, cast.leader).id]
    start = Barrier(2)

    def leave(number: int) -> None:
        with db.sessions(engine)() as own:
            start.wait(30)
            db.write_at_once(own)
            sign_up.answer(own, own.get_one(Invitation, number), NO, now, Via.PAGE)
            own.commit()

    with ThreadPoolExecutor(2) as together:
        list(together.map(leave, leaving))
    session.expire_all()
    assert names(sign_up.line(gathering).seated) == ["Ada", "Bo"]
    assert mails(session, MessageKind.MOVED_UP) == ["Ada", "Bo"]


def test_after_the_deadline_one_may_only_say_no(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    last, late = at(DEADLINE, time(23, 59)), at(DEADLINE + timedelta(days=1), time(0, 1))
    answer(session, of(gathering, cast.owner), YES, last)
    with pytest.raises(InvalidAnswer, match="Påmeldingsfristen er ute"):
        sign_up.answer(session, of(gathering, cast.leader), YES, late, Via.PAGE)
    answer(session, of(gathering, cast.owner), NO, late)
    answer(session, of(gathering, cast.leader), YES, late, Via.SECRETARY)
    assert names(sign_up.line(gathering).seated) == ["Sigurd"]
    asked_late = inviting.add_guest(session, gathering, "Ada", "ada@gjest.example", late)
    answer(session, asked_late, YES, late)
    assert asked_late.answer is Coming.YES


def test_partly_says_when(session: Session, cast: Cast, now: datetime, gathering: Meeting) -> None:
    with pytest.raises(InvalidAnswer, match="Skriv når du er med") as fault:
        sign_up.answer(session, of(gathering, cast.owner), Reply(Coming.PARTLY, "  "), now, Via.PAGE)
    assert fault.value.field == "partly_text"


def test_food_is_kept_only_when_asked_for_and_until_a_week_after(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    answer(session, of(gathering, cast.owner), YES, now)
    sign_up.wish_food(session, of(gathering, cast.owner), "Uten nøtter")
    assert of(gathering, cast.owner).diet is None
    gathering.asks_diet = True
    answer(session, of(gathering, cast.leader), YES, now)
    for person in (cast.owner, cast.leader, cast.contributor):
        sign_up.wish_food(session, of(gathering, person), " Uten  nøtter")
    answer(session, of(gathering, cast.leader), NO, now)
    answer(session, of(gathering, cast.owner), PARTLY, now)
    assert of(gathering, cast.contributor).diet is None  # hasn't said that she comes
    assert [of(gathering, person).diet for person in (cast.owner, cast.leader)] == ["Uten nøtter", None]
    sign_up.forget_diets(session, at(DAY + timedelta(days=7), time(4, 15)))
    session.expire_all()
    assert of(gathering, cast.owner).diet == "Uten nøtter"
    sign_up.forget_diets(session, at(DAY + timedelta(days=8), time(4, 15)))
    session.expire_all()
    assert of(gathering, cast.owner).diet is None
    assert of(gathering, cast.owner).answer is Coming.PARTLY


def remind(session: Session, day: date, hour: time = time(7)) -> list[str]:
    before = len(mails(session, MessageKind.SIGN_UP_REMINDER))
    session.commit()
    sign_up.remind_due(session, at(day, hour))
    session.commit()
    return sorted(mails(session, MessageKind.SIGN_UP_REMINDER)[before:])


def test_who_has_not_answered_is_reminded_once_for_each_deadline(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    answer(session, of(gathering, cast.owner), NO, now)
    assert remind(session, date(2026, 3, 10)) == []
    assert remind(session, date(2026, 3, 11), time(6, 59)) == []
    assert remind(session, date(2026, 3, 11)) == ["Kari", "Sigurd"]
    assert remind(session, date(2026, 3, 12)) == []
    gathering.register_by = date(2026, 3, 20)
    assert remind(session, date(2026, 3, 17)) == ["Kari", "Sigurd"]


def test_after_downtime_the_reminder_goes_until_the_deadline(
    session: Session, cast: Cast, now: datetime, gathering: Meeting
) -> None:
    cast.leader.pause_from = cast.leader.pause_until = date(2026, 3, 13)
    assert remind(session, date(2026, 3, 13)) == ["Kari", "Nils Arne"]
    assert remind(session, date(2026, 3, 14)) == []  # a Saturday
    assert remind(session, DEADLINE) == ["Sigurd"]


@pytest.mark.parametrize("why", ["cancelled", "not mailed", "asked today", "withdrawn"])
def test_nobody_is_reminded_for_nothing(
    session: Session, cast: Cast, now: datetime, gathering: Meeting, why: str
) -> None:
    gathering.invites = why != "not mailed"
    if why == "cancelled":
        gathering.status = MeetingStatus.CANCELLED
    for invitation in gathering.invitations:
        if why == "asked today":
            invitation.invited_at = at(date(2026, 3, 11), time(6))
        if why == "withdrawn":
            invitation.withdrawn_at = now
    assert remind(session, date(2026, 3, 11)) == []


def test_a_link_opens_what_can_still_be_answered(
    session: Session, cast: Cast, now: datetime, links: Links, gathering: Meeting
) -> None:
    invitation = of(gathering, cast.owner)

    def token(number: int) -> str:
        return links.sign_up(number).rpartition("/")[2]

    def opened(moment: datetime = now) -> Invitation:
        return sign_up.by_link(session, links, token(invitation.id), moment)

    assert opened() is invitation
    assert opened(at(DAY, time(23))) is invitation
    with pytest.raises(NotFound):
        sign_up.by_link(session, links, token(invitation.id + 1000), now)
    with pytest.raises(NotFound):  # made for something else
        sign_up.by_link(session, links, links.pause(invitation.id).rpartition("/")[2], now)
    with pytest.raises(LinkOutdated, match="Møtet er holdt"):
        opened(at(DAY + timedelta(days=1), time(0, 1)))
    inviting.withdraw(session, invitation, now)
    with pytest.raises(LinkOutdated, match="gjelder ikke deg"):
        opened()
    gathering.status = MeetingStatus.CANCELLED
    invitation.withdrawn_at = None
    with pytest.raises(LinkOutdated, match="avlyst"):
        opened()


def written(
    session: Session, links: Links, kind: MessageKind, person: Person, now: datetime
) -> Outgoing | Stopped:
    message = session.scalars(
        select(Message)
        .where(Message.kind == kind, Message.person_id == person.id)
        .order_by(Message.id.desc())
    ).first()
    assert message is not None
    return compose(session, message, now, links, MAIL_FROM)


def test_the_invitation_leads_to_the_persons_own_page(
    session: Session, cast: Cast, now: datetime, links: Links, gathering: Meeting
) -> None:
    gathering.remote_link = "https://mote.example/abc"
    mail = written(session, links, MessageKind.INVITATION, cast.owner, now)
    assert isinstance(mail, Outgoing)
    assert mail.letter.subject == "Invitasjon: Fagsamling tirsdag 24. mars"
    assert f"{links.sign_up(of(gathering, cast.owner).id)}?svar=ja" in mail.letter.text
    assert "https://mote.example/abc" in mail.letter.text
    assert (mail.from_name, mail.reply_to) == ("Berit Kampen via Oppfølging", cast.secretary.email)


@pytest.mark.parametrize(
    ("kind", "happens", "reason"),
    [
        (MessageKind.INVITATION, "cancelled", "Møtet er avlyst."),
        (MessageKind.INVITATION, "withdrawn", "Innkallingen gjelder ikke deg lenger."),
        (MessageKind.SIGN_UP_REMINDER, "answered", "Mottakeren har svart."),
        (MessageKind.SIGN_UP_REMINDER, "late", "Påmeldingsfristen er ute."),
        (MessageKind.SIGN_UP_REMINDER, "paused", "Mottakeren har satt påminnelser på pause."),
        (MessageKind.MOVED_UP, "left", "Mottakeren har ikke lenger plass."),
    ],
)
def test_a_mail_with_nothing_left_to_say_is_stopped(
    session: Session,
    cast: Cast,
    now: datetime,
    links: Links,
    gathering: Meeting,
    kind: MessageKind,
    happens: str,
    reason: str,
) -> None:
    invitation = of(gathering, cast.owner)
    if kind is not MessageKind.INVITATION:
        session.add(
            Message(
                organisation_id=cast.organisation.id, kind=kind, person=cast.owner, address="x@y.example",
                about={"invitation": invitation.id}, created_at=now, send_at=now, state=MessageState.WAITING,
            )
        )  # fmt: skip
    if happens == "cancelled":
        gathering.status = MeetingStatus.CANCELLED
    elif happens == "withdrawn":
        inviting.withdraw(session, invitation, now)
    elif happens == "answered":
        sign_up.answer(session, invitation, YES, now, Via.PAGE)
    elif happens == "paused":
        cast.owner.pause_from = cast.owner.pause_until = date(2026, 3, 2)
    session.flush()
    then = at(DEADLINE + timedelta(days=1), time(7)) if happens == "late" else now
    assert written(session, links, kind, cast.owner, then) == Stopped(reason)
