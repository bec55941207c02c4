"""Keeping what the secretary says to the cards of a review: at once, one card at a time, never overwriting.

Each card has a revision. Whoever answers sends the revision that was shown; if somebody else has answered
the card since, nothing is written and ChangedMeanwhile says who.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.errors import ChangedMeanwhile, InvalidAnswer
from tracker.models import Person, Source, SourceState, Verdict

CARD = re.compile(r"[a-z]{1,7}[0-9]{0,10}")
MOST_CARDS = 5000


def record(
    session: Session,
    source: Source,
    card: str,
    value: dict[str, Any],
    revision: int,
    actor: Person,
    now: datetime,
) -> Verdict:
    """Keep `value` as the verdict on `card`. The same again changes nothing.

    Raises ChangedMeanwhile when somebody answered the card after `revision`, or the review is over.
    """
    if source.state is not SourceState.REVIEW:
        raise ChangedMeanwhile("Referatet er alt sendt. Endringer gjør du på oppgavene.")
    if not CARD.fullmatch(card):
        raise InvalidAnswer("Dette kortet finnes ikke.")
    present = session.scalar(
        select(Verdict)
        .where(Verdict.source_id == source.id, Verdict.card == card)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if present is None:
        return _first(session, source, card, value, actor, now)
    if present.value == value:
        return present
    if present.revision != revision:
        raise _told(present)
    present.value, present.by, present.at = value, actor, now
    present.revision += 1
    session.flush()
    return present


def _first(
    session: Session, source: Source, card: str, value: dict[str, Any], actor: Person, now: datetime
) -> Verdict:
    if len(source.verdicts) >= MOST_CARDS:
        raise InvalidAnswer("Referatet har for mange kort.")
    verdict = Verdict(
        organisation_id=source.organisation_id, source_id=source.id, card=card, value=value, by=actor, at=now
    )
    try:
        with session.begin_nested():
            session.add(verdict)
    except IntegrityError:
        present = session.scalars(
            select(Verdict).where(Verdict.source_id == source.id, Verdict.card == card)
        ).one()
        if present.value == value:
            return present
        raise _told(present) from None
    session.expire(source, ["verdicts"])
    return verdict


def _told(verdict: Verdict) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        "%(name)s svarte på dette kortet mens du hadde siden åpen. Svaret ditt er ikke lagret. "
        "Se svaret før du endrer det.",
        name=verdict.by.name if verdict.by else "Noen andre",
    )
