"""What minutes say of earlier tasks, in a case that follows up and in passing."""

from __future__ import annotations

import pytest

from tracker.minutes.document import open_document
from tracker.minutes.draft import Draft
from tracker.minutes.reader import read

NB = """Referat fra møte i Elvedalsrådet
Tid: tirsdag 7. april 2026 kl. 10-12
Til stede: Nils Arne Holmen (leder), Berit Kampen, Kari Oremo

Sak 7/26 Godkjenning av innkalling
Vedtak
Innkallingen godkjennes.

Sak 8/26 Oppfølging av tidligere vedtak
- Sak 4/26: Lage program for samlingen. Avtale signert. Utført.
- Finne egnet sted til samlingen: ny frist 1. oktober.
- 3/26 Bestille buss utgår.
- Innkjøp av kaffe pågår.

Sak 9/26 Orienteringer
4/26: Programmet er ferdig og er sendt.
Berit orienterte om sak 5/26.

Sak 10/26 Samarbeid
Vedtak
Berit lager utkast til avtale innen 1. mai.
"""


def reading(text: str) -> Draft:
    return read(open_document(text.encode(), "referat.txt"))


def test_remarks_in_a_case_that_follows_up_and_in_passing() -> None:
    draft = reading(NB)
    assert [(u.case, u.status, u.due) for u in draft.status_updates] == [
        ("4/26", "done", None),
        (None, "postponed", "2026-10-01"),
        ("3/26", "dropped", None),
        (None, "open", None),
        ("4/26", "done", None),
    ]
    assert all(draft.text[slice(*u.span)] == u.evidence for u in draft.status_updates)


def test_a_line_that_names_an_earlier_case_opens_none() -> None:
    assert [case.number for case in reading(NB).cases] == ["7/26", "8/26", "9/26", "10/26"]


def test_what_is_done_is_no_task() -> None:
    assert [task.what for task in reading(NB).tasks] == [
        "Finne egnet sted til samlingen",
        "Lage utkast til avtale",
    ]


@pytest.mark.parametrize(
    ("line", "status", "due"),
    [
        ("Sak 3/26 Avtale med fylket: fristen er flytta til 12. mai.", "postponed", "2026-05-12"),
        ("Sak 3/26 Avtale med fylket: utsett til 12. mai.", "postponed", "2026-05-12"),
        ("Sak 3/26 Avtale med fylket: går ut.", "dropped", None),
        ("Sak 3/26 Avtale med fylket: står att.", "open", None),
        ("Sak 3/26 Avtale med fylket: gjennomført.", "done", None),
    ],
)
def test_remarks_in_nynorsk(line: str, status: str, due: str | None) -> None:
    text = (
        "Møtebok for Fjordrådet\nTid: tysdag 7. april 2026\nTil stades: Kari Moe (leiar), Per Li\n\n"
        f"Sak 8/26 Oppfølging av saker\n- {line}\n\n"
        "Sak 9/26 Ymse\nIngen saker vart tekne opp, og møtet vart heva.\n"
    )
    assert [(u.status, u.due) for u in reading(text).status_updates] == [(status, due)]
