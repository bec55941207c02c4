"""Every reason why a document is not read, each as one sentence or two: what is wrong, and what to do."""

from __future__ import annotations

from tracker.errors import UnreadableDocument

MEGABYTES = 25
PAGES = 500
CHARACTERS = 2_000_000
"""The longest text, after extraction: 500 full pages are about 1.5 million characters."""
LINES = 60_000


def check_size(content: bytes) -> None:
    """Raise UnreadableDocument when there is nothing, or far too much."""
    if not content:
        raise empty()
    if len(content) > MEGABYTES * 1024 * 1024:
        raise too_large(len(content))


def empty() -> UnreadableDocument:
    return UnreadableDocument("Filen er tom. Velg filen med referatet, eller lim inn teksten.")


def without_text() -> UnreadableDocument:
    return UnreadableDocument("Filen inneholder ingen tekst. Lim inn teksten i stedet.")


def scanned() -> UnreadableDocument:
    return UnreadableDocument("Filen er et skannet bilde uten tekst. Lim inn teksten i stedet.")


def picture() -> UnreadableDocument:
    return UnreadableDocument("Filen er et bilde. Lim inn teksten i stedet.")


def protected() -> UnreadableDocument:
    return UnreadableDocument("Filen er passordbeskyttet. Fjern passordet og last den opp på nytt.")


def old_word() -> UnreadableDocument:
    return UnreadableDocument("Filen er i et eldre Word-format. Lagre den som .docx og last den opp på nytt.")


def outlook_message() -> UnreadableDocument:
    return UnreadableDocument(
        "Filen er en Outlook-melding (.msg). Lagre den som .eml, eller lim inn teksten."
    )


def sheet_or_slides() -> UnreadableDocument:
    return UnreadableDocument(
        "Filen er et regneark eller en presentasjon. Lagre den som PDF, eller lim inn teksten."
    )


def archive() -> UnreadableDocument:
    return UnreadableDocument("Filen er en pakket mappe. Pakk den ut og last opp selve referatet.")


def wrong_type() -> UnreadableDocument:
    return UnreadableDocument("Filen er ikke et dokument som kan leses. Lagre den som .docx eller PDF.")


def damaged() -> UnreadableDocument:
    return UnreadableDocument("Filen er skadet og kan ikke åpnes. Lagre den på nytt, eller lim inn teksten.")


def unsafe() -> UnreadableDocument:
    return UnreadableDocument("Filen inneholder noe som ikke er trygt å åpne. Lim inn teksten i stedet.")


def too_heavy() -> UnreadableDocument:
    return UnreadableDocument("Filen er for tung å lese. Lim inn teksten i stedet, eller del den opp.")


def too_large(size: int) -> UnreadableDocument:
    return UnreadableDocument(
        "Filen er på %(size)s MB, og grensen er %(limit)s MB. Fjern bilder, eller lim inn teksten.",
        size=-(-size // (1024 * 1024)),
        limit=MEGABYTES,
    )


def too_many_pages(pages: int) -> UnreadableDocument:
    return UnreadableDocument(
        "Filen har %(pages)s sider, og grensen er %(limit)s. Del den opp.", pages=pages, limit=PAGES
    )


def too_long() -> UnreadableDocument:
    return UnreadableDocument(
        "Teksten er for lang. Grensen er %(limit)s tegn. Del den opp.", limit=CHARACTERS
    )


def too_many_lines() -> UnreadableDocument:
    return UnreadableDocument("Teksten har for mange linjer. Grensen er %(limit)s. Del den opp.", limit=LINES)
