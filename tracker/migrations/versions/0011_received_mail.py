"""mail that comes in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OUTCOMES = (
    *("noted", "same", "stale", "bounce", "list", "auto_reply", "ours"),
    *("no_answer", "unclear", "delegated", "refused", "unknown_meeting", "unknown_sender", "doubtful"),
    *("by_machine", "too_large"),
)


def upgrade() -> None:
    op.add_column("invitation", sa.Column("taken_back", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "received_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_name", sa.String(200), nullable=False),
        sa.Column("from_address", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("said", sa.String(1000), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("partstat", sa.String(20), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"outcome IN ({', '.join(map(repr, OUTCOMES))})", name="ck_received_mail_outcome"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_received_mail_organisation_id"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name="fk_received_mail_invitation_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_received_mail_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_received_mail"),
        sa.UniqueConstraint("digest", name="uq_received_mail_digest"),
    )
    op.create_index("ix_received_mail_invitation_id", "received_mail", ["invitation_id"])
    waits = sa.text("settled_at is null")
    op.create_index(
        "ix_received_mail_waits",
        "received_mail",
        ["organisation_id"],
        postgresql_where=waits,
        sqlite_where=waits,
    )
