"""guests, the log of who did what, sessions that can be seen, slower sign-in, and what is public of a body"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker.migrations.words import allow

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

DEEDS = (
    "signed_in", "sessions_ended", "office_given", "office_ended", "address_changed", "people_added",
    "people_merged", "removal_asked", "removed", "published", "discarded", "exported", "restricted", "lifted",
    "settings", "opened", "closed",
)  # fmt: skip


def upgrade() -> None:
    allow("membership", "office", "guest")
    op.add_column("key", sa.Column("device", sa.String(40), nullable=True))
    for name in ("removal_asked_at", "removed_at"):
        op.add_column("person", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("public_decisions", "noindex"):
        op.add_column("body", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "deed",
            sa.Enum(*DEEDS, name="deed", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_audit_person_id"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_audit_body_id"),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"], name="fk_audit_subject_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_audit_organisation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_organisation_id", "audit", ["organisation_id"])
    op.create_index("ix_audit_organisation_id_at", "audit", ["organisation_id", "at"])
    op.create_index("ix_audit_person_id", "audit", ["person_id"])
    op.create_index("ix_audit_subject_id", "audit", ["subject_id"])
    op.create_index("ix_history_organisation_id_at", "history", ["organisation_id", "at"])
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_address_at", "attempt", ["address", "at"])
    op.create_index("ix_attempt_network_at", "attempt", ["network", "at"])
