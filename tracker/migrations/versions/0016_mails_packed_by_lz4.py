"""on PostgreSQL the words of mails are packed by LZ4: keeping one takes half as long, for as much room"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HAS_LZ4 = text("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql" or not op.get_bind().scalar(HAS_LZ4):
        return  # before PostgreSQL 14, or one built without it
    for column in ("body_text", "body_html"):
        op.execute(f"ALTER TABLE message ALTER COLUMN {column} SET COMPRESSION lz4")
