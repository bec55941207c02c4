"""The log of who did what. Written in the transaction of the deed itself: both are kept, or neither."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.models import Audit, Body, Deed, Person


def note(
    session: Session,
    actor: Person,
    now: datetime,
    deed: Deed,
    *,
    body: Body | None = None,
    subject: Person | None = None,
    about: str = "",
    detail: str = "",
) -> None:
    """`actor` did this now. See `models/audit.py` for what may stand in `about` and `detail`."""
    session.add(
        Audit(
            organisation_id=actor.organisation_id,
            at=now,
            person=actor,
            deed=deed,
            body=body,
            subject=subject,
            about=about[:40],
            detail=" ".join(detail.split())[:300],
        )
    )
