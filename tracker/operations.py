"""The commands of whoever runs the machine: person, link, start-link, check, migrate, backup, restore,
receive.

Each takes what `cli.py` has parsed, prints what it did, and gives the exit code.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import Namespace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from tracker import db, logs, settings
from tracker.clock import local_date, system_clock
from tracker.errors import Misconfigured, NotFound, TrackerError
from tracker.language import language
from tracker.mail.mailboxes import read_up_to_the_largest
from tracker.models import Person
from tracker.program import open_program
from tracker.rules.access import Office
from tracker.services import backup as backups
from tracker.services import people, pulse, replies, sign_in, start, unplaced

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


def person(args: Namespace) -> int:
    """The first secretary of an empty installation is made here; the rest in the browser."""
    program = open_program(settings.load())
    with db.writing(program.sessions) as session:
        body = people.body_called(session, args.organisation, args.body)
        person = people.add_person(session, body.organisation_id, args.name, email=args.email)
        office = Office.SECRETARY if args.secretary else Office.MEMBER
        people.add_to_body(session, body, person, local_date(program.clock()), office)
    print(json.dumps({"person": args.name, "organ": args.body}, ensure_ascii=False))
    program.close()
    return 0


def link(args: Namespace) -> int:
    """For whoever runs the machine, before there is a mail server: a link instead of the mail with it."""
    program = open_program(settings.load())
    with db.writing(program.sessions) as session:
        person = session.scalar(select(Person).where(func.lower(Person.email) == args.email.strip().lower()))
        if person is None:
            raise NotFound("Ingen er lagt inn med adressen %(email)s.", email=args.email)
        print(sign_in.new_link(session, person, program.clock(), program.links))
    program.close()
    return 0


def start_link(_args: Namespace) -> int:
    """For whoever runs the machine: where an empty installation is set up, and its mail server ever after."""
    program = open_program(settings.load())
    print(start.link(program.links, program.clock()))
    program.close()
    return 0


def check(_args: Namespace) -> int:
    """One page for whoever runs the machine; changes nothing. Ends with 1 when something is wrong."""
    own = settings.load()
    engine = db.open_engine(own.database)
    if db.revision(engine) != db.newest_revision():
        raise Misconfigured("Databasen er ikke oppdatert. Kjør «tracker migrate», eller start tjenesten.")
    now = system_clock()
    with db.sessions(engine)() as session:
        found, nobodys = pulse.take(session, now), unplaced.nobodys(session)
    engine.dispose()

    def moment(at: datetime | None) -> str:
        return language("nb").moment(at) if at else "aldri"

    print("Jobber")
    for job in found.jobs:
        said = "GÅR IKKE" if job.late(now) else "FEILET SIST" if job.failing else "går"
        print(f"  {job.job:<16} {said:<12} sist {moment(job.ran_at)}")
    print("\nE-post" + ("" if own.mail.host else " (uten e-posttjener: alt blir liggende i Utboks)"))
    print(f"  sist sendt       {moment(found.last_sent_at)}")
    print(f"  siste time       {found.sent_last_hour}")
    late = f", den eldste skulle ha gått for {found.overdue.seconds // 60} min siden" if found.overdue else ""
    print(f"  venter           {found.waiting}{late}")
    print(f"  sendes nå        {found.in_hand}")
    print(f"  ikke levert      {found.failed} siste sju dager")
    for reason, count in found.reasons:
        print(f"    {count:>5} × {reason}")
    if nobodys:
        print(f"  uten mottaker    {nobodys} innkomne e-poster, i tabellen received_mail")
    faults = found.faults(now)
    print("\n" + ("\n".join(f"FEIL: {fault}" for fault in faults) or "Alt i orden."))
    return 1 if faults else 0


def migrate(_args: Namespace) -> int:
    engine = db.open_engine(settings.load().database)
    print("Databasen er oppdatert." if db.migrate(engine) else "Databasen var oppdatert fra før.")
    engine.dispose()
    return 0


def backup(args: Namespace) -> int:
    """A backup nobody has read back is none: it is restored into a database of its own and compared."""
    given = settings.load()
    engine = db.open_engine(given.database)
    backups.write(engine, args.file, system_clock(), given.signing_keys[-1])
    engine.dispose()
    with tempfile.TemporaryDirectory() as scratch:
        held = backups.check(args.file, Path(scratch))
    print(f"{held.total} rader i {args.file.name}, lest tilbake og sammenlignet.")
    return 0


def restore(args: Namespace) -> int:
    given = settings.load()
    engine = db.open_engine(given.database)
    held, secret = backups.restore(engine, args.file)
    engine.dispose()
    print(f"{held.total} rader lagt tilbake.")
    if secret is not None and not given.secret_key.get_secret_value():
        settings.keep_secret(given.data, secret)
    elif secret is not None and secret not in given.signing_keys:
        print("For at lenker i sendte e-poster skal virke: sett «secret_key» i kopien inn i old_secret_keys.")
    return 0


def receive(_args: Namespace) -> int:
    """For a mail server that hands each mail to a command (Postfix: pipe(8), local(8))."""
    try:
        content = read_up_to_the_largest(sys.stdin.buffer)
        own = settings.load()
        logs.set_up(own.log_level)
        engine = db.open_engine(own.database)
        ready = db.revision(engine) == db.newest_revision()
        engine.dispose()
        if not ready:
            print("Databasen er ikke oppdatert.", file=sys.stderr)
            return TRY_LATER
        program = open_program(own)
        with program.sessions.begin() as session:
            replies.receive(session, content, program.own_addresses, program.clock(), program.links)
        program.close()
    except Exception as fault:
        said = str(fault) if isinstance(fault, TrackerError) else type(fault).__name__  # no mail in a log
        print(said, file=sys.stderr)
        return TRY_LATER
    return 0
