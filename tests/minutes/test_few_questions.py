"""A secretary stands few questions: what belongs together is asked once, what is usual not at all."""

from __future__ import annotations

from collections import Counter

from tracker.minutes.document import from_text
from tracker.minutes.draft import Draft
from tracker.minutes.reader import read


def asked(draft: Draft) -> Counter[str]:
    return Counter(q.code for q in draft.questions)


STRANGERS = """Referat fra styremøte 3. mars 2025

Til stede: Kari Moe (leder), Per Li (sekretær)

Sak 1/25 Dugnad
Vedtak: Dugnaden holdes i mai.
Ola Vik kjøper maling. Berit Strand sender ut liste. Dugnadskomiteen og turgruppa skal rydde etterpå.

Sak 2/25 Vårfest
Vedtak: Festen holdes 14. juni.

Neste møter: 8. april, 6. mai og 3. juni.
"""


def test_strangers_are_asked_about_together() -> None:
    draft = read(from_text(STRANGERS))
    (question,) = [q for q in draft.questions if q.code == "PERSON_UNKNOWN"]
    assert question.text == "Hvem er Ola Vik og Berit Strand?"
    assert [c.label for c in question.choices] == [
        "Legg til personene",
        "Fjern Ola Vik fra oppgaven",
        "Fjern Berit Strand fra oppgaven",
    ]


def test_a_task_of_two_groups_is_asked_about_once() -> None:
    assert asked(read(from_text(STRANGERS)))["OWNER_IS_GROUP"] == 1


def test_days_without_time_or_place_are_remarked_on_once() -> None:
    draft = read(from_text(STRANGERS))
    assert len(draft.events) >= 3
    assert asked(draft)["EVENT_TIME_MISSING"] == asked(draft)["EVENT_PLACE_TBD"] == 1


OLD_CASES = """Møtebok for arbeidsutvalget 20. januar 2026

Til stede: Kari Moe (leder), Per Li

Sak 1/26 Godkjenning av innkalling
Vedtak: Godkjent.

Sak 2/26 Budsjett
Vedtak: Budsjettet vedtas.

Sak {old} Oppfølging
Vedtak: Tatt til orientering.

Sak 4/26 Plan
Vedtak: Planen vedtas.
"""


def test_a_case_of_last_year_is_no_slip_unless_it_stands_in_order() -> None:
    assert "CASE_NO_YEAR" not in asked(read(from_text(OLD_CASES.format(old="41/25"))))
    assert "CASE_NO_YEAR" in asked(read(from_text(OLD_CASES.format(old="3/25"))))
