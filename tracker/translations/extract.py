"""Gathers every text that people meet, and brings the catalogues up to date with them.

    python -m tracker.translations.extract

Bokmål, as written in templates and code, is the source. Translations that exist are kept, new texts come in
without one, and texts that are no longer used go out. Nothing here changes from one machine or day to the
next: no line numbers, no dates, sorted by text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tracker import errors
from tracker.language import TRANSLATIONS
from tracker.rules import workdays

ROOT = Path(__file__).parents[2]
TRANSLATED = {"nn": "Norwegian Nynorsk", "en": "English"}
PLURALS = "nplurals=2; plural=(n != 1);"  # the same for both

SENTENCES = (1,)
KEYWORDS: dict[str, tuple[int, ...]] = {
    "_": SENTENCES,
    "gettext": SENTENCES,
    "ngettext": (1, 2),
    "Stopped": SENTENCES,  # why a mail isn't sent, told in Utboks
    **{
        name: SENTENCES
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.TrackerError)
    },
}

# Where the texts that are translated stand apart from where they are translated: module-level tables and
# functions. In these, every string that begins with a capital letter is a text.
TABLES: dict[str, tuple[str, ...]] = {
    "tracker/mail/bounce.py": ("why",),
    "tracker/mail/refusals.py": ("no_way_out", "BROKE", "BROKE_UNANSWERED", "SILENT"),
    "tracker/services/batches.py": ("BROKEN_OFF",),
    "tracker/services/written.py": ("UNWRITABLE",),
    "tracker/services/meeting_mails.py": ("letter_of", "_absence"),
    "tracker/services/sign_up_sheet.py": ("COLUMNS", "ROLES", "ANSWERS", "WAITS"),
    "tracker/services/task_file.py": ("COLUMNS",),
    "tracker/services/spreadsheet.py": ("COLUMNS", "STATE_WORDS", "RESTRICTED", "decision_row"),
    "tracker/web/error_pages.py": ("PAGES",),
    "tracker/web/minutes.py": ("_missing_text",),
    "tracker/web/tasks.py": ("_mail_names", "_mail_states"),
}

Text = str | list[str] | tuple[str, ...]  # a plural has two forms


def texts() -> Catalog:
    """Every text in the program, without translations. The files where it stands are noted."""
    found = Catalog(charset="utf-8")
    for place, text in sorted(_everything(), key=lambda one: (one[0], str(one[1]))):
        found.add(text, locations=[(place, 0)])
    for message in found:
        message.locations = sorted(set(message.locations))
    return found


def update(code: str, found: Catalog) -> tuple[Catalog, set[Text]]:
    """The catalogue of `code` with exactly the texts of `found`, and those that went out."""
    kept = catalogue(code)
    made = Catalog(locale=code, charset="utf-8")
    for message in found:
        if message.id:
            known = kept.get(message.id)
            same = known is not None and known.id == message.id
            made.add(message.id, known.string if known and same else None, locations=message.locations)
    gone = {message.id for message in kept if message.id and message.id not in made}
    return made, gone


def catalogue(code: str) -> Catalog:
    """The catalogue of `code` as it stands."""
    place = _place(code)
    if not place.exists():
        return Catalog(locale=code)
    with place.open("rb") as file:
        return read_po(file, locale=code)


def written(code: str, made: Catalog) -> bytes:
    """The catalogue as a file: UTF-8, sorted, with no more header than what a reader needs."""
    body = BytesIO()
    write_po(body, made, width=110, omit_header=True, sort_output=True, include_lineno=False)
    header = (
        f"# {TRANSLATED[code]} texts of Oppfølging. The source is bokmål.\n"
        'msgid ""\n'
        'msgstr ""\n'
        f'"Language: {code}\\n"\n'
        f'"Plural-Forms: {PLURALS}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + body.getvalue()


def main() -> int:
    """Bring every catalogue up to date; say what is to be translated."""
    found = texts()
    for code in TRANSLATED:
        made, gone = update(code, found)
        _place(code).parent.mkdir(exist_ok=True)
        _place(code).write_bytes(written(code, made))
        missing = [message.id for message in made if message.id and not _is_translated(message.string)]
        _say(f"{code}: {len(made)} texts, {len(missing)} without translation, {len(gone)} gone")
        for text in missing:
            _say(f"  + {text!r}")
        for text in sorted(gone, key=str):
            _say(f"  - {text!r}")
    return 0


def _everything() -> Iterator[tuple[str, Text]]:
    """(file, text) for every text; the same pair may come twice."""
    python = ("calendars", "mail", "minutes/formats", "services", "web")
    yield from _extracted("tracker/templates", "jinja2", ("**.html", "**.txt"))
    for folder in python:
        yield from _extracted(f"tracker/{folder}", "python", ("**.py",))
    yield from _extracted("tracker", "python", ("*.py",))
    for place, names in TABLES.items():
        yield from ((place, text) for text in _in_tables(place, names))
    yield from (("tracker/rules/workdays.py", name) for name in _holidays())


def _extracted(folder: str, method: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, Text]]:
    """What stands in the keywords' arguments in the files below `folder`."""
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    files = extract_from_dir(
        ROOT / folder,
        method_map=[(pattern, method) for pattern in patterns],
        options_map={"**": options} if method == "jinja2" else None,
        keywords=KEYWORDS,
        directory_filter=lambda path: Path(path).name not in ("static", "__pycache__"),
    )
    for name, _line, text, _comments, _context in files:
        if text:
            yield f"{folder}/{Path(name).as_posix()}", text


def _holidays() -> set[str]:
    """What the public holidays are called: a table of another program."""
    year = [workdays.holiday_name(date(2026, 1, 1) + timedelta(days=number)) for number in range(365)]
    return {name for name in year if name}


def _in_tables(place: str, names: tuple[str, ...]) -> Iterator[str]:
    """The texts of the tables and functions called `names`. Raises LookupError when one is lost."""
    lost = set(names)
    for statement in ast.parse((ROOT / place).read_text(encoding="utf-8")).body:
        held = _names(statement) & set(names)
        lost -= held
        if held:
            yield from _capitals(statement)
    if lost:
        raise LookupError(f"{place} has no {', '.join(sorted(lost))}")


def _names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _capitals(statement: ast.stmt) -> Iterator[str]:
    docstring = ast.get_docstring(statement, clean=False) if isinstance(statement, ast.FunctionDef) else None
    for node in ast.walk(statement):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node.value == docstring:
            continue
        if node.value[:1].isupper():
            yield node.value


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def _place(code: str) -> Path:
    return TRANSLATIONS / code / "messages.po"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
