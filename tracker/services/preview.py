"""The mails that a review will send, exactly as they will be sent, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.links import Links
from tracker.mail import letters
from tracker.models import Person
from tracker.rules.reminders import Rhythm, Step, first_reminder
from tracker.services import corrected
from tracker.services.cards import PersonCard, TaskCard
from tracker.services.review import Review


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to come. Its links lead nowhere yet. `id` tells the mails of a review apart."""

    id: str
    name: str
    letter: letters.Letter
    to_self: bool


def mails(review: Review, actor: Person, links: Links) -> list[Mail]:
    """One mail for each who is given a part in a task, and one for each whose tasks the minutes change."""
    signed = review.secretary or actor
    sender = letters.Sender(
        organisation=review.body.name if review.body else "",
        secretary=signed.name,
        reply_to=signed.email or "",
    )
    found = []
    for person, cards in review.told():
        if person.address is None:
            continue
        addressee = letters.Addressee(
            name=person.name,
            first_name=person.first_name,
            language=person.person.language if person.person else "nb",
        )
        lines = [_line(review, card, person, links) for card in cards]
        to_self = person.person is not None and person.person.id == actor.id
        letter = letters.new_tasks(addressee, lines, sender, review.today)
        found.append(Mail(person.id, person.name, letter, to_self))
    for reader, news in corrected.planned(review):
        if reader.email:
            addressee = letters.Addressee(reader.name, reader.first_name, reader.language)
            changes = corrected.lines(news, reader, links)
            letter = letters.tasks_changed(addressee, changes, sender, review.today)
            found.append(Mail(f"changed-{reader.id}", reader.name, letter, reader.id == actor.id))
    return found


def unreached(review: Review) -> list[PersonCard]:
    """Those who have a part in a task, and get nothing because their address is missing."""
    return [person for person, _cards in review.told() if person.address is None]


def _line(review: Review, card: TaskCard, person: PersonCard, links: Links) -> letters.TaskLine:
    case, due_on = review.case(card.task.case_id), review.due_on(card.due)
    contributor = person.name not in card.owners
    rhythm = review.body.rhythm if review.body else Rhythm()
    return letters.TaskLine(
        what=card.what,
        due_on=due_on,
        quote=card.task.evidence,
        case_number=case.number if case else None,
        meeting_on=review.meeting_date,
        restricted=case.restricted if case else None,
        together_with=tuple(name for name in (*card.owners, *card.contributors) if name != person.name),
        contributor=contributor,
        answer_url=f"{links.url}/o/",
        step=Step.ASSIGNED,
        next_reminder_on=first_reminder(due_on, rhythm, review.today, contributor=contributor)
        if due_on
        else None,
        taken_up_on=None if due_on else review.next_meeting_on,
    )
