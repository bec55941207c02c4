"""moving meetings, status mails, receipts, and how people want their mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.migrations.words import allow

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("body", sa.Column("accept_days", sa.Integer(), server_default="0", nullable=False))
    op.add_column("person", sa.Column("bundled", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("assignment", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE assignment SET confirmed_at = answered_at")
    op.create_table(
        "meeting_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("shifted", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_meeting_change_meeting_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_meeting_change_person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_meeting_change_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_change"),
    )
    op.create_index("ix_meeting_change_meeting_id", "meeting_change", ["meeting_id"])
    op.create_index("ix_meeting_change_organisation_id", "meeting_change", ["organisation_id"])
    op.create_table(
        "meeting_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("meeting_day", sa.Date(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_meeting_notice_meeting_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_meeting_notice_person_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_meeting_notice_message_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_meeting_notice_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_notice"),
        sa.UniqueConstraint(
            "organisation_id",
            "meeting_id",
            "person_id",
            "meeting_day",
            name="uq_meeting_notice_once",
        ),
    )
    op.create_index("ix_meeting_notice_meeting_id", "meeting_notice", ["meeting_id"])
    op.create_index("ix_meeting_notice_message_id", "meeting_notice", ["message_id"])
    op.create_index("ix_meeting_notice_organisation_id", "meeting_notice", ["organisation_id"])
    called = sa.text("status = 'called'")
    op.create_index(
        "ix_meeting_called_starts_on", "meeting", ["starts_on"], postgresql_where=called, sqlite_where=called
    )
    open_still, unanswered = sa.text("status = 'open'"), sa.text("ended_at IS NULL AND answer = 'none'")
    op.drop_index("ix_task_open_due_on", "task")
    op.create_index(
        "ix_task_open_due_on",
        "task",
        ["due_on", "body_id", "organisation_id", "status"],
        postgresql_where=open_still,
        sqlite_where=open_still,
    )
    op.create_index(
        "ix_assignment_unanswered",
        "assignment",
        ["task_id", "part", "person_id", "assigned_at", "answer", "ended_at"],
        postgresql_where=unanswered,
        sqlite_where=unanswered,
    )
    op.drop_index("ix_message_person_id", "message")
    op.create_index("ix_message_person_id_created_at", "message", ["person_id", "created_at"])
    allow("message", "kind", "receipt", "meeting_changed", "status")
    allow("history", "action", "started")
