"""the database counts the changes of each body's meetings, so that a feed that is unchanged is known at once

`counted_meetings.steps`, summed over a body's rows, grows with every transaction that changes meetings of the
body. Each step is of a random length (below 2^36: some 100 million of them fit), so that a sum isn't met again
either after something was undone, or a backup was restored.

On SQLite there is one writer at a time, and one row a body. On PostgreSQL a row that writers share would make
them wait for each other until they commit, and in two bodies' meetings for each other for ever. So no row is
ever waited for: a change takes the rows away that nobody else is just taking, and adds one that holds their
sum and its own step. What is seen of it, before and after each commit, only grows.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER counted_meetings_{event}_{row} AFTER {event} ON meeting BEGIN
    INSERT INTO counted_meetings (body_id, steps) VALUES ({row}.body_id, 1 + (random() & 68719476735))
    ON CONFLICT (body_id) DO UPDATE SET steps = steps + excluded.steps;
END
"""
FUNCTION = """
CREATE FUNCTION count_meetings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    WITH touched AS MATERIALIZED (SELECT DISTINCT body_id FROM changed),
    taken AS (
        DELETE FROM counted_meetings WHERE ctid IN (
            SELECT c.ctid FROM counted_meetings c JOIN touched USING (body_id) FOR UPDATE OF c SKIP LOCKED
        ) RETURNING body_id, steps
    )
    INSERT INTO counted_meetings (body_id, steps)
    SELECT touched.body_id, coalesce(sum(taken.steps), 0) + 1 + floor(random() * 68719476736)
    FROM touched LEFT JOIN taken USING (body_id) GROUP BY touched.body_id;
    RETURN NULL;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER counted_meetings_{event}_{row} AFTER {event} ON meeting
REFERENCING {row} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_meetings()
"""
EVENTS = (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD"))


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE counted_meetings (body_id integer NOT NULL, steps bigint NOT NULL)")
        op.execute("CREATE INDEX counted_meetings_body_id ON counted_meetings (body_id)")
        op.execute(FUNCTION)
        trigger = POSTGRESQL
    else:
        op.execute("CREATE TABLE counted_meetings (body_id INTEGER PRIMARY KEY, steps INTEGER NOT NULL)")
        trigger = SQLITE
    for event, row in EVENTS:
        op.execute(trigger.format(event=event, row=row))
