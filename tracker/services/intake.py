"""From a document to a draft that waits for review. Nothing reaches the register here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker import db
from tracker.errors import NotFound
from tracker.minutes.isolated import run_isolated
from tracker.models import Body, Person, Source, SourceState
from tracker.services import people

Reader = Callable[[bytes, str, str], str]


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The document in the register, and whether it lay there already."""

    source: Source
    seen_before: bool


def read(content: bytes, name: str, known_json: str) -> str:
    """Read a document in a process of its own; gives the draft as JSON. Raises UnreadableDocument."""
    return run_isolated(content, name, known_json)


def take_in(
    session: Session, content: bytes, name: str, actor: Person, now: datetime, *, reader: Reader = read
) -> TakenIn:
    """Read a document and keep it with its draft; the same bytes again give the source that is there.

    Raises UnreadableDocument when it can't be read; nothing is written then. The transaction is the
    caller's, and is not begun before the reading is over: a slow document holds nobody up.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    present = _with_sha256(session, actor.organisation_id, sha256)
    if present is not None and present.state is not SourceState.DISCARDED:
        return TakenIn(present, seen_before=True)
    known = people.known(session, actor.organisation_id)
    session.commit()
    draft = json.loads(reader(content, name, json.dumps(known.to_json())))
    db.write_at_once(session)
    if present is not None:
        present.draft, present.state, present.taken_in_at = draft, SourceState.REVIEW, now
        present.verdicts.clear()
        session.flush()
        return TakenIn(present, seen_before=False)
    source = Source(
        organisation_id=actor.organisation_id,
        name=name[-300:],
        sha256=sha256,
        content=content,
        draft=draft,
        body=_body_named(session, actor.organisation_id, draft["meeting"].get("body")),
        taken_in_by=actor,
        taken_in_at=now,
    )
    try:
        with session.begin_nested():
            session.add(source)
    except IntegrityError:  # the same document came twice at once
        other = _with_sha256(session, actor.organisation_id, sha256)
        if other is None:
            raise
        return TakenIn(other, seen_before=True)
    return TakenIn(source, seen_before=False)


def source_of(session: Session, organisation_id: int, source_id: int) -> Source:
    """A source of this organisation, with its body, its meeting and whether it is replaced. One query.

    Raises NotFound, also for somebody else's.
    """
    replaced_by = joinedload(Source.replaced_by).load_only(Source.published_at)
    options = (joinedload(Source.body), joinedload(Source.meeting), replaced_by)
    found = session.get(Source, source_id, options=options)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("Vi fant ikke referatet.")
    return found


def waiting(session: Session, organisation_id: int) -> list[Source]:
    """The drafts that wait for review, newest first."""
    return list(
        session.scalars(
            select(Source)
            .where(Source.organisation_id == organisation_id, Source.state == SourceState.REVIEW)
            .order_by(Source.taken_in_at.desc(), Source.id.desc())
        )
    )


def discard(session: Session, source: Source) -> None:
    """Put a draft away; published ones stay."""
    if source.state is SourceState.REVIEW:
        source.state = SourceState.DISCARDED
        session.flush()


def _with_sha256(session: Session, organisation_id: int, sha256: str) -> Source | None:
    return session.scalar(
        select(Source).where(Source.organisation_id == organisation_id, Source.sha256 == sha256)
    )


def _body_named(session: Session, organisation_id: int, name: str | None) -> Body | None:
    """The body that goes by `name`, or by a name whose words all stand in it, when exactly one does."""
    said = _words(name or "")
    bodies = session.scalars(select(Body).where(Body.organisation_id == organisation_id)).all()
    names = {
        body: [_words(known) for known in (body.name, body.short_name or "", *body.aliases)]
        for body in bodies
    }
    same = [body for body, known in names.items() if said in known]
    within = [body for body, known in names.items() if any(words and words <= said for words in known)]
    for found in (same, within):
        if said and len(found) == 1:
            return found[0]
    return None


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", name.casefold()))
