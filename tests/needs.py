"""What the tests need of the machine: brings it where it can, and says plainly what is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests import postgresql
from tests.conftest import CHROMIUM, IN_CI, SHARED, THUNDERBIRD, has_libical


def main() -> int:
    """Try Debian's packages for what is missing; in CI anything still missing is a failure."""
    wanted = []
    if postgresql.programs() is None:
        wanted.append("postgresql")
    if CHROMIUM is None:
        wanted.append("chromium")
    if not has_libical():
        wanted += ["gir1.2-ical-3.0", "python3-gi"]
    if THUNDERBIRD is None:
        wanted.append("thunderbird")
    if wanted and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", *wanted], check=False, **quiet)  # type: ignore[call-overload]
    left_out = []
    if postgresql.programs() is None:
        left_out.append("PostgreSQL is not installed: everything is tested on SQLite alone")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        left_out.append("Chromium is not installed: nothing is tested in a browser")
    if not has_libical():
        left_out.append("libical is not installed: invitations are not checked by it")
    if not shutil.which("thunderbird"):
        left_out.append("Thunderbird is not installed: feeds are not fetched by it")
    if not (SHARED / "minutes").is_dir():
        left_out.append(
            "the example minutes are not beside this repository: the reader's figures are not checked"
        )
    for line in left_out:
        sys.stdout.write(f"LEFT OUT: {line}\n")
    return 1 if IN_CI and left_out else 0


if __name__ == "__main__":
    sys.exit(main())
