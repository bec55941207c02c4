"""Whole small documents, all invented: shapes of minutes, corrections, doubts; what holds for any text."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.minutes.test_phrases import MINUTES
from tracker.minutes.document import from_text, open_document
from tracker.minutes.draft import Draft, Edit, Question
from tracker.minutes.names import Known, KnownBody, KnownPerson
from tracker.minutes.printed import as_printed, summary
from tracker.minutes.reader import read

TABLE = """REFERAT FRA MØTE I FJELLRÅDET

Sted: Teams
Dato: Torsdag 12. januar 2023 kl. 09:00-11:30

Kommune\tNavn\tRolle\tInit.\tTil stede\tForfall\tVara
Fjellvik\tBerit Lunde\tOrdfører, leder\tBL\tx\t\t
Sundet\tKari Moe\tOrdfører\tKM\t\tx\tJo Li (JL), varaordfører
Sekretariatet\tTuva Strøm\tDaglig leder\tTS\tx\t\t

| Sak | Innhold | Ansvar | Frist |
| --- | --- | --- | --- |
| 1/23 | **Godkjenning av innkalling.** Vedtak: Godkjent. | | |
| 2/23 | **Ny nettside.** Sende ut tilbudsforespørsel. | TS | Uke 5 |
| 2/23 | Avklare budsjett. | BL/TS | 01.03. |
| 2/23 | Gi tilbakemelding på utkastet. | Alle | Neste møte |
| 3/23 | **Aksjonsliste.** Brev til fylket er sendt. | BL | Utført |
| 4/23 | **Personalsak.** Unntatt offentlighet, jf. offl. § 13. | BL | 01.02.2023 |
| 5/23 | **Eventuelt.** Oppdatere telefonlisten. | ? | Fortløpende |

Neste møte: Torsdag 9. februar kl. 09:00-11:30, Sundet rådhus.
"""

MAIL = """Fra: Berit Lunde <berit@fjellvik.example>
Sendt: tirsdag 10. januar 2023 16:42
Til: Rådet
Emne: Oppsummering fra i går

Hei!

* Kari tar kontakt med leverandøren før påske.
* Jeg sender søknaden innen fredag.
* Dialogmøtet: onsdag 8/2 kl 13-15 i Sundet rådhus.

mvh
Berit

---
Fra: Jo Li
Sendt: tirsdag 10. januar 2023 17:15
Emne: SV: Oppsummering fra i går

Dialogmøtet ble flyttet, det er torsdag 9/2 kl 13-15.
Og det er Kari Moe som tar leverandøren, ikke Kari Foss.

--- Opprinnelig melding ---
Fra: Tuva Strøm
Sendt: mandag 2. januar 2023 08:01
Emne: Innkalling

Møtet er mandag 9. januar kl 9-11 på Teams. Berit sender saksliste innen torsdag.
"""


def question(draft: Draft, code: str) -> Question:
    return next(q for q in draft.questions if q.code == code)


def codes(draft: Draft) -> list[str]:
    return [q.code for q in draft.questions]


def minutes(words: str) -> Draft:
    return read(from_text(MINUTES.format(words=words)))


def test_a_table_with_columns_for_owner_and_deadline() -> None:
    tasks = read(from_text(TABLE)).tasks
    assert [(t.case, t.what, t.owners, t.due.date, t.due.kind) for t in tasks] == [
        ("2/23", "Sende ut tilbudsforespørsel", ("Tuva Strøm",), "2023-02-05", "week"),
        ("2/23", "Avklare budsjett", ("Berit Lunde", "Tuva Strøm"), "2023-03-01", "explicit"),
        ("2/23", "Gi tilbakemelding på utkastet", ("Alle",), "2023-02-09", "next-meeting"),
        ("4/23", "Følge opp saken (unntatt offentlighet)", ("Berit Lunde",), "2023-02-01", "explicit"),
        ("5/23", "Oppdatere telefonlisten", (), None, "recurring"),
    ]


def test_a_table_of_attendance() -> None:
    people = {p.name: p for p in read(from_text(TABLE)).people}
    assert people["Berit Lunde"].attendance == "present"
    assert people["Kari Moe"].attendance == "absent"
    assert (people["Jo Li"].attendance, people["Jo Li"].substitutes_for) == ("substitute", "Kari Moe")


def test_a_restricted_case_waits_for_an_answer() -> None:
    found = read(from_text(TABLE))
    asked = question(found, "RESTRICTED")
    assert asked.severity == "must-resolve"
    assert {t.id for t in found.tasks if t.case == "4/23"} <= set(asked.blocks)


def test_what_is_done_is_a_status_and_no_task() -> None:
    assert [(u.case, u.status) for u in read(from_text(TABLE)).status_updates] == [("3/23", "done")]


def test_a_mail_is_about_yesterday_and_a_later_message_corrects_it() -> None:
    found = read(from_text(MAIL))
    assert (found.meeting.date, found.meeting.start) == ("2023-01-09", "09:00")
    assert [(t.owners, t.due.date) for t in found.tasks] == [
        (("Kari Moe",), "2023-04-01"),
        (("Berit Lunde",), "2023-01-13"),
    ]
    assert [e.start for e in found.events] == ["2023-02-09T13:00"]
    assert question(found, "PERSON_AMBIGUOUS").suggested == "Kari Moe"
    old = question(found, "DATE_CHANGED").choices[1]
    assert [e.start for e in found.edited(old.edits).events] == ["2023-02-08T13:00"]


def test_a_weekday_that_does_not_fit_is_asked() -> None:
    found = minutes("Samlingen er tirsdag 3. mai 2023 i Sundet.")
    asked = question(found, "WEEKDAY_MISMATCH")
    assert {c.value for c in asked.choices} == {"2023-05-03", "2023-05-02"}
    moved = found.edited(next(c for c in asked.choices if c.value == "2023-05-02").edits)
    assert "2023-05-02" in [e.start for e in moved.events]


def test_the_same_text_under_behandling_and_vedtak_counts_once() -> None:
    found = minutes("Behandling:\nKari sender brevet til fylket.\nVedtak:\nKari sender brevet til fylket.")
    assert [t.owners for t in found.tasks if t.case == "2/23"] == [("Kari Moe",)]


def test_a_task_knows_its_decision() -> None:
    found = minutes("Vedtak:\n1. Rådet slutter seg til planen.\n2. Kari sender brevet til fylket.")
    task = next(t for t in found.tasks if t.case == "2/23")
    assert next(d for d in found.decisions if d.id == task.decision).text == "Kari sender brevet til fylket."


def test_the_secretary_is_suggested_and_never_made_the_owner() -> None:
    task = next(t for t in minutes("Vedtak:\nDet inviteres til et dialogmøte.").tasks if t.case == "2/23")
    assert (task.owners, task.suggested_owners) == ((), ("Tuva Strøm",))


def test_somebody_of_the_register_is_known() -> None:
    words = MINUTES.format(words="Vedtak:\nSteinar Foss kaller inn rådet.")
    known = Known(
        (KnownPerson("Steinar Foss", "rådgiver", email="s@example.org"),),
        (KnownBody("Fjordrådet", ("rådet",)),),
    )
    assert "PERSON_UNKNOWN" in codes(read(from_text(words)))
    assert "AUDIENCE_IS_GROUP" in codes(read(from_text(words)))
    assert not {"PERSON_UNKNOWN", "AUDIENCE_IS_GROUP"} & set(codes(read(from_text(words), known)))


def test_without_a_date_nothing_without_year_is_dated() -> None:
    found = read(
        from_text("Sak 1/23 Brev\nVedtak:\nAlle sender svar innen 3. mai.\nAlle ringer innen 4. mai 2023.")
    )
    assert [t.due.date for t in found.tasks] == [None, "2023-05-04"]
    assert question(found, "DATE_MISSING").severity == "must-resolve"


def test_known_survives_json() -> None:
    known = Known((KnownPerson("Kari Moe", aliases=("KM",)),), (KnownBody("Rådet", ("IPR",)),))
    assert Known.from_json(known.to_json()) == known
    assert Known.from_json({}) == Known()


def test_choices_change_the_draft_only_where_they_say() -> None:
    found = read(from_text(TABLE))
    for asked in found.questions:
        for choice in asked.choices:
            assert all(isinstance(e, Edit) for e in choice.edits)
            changed = found.edited(choice.edits)
            assert (changed != found) == bool(choice.edits), (asked.code, choice.label)


def test_only_must_resolve_blocks_and_every_question_reads() -> None:
    for text in (TABLE, MAIL, MINUTES.format(words="- Kari kaller inn rådet.")):
        for asked in read(from_text(text)).questions:
            assert asked.text
            assert asked.severity == "must-resolve" or not asked.blocks
            assert asked.severity != "must-resolve" or asked.why


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "Bare litt tekst.", "Sak 1/23", "| a | b |\n| --- | --- |\n| c | d |"]
)
def test_little_or_nothing_to_read(text: str) -> None:
    found = read(from_text(text))
    assert found.tasks == ()
    assert summary(found)
    assert not as_printed(found.to_json())["tasks"]


def spans(value: Any) -> list[tuple[tuple[int, int], str | None]]:
    """Every span in a draft with its evidence."""
    found = []
    for name in (
        "people",
        "cases",
        "decisions",
        "tasks",
        "events",
        "agenda_proposals",
        "status_updates",
        "questions",
        "noise",
    ):
        for row in getattr(value, name):
            found.append(
                (
                    row.span,
                    getattr(row, "evidence", None) if "evidence" in {f.name for f in fields(row)} else None,
                )
            )
    return found


WORDS = """Sak 4/23 |Sak 5/22 |Vedtak:\n|Kari Moe |Berit |skal |sender |finner |brev |innen |12. mars |uke 12
|22.–23. februar |samling |neste møte |Til stede: |Forfall: |- |* |1. |\n|\n\n|\t|: |. |? |(|)|Fra: |Sendt:
|Påmelding er nødvendig|lunsj til lunsj |alle |Leder |og |, |31.02.2023|99/99|kl. 25 |Ansvar: |Frist: |İ|ß
|\u00a0|møtet |han |Emne: |**|før """
PARTS = st.sampled_from(["| ", *WORDS.split("|")])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=300), st.lists(PARTS, max_size=60).map("".join)))
def test_any_text_gives_a_draft_that_quotes_it(text: str) -> None:
    found = read(from_text(text))
    for (begin, end), evidence in spans(found):
        assert 0 <= begin <= end <= len(found.text)
        if evidence is not None:
            assert found.text[begin:end] == evidence
    assert read(from_text(text)) == found
    assert Draft.from_json(found.to_json()) == found
    assert summary(found)


def test_a_title_before_a_name_is_no_label_of_a_list() -> None:
    """ "Styremedlem Kari Moe" names somebody, "Faste medlemmer som møtte" those below."""
    text = (
        "STYREMØTE\nTid: 10. februar 2025\n\nMøtt:\nStyreleder Berit Lunde\nStyremedlem Kari Moe\n"
        "Ungdomsrepr. Tuva Strøm\n\nSAK 1 Regnskap\nAnsvar: Kari\n"
    )
    assert [(p.name, p.role) for p in read(from_text(text)).people] == [
        ("Berit Lunde", "Styreleder"),
        ("Kari Moe", "Styremedlem"),
        ("Tuva Strøm", "Ungdomsrepr."),
    ]


def test_every_proposal_says_which_rule_saw_it() -> None:
    for path in sorted((Path(__file__).parent / "invented").glob("*.txt")):
        found = read(open_document(path.read_bytes(), path.name))
        for row in (*found.tasks, *found.decisions, *found.events):
            assert row.rule, (path.name, row)
