"""The catalogues: complete, true to their source in everything but the words, and as the tool writes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from tracker import errors
from tracker.language import TRANSLATIONS, language
from tracker.minutes.formats import refusals
from tracker.translations import extract

CODES = ("nn", "en")
PLACE = re.compile(r"%\(\w+\)[sd]")
TAG = re.compile(r"</?[a-z][^>]*>|&[a-z]+;")
RUN_AGAIN = "run: python -m tracker.translations.extract"

# Names of buttons in other people's programs, which have no nynorsk.
THEIR_NAMES = re.compile(
    r"«(Fra URL|Abonner fra nettet|Andre kalendere|Legg til kalender|Ny kalender|På nettverket|"
    r"Kontoinnstillinger|Internett-kalendere)»|"
    r"iPhone: Innstillinger, Kalender, Kontoer, Hent nye data"
)
BOKMAL = re.compile(
    r"\b(ikke|fra|hva|hvem|hvor|hvordan|hvorfor|hvis|hvilke[nt]?|noe|noen|bare|mer|flere|uten|uken?|jeg|en|et|"
    r"oppgave[nr]?|oppgavene|ansvarlige?|møter|møtene|frister|fristene|referater|vedtakene|filen|siden din|"
    r"lenken|lagret|sendes|nå|ennå|sekretærer|deltakere|innstillinger|påminnelser?)\b",
    re.IGNORECASE,
)


@cache
def source() -> Catalog:
    return extract.texts()


@cache
def kept(code: str) -> Catalog:
    return extract.catalogue(code)


def texts(code: str) -> list[Message]:
    return [message for message in kept(code) if message.id]


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """(source, translation) of a text; each form of a plural."""
    original, translated = message.id, message.string
    if isinstance(original, str):
        assert isinstance(translated, str)
        yield original, translated
    else:
        assert isinstance(translated, tuple)
        yield from zip(original, translated, strict=True)


def wrong(code: str, fault: re.Pattern[str]) -> list[str]:
    """The texts in which what `fault` finds differs between source and translation."""
    return [
        translated
        for message in texts(code)
        for original, translated in forms(message)
        if sorted(fault.findall(original)) != sorted(fault.findall(translated))
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_text_stands_in_the_catalogue_and_nothing_else(code: str) -> None:
    used = {message.id for message in source() if message.id}
    held = {message.id for message in texts(code)}
    assert used - held == set(), RUN_AGAIN
    assert held - used == set(), RUN_AGAIN


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_translated(code: str) -> None:
    missing = [message.id for message in texts(code) if not all(t.strip() for _, t in forms(message))]
    assert missing == []
    assert [message.id for message in texts(code) if message.fuzzy] == []
    assert not kept(code).obsolete


@pytest.mark.parametrize("code", CODES)
def test_the_file_is_as_the_tool_writes_it(code: str) -> None:
    """So that running the tool changes what has changed, on any machine and day."""
    made, _gone = extract.update(code, source())
    assert extract.written(code, made) == (TRANSLATIONS / code / "messages.po").read_bytes(), RUN_AGAIN


@pytest.mark.parametrize("code", CODES)
def test_places_for_values_are_the_same(code: str) -> None:
    assert wrong(code, PLACE) == []


@pytest.mark.parametrize("code", CODES)
def test_no_percent_sign_stands_alone(code: str) -> None:
    """Texts are filled in with `%`, which a lone percent sign would break."""
    pieces = [piece for message in texts(code) for form in forms(message) for piece in form]
    assert [piece for piece in pieces if "%" in PLACE.sub("", piece).replace("%%", "")] == []


@pytest.mark.parametrize("code", CODES)
def test_tags_no_break_spaces_and_ends_are_the_same(code: str) -> None:
    assert wrong(code, TAG) == []
    assert wrong(code, re.compile("[\u00a0\u2060\n]")) == []
    assert wrong(code, re.compile(r"^\s+|\s+$")) == []


@pytest.mark.parametrize("code", CODES)
def test_sentences_end_alike(code: str) -> None:
    """A button has no full stop, a sentence has. English greets with a comma, and «kl.» is “at”."""
    found = [
        (original, translated)
        for message in texts(code)
        for original, translated in forms(message)
        if not original.startswith(("Hei", "kl.")) and _end(original) != _end(translated)
    ]
    assert found == []


def _end(text: str) -> str:
    last = text.rstrip().translate({ord(mark): None for mark in "»”"})[-1:]
    return last if last in ".:?!…" else ""


def test_quotes_are_those_of_the_language() -> None:
    for code, foreign in (("nn", "“”„"), ("en", "«»„")):
        assert [t for message in texts(code) for _, t in forms(message) if set(foreign) & set(t)] == []


def test_nynorsk_holds_no_bokmal() -> None:
    said = [THEIR_NAMES.sub("", t) for message in texts("nn") for _, t in forms(message)]
    assert [t for t in said if BOKMAL.search(t)] == []


def test_english_holds_no_norwegian_letters() -> None:
    said = [t.replace("Bokmål", "") for message in texts("en") for _, t in forms(message)]
    assert [t for t in said if re.search("[æøå]", t, re.IGNORECASE)] == []


LABELS = [
    ("Oppfølging", "Oppfølging", "Follow-up"),
    ("Mine oppgaver", "Mine oppgåver", "My tasks"),
    ("Møter", "Møte", "Meetings"),
    ("Vedtak", "Vedtak", "Decision"),
    ("Status", "Status", "Status"),
    ("Kalender", "Kalender", "Calendar"),
    ("Deltakere", "Deltakarar", "Members"),
    ("Innstillinger", "Innstillingar", "Settings"),
    ("Utboks", "Utboks", "Outbox"),
    ("Logg ut", "Logg ut", "Sign out"),
    ("Utført", "Utført", "Done"),
    ("Trenger mer tid", "Treng meir tid", "Need more time"),
    ("Ikke min oppgave", "Ikkje mi oppgåve", "Not my task"),
    ("Frist", "Frist", "Deadline"),
    ("Ansvarlig", "Ansvarleg", "Owner"),
    ("Sammen med", "Saman med", "Together with"),
    ("I rute", "I rute", "On track"),
    ("Over fristen", "Over fristen", "Overdue"),
    ("Uten ansvarlig", "Utan ansvarleg", "No owner"),
    ("Gjenstår", "Står att", "Outstanding"),
    ("Godta", "Godta", "Accept"),
    ("Endre", "Endre", "Edit"),
    ("Hopp over", "Hopp over", "Skip"),
    ("Angre", "Angre", "Undo"),
    ("Slett", "Slett", "Delete"),
    ("Lagre", "Lagre", "Save"),
    ("Avbryt", "Avbryt", "Cancel"),
    ("Legg inn referat", "Legg inn referat", "Add minutes"),
    ("Gå gjennom referatet", "Gå gjennom referatet", "Review the minutes"),
    ("Vis i referatet", "Vis i referatet", "Show in minutes"),
    ("Dette blir sendt", "Dette blir sendt", "What will be sent"),
    ("Ingenting er sendt ennå", "Ingenting er sendt enno", "Nothing has been sent yet"),
    ("Oppfølging av tidligere vedtak", "Oppfølging av tidlegare vedtak", "Follow-up of earlier decisions"),
    ("Dette må møtet ta stilling til", "Dette må møtet ta stilling til", "The meeting must decide"),
    ("Påmelding", "Påmelding", "Registration"),
]


@pytest.mark.parametrize("label", LABELS, ids=[label[0] for label in LABELS])
def test_the_main_labels_are_those_agreed(label: tuple[str, str, str]) -> None:
    assert tuple(language(code).gettext(label[0]) for code in ("nb", *CODES)) == label


def test_words_that_look_alike_in_norwegian_are_told_apart() -> None:
    """The decision register is «Vedtak», and so is the column in it."""
    english = language("en")
    assert (english.gettext("Vedtak"), english.ngettext("Vedtak", "Vedtak", 2)) == ("Decision", "Decisions")
    assert (english.gettext("Organ"), english.ngettext("Organ", "Organ", 2)) == ("Body", "Bodies")


@pytest.mark.parametrize("code", CODES)
def test_every_plural_counts(code: str) -> None:
    tongue = language(code)
    for message in texts(code):
        if isinstance(message.id, tuple):
            (one, for_one), (many, for_many) = forms(message)
            assert tongue.ngettext(one, many, 1) == for_one
            assert {tongue.ngettext(one, many, count) for count in (0, 2, 21)} == {for_many}


@pytest.mark.parametrize(
    ("code", "soon", "past", "day"),
    [
        ("nb", "om 2 dager", "1 dag siden", "tirsdag 1. februar 2022"),
        ("nn", "om 2 dagar", "1 dag sidan", "tysdag 1. februar 2022"),
        ("en", "in 2 days", "1 day ago", "Tuesday 1 February 2022"),
    ],
)
def test_dates_follow_the_language(code: str, soon: str, past: str, day: str) -> None:
    tongue, today = language(code), date(2022, 2, 1)
    assert tongue.distance(today + timedelta(days=2), today) == soon
    assert tongue.ngettext("%(num)d dag siden", "%(num)d dager siden", 1) % {"num": 1} == past
    assert tongue.day(today).replace("\u00a0", " ") == day
    moment = datetime(2022, 2, 1, 8, 12, tzinfo=UTC)
    assert tongue.moment(moment).replace("\u00a0", " ").startswith(day)


def test_errors_are_told_in_the_readers_language() -> None:
    fault = refusals.too_large(30 * 1024 * 1024)
    assert language("nn").explain(fault).startswith("Fila er på 30 MB, og grensa er 25 MB.")
    assert language("en").explain(fault).startswith("The file is 30 MB, and the limit is 25 MB.")


def test_an_error_is_raised_with_words_that_can_be_gathered() -> None:
    """Its first argument is a sentence as it stands: one put together on the spot has no translation."""
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.TrackerError)
    }
    built = [
        f"{path}:{call.lineno}"
        for path in Path(extract.ROOT, "tracker").rglob("*.py")
        if "node_modules" not in path.parts
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) in kinds
        and call.args
        and isinstance(call.args[0], (ast.JoinedStr, ast.BinOp))
    ]
    assert built == []


def test_texts_in_tables_are_gathered() -> None:
    for text in ("Vi fant ikke siden", "Møtedato", "E-posttjeneren svarer ikke.", "Planlagt"):
        assert text in source()


def test_a_lost_table_is_told() -> None:
    with pytest.raises(LookupError, match=r"error_pages\.py has no GONE"):
        list(extract._in_tables("tracker/web/error_pages.py", ("GONE",)))
