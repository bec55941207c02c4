"""calendars: what a feed holds, who fetches it, public feeds, and row versions that the database counts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTED = ("meeting", "body")
SQLITE = (
    "CREATE TRIGGER TABLE_version AFTER UPDATE ON TABLE WHEN NEW.version = OLD.version "
    "BEGIN UPDATE TABLE SET version = OLD.version + 1 WHERE id = NEW.id; END"
)


def upgrade() -> None:
    for name in ("as_tasks", "alarms"):
        op.add_column("feed", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("feed", sa.Column("language", sa.String(5), nullable=True))
    op.add_column("feed", sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("feed", sa.Column("fetched_by", sa.String(20), nullable=True))
    op.add_column("body", sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in COUNTED:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$"
        )
        for table in COUNTED:
            op.execute(
                f"CREATE TRIGGER {table}_version BEFORE UPDATE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION count_version()"
            )
    else:
        for table in COUNTED:
            op.execute(SQLITE.replace("TABLE", table))
