"""Every address of the program, filled in so that it leads somewhere, for tests that hold for all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW
from tests.web.story import tell
from tracker.links import Links
from tracker.models import Attachment, Feed, Message, MessageKind, MessageState
from tracker.services import inviting, sign_in


@dataclass(frozen=True)
class Address:
    endpoint: str
    path: str


def stock(session: Session, cast: Cast, links: Links) -> dict[str, str]:
    """Something behind every address; gives the tokens that some of them want, by endpoint."""
    story = tell(session, cast, NOW)
    part = story.tasks["late"].assignments[0] if "late" in story.tasks else None
    part = part or next(iter(story.tasks.values())).assignments[0]
    feed = Feed(organisation_id=cast.organisation.id, person=cast.owner, created_at=NOW)
    mail = Message(
        organisation_id=cast.organisation.id, person=cast.owner, kind=MessageKind.REMINDER,
        state=MessageState.SENT, address="x@y.example", created_at=NOW, send_at=NOW, subject="Frist",
        body_html="<html><head></head><body>Hei", body_text="Hei",
    )  # fmt: skip
    file = Attachment(
        organisation_id=cast.organisation.id, task=part.task, person=cast.owner, at=NOW, name="notat.txt",
        size=3, sha256="0" * 64, content=b"Hei",
    )  # fmt: skip
    session.add_all([feed, mail, file])
    session.flush()
    inviting.invite(session, story.coming, NOW)
    key = sign_in.new_link(session, cast.owner, NOW, links).rpartition("/")[2]
    session.commit()
    return {
        "sign_in.arrive": key,
        "answers": links.token("answer", [part.id, part.task.version]),
        "pause": links.token("pause", [cast.owner.id]),
        "answers.invitation": links.token("sign-up", [story.coming.invitations[0].id]),
        "calendars": links.token("feed", [feed.id, feed.generation]),
    }


def addresses(app: Flask, tokens: dict[str, str]) -> list[Address]:
    """All that can be fetched with GET. Numbers are 1; static files are one of them."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        blueprint = rule.endpoint.partition(".")[0]
        token = tokens.get(rule.endpoint) or tokens.get("pause" if "varsler" in rule.rule else blueprint, "x")
        path = re.sub(r"<int(?:\([^)]*\))?:[^>]+>", "1", rule.rule)
        path = path.replace("<path:filename>", "app.css").replace("<token>", token)
        found.append(Address(rule.endpoint, re.sub(r"<[^>]+>", "1", path)))
    return sorted(found, key=lambda address: address.path)
