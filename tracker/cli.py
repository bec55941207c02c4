"""The command `tracker`: serve, demo and read here; what the operator runs is in `operations.py`.

Each imports only what it needs.

Exit codes: 0 done; 1 the program is set up wrongly or failed; 2 what was given can't be used. `receive` ends
with 75 for whatever goes wrong, so that the mail server keeps the mail.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import Misconfigured, TrackerError

if TYPE_CHECKING:
    from tracker.program import Program


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
    person.set_defaults(run=_operation, operation="person")

    link = commands.add_parser("link", help="skriv en innloggingslenke (virker i 30 minutter, én gang)")
    link.add_argument("email", help="adressen til en som er lagt inn")
    link.set_defaults(run=_operation, operation="link")

    start_link = commands.add_parser(
        "start-link", help="skriv lenken til oppsettet: det første besøket, og e-posttjeneren siden"
    )
    start_link.set_defaults(run=_operation, operation="start_link")

    check = commands.add_parser("check", help="si om jobbene går, og hvordan det står til med e-posten")
    check.set_defaults(run=_operation, operation="check")

    migrate = commands.add_parser("migrate", help="oppdater databasen og avslutt")
    migrate.set_defaults(run=_operation, operation="migrate")

    backup = commands.add_parser(
        "backup", help="skriv alt i registeret til én fil, og prøv å lese den tilbake"
    )
    backup.add_argument("file", type=Path, help="for eksempel oppfolging-2026-03-02.zip")
    backup.set_defaults(run=_operation, operation="backup")

    restore = commands.add_parser("restore", help="legg en kopi tilbake i en tom database")
    restore.add_argument("file", type=Path, help="en fil fra tracker backup")
    restore.set_defaults(run=_operation, operation="restore")

    receive = commands.add_parser("receive", help="ta imot én e-post med svar på en innkalling, fra et rør")
    receive.set_defaults(run=_operation, operation="receive")
    return parser


def _read(args: argparse.Namespace) -> int:
    """Read a document with the same limits as the web does, and print what was found."""
    from tracker.minutes.command import read_document  # noqa: PLC0415 - starts in a tenth of the time

    return read_document(args.document, as_json=args.json)


def _operation(args: argparse.Namespace) -> int:
    """A command of the operator, by its name."""
    from tracker import operations  # noqa: PLC0415

    code: int = getattr(operations, args.operation)(args)
    return code


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
    from tracker.app import serving  # noqa: PLC0415
    from tracker.program import open_program  # noqa: PLC0415
    from tracker.settings import Settings  # noqa: PLC0415

    assert isinstance(settings, Settings)
    assert callable(prepare)
    logs.set_up(settings.log_level)
    program = open_program(settings)
    prepare(program)
    try:
        server = create_server(
            serving(program),
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
    _greet(program)
    try:
        server.run()
    finally:
        clock.shutdown(wait=True)
        server.close()
        program.close()
    return 0


def _greet(program: Program) -> None:
    from tracker.services import start  # noqa: PLC0415

    settings = program.settings
    print(f"\n  Oppfølging svarer på {settings.url}\n", flush=True)
    if settings.demo:
        print("  Prøv dette først:")
        print("   1. Logg inn som sekretær med ett klikk, og åpne «Nytt referat».")
        print("   2. Slipp et referat der, eller fortsett på det som venter på gjennomgang.")
        print("   3. Send, og se e-postene i Utboks. Lenkene i dem virker.\n")
        print("  Stopp med Ctrl+C. Data ligger i", settings.data.resolve(), flush=True)
        return
    with program.sessions() as session:
        empty = start.is_empty(session)
    if empty:
        print("  Ingen er lagt inn ennå. Åpne denne lenken for å komme i gang (den virker i ett døgn):")
        print(f"  {start.link(program.links, program.clock())}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
