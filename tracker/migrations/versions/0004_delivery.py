"""batches of mail on their way out, heartbeats of the jobs, and when mail went"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("message_ids", sa.JSON(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("database_run", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expected_by", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )
    # Mails that were being sent when the old version stopped may have gone: once more, and no more than that.
    op.execute(
        "UPDATE message SET state = 'failed', "
        "reason = 'Sendingen ble avbrutt to ganger. E-posten kan ha kommet fram.' "
        "WHERE state = 'sending' AND maybe_twice"
    )
    op.execute("UPDATE message SET state = 'waiting', maybe_twice = true WHERE state = 'sending'")
    op.drop_column("message", "leased_by")
    op.drop_column("message", "leased_until")
    op.create_index("ix_message_sent_at", "message", ["sent_at"])
    op.drop_index("ix_message_waiting_send_at", "message")
    for name, column, condition in (
        ("ix_message_waiting_send_at", "send_at", "state = 'waiting'"),
        ("ix_message_sign_in_send_at", "send_at", "state = 'waiting' and kind = 'sign_in'"),
        ("ix_message_failed_created_at", "created_at", "state = 'failed'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "message", [column], postgresql_where=where, sqlite_where=where)
