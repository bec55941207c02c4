"""Mails on their way out: what one worker has in hand, and how far it has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Key


class Batch(Base):
    """The mails that one worker has claimed, until it has recorded what came of them.

    `reached` is the place in `message_ids` of the mail whose words the server is being given, None before
    the first. Those before it were answered; those after it never begun; only that one can be in doubt. A
    mail that was refused leaves 0 in its place: it may be in another batch when this one is settled. The
    worker moves `reached` and `until` at each mail, and no mail goes from a batch that isn't here any more:
    after `until` another worker takes it over. `database_run` tells whether the database may have forgotten
    the last moves (`db.run_of`).
    """

    __tablename__ = "batch"

    id: Mapped[Key]
    worker: Mapped[str] = mapped_column(String(80))
    message_ids: Mapped[list[int]] = mapped_column(JSON)
    reached: Mapped[int | None]
    until: Mapped[datetime]
    database_run: Mapped[str] = mapped_column(String(40), default="")
