"""«Oppfølging av tidligere vedtak»: which rows a period holds, and that all files say what the page says."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO

import docx
import pypdfium2
import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_meeting, make_task
from tracker.language import language
from tracker.models import Decision, Meeting, MeetingStatus, Task
from tracker.rules.access import Rights
from tracker.services import decision_report, follow_up, people, report_files, spreadsheet
from tracker.services.counts import State
from tracker.services.decision_report import DecisionReport, Row, period, term_began
from tracker.services.report_files import Sheet

TODAY = date(2026, 3, 2)
NB = language("nb")
HEAD = ["Utvalg", "Møtedato", "Ansvarlig", "Sak", "Vedtak", "Status", "Merknader"]
ODD = "*Fet* #eval(1) $x$ @ref <etikett> `kode` \\ _strek_ = tittel // nei /* nei */ ~ #[{]"
LONG = "Menneskerettighetsorganisasjonssekretariatsbygningsvedlikeholdsplanutvalgsmedlemmer"


@pytest.fixture
def held(session: Session, cast: Cast, now: datetime) -> Meeting:
    meeting = make_meeting(session, cast, now, date(2026, 2, 2))
    meeting.status = MeetingStatus.HELD
    session.flush()
    return meeting


def decide(session: Session, task: Task, text: str) -> Decision:
    assert task.agenda_item is not None
    task.decision = Decision(
        organisation_id=task.organisation_id, agenda_item=task.agenda_item, position=1, text=text,
        needs_follow_up=True,
    )  # fmt: skip
    session.add(task.decision)
    session.flush()
    return task.decision


def close(session: Session, task: Task, at: datetime) -> None:
    follow_up.report_done(session, task.owners[0], at, via="page")


def made(session: Session, cast: Cast, key: str = "", body_id: int = 0) -> DecisionReport:
    rights = people.rights(session, cast.leader, TODAY)
    return decision_report.report(session, rights, body_id, period(key, TODAY), TODAY, NB)


def decided(report: DecisionReport) -> list[str]:
    return [row.cells[4] for row in report.rows]


@pytest.mark.parametrize(
    ("today", "began"),
    [
        (date(2026, 3, 2), date(2023, 10, 1)),
        (date(2023, 9, 30), date(2019, 10, 1)),
        (date(2023, 10, 1), date(2023, 10, 1)),
        (date(2027, 9, 30), date(2023, 10, 1)),
        (date(2027, 12, 31), date(2027, 10, 1)),
    ],
)
def test_a_term_begins_in_october_after_the_elections(today: date, began: date) -> None:
    assert term_began(today) == began


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", "siden"), ("aapne", "aapne"), ("2025", "2025"), ("valgperioden", "valgperioden")]
    + [(nonsense, "siden") for nonsense in ("1", "99999999999", "²", "x", "-2025", "' OR 1=1")],
)
def test_a_period_is_what_the_address_asks_for_or_the_usual_one(asked: str, found: str) -> None:
    assert period(asked, TODAY).key == found


def test_each_period_has_its_rows(session: Session, cast: Cast, now: datetime, held: Meeting) -> None:
    def decision(text: str, day: date, closed: datetime | None) -> None:
        task = make_task(session, cast, now, meeting=make_meeting(session, cast, now, day))
        decide(session, task, text)
        if closed:
            close(session, task, closed)

    noon = datetime(2026, 2, 20, 12, tzinfo=UTC)
    decision("åpent fra forrige periode", date(2022, 5, 1), None)
    decision("nettopp utført", date(2025, 11, 1), noon)
    decision("utført før forrige møte", date(2025, 11, 2), noon - timedelta(days=60))
    decision("åpent i år", date(2026, 1, 12), None)
    session.flush()

    assert decided(made(session, cast)) == ["åpent fra forrige periode", "nettopp utført", "åpent i år"]
    assert decided(made(session, cast, "aapne")) == ["åpent fra forrige periode", "åpent i år"]
    assert decided(made(session, cast, "2025")) == ["nettopp utført", "utført før forrige møte"]
    assert decided(made(session, cast, "2026")) == ["åpent i år"]
    assert decided(made(session, cast, "valgperioden")) == [
        "nettopp utført", "utført før forrige møte", "åpent i år",
    ]  # fmt: skip


def test_tasks_without_a_decision_are_not_lost(
    session: Session, cast: Cast, now: datetime, held: Meeting
) -> None:
    make_task(session, cast, now, what="Lagt inn for hånd")
    from_meeting = make_task(session, cast, now, what="Avtalt uten vedtak", meeting=held)
    taken_out = make_task(session, cast, now, what="Vedtaket ble tatt ut", meeting=held)
    decide(session, taken_out, "Feil i referatet").withdrawn_at = now
    session.flush()
    for key in ("", "aapne", "2026"):
        assert sorted(decided(made(session, cast, key))) == [
            "Avtalt uten vedtak", "Feil i referatet", "Lagt inn for hånd",
        ]  # fmt: skip
    assert decided(made(session, cast, "2025")) == []
    (row,) = [row for row in made(session, cast).rows if row.cells[4] == "Avtalt uten vedtak"]
    assert (row.task_id, row.state) == (from_meeting.id, State.ON_TRACK)


def test_a_row_says_who_what_and_how_it_stands(
    session: Session, cast: Cast, now: datetime, held: Meeting
) -> None:
    task = make_task(session, cast, now, meeting=held)
    decide(session, task, "Rådet holder samling i april.")
    (row,) = made(session, cast).rows
    assert row.cells == [
        "Elvedalsrådet", "2.2.2026", "Nils Arne Holmen", "4/26 Samarbeid om samlingen",
        "Rådet holder samling i april.", "I rute", "Finne egnet sted til samlingen: Frist 20.3.2026",
    ]  # fmt: skip


def test_only_ones_own_bodies_and_the_one_chosen(
    session: Session, cast: Cast, now: datetime, held: Meeting
) -> None:
    make_task(session, cast, now, what="Vår")
    make_task(session, cast, now, what="Deres").body = cast.other_body
    session.flush()
    assert decided(made(session, cast)) == decided(made(session, cast, body_id=cast.body.id)) == ["Vår"]
    assert made(session, cast, body_id=cast.other_body.id).rows == []
    stranger = people.rights(session, cast.stranger, TODAY)
    for body_id in (0, cast.body.id):
        report = decision_report.report(session, stranger, body_id, period("", TODAY), TODAY, NB)
        assert report.rows == []


def test_restricted_cases_say_only_that_they_are(
    session: Session, cast: Cast, now: datetime, held: Meeting
) -> None:
    task = make_task(session, cast, now, meeting=held, restricted="offl. § 13", what="Hemmelig oppgave")
    assert task.agenda_item is not None
    task.agenda_item.title = "Hemmelig sak"
    decide(session, task, "Hemmelig vedtak")
    make_task(session, cast, now, meeting=held, restricted="offl. § 13", what="Hemmelig uten vedtak")
    report = made(session, cast)
    assert len(report.rows) == 2
    everything = repr(report_files.sheet_of(report, "Rådet", NB))
    assert "Hemmelig" not in everything
    assert "4/26 Unntatt offentlighet (offl. § 13)" in everything


def test_restricted_cases_are_left_out_for_those_who_may_not_know_of_them(
    session: Session, cast: Cast, now: datetime, held: Meeting
) -> None:
    decide(session, make_task(session, cast, now, meeting=held, restricted="offl. § 13"), "Hemmelig")
    make_task(session, cast, now, meeting=held, restricted="offl. § 13")
    decide(session, make_task(session, cast, now, meeting=held), "Åpent")
    make_task(session, cast, now, what="For hånd")
    guest = Rights(cast.leader.id, cast.organisation.id, guest_of=frozenset({cast.body.id}))
    for key in ("", "aapne", "2026", "valgperioden"):
        report = decision_report.report(session, guest, 0, period(key, TODAY), TODAY, NB)
        assert sorted(decided(report)) == ["For hånd", "Åpent"]


# ── the files ──


def row(*cells: str) -> Row:
    return Row(cells, State.ON_TRACK, 1, None)


def sheet(*rows: Row, code: str = "nb") -> Sheet:
    report = DecisionReport([], period("aapne", TODAY), TODAY, list(rows), cut=False)
    return report_files.sheet_of(report, "Elvedal interkommunale råd", language(code))


PLAIN = row("Elvedalsrådet", "2.2.2026", "Åse Øy", "4/26 Ærfugl", ODD, "I rute", "Første linje\nAndre linje")
WIDE = row("Rådet", "2.2.2026", LONG, "5/26", "Vedtak", "Utført", LONG)


def words(content: bytes) -> str:
    """The text of a PDF in the order it stands there, without breaks."""
    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"[\s\u200b\u00ad\ufffe\x02-]+", "", text)


def test_the_pdf_is_accessible_and_holds_the_words_in_order() -> None:
    content = report_files.pdf(sheet(PLAIN, WIDE))
    document = pypdfium2.PdfDocument(content)
    assert document.is_tagged()
    assert document.get_metadata_value("Title") == "Oppfølging av tidligere vedtak"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert b"/Lang(nb)" in content
    assert b"/DisplayDocTitle true" in content
    assert len(re.findall(rb"/S/TH\b", content)) == len(HEAD)
    assert content.count(b"/Scope/Column") == len(HEAD)
    assert b"/S/H1" in content

    found = words(content)
    wanted = [
        "Oppfølging av tidligere vedtak",
        "Elvedal interkommunale råd",
        *HEAD,
        *PLAIN.cells,
        *WIDE.cells,
    ]
    place = 0
    for text in wanted:
        place = found.index(re.sub(r"[\s-]+", "", text), place)


def test_a_long_word_stays_in_its_column() -> None:
    document = pypdfium2.PdfDocument(report_files.pdf(sheet(WIDE)))
    page = document[0]
    places = [box for box in page.get_objects() if box.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    assert max(place.get_bounds()[2] for place in places) <= page.get_width() - 39  # the margin, 14 mm


def test_five_hundred_rows_make_pages_that_all_have_the_heading() -> None:
    document = pypdfium2.PdfDocument(report_files.pdf(sheet(*[PLAIN] * 500)))
    texts = [page.get_textpage().get_text_range() for page in document]
    assert len(texts) > 10
    assert all("Merknader" in text for text in texts)
    assert sum(text.count("Ærfugl") for text in texts) == 500


@pytest.mark.parametrize("text", ["😀 hei", "日本", "\u0001\u0085hei", "\uffff", "\u202ehei", "e\u0301"])
def test_signs_that_the_fonts_lack_do_not_stop_the_report(text: str) -> None:
    odd = row("Rådet", "", "Čeŋ Đoš", "1/26", text, "", "")
    assert "ČeŋĐoš" in words(report_files.pdf(sheet(odd)))
    assert docx.Document(BytesIO(report_files.docx(sheet(odd)))).tables[0].rows[1].cells[0].text == "Rådet"


@pytest.mark.parametrize(("code", "said"), [("nn", "vedtak"), ("en", "decisions")])
def test_the_files_are_in_the_readers_language(code: str, said: str) -> None:
    given = sheet(PLAIN, code=code)
    assert said in given.title
    assert f"/Lang({code})".encode() in report_files.pdf(given)
    assert docx.Document(BytesIO(report_files.docx(given))).core_properties.language.startswith(code)


def test_the_word_file_has_a_heading_and_a_table_whose_heading_row_repeats() -> None:
    document = docx.Document(BytesIO(report_files.docx(sheet(PLAIN, WIDE))))
    assert document.core_properties.title == "Oppfølging av tidligere vedtak"
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == [
        "Oppfølging av tidligere vedtak"
    ]
    section = document.sections[0]
    assert section.page_width > section.page_height
    (table,) = document.tables
    assert [[cell.text for cell in line.cells] for line in table.rows] == [
        HEAD, list(PLAIN.cells), list(WIDE.cells),
    ]  # fmt: skip
    repeated = [line._tr.xpath("./w:trPr/w:tblHeader") != [] for line in table.rows]
    assert repeated == [True, False, False]


def test_the_spreadsheet_holds_the_same_rows_and_no_formula() -> None:
    report = DecisionReport(
        [], period("aapne", TODAY), TODAY, [PLAIN, replace(WIDE, cells=["=1+1", *WIDE.cells[1:]])], cut=False
    )
    content = report_files.csv(report, NB)
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert lines == [HEAD, list(PLAIN.cells), ["'=1+1", *WIDE.cells[1:]]]
    assert list(spreadsheet.COLUMNS) == HEAD
