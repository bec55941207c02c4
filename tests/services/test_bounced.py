"""A mail that went and came back stands among those that didn't arrive, and can be sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.mail.test_bounce import report
from tracker.links import Links
from tracker.models import Message, MessageKind, MessageState, Outcome
from tracker.services import outbox, replies

OWN = ["oppfolging@elvedal.example"]
NO_SUCH = "Kom i retur: Adressen finnes ikke hos mottakeren."


@pytest.fixture
def mail(session: Session, cast: Cast, now: datetime) -> Message:
    row = Message(
        organisation_id=cast.organisation.id, kind=MessageKind.REMINDER, person=cast.owner,
        address=cast.owner.email or "", subject="Frist tirsdag", message_id="0123456789abcdef01234567",
        state=MessageState.SENT, created_at=now, send_at=now, sent_at=now,
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


@pytest.mark.parametrize(
    ("state", "words", "becomes", "reason"),
    [
        (MessageState.SENT, report(), MessageState.FAILED, NO_SUCH),
        (MessageState.SENT, report(action="delayed", status="4.4.1"), MessageState.SENT, ""),
        (MessageState.SENT, report().replace("0123456789", "9876543210"), MessageState.SENT, ""),
        (MessageState.WAITING, report(), MessageState.WAITING, ""),  # it goes again, to another address
        (MessageState.STOPPED, report(), MessageState.STOPPED, ""),
    ],
    ids=["no such address", "still trying", "another's mail", "goes again", "stopped"],
)
def test_a_report_marks_the_mail_that_did_not_arrive(
    session: Session, mail: Message, links: Links, now: datetime, state: MessageState, words: str,
    becomes: MessageState, reason: str,
) -> None:  # fmt: skip
    mail.state = state
    session.commit()
    row = replies.receive(session, words.encode(), OWN, now + timedelta(minutes=1), links)
    session.commit()
    assert (mail.state, mail.reason) == (becomes, reason)
    assert (row.outcome, row.content) == (Outcome.BOUNCE, None)
    assert row.settled_at is not None, "nobody has to place it"


def test_the_secretary_sees_why_and_sends_it_again(
    session: Session, cast: Cast, mail: Message, links: Links, now: datetime
) -> None:
    replies.receive(session, report().encode(), OWN, now, links)
    session.commit()
    ours = cast.organisation.id
    assert outbox.listing(session, ours, outbox.Filter(), 1, now).failed == [mail]
    outbox.send_again(session, cast.organisation.id, mail.id, now)
    session.commit()
    replies.receive(session, report().encode(), OWN, now + timedelta(hours=1), links)  # the same, once more
    assert (mail.state, mail.reason) == (MessageState.WAITING, "")
