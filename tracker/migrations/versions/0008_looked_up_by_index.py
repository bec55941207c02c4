"""what is due, and what waits, found in the indexes alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNANSWERED = ["task_id", "part", "person_id", "assigned_at", "answer", "ended_at"]


def upgrade() -> None:
    """The last two only in PostgreSQL: every index of SQLite holds the row's number anyway."""
    op.drop_index("ix_message_waiting_send_at", "message")
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_message_waiting_send_at",
        "message",
        ["send_at", "id"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("ix_task_open_due_on", "task")
    op.create_index(
        "ix_task_open_due_on",
        "task",
        ["due_on", "body_id", "organisation_id", "status"],
        postgresql_include=["id"],
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_index("ix_assignment_unanswered", "assignment")
    op.create_index(
        "ix_assignment_unanswered",
        "assignment",
        UNANSWERED,
        postgresql_include=["id"],
        postgresql_where=sa.text("ended_at IS NULL AND answer = 'none'"),
    )
