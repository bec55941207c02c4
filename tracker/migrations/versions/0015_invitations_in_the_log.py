"""the log tells who was called to a meeting, taken off its list, and answered for"""

from __future__ import annotations

from tracker.migrations.words import allow

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow("audit", "deed", "invited", "uninvited", "answered_for")
