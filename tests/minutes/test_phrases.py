"""Tables of phrases: what a deadline comes to, who does what, what is no task at all, what decides."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tracker.minutes.document import from_text
from tracker.minutes.draft import Draft, Task
from tracker.minutes.reader import read

HERE = Path(__file__).parent

MINUTES = """REFERAT FRA MØTE I FJORDUTVALGET

Møtested: Sundet rådhus
Tid: Onsdag 15. mars 2023 kl. 10.00 – 12.00

Til stede:
Fjellvik: Berit Lunde, ordfører (leder), og Nils Arne Holm, kommunedirektør
Sundet: Kari Moe, ordfører, og Per Ødegård Li, kommunedirektør
Sekretariatet: Tuva Strøm, daglig leder

Sak 1/23 Godkjenning av innkalling
Vedtak:
Innkallingen godkjennes.

Sak 2/23 Drøftingssak
{words}

Sak 3/23 Samling for utvalget
Samlingen er 8.–9. juni 2023 i Sundet.
Vedtak:
Tatt til orientering.

Neste møte: Onsdag 19. april 2023 kl. 10.00 på Teams.
"""

PLACES = {"drøfting": "- {}", "tekst": "{}", "vedtak": "Vedtak:\n{}", "tiltak": "Tiltak:\n- {}"}


def rows(name: str) -> list[list[Any]]:
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["rows"]


def drafted(place: str, words: str) -> Draft:
    return read(from_text(MINUTES.format(words=PLACES[place].format(words))))


def tasks(place: str, words: str) -> list[Task]:
    return [t for t in drafted(place, words).tasks if t.case == "2/23"]


@pytest.mark.parametrize(("words", "day", "kind"), rows("phrases_dates"))
def test_deadline(words: str, day: str, kind: str) -> None:
    found = tasks("vedtak", f"Berit Lunde sender svar til fylket {words}".strip() + ".")
    assert [(t.due.date or "", t.due.kind) for t in found] == [(day, kind)]


@pytest.mark.parametrize(("place", "words", "people", "what"), rows("phrases_owners"))
def test_who_does_what(place: str, words: str, people: list[str], what: str) -> None:
    found = tasks(place, words)
    assert found, "no task"
    first = found[0]
    assert [*first.owners, *(f"+{c}" for c in first.contributors)] == people
    if what:
        assert first.what == what


ENGLISH = """Village Hall
Minutes of the board meeting
Date: 4 May 2023
Present: Knut Vik (Chair), Else Aas (Treasurer), Omar Said, Tor Ek (Secretary)

1. Finance

{words}

2. Any other business

Nothing was raised.
"""


@pytest.mark.parametrize(("words", "people", "what"), rows("phrases_english"))
def test_who_does_what_in_english(words: str, people: list[str], what: str) -> None:
    found = [t for t in read(from_text(ENGLISH.format(words=words))).tasks if t.owners]
    assert [t.owners for t in found] == ([tuple(people)] if people else [])
    if what:
        assert found[0].what == what


@pytest.mark.parametrize(("place", "words"), rows("phrases_not_actions"))
def test_no_task(place: str, words: str) -> None:
    assert [t.what for t in tasks(place, words)] == []


@pytest.mark.parametrize(("words", "count"), rows("phrases_decisions"))
def test_what_decides(words: str, count: int) -> None:
    assert len([d for d in drafted("drøfting", words).decisions if d.case == "2/23"]) == count


@pytest.mark.parametrize(("words", "days"), rows("phrases_events"))
def test_which_days_are_in_the_calendar(words: str, days: list[str]) -> None:
    always = {"2023-06-08", "2023-04-19"}
    found = [e.start[:10] for e in drafted("drøfting", words).events if e.start]
    assert [day for day in found if day not in always] == days


def test_cases_whose_numbers_were_lost() -> None:
    text = (
        "Referat 05.06.20\n\n1. Godkjenning av sakliste\n\nOk\n\n1. Økonomi\n\nGodt.\n\n1. Ymse\n\nIngen.\n"
    )
    assert [c.title for c in read(from_text(text)).cases] == ["Godkjenning av sakliste", "Økonomi", "Ymse"]


def test_a_plan_of_meetings_gives_every_day_in_it() -> None:
    text = "Styremøte 15. mars 2023\n\n1. Møteplan\n\n- tirsdag 18. april\n- mandag 8. mai\n\n2. Annet\n"
    assert [(e.start or "")[:10] for e in read(from_text(text)).events] == ["2023-04-18", "2023-05-08"]


@pytest.mark.parametrize("heading", ["Møteplan våren 2023", "Kommende møter:", "Neste møter"])
def test_a_plan_of_meetings_below_the_cases(heading: str) -> None:
    plan = f"{heading}\nTorsdag 20. april kl. 9-12, rådhuset\n8. mai\n\nMerknader sendes innen 1. juni.\n"
    text = f"Styremøte 15. mars 2023\n\n1. Økonomi\nAlt er bra.\n\n2. Eventuelt\nIngenting.\n\n{plan}"
    assert [(e.start or "")[:10] for e in read(from_text(text)).events] == ["2023-04-20", "2023-05-08"]


def test_offices_in_a_case_of_elections() -> None:
    text = "Referat 15. mars 2023\n\nSak 1/23 Konstituering\n\nLeder er Kari Moe. Tuva er nestleder.\n"
    assert [d.text for d in read(from_text(text)).decisions] == ["Leder er Kari Moe.", "Tuva er nestleder."]


def test_a_bare_decision_takes_its_topic_from_the_case() -> None:
    lines = (
        "Sak 1/23 Godkjenning av referat",
        "Godkjent.",
        "Sak 2/23 Valg",
        "Leder: Kari Moe",
        "Vara: Ola Li",
    )
    text = "\n\n".join(lines)
    said = [(d.text, d.evidence) for d in read(from_text(text)).decisions]
    assert said[0] == ("Godkjenning av referat: Godkjent.", "Godkjent.")
    assert said[1][0] == "Leder: Kari Moe Vara: Ola Li"


def test_the_date_of_english_minutes_with_of() -> None:
    text = "Minutes of the Board Meeting\n\nDate: 15th of October 1998 15:00\n\nIt was agreed to meet.\n"
    assert read(from_text(text)).meeting.date == "1998-10-15"
