"""what was closed since a day is counted from the index alone

Of a body that never met, that is all it ever closed; and PostgreSQL, which reckons with a third of all when
it doesn't know the day, read the tasks themselves.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    closed = sa.text("closed_at IS NOT NULL")
    op.drop_index("ix_task_closed_at", "task")
    op.create_index(
        "ix_task_closed_at", "task", ["organisation_id", "body_id", "closed_at", "id", "status"],
        postgresql_where=closed, sqlite_where=closed,
    )  # fmt: skip
