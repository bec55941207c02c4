"""the database knows of each task whether anybody answers for it

So that what nobody owns is found by an index, and counted with the rest: asking each open task for its owners
takes as long as there are open tasks. The database itself keeps it, whoever changes the assignments. Two who
end the last two owners' parts at once take turns at the task's row, so that the second sees what the first did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OWNED = (
    "EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = {task} AND a.part = 'owner' AND a.ended_at IS NULL)"
)
EVENTS = {
    "insert": ("INSERT", "NEW"),
    "update": ("UPDATE OF part, ended_at, task_id", "NEW"),
    "moved": ("UPDATE OF task_id", "OLD"),
    "delete": ("DELETE", "OLD"),
}
FIRST = "UPDATE task SET owned = {owned}"
SQLITE = """
CREATE TRIGGER owned_{name} AFTER {event} ON assignment BEGIN
    UPDATE task SET owned = {owned} WHERE id = {row}.task_id AND owned <> {owned};
END
"""
FUNCTION = """
CREATE FUNCTION keep_owned() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE
    changed integer := CASE WHEN TG_ARGV[0] = 'OLD' THEN OLD.task_id ELSE NEW.task_id END;
BEGIN
    PERFORM 1 FROM task WHERE id = changed FOR NO KEY UPDATE;
    UPDATE task SET owned = {owned} WHERE id = changed AND owned <> {owned};
    RETURN NULL;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER owned_{name} AFTER {event} ON assignment FOR EACH ROW EXECUTE FUNCTION keep_owned('{row}')
"""


def upgrade() -> None:
    op.add_column("task", sa.Column("owned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(FIRST.format(owned=OWNED.format(task="task.id")))
    opened = sa.text("status = 'open'")
    op.create_index(
        "ix_task_open", "task", ["organisation_id", "body_id", "owned", "due_on", "id"],
        postgresql_where=opened, sqlite_where=opened,
    )  # fmt: skip
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(FUNCTION.format(owned=OWNED.format(task="changed")))
    for name, (event, row) in EVENTS.items():
        trigger = POSTGRESQL if postgresql else SQLITE
        op.execute(trigger.format(name=name, event=event, row=row, owned=OWNED.format(task=f"{row}.task_id")))
