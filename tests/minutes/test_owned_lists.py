"""Tasks that layout gives somebody: the list below a name or committee, and what a status tells of."""

from __future__ import annotations

import pytest

from tests.minutes.test_phrases import tasks
from tracker.minutes.document import from_text
from tracker.minutes.reader import read

LISTS = """Referat fra styremøte 3. mars 2025

Til stede: Kari Moe, Per Li, Anne Vik

1. Vårfest
Komiteen presenterte planene.

Dugnadskomiteen:
- Kjøpe inn maling
- Sende ut vaktliste innen 1. april

Kari Moe:
- Bestille lokale

Per:
- Ringer kommunen

2. Eventuelt
Ingen saker.
"""

STATUS = """Referat fra møte i styret 3. mars 2025

Til stede: Kari Moe (leder), Per Li (sekretær)

| Sak | Oppgave | Ansvarlig | Frist | Status |
|---|---|---|---|---|
| 1/25 | Innhente svar fra velet | Kari | 1. februar | Ikke svart, sekretæren purrer |
| 2/25 | Bestille bord | Kari | 1. april | Utført |
"""


def test_the_list_below_a_name_or_committee_is_theirs() -> None:
    found = [(t.what, t.owners) for t in read(from_text(LISTS)).tasks]
    assert found == [
        ("Kjøpe inn maling", ("Dugnadskomiteen",)),
        ("Sende ut vaktliste", ("Dugnadskomiteen",)),
        ("Bestille lokale", ("Kari Moe",)),
        ("Ringe kommunen", ("Per Li",)),
    ]


def test_a_status_that_gives_somebody_a_task() -> None:
    found = [t for t in read(from_text(STATUS)).tasks if t.owners == ("Per Li",)]
    assert [t.what.split(":")[0] for t in found] == ["Purre"]
    assert "sekretæren purrer" in found[0].evidence


def test_a_short_task_is_quoted_with_the_sentence_it_leans_on() -> None:
    found = tasks("drøfting", "Nøkkelen er borte. Kari sjekker hjemme.")
    assert [t.evidence for t in found] == ["Nøkkelen er borte. Kari sjekker hjemme."]


AROUND = """Referat fra styremøte 3. mars 2025

Til stede: Kari Moe, Per Li, Anne Vik

1. Dugnad
Dugnad lørdag 3. mai kl. 10. Kari henger opp lapper senest uka før.

2. Høring
Frist 15. april. Per skriver uttalelsen.

3. Taket
Anne innhenter pris på taket. Tilbudet skal foreligge innen 1. juni.

4. Lys
Per sjekker avtalen.

Det ble nevnt at benken er slitt.

Ansvar: Per. Frist: 20. mars.

5. Vakter
- Sende ut liste (Anne, 19/3)
"""


def test_a_deadline_said_around_the_task() -> None:
    found = {t.what: t.due.date for t in read(from_text(AROUND)).tasks}
    assert found == {
        "Henge opp lapper": "2025-04-26",
        "Skrive uttalelsen": "2025-04-15",
        "Innhente pris på taket": "2025-06-01",
        "Sjekke avtalen": "2025-03-20",
        "Sende ut liste": "2025-03-19",
    }


INFORMAL = """Referat fra styremøte 2. februar 2009

Til stede: Kari Moe, Per Li, Anne Vik

2009/1) Kari legger ut kalenderen på hjemmesiden.

2009/2) Klassekontakter hanker inn foreldre.

2009/3) Fotballgruppa har hatt et godt år, og gruppa arrangerer treninger i hallen hver eneste uke hele året.

2009/4) Vinterkveld.

Dato: 31.03.09. Alle er velkommen.
"""


def test_minutes_that_number_what_was_said() -> None:
    draft = read(from_text(INFORMAL))
    assert [c.number for c in draft.cases] == ["2009/1", "2009/2", "2009/3", "2009/4"]
    assert [(t.what, t.owners) for t in draft.tasks] == [
        ("Legge ut kalenderen på hjemmesiden", ("Kari Moe",)),
        ("Hanke inn foreldre", ("Klassekontakter",)),
    ]
    assert [(e.title, e.start) for e in draft.events] == [("Vinterkveld", "2009-03-31")]


ABOVE = """Referat fra styremøte 3. mars 2025

Til stede: Kari Moe (styreleder), Per Li (leiar, 4. klasse), Anne Vik

1. Rapport fra gruppene

Turn (Anne)
Full gruppe på mandager.
- bestille drakter
- sette opp timeplan

Anlegg
- vaske mattene

Oppfølging (Per):
- rydde boden

2. Nye regler
Regler for boden må på plass.
Oppfølging: Kari
"""


def test_the_list_below_a_heading_that_names_somebody_is_theirs() -> None:
    found = [(t.what, t.owners) for t in read(from_text(ABOVE)).tasks]
    assert found[:4] == [
        ("Bestille drakter", ("Anne Vik",)),
        ("Sette opp timeplan", ("Anne Vik",)),
        ("Vaske mattene", ()),
        ("Rydde boden", ("Per Li",)),
    ]
    assert found[4][1] == ("Kari Moe",)


def test_a_role_beside_a_class_and_the_leader_of_the_board() -> None:
    people = {p.name: p.role for p in read(from_text(ABOVE)).people}
    assert people["Per Li"] == "leiar"
    alone = ABOVE.replace("Per Li (leiar, 4. klasse)", "Per Li").replace("Full gruppe", "Leder ringer hallen")
    assert ("Kari Moe",) in [t.owners for t in read(from_text(alone)).tasks if t.what.startswith("Ringe")]


TABLE = """Styringsgruppe Nybygg
Referat fra møte 4. mai 2023
Til stede: Kari Moe (leder), Per Li (prosjektleder), Anne Vik

1. Oppfølging

{table}

2. Annet
Ingen saker.
"""
HEADS = (
    "Nr | Punkt | Hvem følger opp | Til når",
    "Nr | Hva | Hvem | Når",
    "Nr | Oppgave | Utføres av | Ferdig innen",
    "Nr | Tiltak | Ansvarlig person | Tidsfrist",
    "Nr | Kva | Kven | Innan",
    "Punkt | Tekst | Aksjon | Frist",
    "Saksnr | Sak | Ansv. | Frist",
    "Nr | Aksjon | Eier | Frist",
    "# | Action | Lead | Target date",
    "Item | Action item | Person responsible | Due date",
)


@pytest.mark.parametrize("head", HEADS)
def test_a_table_with_other_headings(head: str) -> None:
    rows = (head, "---|---|---|---", "1 | Avklare budsjett | Anne | 1. juni", "2 | Vist fram | Info |")
    found = read(from_text(TABLE.format(table="\n".join(f"| {row} |" for row in rows)))).tasks
    assert [t.owners for t in found] == [("Anne Vik",)]
    assert "Avklare budsjett" in found[0].evidence


def test_a_column_for_owner_and_deadline_together() -> None:
    table = "Sak\tBeskrivelse\tAnsvar/frist\n1\tAvklare budsjett\tAnne / 1. juni\n2\tTall sendes gruppa.\tPer"
    found = read(from_text(TABLE.format(table=table))).tasks
    assert [(t.what, t.owners, t.due.date) for t in found] == [
        ("Avklare budsjett", ("Anne Vik",), "2023-06-01"),
        ("Sende tall gruppa", ("Per Li",), None),
    ]


PARTS = """Vellaget Åsly
Referat fra styremøte 4. mai 2023
Til stede: Kari Moe (styreleder), Per Li (kasserer), Anne Vik

2.1 Referat
Referatet ble godkjent.

2.2 Økonomi
Purring på kontingent må sendes medlemmene.
Ansvarlig: Kasserer

2.3 Dugnad
2.3.1 Gjerde
Det innhentes pris fra to firmaer.
Ansvarlig: Anne
"""


def test_cases_numbered_within_the_meeting() -> None:
    draft = read(from_text(PARTS))
    assert [(c.number, c.title) for c in draft.cases] == [
        ("2.1", "Referat"), ("2.2", "Økonomi"), ("2.3", "Dugnad"),
    ]  # fmt: skip
    assert [t.owners for t in draft.tasks] == [("Per Li",), ("Anne Vik",)]


HEAD = "Referat fra styremøte 12. mars 2024\n\nTil stede: Kari Moe, Per Li, Tuva Strøm\n\n"


def told(text: str) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [(t.what, t.owners, t.due.date) for t in read(from_text(HEAD + text)).tasks]


def test_the_list_below_a_name_without_colon() -> None:
    assert told("Oppgaver\n\nKari\n- sjekke pris på telt\n- booke lokale innen 1. april\n") == [
        ("Sjekke pris på telt", ("Kari Moe",), None),
        ("Booke lokale", ("Kari Moe",), "2024-04-01"),
    ]


@pytest.mark.parametrize("row", ["| {} | {} | {} |\n", "{}\t{}\t{}\n"])
def test_a_table_without_headings(row: str) -> None:
    """Who stands beside what is to do has it; a row that says nothing to do is no task."""
    lines = [("Sjekke pris på telt", "Kari", "1. april"), ("Booke lokale", "Per", "snarest")]
    lines += [("Kasserer fram til årsmøtet", "Per", "valgt"), ("Utleie av hytta", "3000", "4000")]
    assert told("Sak 1 Oppfølging\n" + "".join(row.format(*line) for line in lines)) == [
        ("Sjekke pris på telt", ("Kari Moe",), "2024-04-01"),
        ("Booke lokale", ("Per Li",), None),
    ]


def test_a_row_that_goes_on_with_the_one_above() -> None:
    table = """| Sak | Tiltak | Ansvar | Frist |
|---|---|---|---|
| 1 | Sjekke pris på telt | Kari | 1. april |
|  | Booke lokale |  |  |
|  | Skrive søknad |  | 30. april |
| 2 | Skrive brev |  |  |
| 3 | Økonomien er god |  |  |
"""
    assert told(table) == [
        ("Sjekke pris på telt", ("Kari Moe",), "2024-04-01"),
        ("Booke lokale", ("Kari Moe",), None),
        ("Skrive søknad", ("Kari Moe",), "2024-04-30"),
        ("Skrive brev", (), None),
    ]


def test_a_task_said_in_two_sentences_is_one() -> None:
    found = tasks("drøfting", "Det må kjøpes inn nye duker. Kari skal ordne dette innen 1. april.")
    said = [(t.what, t.owners, t.due.date, t.evidence) for t in found]
    whole = "Det må kjøpes inn nye duker. Kari skal ordne dette innen 1. april."
    assert said == [("Kjøpe inn nye duker", ("Kari Moe",), "2023-04-01", whole)]


FLATTENED = """Fjordsamarbeidet                                                   Referat 5/2025

Til stede: Kari Moe, Per Li, Tuva Strøm

 Sak       Innhold                                          Ansvar         Frist

 39/25     Oppfølging fra forrige møte
           Brann: Brev til styret er ikke sendt.            Kari           14.11.25
           Oversikt over ledige stillinger i helse          Per            28.11.25
           sendes sekretariatet. Bare en har levert.

 40/25     Saker til rådet 5. desember
           - Budsjett
           Sakspapirer skrives ut og                        Tuva           20.11.25
           settes i permer.

Fjordsamarbeidet                                                   Referat 5/2025

 Sak       Innhold                                          Ansvar         Frist

 41/25     Eventuelt
           Avtale inngås med Rør AS av                      Tuva           1.12.25
           Fjordvik.
"""


def test_entries_of_flattened_columns_are_parted_where_an_owner_stands() -> None:
    found = [(t.owners, t.due.date) for t in read(from_text(FLATTENED)).tasks]
    assert found == [
        (("Kari Moe",), "2025-11-14"),
        (("Per Li",), "2025-11-28"),
        (("Tuva Strøm",), "2025-11-20"),
        (("Tuva Strøm",), "2025-12-01"),
    ]


@pytest.mark.parametrize(
    ("words", "owners"),
    [
        ("1.1 Nye tegninger sendes innen uke 12.     PØ\n1.2 Pris innhentes.     KM",
         ["Per Ødegård", "Kari Moe"]),
        ("Aksjon 1: Innhente tilbud. Ansvarlig: KM.\nAksjon 2: Lage krav. Ansvarlig: PØ.",
         ["Kari Moe", "Per Ødegård"]),
        ("Hvem kan være grillmester? Per tar det.\nHvem handler mat? Kari og Tuva.",
         ["Per Ødegård", "Kari Moe", "Tuva Strøm"]),
        ("Følgende oppgaver ble fordelt:\nInnledning: Kari\nKaffe og kaker: Per",
         ["Kari Moe", "Per Ødegård"]),
        ("Dato: 10. juni\nAnsvar: Kari og Per\nInnkjøp: Tuva", ["Kari Moe", "Per Ødegård", "Tuva Strøm"]),
        ("Ansvarlig for mat: Kari\nAnsvarlig for musikk: Per", ["Kari Moe", "Per Ødegård"]),
        ("Fotball: Kari\nSki: Per", []),
        ("Møteleder: Kari\nReferent: Per", []),
    ],
)  # fmt: skip
def test_lists_that_name_who_behind_what(words: str, owners: list[str]) -> None:
    there = "Til stede: Kari Moe (KM), Per Ødegård (PØ), Tuva Strøm (TS)"
    head = f"Referat fra prosjektmøte 15. mars 2023\n\n{there}"
    draft = read(from_text(f"{head}\n\n1. Sommerfest\n{words}\n\n2. Eventuelt\nIngen saker.\n"))
    assert [owner for task in draft.tasks for owner in task.owners] == owners


def test_a_label_in_a_cell_of_a_table_without_owners() -> None:
    said = "Nettside. Vi trenger ny. Ansvarlig: Kari."
    rows = f"| Sak | Referat |\n|---|---|\n| 1 | {said} |\n| 2 | Per lager liste. |\n"
    text = f"Referat fra møte 15. mars 2023\n\nTil stede: Kari Moe, Per Li\n\n{rows}"
    assert [t.owners for t in read(from_text(text)).tasks] == [("Kari Moe",), ("Per Li",)]


def test_what_stands_between_the_head_and_the_first_case_is_read() -> None:
    head = "Referat fra styremøte 15. mars 2023\n\nTil stede: Kari Moe, Per Li\n\nPostliste:\n"
    said = "– Innbydelse til landsmøtet. Per stiller med Kari som vara."
    text = f"{head}\n{said}\n\nSak 1/23 Nettside\nKari lager utkast.\n"
    assert [t.owners for t in read(from_text(text)).tasks] == [("Per Li",), ("Kari Moe",)]
