"""indexes for what waits for a secretary, and for what was closed since a meeting, and decisions by meeting, among a million tasks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_task_closed_at": (
        "task", ["organisation_id", "body_id", "closed_at", "id"], "closed_at IS NOT NULL",
    ),
    "ix_assignment_asking": (
        "assignment", ["organisation_id", "part", "task_id"],
        "answer IN ('more_time', 'not_mine') AND ended_at IS NULL",
    ),
    "ix_assignment_unconfirmed": (
        "assignment", ["organisation_id", "part", "assigned_at", "task_id"],
        "confirmed_at IS NULL AND answer = 'none' AND ended_at IS NULL",
    ),
}  # fmt: skip


def upgrade() -> None:
    op.drop_index(
        "ix_assignment_task_id", "assignment"
    )  # anew, with all that tells whether a task has an owner
    op.create_index("ix_meeting_starts_on", "meeting", ["organisation_id", "starts_on", "id"])
    op.create_index("ix_assignment_task_id", "assignment", ["task_id", "part", "ended_at", "person_id"])
    for name, (table, columns, where) in INDEXES.items():
        condition = sa.text(where)
        op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)
