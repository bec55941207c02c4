"""A private PostgreSQL cluster in a temporary folder, on a socket, started as another user than root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, wherever this machine has it; None where there is none."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


MEMORY = Path("/dev/shm")  # a file system in memory, on Linux
ROOM = 2 * 1024**3  # bytes free there, with which it is safe to use; in containers it is often small


@contextmanager
def cluster(*, in_memory: bool = False) -> Iterator[str]:
    """A running cluster; yields the SQLAlchemy URL of its maintenance database.

    `in_memory`: where there is room for it. A database is a thousand files, which a disk takes half a second
    to make and memory a tenth of that.
    """
    place = programs()
    assert place is not None
    roomy = in_memory and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="opg", dir=MEMORY if roomy else None))
    folder.chmod(0o755)
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)

    def run(*command: str) -> None:
        done = subprocess.run(
            command, user=user if os.geteuid() == 0 else None, capture_output=True, cwd=folder, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    run(
        str(place / "initdb"),
        "-D",
        f"{folder}/data",
        "-U",
        "tracker",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "-N",
    )
    options = (
        f"-k {folder} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    )
    if roomy:
        options += " -c max_wal_size=128MB"
    run(str(place / "pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://tracker@/postgres?host={folder}"
    finally:
        run(str(place / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
