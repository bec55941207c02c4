"""From the command to the first answered request, and the memory it takes: beside Flask saying hello."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

import psutil

from tests.benchmarks.measuring import Figure, NotYet

ROUNDS = 5
HELLO = """
from flask import Flask
from waitress import serve
app = Flask(__name__)
app.get("/logg-inn")(lambda: "hei")
serve(app, host="127.0.0.1", port={port})
"""


def measure() -> Iterator[Figure]:
    command = Path(sys.executable).parent / "tracker"
    if not command.exists():
        raise NotYet(f"no command {command}")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "OPPFOLGING_DATA": folder, "OPPFOLGING_LOG_LEVEL": "ERROR"}
        _start([str(command), "serve", "--port", str(port := _free_port())], port, environment)  # migrates
        ours = [_serve(command, environment) for _ in range(ROUNDS)]
        others = [_hello(environment) for _ in range(ROUNDS)]
    beside = "Flask + waitress, one view"
    yield Figure(
        "start to first answer", median(t for t, _ in ours), median(t for t, _ in others), "ms", beside
    )
    yield Figure(
        "memory after first answer", median(m for _, m in ours), median(m for _, m in others), "MB", beside
    )


def _serve(command: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    port = _free_port()
    return _start([str(command), "serve", "--port", str(port)], port, environment)


def _hello(environment: Mapping[str, str]) -> tuple[float, float]:
    port = _free_port()
    return _start([sys.executable, "-c", HELLO.format(port=port)], port, environment)


def _start(command: list[str], port: int, environment: Mapping[str, str]) -> tuple[float, float]:
    """Milliseconds until the first answer, and resident MB then."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}/logg-inn"):
            if process.poll() is not None:
                said = process.stderr.read() if process.stderr else ""
                raise NotYet(f"{command[0]} ended: {said.strip().splitlines()[-1:]}")
            if time.perf_counter() - begun > 30:
                raise NotYet(f"{command[0]} gave no answer in 30 s")
            time.sleep(0.005)
        taken = time.perf_counter() - begun
        return taken * 1000, psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait(10)
        if process.stderr:
            process.stderr.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
