"""Asking the operator's virus scanner about a file that somebody sends in.

Any command that reads the file on its standard input and ends as clamscan and clamdscan do: with 0 for clean,
1 for infected, and something else when it couldn't tell. What couldn't be told isn't let in.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass

import structlog

from tracker.errors import InvalidAnswer, Misconfigured

CLEAN, INFECTED = 0, 1  # clamdscan(1), RETURN CODES
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Scanner:
    """The command, and how many seconds it may take. Without a command every file passes."""

    command: tuple[str, ...] = ()
    timeout: float = 60.0

    def check(self, content: bytes) -> None:
        """Raises InvalidAnswer (field "file") when the file is infected, or when nobody could tell."""
        if not self.command or not content:
            return
        found = self._ask(content)
        if found == INFECTED:
            log.warning("infected file refused", size=len(content))
            raise InvalidAnswer("Filen har et virus, og ble ikke tatt imot.", field="file")
        if found != CLEAN:
            raise InvalidAnswer("Filen kunne ikke sjekkes for virus nå. Prøv igjen om litt.", field="file")

    def _ask(self, content: bytes) -> int | None:
        """What the scanner ended with; None when it did not end by itself, or never began."""
        try:
            done = subprocess.run(
                self.command, input=content, capture_output=True, timeout=self.timeout, check=False
            )
        except subprocess.TimeoutExpired:
            log.error("virus scanner took too long", seconds=self.timeout)  # noqa: TRY400
            return None
        except OSError as fault:
            log.error("virus scanner can't be started", fault=str(fault))  # noqa: TRY400
            return None
        if done.returncode not in (CLEAN, INFECTED):
            said = done.stderr.decode("utf-8", "replace").strip()[-500:]
            log.error("virus scanner failed", code=done.returncode, said=said)
        return done.returncode


def scanner(command: str, timeout: float) -> Scanner:
    """The scanner that a setting names. Raises Misconfigured for a quote that isn't closed."""
    try:
        return Scanner(tuple(shlex.split(command)), timeout)
    except ValueError as fault:
        raise Misconfigured(
            "Innstillingen «%(name)s» er feil: %(fault)s", name="virus_scan", fault=fault
        ) from None
