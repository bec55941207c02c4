"""The command `tracker`: serve, demo, read, person, link, check, migrate, backup, restore, receive.

Each imports only what it needs.

Exit codes: 0 done; 1 the program is set up wrongly or failed; 2 what was given can't be used. `receive` ends
with 75 (sysexits.h: try again later) for whatever goes wrong, so that the mail server keeps the mail.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import Misconfigured, TrackerError

if TYPE_CHECKING:
    from datetime import datetime

    from tracker.program import Program


TRY_LATER = 75  # EX_TEMPFAIL


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the value is the exit code."""
    args = _parser().parse_args(arguments)
    try:
        code: int = args.run(args)
    except Misconfigured as fault:
        print(fault, file=sys.stderr)
        return 1
    except TrackerError as fault:
        print(fault, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tracker", description="Fra referat til gjort.")
    commands = parser.add_subparsers(required=True, metavar="kommando")

    serve = commands.add_parser("serve", help="start nettsidene og jobbene i én prosess")
    serve.add_argument("--host", help="adressen å lytte på (127.0.0.1)")
    serve.add_argument("--port", type=int, help="porten å lytte på (8000)")
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="som serve, med eksempeldata og innlogging med ett klikk")
    demo.add_argument("--host", help="adressen å lytte på (127.0.0.1)")
    demo.add_argument("--port", type=int, help="porten å lytte på (8000)")
    demo.set_defaults(run=_demo)

    read = commands.add_parser("read", help="les et referat og vis hva som står i det")
    read.add_argument("document", type=Path, help=".txt, .md, .docx, .pdf, .html, .odt eller .eml")
    read.add_argument("--json", action="store_true", help="skriv JSON i stedet for et sammendrag")
    read.set_defaults(run=_read)

    person = commands.add_parser("person", help="legg til en person, for eksempel den første sekretæren")
    person.add_argument("name")
    person.add_argument("email")
    person.add_argument("--organisation", required=True, help="rådets eller foreningens navn")
    person.add_argument("--body", required=True, help="organet personen er med i")
    person.add_argument("--secretary", action="store_true", help="som sekretær")
    person.set_defaults(run=_person)

    link = commands.add_parser("link", help="skriv en innloggingslenke (virker i 30 minutter, én gang)")
    link.add_argument("email", help="adressen til en som er lagt inn")
    link.set_defaults(run=_link)

    check = commands.add_parser("check", help="si om jobbene går, og hvordan det står til med e-posten")
    check.set_defaults(run=_check)

    migrate = commands.add_parser("migrate", help="oppdater databasen og avslutt")
    migrate.set_defaults(run=_migrate)

    backup = commands.add_parser(
        "backup", help="skriv alt i registeret til én fil, og prøv å lese den tilbake"
    )
    backup.add_argument("file", type=Path, help="for eksempel oppfolging-2026-03-02.zip")
    backup.set_defaults(run=_backup)

    restore = commands.add_parser("restore", help="legg en kopi tilbake i en tom database")
    restore.add_argument("file", type=Path, help="en fil fra tracker backup")
    restore.set_defaults(run=_restore)

    receive = commands.add_parser("receive", help="ta imot én e-post med svar på en innkalling, fra et rør")
    receive.set_defaults(run=_receive)
    return parser


def _read(args: argparse.Namespace) -> int:
    """Read a document with the same limits as the web does, and print what was found."""
    from tracker.minutes.command import read_document  # noqa: PLC0415 - starts in a tenth of the time

    return read_document(args.document, as_json=args.json)


def _serve(args: argparse.Namespace) -> int:
    from tracker import settings  # noqa: PLC0415

    return _run(settings.load(**_given(args)), _nothing)


def _demo(args: argparse.Namespace) -> int:
    from tracker import settings  # noqa: PLC0415

    return _run(settings.load(demo=True, **_given(args)), _load_example)


def _given(args: argparse.Namespace) -> dict[str, object]:
    return {name: value for name in ("host", "port") if (value := getattr(args, name)) is not None}


def _nothing(_program: Program) -> None:
    """No example data."""


def _load_example(program: Program) -> None:
    from sqlalchemy import select  # noqa: PLC0415

    from tracker import example  # noqa: PLC0415
    from tracker.models import Organisation  # noqa: PLC0415

    with program.sessions() as session:
        whole = Organisation.slug != example.UNFINISHED  # a loading that was cut short begins again
        if session.scalar(select(Organisation.id).where(whole).limit(1)) is None:
            print("Legger inn eksempeldata …", flush=True)
            example.load(session, program.clock(), links=program.links)
            session.commit()


def _run(settings: object, prepare: object) -> int:
    """Web and jobs in this process, until it is told to stop."""
    import signal  # noqa: PLC0415

    from waitress.server import create_server  # noqa: PLC0415

    from jobs import schedule  # noqa: PLC0415
    from tracker import logs  # noqa: PLC0415
    from tracker.app import create_app  # noqa: PLC0415
    from tracker.program import open_program  # noqa: PLC0415
    from tracker.settings import Settings  # noqa: PLC0415

    assert isinstance(settings, Settings)
    assert callable(prepare)
    logs.set_up(settings.log_level)
    program = open_program(settings)
    prepare(program)
    try:
        server = create_server(
            create_app(program),
            host=settings.host,
            port=settings.port,
            threads=8,
            ident=None,
            max_request_body_size=64 * 1024 * 1024,  # so that one over our limit gets a page that says so
        )
    except OSError as fault:
        raise Misconfigured(
            "Kan ikke lytte på %(host)s:%(port)s (%(fault)s). Velg en annen port: PORT=8080 make run",
            host=settings.host, port=settings.port, fault=fault.strerror,
        ) from None  # fmt: skip
    clock = schedule.start(program)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _greet(settings)
    try:
        server.run()
    finally:
        clock.shutdown(wait=True)
        server.close()
        program.close()
    return 0


def _greet(settings: object) -> None:
    from tracker.settings import Settings  # noqa: PLC0415

    assert isinstance(settings, Settings)
    print(f"\n  Oppfølging svarer på {settings.url}\n", flush=True)
    if settings.demo:
        print("  Prøv dette først:")
        print("   1. Logg inn som sekretær med ett klikk, og åpne «Nytt referat».")
        print("   2. Slipp et referat der, eller fortsett på det som venter på gjennomgang.")
        print("   3. Send, og se e-postene i Utboks. Lenkene i dem virker.\n")
        print("  Stopp med Ctrl+C. Data ligger i", settings.data.resolve(), flush=True)


def _person(args: argparse.Namespace) -> int:
    """The first secretary of an empty installation is made here; the rest in the browser."""
    from tracker import settings  # noqa: PLC0415
    from tracker.clock import local_date  # noqa: PLC0415
    from tracker.program import open_program  # noqa: PLC0415
    from tracker.rules.access import Office  # noqa: PLC0415
    from tracker.services import people  # noqa: PLC0415

    program = open_program(settings.load())
    with program.sessions.begin() as session:
        body = people.body_called(session, args.organisation, args.body)
        person = people.add_person(session, body.organisation_id, args.name, email=args.email)
        office = Office.SECRETARY if args.secretary else Office.MEMBER
        people.add_to_body(session, body, person, local_date(program.clock()), office)
    print(json.dumps({"person": args.name, "organ": args.body}, ensure_ascii=False))
    program.close()
    return 0


def _link(args: argparse.Namespace) -> int:
    """For whoever runs the machine, before there is a mail server: a link instead of the mail with it."""
    from sqlalchemy import func, select  # noqa: PLC0415

    from tracker import settings  # noqa: PLC0415
    from tracker.errors import NotFound  # noqa: PLC0415
    from tracker.models import Person  # noqa: PLC0415
    from tracker.program import open_program  # noqa: PLC0415
    from tracker.services import sign_in  # noqa: PLC0415

    program = open_program(settings.load())
    with program.sessions.begin() as session:
        person = session.scalar(select(Person).where(func.lower(Person.email) == args.email.strip().lower()))
        if person is None:
            raise NotFound("Ingen er lagt inn med adressen %(email)s.", email=args.email)
        print(sign_in.new_link(session, person, program.clock(), program.links))
    program.close()
    return 0


def _check(_args: argparse.Namespace) -> int:
    """One page for whoever runs the machine; changes nothing. Ends with 1 when something is wrong."""
    from tracker import db, settings  # noqa: PLC0415
    from tracker.clock import system_clock  # noqa: PLC0415
    from tracker.language import language  # noqa: PLC0415
    from tracker.services import pulse, unplaced  # noqa: PLC0415

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
    print("\nE-post" + ("" if own.smtp_host else " (uten e-posttjener: alt blir liggende i Utboks)"))
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


def _migrate(_args: argparse.Namespace) -> int:
    from tracker import db, settings  # noqa: PLC0415

    engine = db.open_engine(settings.load().database)
    print("Databasen er oppdatert." if db.migrate(engine) else "Databasen var oppdatert fra før.")
    engine.dispose()
    return 0


def _backup(args: argparse.Namespace) -> int:
    """A backup nobody has read back is none: it is restored into a database of its own and compared."""
    import tempfile  # noqa: PLC0415

    from tracker import db, settings  # noqa: PLC0415
    from tracker.clock import system_clock  # noqa: PLC0415
    from tracker.services import backup  # noqa: PLC0415

    given = settings.load()
    engine = db.open_engine(given.database)
    backup.write(engine, args.file, system_clock(), given.signing_keys[-1])
    engine.dispose()
    with tempfile.TemporaryDirectory() as scratch:
        held = backup.check(args.file, Path(scratch))
    print(f"{held.total} rader i {args.file.name}, lest tilbake og sammenlignet.")
    return 0


def _restore(args: argparse.Namespace) -> int:
    from tracker import db, settings  # noqa: PLC0415
    from tracker.services import backup  # noqa: PLC0415

    given = settings.load()
    engine = db.open_engine(given.database)
    held, secret = backup.restore(engine, args.file)
    engine.dispose()
    print(f"{held.total} rader lagt tilbake.")
    if secret is not None and not given.secret_key.get_secret_value():
        settings.keep_secret(given.data, secret)
    elif secret is not None and secret not in given.signing_keys:
        print("For at lenker i sendte e-poster skal virke: sett «secret_key» i kopien inn i old_secret_keys.")
    return 0


def _receive(_args: argparse.Namespace) -> int:
    """For a mail server that hands each mail to a command (Postfix: pipe(8), local(8))."""
    from tracker import db, logs, settings  # noqa: PLC0415
    from tracker.mail.mailboxes import read_up_to_the_largest  # noqa: PLC0415
    from tracker.program import open_program  # noqa: PLC0415
    from tracker.services import replies  # noqa: PLC0415

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


if __name__ == "__main__":
    sys.exit(main())
