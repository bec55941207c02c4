"""One of each object that an address can name, and one person of each kind who may ask for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.cast import SINCE, Cast
from tests.conftest import NOW
from tests.services import drafts
from tests.web.story import Story, tell
from tracker.models import (
    Assignment,
    Attachment,
    Body,
    BulkChange,
    Feed,
    Invitation,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Outcome,
    Part,
    Person,
    ReceivedMail,
    Role,
    SavedFilter,
    Source,
    SourceState,
)
from tracker.rules.access import Office
from tracker.services import sign_in

IN_REVIEW = "in_review"  # the draft of minutes, where an address wants a source that isn't published


def roles(session: Session, cast: Cast, story: Story) -> dict[str, Person]:
    """Who may be what to the body of the story: from its secretary to another organisation's."""

    def person(name: str, organisation_id: int) -> Person:
        address = f"{name.lower().replace(' ', '.')}@elvedal.example"
        made = Person(organisation_id=organisation_id, name=name, email=address)
        session.add(made)
        session.flush()
        return made

    def office(held_by: Person, body: Body, office: Office) -> Person:
        session.add(
            Membership(
                organisation_id=body.organisation_id,
                body=body,
                person=held_by,
                office=office,
                from_date=SINCE,
            )
        )
        return held_by

    ours, theirs = cast.organisation.id, cast.stranger.organisation_id
    their_body = Body(organisation_id=theirs, name="Styret", aliases=[])
    session.add(their_body)
    found = {
        "secretary": cast.secretary,
        "leader": cast.leader,
        "owner": cast.owner,
        "member": office(person("Mona Li", ours), cast.body, Office.MEMBER),
        "guest": office(person("Geir Gjest", ours), cast.body, Office.GUEST),
        "helper": person("Hanne Hjelper", ours),  # in no body, but with a part in a task
        "other_member": cast.outsider,
        "other_secretary": office(person("Oda Vik", ours), cast.other_body, Office.SECRETARY),
        "stranger": office(cast.stranger, their_body, Office.SECRETARY),
    }
    story.tasks["secret"].assignments.append(
        Assignment(organisation_id=ours, person=found["helper"], part=Part.CONTRIBUTOR, assigned_at=NOW)
    )
    session.commit()
    return found


def lay_out(session: Session, cast: Cast) -> tuple[Story, dict[str, int | str]]:
    """The story with minutes, a draft, a file, a mail and a calendar; the ids by their names in addresses.

    The task, its case and its decision say «Hemmelig …», and so do the minutes; the case is restricted.
    """
    story, ours = tell(session, cast, NOW), cast.organisation.id
    task = story.tasks["secret"]
    assert task.agenda_item is not None
    task.agenda_item.title, task.evidence, task.result = "Hemmelig sak", "Hemmelige ord", "Hemmelig utfall"
    whole = replace(drafts.draft(), text=drafts.TEXT + "\nHemmelige ord\n").to_json()
    source, draft = (
        Source(
            organisation_id=ours, name=name, sha256=name, content=b"", draft=whole, body=cast.body,
            taken_in_by=cast.secretary, taken_in_at=NOW - timedelta(days=3), state=state,
        )
        for name, state in (("referat.txt", SourceState.PUBLISHED), ("utkast.txt", SourceState.REVIEW))
    )  # fmt: skip
    source.published_by, source.published_at = cast.secretary, NOW - timedelta(days=2)
    story.held.minutes = source
    file = Attachment(
        organisation_id=ours, task=task, person=cast.owner, at=NOW, name="notat.txt", size=3,
        sha256="0" * 64, content=b"Hei",
    )  # fmt: skip
    mail = Message(
        organisation_id=ours, person=cast.owner, kind=MessageKind.REMINDER, state=MessageState.FAILED,
        address="x@y.example", created_at=NOW, send_at=NOW, subject="Hemmelig frist",
        body_html="<html><head></head><body>Hemmelig", body_text="Hemmelig",
        about={"assignment": task.assignments[0].id},
    )  # fmt: skip
    feed = Feed(organisation_id=ours, person=cast.owner, created_at=NOW)
    asked = Invitation(
        organisation_id=ours, meeting=story.coming, person=cast.owner, role=Role.MEMBER, invited_at=NOW
    )
    change = BulkChange(organisation_id=ours, person=cast.secretary, at=NOW, before=[])
    saved = SavedFilter(
        organisation_id=ours, person=cast.owner, page="tasks", name="Mine", query="status=open"
    )
    session.add_all([source, draft, file, mail, feed, asked, change, saved])
    session.flush()
    reply = ReceivedMail(
        organisation_id=ours, digest="0" * 64, received_at=NOW, from_name="Hemmelig avsender",
        from_address="x@y.example", subject="Hemmelig svar", content=b"Hemmelig",
        outcome=Outcome.DOUBTFUL, invitation=asked,
    )  # fmt: skip
    session.add(reply)
    session.flush()
    task.source_id = source.id
    opened = sign_in.start_session(session, cast.owner, NOW)
    visitor = sign_in.visitor(session, opened, NOW)
    assert visitor is not None
    membership = next(m for m in cast.body.memberships if m.office is Office.MEMBER)
    ids: dict[str, int | str] = {
        "person_id": cast.owner.id, "body_id": cast.body.id, "membership_id": membership.id,
        "feed_id": feed.id, "key_id": visitor.key.id, "meeting_id": story.coming.id,
        "item_id": story.coming.agenda[0].id, "invitation_id": asked.id,
        "task_id": task.id, "file_id": file.id, "source_id": source.id, "message_id": mail.id,
        "mail_id": reply.id, "change_id": change.id, "filter_id": saved.id,
        "decision_id": story.secret.id, IN_REVIEW: draft.id, "card": "o1", "slug": cast.organisation.slug,
        "year": NOW.year,
    }  # fmt: skip
    session.commit()
    return story, ids


def path_of(rule: Rule, ids: dict[str, int | str], **other: object) -> str:
    """The address of `rule` with the ids filled in; `other` stands in their place."""
    values = {**ids, **other}
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda hit: str(values[hit[1]]), rule.rule)
