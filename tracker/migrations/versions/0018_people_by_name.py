"""an index for people in the order of their names, of whom registers offer the first hundreds"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_person_name", "person", ["organisation_id", "name", "id"])
