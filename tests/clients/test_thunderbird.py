"""Thunderbird, without a screen, subscribes to a feed: what it fetches, and what is then in its own calendar.

It is told to fetch every three seconds instead of every half hour. What it keeps is read from a copy of its
files, since it holds them locked.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.conftest import NOW, THUNDERBIRD
from tests.factories import make_meeting, make_task
from tests.on_free_port import listening
from tracker.app import create_app
from tracker.models import Feed, Meeting
from tracker.program import Program, open_program
from tracker.services import feeds
from tracker.settings import Settings

CALENDAR = "calendar.registry.0c6b2bd5-31ad-4ff1-9be7-6a5f0d3c9d11"
PATIENCE = 90  # seconds; it starts in some five
PREFERENCES: dict[str, str | int | bool] = {
    f"{CALENDAR}.type": "ics",
    f"{CALENDAR}.name": "Oppfølging",
    f"{CALENDAR}.cache.enabled": True,
    f"{CALENDAR}.refreshInterval": "0.05",  # minutes
    f"{CALENDAR}.calendar-main-in-composite": True,
    "calendar.timezone.local": "Europe/Oslo",
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "mail.provider.enabled": False,
    "mailnews.start_page.enabled": False,
}


@dataclass
class Fetched:
    """A fetch: what it was answered with, what the client said it had, and the events it was sent."""

    status: int
    had: str | None
    tag: str | None
    events: int


@dataclass
class Served:
    """Our program on a port, and everything that has been fetched from it."""

    program: Program
    place: Path
    fetches: list[Fetched] = field(default_factory=list)
    seen: int = 0
    one_more: threading.Condition = field(default_factory=threading.Condition)

    def wsgi(self, app: Callable[..., Iterable[bytes]]) -> Callable[..., list[bytes]]:
        """`app`, noting what calendars fetch."""

        def noted(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
            told: list[tuple[str, dict[str, str]]] = []

            def note(status: str, headers: list[tuple[str, str]], fault: Any = None) -> Any:
                told.append((status, dict(headers)))
                return start(status, headers, fault)

            answer = app(environ, note)
            body = [b"".join(answer)]
            getattr(answer, "close", lambda: None)()
            if environ["PATH_INFO"].startswith("/ics/"):
                assert "Thunderbird" in environ["HTTP_USER_AGENT"]
                status, headers = told[-1]
                made = Fetched(
                    int(status[:3]), environ.get("HTTP_IF_NONE_MATCH"), headers.get("ETag"),
                    body[0].count(b"BEGIN:VEVENT"),
                )  # fmt: skip
                with self.one_more:
                    self.fetches.append(made)
                    self.one_more.notify_all()
            return body

        return noted

    def next(self, status: int) -> Fetched:
        """The first fetch that is answered so, after the one that was asked for last."""
        with self.one_more:
            found = lambda: [n for n, f in enumerate(self.fetches) if f.status == status and n >= self.seen]  # noqa: E731
            assert self.one_more.wait_for(found, PATIENCE), [f.status for f in self.fetches]
            self.seen = found()[0] + 1
            return self.fetches[self.seen - 1]

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """Nothing can be read meanwhile: a folder stands where the register was."""
        away = self.place.with_suffix(".away")
        self.place.rename(away)
        self.place.mkdir()
        self.program.close()
        yield
        self.place.rmdir()
        away.rename(self.place)


@pytest.fixture
def served(address: str, tmp_path: Path, cast: Cast) -> Iterator[Served]:
    with listening() as server:
        port = server.effective_port
        settings = Settings(
            data=tmp_path / "data", database_url=address, port=port, base_url=f"http://127.0.0.1:{port}"
        )
        program = open_program(settings, lambda: NOW)
        made = Served(program, tmp_path / "register.sqlite3")
        server.application = made.wsgi(create_app(program))
        yield made
    program.close()


@dataclass
class Thunderbird:
    """A profile that subscribes to an address, and the program on it."""

    profile: Path

    @contextmanager
    def running(self) -> Iterator[None]:
        assert THUNDERBIRD is not None
        environment = {**os.environ, "HOME": str(self.profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
        with (self.profile / "said.txt").open("ab") as said:
            process = subprocess.Popen(
                [THUNDERBIRD, "--headless", "--no-remote", "--profile", str(self.profile)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            try:
                yield
            finally:
                process.terminate()
                process.wait(PATIENCE)

    def titles(self) -> list[str]:
        """What is in its calendar."""
        kept, copy = self.profile / "calendar-data", self.profile / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in kept.glob("cache.sqlite*"):
            shutil.copy(file, copy)
        try:
            with closing(sqlite3.connect(copy / "cache.sqlite")) as opened:
                return sorted(title for (title,) in opened.execute("SELECT title FROM cal_events"))
        except sqlite3.DatabaseError:  # copied while it wrote
            return []

    def shows(self, titles: list[str]) -> None:
        """Wait until its calendar holds just these."""
        until, wait = time.monotonic() + PATIENCE, threading.Event()
        while (found := self.titles()) != titles:
            assert time.monotonic() < until, found
            wait.wait(0.2)


@pytest.fixture
def thunderbird(tmp_path: Path) -> Thunderbird:
    profile = tmp_path / "profile"
    profile.mkdir()
    return Thunderbird(profile)


def subscribe(client: Thunderbird, address: str) -> None:
    preferences = {**PREFERENCES, f"{CALENDAR}.uri": address}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (client.profile / "user.js").write_text("\n".join(lines), "utf-8")


@pytest.mark.thunderbird
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_thunderbird_fetches_keeps_and_never_loses_what_it_has(
    served: Served, thunderbird: Thunderbird, session: Session, cast: Cast, now: datetime
) -> None:
    program = served.program
    for number in range(20):
        make_meeting(
            session, cast, now, date(2026, 3, 9) + timedelta(weeks=number), title=f"Møte {number:02}"
        )
    make_task(session, cast, now, what="Finne sted 🎉")
    feed = feeds.feed_of(session, cast.owner, now)
    session.commit()
    subscribe(thunderbird, program.links.feed(feed.id, feed.generation))
    titles = sorted([*(f"Møte {n:02}" for n in range(20)), "Frist: Finne sted 🎉"])

    with thunderbird.running():
        first = served.next(200)
        assert (first.had, first.events) == (None, 21)
        thunderbird.shows(titles)
        again = served.next(304)
        assert (again.had, again.events) == (first.tag, 0)

        with program.sessions.begin() as writing:
            writing.get_one(Meeting, 1).title = "Møte 00, flyttet"
        changed = served.next(200)
        assert (changed.had, changed.events) == (first.tag, 21)
        titles = sorted([*titles[:1], "Møte 00, flyttet", *titles[2:]])
        thunderbird.shows(titles)

        with served.without_database():
            assert served.next(503).events == 0
            assert thunderbird.titles() == titles

    with thunderbird.running():  # after a fault it asks again when it starts
        assert served.next(200).events == 21
        thunderbird.shows(titles)
        with program.sessions.begin() as writing:
            feeds.revoke(writing, writing.get_one(Feed, feed.id), now)
        served.next(410)
        thunderbird.shows(titles)  # nothing is lost, and it asks no more

    assert {f.events for f in served.fetches if f.status == 200} == {21}
    assert [f.status for f in served.fetches][-1] == 410
