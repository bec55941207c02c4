"""The whole register in one file, and back again, on either engine.

The file is a zip: `manifest.json` says which revision of the tables it holds and how many rows, and each
table is a file with a row of JSON a line. Because it holds rows and not pages of a database, what SQLite
wrote can be restored into PostgreSQL, and the other way. Restoring an old file makes the tables as they were
then, fills them, and upgrades them as a running register is upgraded.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, bindparam, inspect, select, text, update
from sqlalchemy.types import Boolean, Date, DateTime, Integer, LargeBinary, Time

from tracker import db
from tracker.errors import InvalidAnswer

FORMAT = 1
MANIFEST = "manifest.json"
SIGNING_KEY = "secret_key"
AT_ONCE = 500
VERSIONS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds: the revision of its tables, and table → how many rows."""

    revision: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def write(engine: Engine, place: Path, now: datetime, secret: str | None = None) -> Backup:
    """Write everything to `place`, as of one moment, readable by its owner alone. Nothing is locked.

    `secret` signs the links in mails that were sent: without it they would not work after a restore.
    The file appears whole or not at all. Raises InvalidAnswer when the database holds no register.
    """
    revision = db.revision(engine)
    if revision is None:
        raise InvalidAnswer("Databasen er tom. Det er ingenting å ta kopi av.")
    half = place.with_name(place.name + ".part")
    made = os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with (
            os.fdopen(made, "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
            _one_moment(engine) as connection,
        ):
            rows, sums = {}, {}
            for table in _tables(connection):
                rows[table.name], sums[table.name] = _write_table(connection, table, archive)
            manifest = {
                "format": FORMAT, "revision": revision, "written_at": now.isoformat(),
                "rows": rows, "sha256": sums,
            }  # fmt: skip
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
            if secret is not None:
                archive.writestr(SIGNING_KEY, secret)
        half.replace(place)
    finally:
        half.unlink(missing_ok=True)
    return Backup(revision, rows)


def restore(engine: Engine, place: Path) -> tuple[Backup, str | None]:
    """Fill an empty database from `place`, all or nothing; gives what it held, and the secret.

    Raises InvalidAnswer when there is something in the database, or the file is none of ours, is damaged,
    or was written by a newer program.
    """
    with _opened(place) as archive:
        manifest = _manifest(archive)
        _check_empty(engine, manifest["revision"])
        db.migrate(engine, to=manifest["revision"])
        with engine.begin() as connection:
            later: list[tuple[Table, Column[Any], list[dict[str, Any]]]] = []
            filled: set[str] = set()
            for table in _tables(connection):
                if table.name in manifest["rows"]:
                    later += _read_table(connection, table, archive, manifest, filled)
                filled.add(table.name)
            for table, column, values in later:
                _point(connection, table, column, values)
            _count_on(connection)
            connection.execute(text("ANALYZE"))  # else the first mornings are planned without knowing sizes
        secret = archive.read(SIGNING_KEY).decode() if SIGNING_KEY in archive.namelist() else None
    db.migrate(engine)
    return Backup(manifest["revision"], manifest["rows"]), secret


def check(place: Path, scratch: Path) -> Backup:
    """Restore `place` into a database in the folder `scratch` and compare all rows. Raises InvalidAnswer."""
    engine = db.open_engine(f"sqlite:///{scratch / 'check.sqlite3'}")
    again = scratch / "again.zip"
    try:
        held, _ = restore(engine, place)
        if held.revision == db.newest_revision():
            write(engine, again, datetime.now(UTC))
            with _opened(place) as one, _opened(again) as other:
                if _manifest(one)["sha256"] != _manifest(other)["sha256"]:
                    raise InvalidAnswer("Kopien lot seg ikke lese tilbake uendret.")
    finally:
        engine.dispose()
    return held


def _one_moment(engine: Engine) -> Any:
    """A connection that sees the register as it is now, whatever is written meanwhile."""
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else None
    return (engine.execution_options(isolation_level=level) if level else engine).connect()


def _tables(connection: Connection) -> list[Table]:
    """The tables as they are in the database, those that others point to first."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: db.is_ours(name))
    return [table for table in metadata.sorted_tables if table.name != VERSIONS]


def _write_table(connection: Connection, table: Table, archive: zipfile.ZipFile) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    own = [column for column in table.columns if column.computed is None]
    ordered = select(*own).order_by(*table.primary_key.columns)
    streamed = connection.execution_options(yield_per=AT_ONCE).execute(ordered)
    names = sorted(column.name for column in own)
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
        for row in streamed.mappings():
            kept = {name: _plain(table.columns[name], row[name]) for name in names}
            line = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            file.write(line)
            digest.update(line)
            count += 1
    return count, digest.hexdigest()


def _read_table(
    connection: Connection, table: Table, archive: zipfile.ZipFile, manifest: dict[str, Any], filled: set[str]
) -> list[tuple[Table, Column[Any], list[dict[str, Any]]]]:
    """Fill a table; columns that point to rows which aren't there yet are left for later."""
    forward = [
        column
        for column in table.columns
        if column.nullable and any(key.column.table.name not in filled for key in column.foreign_keys)
    ]
    later: dict[str, list[dict[str, Any]]] = {column.name: [] for column in forward}
    (identity,) = table.primary_key.columns
    digest, count = hashlib.sha256(), 0
    with archive.open(f"{table.name}.jsonl") as file:
        while lines := list(islice(file, AT_ONCE)):
            rows = []
            for line in lines:
                digest.update(line)
                row = {
                    name: _typed(table.columns[name], value)
                    for name, value in json.loads(line).items()
                    if name in table.columns
                }
                for name, values in later.items():
                    if row.get(name) is not None:
                        values.append({"at": row[identity.name], "to": row[name]})
                        row[name] = None
                rows.append(row)
            connection.execute(table.insert(), rows)
            count += len(rows)
    if digest.hexdigest() != manifest["sha256"][table.name] or count != manifest["rows"][table.name]:
        raise InvalidAnswer("Kopien er skadet (%(table)s). Bruk en annen.", table=table.name)
    return [(table, table.columns[name], values) for name, values in later.items() if values]


def _point(connection: Connection, table: Table, column: Column[Any], values: list[dict[str, Any]]) -> None:
    (identity,) = table.primary_key.columns
    statement = update(table).where(identity == bindparam("at")).values({column.name: bindparam("to")})
    connection.execute(statement, values)


def _count_on(connection: Connection) -> None:
    """New rows get numbers after the restored ones (PostgreSQL counts in sequences of its own)."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables(connection):
        (identity,) = table.primary_key.columns
        if not isinstance(identity.type, Integer):
            continue
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', '{identity.name}'), "  # noqa: S608
                f'(SELECT coalesce(max("{identity.name}"), 0) + 1 FROM "{table.name}"), false)'
            )
        )


def _plain(column: Column[Any], value: Any) -> Any:
    """A value as JSON has it, the same from both engines."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return bool(value) if value is not None and isinstance(column.type, Boolean) else value


def _typed(column: Column[Any], value: Any) -> Any:
    """The inverse of `_plain`."""
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, DateTime):
        moment = datetime.fromisoformat(value)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Time):
        return time.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    return value


def _check_empty(engine: Engine, revision: str) -> None:
    """Raises InvalidAnswer unless there is nothing, or only empty tables of the same revision."""
    with engine.connect() as connection:
        names = set(filter(db.is_ours, inspect(connection).get_table_names())) - {VERSIONS}
        if any(connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first() for name in names):  # noqa: S608
            raise InvalidAnswer(
                "Databasen er ikke tom. Legg tilbake i en ny, så ingenting blir borte: "
                "velg en annen mappe eller database i innstillingene."
            )
    if names and db.revision(engine) != revision:
        raise InvalidAnswer("Databasen har tabeller fra før. Legg tilbake i en helt ny.")


def _opened(place: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(place)
    except FileNotFoundError:
        raise InvalidAnswer("Finner ikke filen %(name)s.", name=place.name) from None
    except (zipfile.BadZipFile, OSError):
        raise InvalidAnswer("%(name)s er ikke en kopi herfra.", name=place.name) from None


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(archive.read(MANIFEST))
        newer = found["format"] > FORMAT or found["revision"] > db.newest_revision()
        found["rows"], found["sha256"]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise InvalidAnswer(
            "%(name)s er ikke en kopi herfra.", name=Path(archive.filename or "").name
        ) from None
    if newer:
        raise InvalidAnswer("Kopien er skrevet av en nyere utgave av programmet. Oppdater først.")
    return found
