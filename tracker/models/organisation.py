"""The council or association that everything else belongs to."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Key


class Organisation(Base):
    """One council; an installation serves one or thousands."""

    __tablename__ = "organisation"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(5), default="nb")
    colour: Mapped[str] = mapped_column(String(7), default="", server_default="")  # «#0a5566»; none: ours
