"""The mails that a review will send, exactly as they will be sent, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.links import Links
from tracker.mail import letters
from tracker.models import Person
from tracker.services.cards import PersonCard, TaskCard
from tracker.services.review import Review


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to come. Its links lead nowhere yet."""

    person: PersonCard
    letter: letters.Letter
    to_self: bool


def mails(review: Review, actor: Person, links: Links) -> list[Mail]:
    """One mail for each who has a part in a task and an address to reach them at."""
    sender = letters.Sender(
        organisation=review.body.name if review.body else "", secretary=actor.name, reply_to=actor.email or ""
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
        found.append(Mail(person, letters.new_tasks(addressee, lines, sender, review.today), to_self))
    return found


def unreached(review: Review) -> list[PersonCard]:
    """Those who have a part in a task, and get nothing because their address is missing."""
    return [person for person, _cards in review.told() if person.address is None]


def _line(review: Review, card: TaskCard, person: PersonCard, links: Links) -> letters.TaskLine:
    case = review.case(card.task.case_id)
    return letters.TaskLine(
        what=card.what,
        due_on=review.due_on(card.due),
        quote=card.task.evidence,
        case_number=case.number if case else None,
        meeting_on=review.meeting_date,
        restricted=case.restricted if case else None,
        together_with=tuple(name for name in (*card.owners, *card.contributors) if name != person.name),
        contributor=person.name not in card.owners,
        answer_url=f"{links.url}/o/",
    )
