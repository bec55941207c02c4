"""a mail to those whose tasks corrected minutes change"""

from __future__ import annotations

from tracker.migrations.words import allow

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow("message", "kind", "tasks_changed")
