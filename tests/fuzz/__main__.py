"""`python -m tests.fuzz pdf -runs=100000`: files of one kind changed by chance, led by what code they reach.

Needs `atheris`, which has wheels for few Pythons and is therefore in no lock file: `make fuzz` installs it.
Anything but a draft or a refusal is a crash, and stops the run with the input in the folder `build/fuzz`; an
input is then made smaller by hand and becomes a test.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import atheris

from tests.fuzz.seeds import WRAPPED, seeds

with atheris.instrument_imports(include=["tracker.minutes"]):
    from tracker.errors import UnreadableDocument
    from tracker.minutes.document import open_document
    from tracker.minutes.formats import docx, eml, html, odt, pdf, text  # noqa: F401 - else loaded too late
    from tracker.minutes.reader import read

LIMITS = ("-timeout=10", "-rss_limit_mb=1500", "-max_len=6000", "-print_final_stats=1", "-verbosity=1")


def main() -> None:
    kind, *options = sys.argv[1:]
    folder = Path("build/fuzz") / kind
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(kind)):
        (folder / f"seed{number}").write_bytes(seed)
    wrapped = WRAPPED[kind]

    def one(data: bytes) -> None:
        with suppress(UnreadableDocument):
            read(open_document(wrapped(data), f"x.{kind}")).to_json()

    prefix = f"-artifact_prefix={folder.parent}/{kind}-"
    atheris.Setup([sys.argv[0], str(folder), prefix, *LIMITS, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
