"""The web program over an empty register, a clock to move, and visitors who come in by the front door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.conftest import NOW
from tracker.app import create_app
from tracker.models import Person
from tracker.program import Program, open_program
from tracker.services import sign_in
from tracker.settings import Settings


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Visitor:
    """A browser: keeps its cookies, and sends the token against forgery with what it posts."""

    app: Flask
    client: FlaskClient

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(form or {})}, **options)

    def token(self) -> str:
        """What the forms on this visitor's pages carry (CSRF protection is on in tests too)."""
        with self.client.session_transaction() as held:
            raw = held.setdefault("csrf_token", "0" * 40)
        return str(URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(raw))


SignInAs = Callable[[Person], Visitor]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def demo() -> bool:
    """Whether the program is a demo; `@pytest.mark.parametrize("demo", [True])` makes it one."""
    return False


@pytest.fixture
def program(address: str, tmp_path: Path, clock: SetClock, demo: bool) -> Iterator[Program]:
    settings = Settings(data=tmp_path / "data", database_url=address, base_url="http://localhost", demo=demo)
    opened = open_program(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def app(program: Program) -> Flask:
    return create_app(program)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app, app.test_client())


@pytest.fixture
def client(visitor: Visitor) -> FlaskClient:
    """The bare client of `visitor`."""
    return visitor.client


@pytest.fixture
def sign_in_as(app: Flask, program: Program, clock: SetClock) -> SignInAs:
    """A new browser in which a person of the cast is signed in."""

    def enter(person: Person) -> Visitor:
        with program.sessions.begin() as session:
            secret = sign_in.start_session(session, session.get_one(Person, person.id), clock())
        client = app.test_client()
        with client.session_transaction() as held:
            held["key"] = secret
        return Visitor(app, client)

    return enter
