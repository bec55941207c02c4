"""Reminder mails per second, worded for each and made into bytes: beside EmailMessage with given words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from itertools import count

from tests.benchmarks.measuring import Figure, per_second
from tracker.mail.letters import Addressee, Sender, TaskLine, reminder
from tracker.mail.mime import Outgoing
from tracker.rules.reminders import Step

TODAY = date(2026, 3, 2)
numbers = count(1)


def measure() -> Iterator[Figure]:
    finished = made()

    def other() -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"] = "oppfolging@elvedal.example", f"p{next(numbers)}@elvedal.example"
        mail["Subject"] = finished.letter.subject
        mail.set_content(finished.letter.text)
        mail.add_alternative(finished.letter.html, subtype="html")
        return mail.as_bytes()

    ours = per_second(lambda: made().as_bytes())
    yield Figure(
        "mails built, worded and as bytes", ours, per_second(other), "/s", "EmailMessage, words given"
    )


def made() -> Outgoing:
    """A reminder, worded for one more person."""
    number = next(numbers)
    line = TaskLine(
        what=f"Skrive utkast nummer {number} til felles uttalelse om fylkesveiene",
        due_on=date(2026, 3, 9),
        answer_url=f"https://oppfolging.example/o/{number:032}",
        quote="Silje Grønli Aamot skriver utkast til felles uttalelse innen mandag 9. mars.",
        case_number=f"{number}/26",
        meeting_on=date(2026, 2, 2),
        step=Step.BEFORE,
    )
    to = Addressee("Silje Grønli Aamot", "Silje Grønli", "nb", "https://oppfolging.example/o/varsler/x")
    sender = Sender("Ordfører- og kommunedirektørutvalget", "Berit Kampen", "berit.kampen@elvedal.example")
    return Outgoing(
        letter=reminder(to, [line], sender, TODAY),
        to_name=to.name,
        to_address=f"p{number}@elvedal.example",
        from_name="Berit Kampen via Oppfølging",
        from_address="oppfolging@elvedal.example",
        reply_to=sender.reply_to,
        message_id=f"{number:032}@elvedal.example",
        date=datetime(2026, 3, 2, 6, tzinfo=UTC),
        thread=f"task-{number}@elvedal.example",
    )
