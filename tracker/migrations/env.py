"""Alembic's entry: migrates the connection it is handed, or the database of the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from tracker.models import Base
from tracker.models.base import UTCDateTime


def plain(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    """Migrations name only SQLAlchemy's own types, so that old ones survive changes in the models."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def run(connection: Connection) -> None:
    """Run the migrations on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=plain,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from tracker import db, settings

    with db.open_engine(settings.load().database).begin() as own:
        run(own)
