"""What people say beside a task or a decision, and who is told: a few minutes' words in one mail each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock import local_date
from tracker.errors import InvalidAnswer
from tracker.links import Links
from tracker.mail import letters
from tracker.models import (
    AgendaItem,
    Assignment,
    Body,
    Comment,
    Decision,
    Message,
    MessageKind,
    MessageState,
    Person,
    Task,
)
from tracker.services import people

LONGEST = 4000
LATER = timedelta(minutes=10)  # a conversation goes in one mail, not in one for each sentence
AGAIN = timedelta(minutes=1)
MOST_IN_A_MAIL = 30


def add(session: Session, about: Task | Decision, writer: Person, given: str, now: datetime) -> Comment:
    """Say something, and tell those concerned. The same words sent twice in a row are said once.

    Raises InvalidAnswer (field "comment") when there are no words, or too many.
    """
    text = "\n".join(line.rstrip() for line in given.replace("\0", "").strip().splitlines())
    if not text:
        raise InvalidAnswer("Skriv noe først.", field="comment")
    if len(text) > LONGEST:
        raise InvalidAnswer("En kommentar kan ha høyst 4 000 tegn.", field="comment")
    last = about.comments[-1] if about.comments else None
    if last is not None and (last.person_id, last.text) == (writer.id, text) and now - last.at < AGAIN:
        return last
    comment = Comment(organisation_id=about.organisation_id, person=writer, at=now, text=text)
    about.comments.append(comment)
    session.flush()
    _tell(session, comment, now)
    return comment


def concerned(session: Session, comment: Comment, now: datetime) -> list[Person]:
    """Whom it concerns: owners, contributors and the body's secretaries, but for the writer."""
    tasks = [comment.task] if comment.task else comment.decision.tasks if comment.decision else []
    parts = [part.person for task in tasks for part in (*task.owners, *task.contributors)]
    secretaries = people.secretaries(session, body_of(comment), local_date(now))
    found = {person.id: person for person in (*parts, *secretaries)}
    found.pop(comment.person_id, None)
    return list(found.values())


def threads(
    session: Session, message: Message, links: Links, now: datetime
) -> tuple[list[letters.Thread], list[Comment]]:
    """What a mail is to tell its reader, by task and decision, and the comments themselves.

    Only what still concerns the reader. Of a restricted case the letter says no words (`letters.comments`).
    """
    found = [
        comment
        for comment in of_mails(session, [message])
        if any(person.id == message.person_id for person in concerned(session, comment, now))
    ]
    told: dict[tuple[int | None, int | None], letters.Thread] = {}
    for comment in found[-MOST_IN_A_MAIL:]:
        place = (comment.task_id, comment.decision_id)
        said = (*told[place].said, _said(comment)) if place in told else (_said(comment),)
        told[place] = letters.Thread(_line(comment, links), said)
    return list(told.values()), found


def of_mails(session: Session, messages: Iterable[Message]) -> Sequence[Comment]:
    """The comments that mails are about, oldest first."""
    ids = {number for message in messages for number in message.about.get("comments", [])}
    if not ids:
        return []
    task, decision = joinedload(Comment.task), joinedload(Comment.decision)
    return session.scalars(
        select(Comment)
        .where(Comment.id.in_(ids))
        .options(
            joinedload(Comment.person),
            task.joinedload(Task.agenda_item),
            task.joinedload(Task.body),
            task.selectinload(Task.assignments).joinedload(Assignment.person),
            decision.joinedload(Decision.agenda_item).joinedload(AgendaItem.meeting),
            decision.selectinload(Decision.tasks).selectinload(Task.assignments),
        )
        .order_by(Comment.id)
    ).all()


def body_of(comment: Comment) -> Body:
    """The body whose task or decision it is beside."""
    if comment.task is not None:
        return comment.task.body
    assert comment.decision is not None
    return comment.decision.agenda_item.meeting.body


def restricted(comment: Comment) -> str | None:
    """The legal basis, when the comment's case is not public."""
    item = comment.task.agenda_item if comment.task else comment.decision and comment.decision.agenda_item
    return item.restricted if item else None


def _tell(session: Session, comment: Comment, now: datetime) -> None:
    """Put it in the mail that waits for each person already, or in a new one that waits a little."""
    told = [person for person in concerned(session, comment, now) if person.email]
    waiting = {
        message.person_id: message
        for message in session.scalars(
            select(Message)
            .where(
                Message.organisation_id == comment.organisation_id,
                Message.kind == MessageKind.COMMENTS,
                Message.state == MessageState.WAITING,
                Message.person_id.in_([person.id for person in told]),
            )
            .with_for_update()
        )
    }
    for person in told:
        message = waiting.get(person.id)
        if message is not None:
            message.about = {"comments": [*message.about.get("comments", []), comment.id]}
            continue
        session.add(
            Message(
                organisation_id=comment.organisation_id, kind=MessageKind.COMMENTS, person=person,
                about={"comments": [comment.id]}, address=person.email or "", created_at=now,
                send_at=now + LATER,
            )
        )  # fmt: skip
    session.flush()


def _said(comment: Comment) -> tuple[str, str]:
    return comment.person.name, comment.text


def _line(comment: Comment, links: Links) -> letters.TaskLine:
    if comment.task is not None:
        task = comment.task
        what, number, due_on = task.what, task.case_number, task.due_on
        url = f"{links.url}/oppgaver/{task.id}#kommentarer"
    else:
        assert comment.decision is not None
        item = comment.decision.agenda_item
        what, number, due_on = item.title, item.number, None
        url = f"{links.url}/vedtak/{comment.decision_id}#kommentarer"
    return letters.TaskLine(
        what=what, due_on=due_on, answer_url=url, case_number=number, restricted=restricted(comment)
    )
