"""The feed of 1,000 events over the net, as calendars meet it: our server beside two others.

Radicale is the calendar server that many run themselves; it holds the same events. It stands in no lock: it
is installed for this measure alone, into an environment of its own. The other builds the calendar with
icalendar for each request, in Flask and waitress, out of events that it has in memory.

One client loads them all: threads that keep their connection, on the same machine, so that its own work is in
every figure.
"""

from __future__ import annotations

import base64
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from tests.benchmarks.example_house import house
from tests.benchmarks.feed import BESIDE, feed_of_many
from tests.benchmarks.measuring import Figure, NotYet
from tests.benchmarks.starting import _free_port

RADICALE = "radicale>=3.5,<4"
PLACE = Path(sys.prefix) / "beside" / "radicale"  # goes with `make clean`
SECONDS = 3.0
HOST = "127.0.0.1"
OWNER = {"Authorization": "Basic " + base64.b64encode(b"elvedal:x").decode()}
EACH_TIME = """
import icalendar, sys
from flask import Flask, Response
from waitress import serve
from tests.benchmarks.feed import built
rows = [
    (e["uid"], e["dtstamp"].dt, e["dtstart"].dt, e["dtend"].dt, e["summary"], e["location"])
    for e in icalendar.Calendar.from_ical(sys.stdin.buffer.read()).walk("VEVENT")
]
app = Flask("beside")
app.get("/feed.ics")(lambda: Response(built(rows), content_type="text/calendar"))
serve(app, host="127.0.0.1", port=PORT, threads=8)
"""


def measure() -> Iterator[Figure]:
    with house() as opened:
        path, _rows = feed_of_many(opened)
        calendar = opened.client.get(path)
        settings = opened.program.settings
        environment = {
            **os.environ, "OPPFOLGING_DATA": str(settings.data), "OPPFOLGING_LOG_LEVEL": "INFO",
            "OPPFOLGING_BASE_URL": settings.base_url or "",
        }  # fmt: skip
        known = {"If-None-Match": calendar.headers["ETag"]}
        port = _free_port()
        command = [str(Path(sys.executable).parent / "tracker"), "serve", "--port", str(port)]
        with _running(command, port, environment) as ours:
            cold = _once(port, path, {})
            warm = {n: _load(ours, port, path, {}, 200, n) for n in (1, 8)}
            unchanged = {n: _load(ours, port, path, known, 304, n) for n in (1, 8)}
        port = _free_port()
        each = EACH_TIME.replace("PORT", str(port))
        with _running([sys.executable, "-c", each], port, environment, calendar.data) as beside:
            yield from _figures("sent anew", warm, BESIDE, {
                n: _load(beside, port, "/feed.ics", {}, 200, n) for n in (1, 8)
            })  # fmt: skip
        with _radicale(calendar.data) as (server, port):
            first = _once(port, "/elvedal/moter/", OWNER)
            theirs = {n: _load(server, port, "/elvedal/moter/", OWNER, 200, n) for n in (1, 8)}
        yield Figure("feed over the net, the first after the start", cold, first, "ms", "Radicale")
        yield from _figures("sent anew", warm, "Radicale", theirs)
        yield from _figures("unchanged (304)", unchanged, "Radicale, which sends it anew", theirs)


def _figures(
    what: str, ours: Mapping[int, Loaded], beside: str, others: Mapping[int, Loaded]
) -> Iterator[Figure]:
    for n, mine in ours.items():
        name = f"feed over the net, {what}, {n} connection{'s' if n > 1 else ''}"
        yield Figure(f"{name}: p50", mine.p50, others[n].p50, "ms", beside)
        yield Figure(f"{name}: requests", mine.rate, others[n].rate, "a second", beside)
        yield Figure(f"{name}: the server's processor time each", mine.busy, others[n].busy, "ms", beside)


class Loaded:
    """What a server did for `SECONDS`: p50 in ms, requests a second, its processor time in ms for each."""

    def __init__(self, taken: list[float], seconds: float, busy: float) -> None:
        self.p50 = median(taken) * 1000
        self.rate = len(taken) / seconds
        self.busy = busy / len(taken) * 1000


def _load(
    server: psutil.Process, port: int, path: str, headers: dict[str, str], status: int, connections: int
) -> Loaded:
    taken: list[float] = []
    faults: list[str] = []

    def ask() -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        while time.perf_counter() < until and not faults:
            begun = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - begun)
            if answer.status != status:
                faults.append(f"{answer.status} for {status}")
        connection.close()

    _once(port, path, headers)
    before, begun = _processor(server), time.perf_counter()
    until = begun + SECONDS
    threads = [Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults or not taken:
        raise NotYet(f"a server answered {faults[:1]}")
    return Loaded(taken, time.perf_counter() - begun, _processor(server) - before)


def _processor(server: psutil.Process) -> float:
    return sum(sum(p.cpu_times()[:2]) for p in (server, *server.children(recursive=True)))


def _once(port: int, path: str, headers: dict[str, str]) -> float:
    """Milliseconds for one fetch on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.request("GET", path, headers=headers)
    connection.getresponse().read()
    connection.close()
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _running(
    command: list[str], port: int, environment: Mapping[str, str], given: bytes = b""
) -> Iterator[psutil.Process]:
    """A server in a process of its own, once it answers."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as said:
        stdin.write(given)
        stdin.seek(0)
        process = subprocess.Popen(command, env=environment, stdin=stdin, stdout=said, stderr=said)
        try:
            begun = time.perf_counter()
            while not _answers(port):
                if process.poll() is not None or time.perf_counter() - begun > 60:
                    said.seek(0)
                    last = said.read().decode(errors="replace").strip().splitlines()[-1:]
                    raise NotYet(f"{Path(command[0]).name} did not start: {last}")
                time.sleep(0.02)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/robots.txt", timeout=10) as answer:
            return bool(answer.status)
    except HTTPError:
        return True
    except OSError:
        return False


@contextmanager
def _radicale(calendar: bytes) -> Iterator[tuple[psutil.Process, int]]:
    """Radicale with the same events in it."""
    program = PLACE / "bin" / "radicale"
    if not program.exists():
        _install()
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            str(program), "--config", "", f"--server-hosts={HOST}:{port}", "--auth-type=none",
            "--logging-level=error", f"--storage-filesystem-folder={folder}",
        ]  # fmt: skip
        with _running(command, port, os.environ) as server:
            headers = {**OWNER, "Content-Type": "text/calendar; charset=utf-8"}
            put = Request(f"http://{HOST}:{port}/elvedal/moter/", calendar, headers, method="PUT")
            with urlopen(put, timeout=120):
                yield server, port


def _install() -> None:
    pip = [str(PLACE / "bin" / "python"), "-m", "pip", "install", "--quiet", RADICALE]
    for command in ([sys.executable, "-m", "venv", str(PLACE)], pip):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotYet(f"Radicale could not be installed: {done.stderr.strip().splitlines()[-1:]}")
