"""Answers by mail: each of a corpus ends as it should; and nothing is lost, doubled or answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.calendars.made_replies import KARI, LEADER, NILS, OUR, Mail, attendee
from tests.cast import Cast
from tests.factories import make_meeting
from tracker.errors import NotFound
from tracker.links import Links
from tracker.models import (
    Coming,
    Invitation,
    Meeting,
    Message,
    MessageKind,
    Outcome,
    Person,
    ReceivedMail,
    Via,
)
from tracker.services import inviting, moving, people, replies, sign_up, unplaced

DAY = date(2026, 3, 24)
OWN = [OUR, "oppfolging@elvedal.example"]
YES, NO, NONE = Coming.YES, Coming.NO, Coming.NONE
NOTED, DOUBTFUL = Outcome.NOTED, Outcome.DOUBTFUL
PLAIN = Mail()
DECLINED = replace(PLAIN, attendees=(attendee(KARI, "DECLINED"),), subject="Avslått: Møte i Elvedalsrådet")
TAGGED = replace(PLAIN, to="{tag}", organizer="ORGANIZER:mailto:{tag}")
HOTMAIL = "Kari Oremo <kari1961@post.example>"
WORDS = replace(PLAIN, place="none", words="Ja, jeg kommer.\n\n> Kommer du?", subject="Re: Innkalling")

CORPUS: dict[str, tuple[Mail, Outcome, Coming]] = {
    # as the programs write it
    "plain yes": (PLAIN, NOTED, YES),
    "plain no": (DECLINED, NOTED, NO),
    "exchange, without ORGANIZER, base64": (
        replace(
            PLAIN,
            organizer=None,
            code="base64",
            product="Microsoft Exchange Server 2010",
            more=(
                "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
                "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
                "TRANSP:OPAQUE",
                "DTSTART;TZID=W. Europe Standard Time:20260324T100000",
                "CLASS:PUBLIC",
                "PRIORITY:5",
            ),
        ),
        NOTED,
        YES,
    ),
    "exchange, no ATTENDEE, the subject says it": (
        replace(PLAIN, attendees=(), subject="Declined: Møte i Elvedalsrådet"),
        NOTED,
        NO,
    ),
    "no ATTENDEE, the summary says it": (
        replace(PLAIN, attendees=(), subject="Re: møtet", summary="Avslått: Møte i Elvedalsrådet"),
        NOTED,
        NO,
    ),
    "gmail, auto-submitted, from its own server": (
        replace(
            PLAIN,
            product="-//Google Inc//Google Calendar 70.9054//EN",
            head=(
                "Sender: Google Calendar <calendar-notification@mail.example>",
                "Auto-Submitted: auto-generated",
                f"Reply-To: {KARI}",
            ),
            attendees=(attendee(KARI, "ACCEPTED", ";CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;X-NUM-GUESTS=0"),),
        ),
        NOTED,
        YES,
    ),
    "apple, everybody is listed": (
        replace(
            PLAIN,
            product="-//Apple Inc.//macOS 14.4//EN",
            attendees=(
                attendee(NILS, "DECLINED"),
                attendee(KARI, "ACCEPTED", ";EMAIL=x"),
                attendee(LEADER, "NEEDS-ACTION"),
            ),
        ),
        NOTED,
        YES,
    ),
    "thunderbird, quoted-printable": (
        replace(
            DECLINED, code="quoted-printable", product="-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN"
        ),
        NOTED,
        NO,
    ),
    "the calendar is the whole mail": (replace(DECLINED, place="bare"), NOTED, NO),
    "the calendar is only a file": (
        replace(PLAIN, place="file", kind="application/octet-stream", mime_method="", code="base64"),
        NOTED,
        YES,
    ),
    "application/ics": (replace(PLAIN, kind="application/ics", mime_method=""), NOTED, YES),
    # METHOD and case
    "METHOD in the header alone": (replace(PLAIN, method=None), NOTED, YES),
    "METHOD in the calendar alone": (replace(PLAIN, mime_method=""), NOTED, YES),
    "method in small letters": (replace(PLAIN, method="reply", mime_method="reply"), NOTED, YES),
    "everything in small letters": (
        replace(
            DECLINED,
            change={
                name: name.lower()
                for name in ("BEGIN:VEVENT", "END:VEVENT", "UID:", "ATTENDEE;", "PARTSTAT=DECLINED")
            },
        ),
        NOTED,
        NO,
    ),
    "METHOD in neither": (replace(PLAIN, method=None, mime_method=""), Outcome.NO_ANSWER, NONE),
    # characters
    "latin-1 said to be utf-8": (replace(DECLINED, charset="latin-1"), NOTED, NO),
    "utf-8 said to be us-ascii": (replace(DECLINED, said_charset="us-ascii"), NOTED, NO),
    "no such charset": (replace(DECLINED, said_charset="x-unknown"), NOTED, NO),
    "utf-16": (replace(DECLINED, charset="utf-16", said_charset="utf-16", code="base64"), NOTED, NO),
    "lines folded within a word": (
        replace(DECLINED, change={"PARTSTAT=DECLINED": "PARTST\r\n AT=DECL\r\n\tINED"}),
        NOTED,
        NO,
    ),
    "the end is missing": (replace(PLAIN, change={"END:VEVENT\r\nEND:VCALENDAR\r\n": ""}), NOTED, YES),
    # other values
    "no DTSTAMP, no SEQUENCE": (replace(PLAIN, stamp=None, sequence=None), NOTED, YES),
    "a clock that is a year ahead": (replace(PLAIN, stamp="20270302T090000Z"), NOTED, YES),
    "maybe": (replace(PLAIN, attendees=(attendee(KARI, "TENTATIVE"),)), NOTED, NONE),
    "needs action": (replace(PLAIN, attendees=(attendee(KARI, "NEEDS-ACTION"),)), NOTED, NONE),
    "several events, one of them ours": (
        replace(
            PLAIN,
            change={"BEGIN:VEVENT": "BEGIN:VEVENT\r\nUID:other@x.example\r\nEND:VEVENT\r\nBEGIN:VEVENT"},
        ),
        Outcome.UNKNOWN_MEETING,
        YES,
    ),
    "the same event twice, the newer says no": (
        replace(
            PLAIN,
            change={
                "END:VCALENDAR": "BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:0\r\nDTSTAMP:20260302T091000Z\r\n"
                f"{attendee(KARI, 'DECLINED')}\r\nEND:VEVENT\r\nEND:VCALENDAR"
            },
        ),
        NOTED,
        NO,
    ),
    "another time is proposed": (
        replace(PLAIN, method="COUNTER", mime_method="COUNTER", more=("DTSTART:20260325T090000Z",)),
        NOTED,
        NONE,
    ),
    "a counter in a mail that says reply": (replace(PLAIN, method="COUNTER"), NOTED, NONE),
    # other addresses
    "alias, with the tag": (
        replace(TAGGED, sender=HOTMAIL, attendees=(attendee("kari1961@post.example", "ACCEPTED"),)),
        NOTED,
        YES,
    ),
    "alias, the tag only in ORGANIZER": (replace(TAGGED, to=OUR, sender=HOTMAIL), NOTED, YES),
    "alias, the tag only in Delivered-To": (
        replace(PLAIN, sender=HOTMAIL, to="undisclosed", head=("Delivered-To: {tag}",), organizer=None),
        NOTED,
        YES,
    ),
    "alias, the tag in capitals": (
        replace(TAGGED, sender=HOTMAIL, change={"ORGANIZER:mailto:{tag}": "ORGANIZER:MAILTO:{TAG}"}),
        NOTED,
        YES,
    ),
    "alias, an answer to our very mail": (
        replace(PLAIN, sender=HOTMAIL, head=("In-Reply-To: <{ours}>",)),
        NOTED,
        YES,
    ),
    "alias as attendee, sent from the invited address": (
        replace(PLAIN, attendees=(attendee("kari.o@elvedal.example", "DECLINED"),)),
        NOTED,
        NO,
    ),
    "capital letters in addresses": (
        replace(PLAIN, sender=f"KARI <{KARI.upper()}>", attendees=(attendee(KARI.upper(), "ACCEPTED"),)),
        NOTED,
        YES,
    ),
    "without UID, with the tag": (replace(TAGGED, uid=None), NOTED, YES),
    "with the tag of a mail whose DMARC fails (it was forwarded)": (
        replace(TAGGED, head=("Authentication-Results: mx; dmarc=fail",)),
        NOTED,
        YES,
    ),
    # forged, passed on, not known
    "forged: the sender is a stranger": (
        replace(DECLINED, sender="Kari Oremo <kari@evil.example>"),
        DOUBTFUL,
        NONE,
    ),
    "forged: the sender is somebody else who is invited": (
        replace(DECLINED, sender=f"Nils <{NILS}>"),
        DOUBTFUL,
        NONE,
    ),
    "forged: the server saw through it": (
        replace(DECLINED, head=("Authentication-Results: mx; spf=fail; dmarc=fail",)),
        DOUBTFUL,
        NONE,
    ),
    "forged: two senders": (replace(DECLINED, head=("From: Nils <nils@x.example>",)), DOUBTFUL, NONE),
    "forged: a tag of our making, and another's": (
        replace(
            TAGGED, to="svar+1.aaaaaaaaaaaaaaaa@elvedal.example", organizer=None, sender="X <x@evil.example>"
        ),
        DOUBTFUL,
        NONE,
    ),
    "passed on to a colleague, who says yes": (
        replace(TAGGED, sender=f"Nils Arne Holmen <{NILS}>", attendees=(attendee(NILS, "ACCEPTED"),)),
        DOUBTFUL,
        NONE,
    ),
    "passed on to a stranger, who says yes": (
        replace(
            TAGGED, sender="Ada Ny <ada@ny.example>", attendees=(attendee("ada@ny.example", "ACCEPTED"),)
        ),
        DOUBTFUL,
        NONE,
    ),
    "the tag of one meeting, the UID of another": (
        replace(TAGGED, uid="meeting-0123456789abcdef@x"),
        Outcome.UNKNOWN_MEETING,
        NONE,
    ),
    "a meeting we don't know": (
        replace(PLAIN, uid="040000008200E00074C5B7101A82E008"),
        Outcome.UNKNOWN_MEETING,
        NONE,
    ),
    "no UID and no tag": (replace(PLAIN, uid=None), Outcome.UNKNOWN_MEETING, NONE),
    "somebody who isn't invited": (
        replace(PLAIN, sender="Ada <ada@ny.example>", attendees=(attendee("ada@ny.example", "ACCEPTED"),)),
        Outcome.UNKNOWN_SENDER,
        NONE,
    ),
    "handed to somebody else": (
        replace(PLAIN, attendees=(attendee(KARI, "DELEGATED", f';DELEGATED-TO="mailto:{NILS}"'),)),
        Outcome.DELEGATED,
        NONE,
    ),
    "a word we don't know": (
        replace(PLAIN, attendees=(attendee(KARI, "X-PERHAPS"),), subject="Svar"),
        Outcome.UNCLEAR,
        NONE,
    ),
    "nothing says what the answer is": (replace(PLAIN, attendees=(), subject="Svar"), Outcome.UNCLEAR, NONE),
    # words, machines, others
    "words only": (WORDS, Outcome.NO_ANSWER, NONE),
    "words only, from nobody we know": (replace(WORDS, sender="x@y.example"), Outcome.NO_ANSWER, NONE),
    "our own invitation comes back": (
        replace(PLAIN, method="REQUEST", mime_method="REQUEST", sender=OUR),
        Outcome.OURS,
        NONE,
    ),
    "our own address with a tag": (replace(PLAIN, sender="{tag}"), Outcome.OURS, NONE),
    "an invitation of theirs": (
        replace(PLAIN, method="REQUEST", mime_method="REQUEST"),
        Outcome.NO_ANSWER,
        NONE,
    ),
    "out of office": (replace(WORDS, head=("Auto-Submitted: auto-replied",)), Outcome.AUTO_REPLY, NONE),
    "out of office with our invitation in it": (
        replace(PLAIN, method="REQUEST", mime_method="REQUEST", head=("Auto-Submitted: auto-replied",)),
        Outcome.AUTO_REPLY,
        NONE,
    ),
    "delivery report": (replace(WORDS, sender="MAILER-DAEMON@x.example"), Outcome.BOUNCE, NONE),
    "nobody to answer to": (replace(WORDS, head=("Return-Path: <>",)), Outcome.BOUNCE, NONE),
    "a list": (replace(WORDS, head=("List-Id: <alle.elvedal.example>",)), Outcome.LIST, NONE),
    "an answer by way of a list": (
        replace(DECLINED, head=("List-Id: <alle.elvedal.example>",)),
        Outcome.BY_MACHINE,
        NONE,
    ),
    "an answer with nobody to answer to": (
        replace(DECLINED, head=("Return-Path: <>",)),
        Outcome.BY_MACHINE,
        NONE,
    ),
    "a megabyte": (replace(DECLINED, words="x" * 1_000_000), Outcome.TOO_LARGE, NONE),
}


@pytest.fixture
def meeting(session: Session, cast: Cast, now: datetime) -> Meeting:
    """The leader, the owner and the contributor (Kari) are asked."""
    made = make_meeting(session, cast, now, DAY)
    inviting.invite(session, made, now)
    session.commit()
    return made


def of(meeting: Meeting, person: Person) -> Invitation:
    return next(i for i in meeting.invitations if i.person_id == person.id)


def came(
    session: Session, mail: Mail, meeting: Meeting, kari: Invitation, links: Links, now: datetime
) -> ReceivedMail:
    """The mail, taken in two hours after the invitation."""
    ours = session.scalars(
        select(Message.message_id).where(
            Message.person_id == kari.person_id, Message.kind == MessageKind.INVITATION
        )
    ).one()
    tag = f"svar+{links.answer_tag(kari.id)}@elvedal.example"
    content = mail.as_bytes(
        tag=tag,
        TAG=tag.upper(),
        uid=f"meeting-{meeting.public_id}@oppfolging.example",
        ours=f"{ours}@elvedal.example",
    )
    session.commit()
    row = replies.receive(session, content, OWN, now, links)
    session.commit()
    return row


@pytest.mark.parametrize("name", CORPUS)
def test_each_mail_ends_as_it_should(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting, name: str
) -> None:
    mail, outcome, answer = CORPUS[name]
    kari = of(meeting, cast.contributor)
    later = now + timedelta(hours=2)
    row = came(session, mail, meeting, kari, links, later)
    assert (row.outcome, kari.answer) == (outcome, answer)
    assert [i.answer for i in meeting.invitations if i is not kari] == [NONE, NONE]
    assert (row.settled_at is None, row.content is not None) == (outcome.waits, outcome.waits)
    nobodys = mail.sender in (OUR, "x@y.example", "MAILER-DAEMON@x.example")  # and there are two councils
    assert row.organisation_id == (None if nobodys else cast.organisation.id)
    if answer is not NONE and outcome is NOTED:
        assert (kari.answered_via, kari.answered_at) == (Via.MAIL, later)
    told = session.scalars(select(Message).where(Message.kind != MessageKind.INVITATION)).all()
    assert {message.person_id for message in told} <= {cast.secretary.id}, "nobody is answered"
    before = (kari.answer, kari.answered_at, kari.comment)
    assert came(session, mail, meeting, kari, links, later + timedelta(hours=1)) is row, "it comes again"
    assert (kari.answer, kari.answered_at, kari.comment) == before
    assert session.scalar(select(func.count()).select_from(ReceivedMail)) == 1


def test_the_corpus_is_large_enough() -> None:
    assert len(CORPUS) >= 60


YES_AT_9, NO_AT_10 = PLAIN, replace(DECLINED, stamp="20260302T100000Z", message_id="<reply-2@x.example>")


@pytest.mark.parametrize(
    ("mails", "outcomes", "answer"),
    [
        ([YES_AT_9, NO_AT_10], [NOTED, NOTED], NO),
        ([NO_AT_10, YES_AT_9], [NOTED, Outcome.STALE], NO),
        ([YES_AT_9, replace(PLAIN, message_id="<again@x.example>")], [NOTED, Outcome.SAME], YES),
        # an answer to the newer version counts, whatever the clocks say
        ([replace(NO_AT_10, sequence="1", stamp="20260302T080500Z"), YES_AT_9], [NOTED, Outcome.STALE], NO),
        # Google keeps its SEQUENCE, and changes DTSTAMP
        ([replace(YES_AT_9, sequence="0"), replace(NO_AT_10, sequence="0")], [NOTED, NOTED], NO),
        ([YES_AT_9, replace(NO_AT_10, stamp="20260302T090000Z")], [NOTED, NOTED], NO),
    ],
)
def test_the_newest_answer_counts_in_whichever_order_they_come(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting,
    mails: list[Mail], outcomes: list[Outcome], answer: Coming,
) -> None:  # fmt: skip
    kari = of(meeting, cast.contributor)
    rows = [came(session, mail, meeting, kari, links, now + timedelta(hours=3)) for mail in mails]
    assert [row.outcome for row in rows] == outcomes
    assert kari.answer is answer


def test_what_was_answered_on_the_page_afterwards_stands(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    sign_up.answer(session, kari, sign_up.Reply(NO), now + timedelta(hours=2), Via.PAGE)
    session.commit()
    assert came(session, PLAIN, meeting, kari, links, now + timedelta(hours=3)).outcome is Outcome.STALE
    assert kari.answer is NO


def test_who_comes_for_a_part_still_does_when_the_calendar_says_yes(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    sign_up.answer(session, kari, sign_up.Reply(Coming.PARTLY, "Til lunsj"), now, Via.PAGE)
    session.commit()
    assert came(session, PLAIN, meeting, kari, links, now + timedelta(hours=3)).outcome is NOTED
    assert (kari.answer, kari.partly_text) == (Coming.PARTLY, "Til lunsj")


@pytest.mark.parametrize(
    ("mail", "comment"),
    [
        (replace(PLAIN, attendees=(attendee(KARI, "TENTATIVE"),)), "Har svart «kanskje» i kalenderen."),
        (replace(PLAIN, more=(r"COMMENT:Kommer litt seint\, toget",)), "Kommer litt seint, toget"),
        (
            replace(
                PLAIN,
                method="COUNTER",
                mime_method="COUNTER",
                more=("DTSTART:20260325T090000Z", "DTEND:20260325T110000Z", "COMMENT:Helst da"),
            ),
            "Foreslår et annet tidspunkt: onsdag 25. mars 2026 kl. 10.00–12.00\nHelst da",
        ),
        (
            replace(
                PLAIN, method="COUNTER", more=("DTSTART;VALUE=DATE:20260325", "DTEND;VALUE=DATE:20260327")
            ),
            "Foreslår et annet tidspunkt: 25.–26. mars 2026",
        ),
    ],
)
def test_what_is_said_besides_becomes_a_comment(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting, mail: Mail, comment: str
) -> None:
    kari = of(meeting, cast.contributor)
    came(session, mail, meeting, kari, links, now + timedelta(hours=3))
    assert kari.comment.replace("\u2060", "").split() == comment.split()


def test_a_no_is_forfall_as_on_the_page(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    came(session, DECLINED, meeting, of(meeting, cast.contributor), links, now + timedelta(hours=3))
    told = session.scalars(select(Message).where(Message.kind == MessageKind.ABSENCE)).one()
    assert told.person is cast.secretary
    assert [absence.invitation.person for absence in inviting.absences(session, meeting)] == [
        cast.contributor
    ]


@pytest.mark.parametrize("what", ["cancelled", "withdrawn", "late"])
def test_what_can_no_longer_be_answered_waits_for_the_secretary(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting, what: str
) -> None:
    kari = of(meeting, cast.contributor)
    if what == "cancelled":
        moving.cancel(session, meeting, cast.secretary, now)
    elif what == "withdrawn":
        inviting.withdraw(session, kari, now)
    else:
        meeting.register_by = date(2026, 3, 2)
    then = now + timedelta(hours=3 if what != "late" else 50)
    row = came(session, PLAIN, meeting, kari, links, then)
    assert (row.outcome, row.invitation, kari.answer) == (Outcome.REFUSED, kari, NONE)


def test_the_secretary_places_an_answer_or_puts_it_away(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari, later = of(meeting, cast.contributor), now + timedelta(hours=3)
    rights = people.rights(session, cast.secretary, date(2026, 3, 2))
    doubtful = replace(DECLINED, sender="Kari <kari@annen.example>")
    row = came(session, doubtful, meeting, kari, links, later)
    other = came(session, replace(WORDS, message_id="<3@x>"), meeting, kari, links, later)
    assert unplaced.waiting(session, rights) == [row, other]
    assert (row.invitation, row.partstat, other.said) == (kari, "DECLINED", "Ja, jeg kommer.")
    for _twice in range(2):
        unplaced.settle(session, row, kari, NO, cast.secretary, later)
        unplaced.dismiss(session, other, cast.secretary, later)
    session.commit()
    assert (kari.answer, kari.answered_via) == (NO, Via.SECRETARY)
    assert unplaced.count_waiting(session, rights) == 0
    for settled in (row, other):
        session.refresh(settled, ["content", "said"])
        assert (settled.content, settled.said, settled.settled_by_id) == (None, "", cast.secretary.id)
    with pytest.raises(NotFound):
        unplaced.mail_of(session, replace(rights, organisation_id=cast.stranger.organisation_id), row.id)
    with pytest.raises(NotFound):
        unplaced.mail_of(session, replace(rights, secretary_of=frozenset({cast.other_body.id})), row.id)


def test_mail_of_another_council_never_shows_here(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    unknown = replace(WORDS, sender="Even <even.fjord@elvedal.example>")
    assert came(session, unknown, meeting, kari, links, now).organisation_id == cast.stranger.organisation_id
    nobody = replace(WORDS, sender="x@y.example", message_id="<4@x>")
    assert came(session, nobody, meeting, kari, links, now).organisation_id is None


def test_settled_mail_is_forgotten_after_half_a_year(
    session: Session, cast: Cast, now: datetime, links: Links, meeting: Meeting
) -> None:
    kari = of(meeting, cast.contributor)
    came(session, PLAIN, meeting, kari, links, now)
    came(session, replace(WORDS, message_id="<5@x>"), meeting, kari, links, now)
    replies.forget_settled(session, now + timedelta(days=181))
    assert [row.outcome for row in session.scalars(select(ReceivedMail))] == [Outcome.NO_ANSWER]
