"""invitations and sign-up: who is asked to a meeting, seats, and the remote link"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

from tracker.migrations.words import allow

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("remote_link", sa.String(500), nullable=True))
    op.add_column("meeting", sa.Column("register_by", sa.Date(), nullable=True))
    op.add_column("meeting", sa.Column("seats", sa.Integer(), nullable=True))
    for name in ("asks_diet", "invites"):
        op.add_column("meeting", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    _read_last_days()
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(32), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_via", sa.String(32), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(500), nullable=False),
        sa.Column("partly_text", sa.String(300), nullable=False),
        sa.Column("diet", sa.String(300), nullable=True),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("sent_method", sa.String(32), nullable=True),
        sa.Column("sent_sequence", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_sequence", sa.Integer(), nullable=True),
        sa.Column("reply_stamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('member', 'substitute', 'guest')", name="ck_invitation_role"),
        sa.CheckConstraint("answer IN ('none', 'yes', 'partly', 'no')", name="ck_invitation_answer"),
        sa.CheckConstraint(
            "answered_via IN ('page', 'mail', 'secretary')", name="ck_invitation_answered_via"
        ),
        sa.CheckConstraint("sent_method IN ('request', 'cancel')", name="ck_invitation_sent_method"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_invitation_meeting_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_invitation_person_id"),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name="fk_invitation_substitute_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_invitation_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint(
            "organisation_id",
            "meeting_id",
            "person_id",
            name="uq_invitation_organisation_id_meeting_id_person_id",
        ),
        sa.UniqueConstraint(
            "organisation_id", "meeting_id", "turn", name="uq_invitation_organisation_id_meeting_id_turn"
        ),
    )
    for column in ("meeting_id", "person_id", "organisation_id"):
        op.create_index(f"ix_invitation_{column}", "invitation", [column])
    allow("message", "kind", "invitation", "sign_up_reminder", "moved_up", "absence")


def _read_last_days() -> None:
    """Forms have kept the last day to sign up as text; other words come from minutes, and stay."""
    meeting = sa.table(
        "meeting", sa.column("id"), sa.column("registration"), sa.column("register_by", sa.Date())
    )
    connection = op.get_bind()
    kept = sa.select(meeting.c.id, meeting.c.registration).where(meeting.c.registration.is_not(None))
    for number, said in connection.execute(kept).all():
        try:
            last_day = date.fromisoformat(said)
        except ValueError:
            continue
        connection.execute(
            meeting.update().where(meeting.c.id == number).values(register_by=last_day, registration=None)
        )
