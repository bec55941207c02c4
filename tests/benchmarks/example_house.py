"""The whole program over the example, in a temporary folder, with somebody signed in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tracker import example
from tracker.app import create_app
from tracker.models import Person
from tracker.program import Program, open_program
from tracker.services import sign_in
from tracker.settings import Settings


@dataclass(frozen=True)
class House:
    """A program, its pages, and a browser in which the secretary is signed in."""

    program: Program
    app: Flask
    client: FlaskClient


@contextmanager
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        program = open_program(Settings(data=Path(folder), base_url="http://localhost", demo=True))
        with program.sessions() as session:
            example.load(session, program.clock(), links=program.links)
            session.commit()
            secretary = session.scalars(select(Person).order_by(Person.id).limit(1)).one()
            secret = sign_in.start_session(session, secretary, program.clock())
            session.commit()
        app = create_app(program)
        client = app.test_client()
        with client.session_transaction() as held:
            held["key"] = secret
        yield House(program, app, client)
        program.close()
