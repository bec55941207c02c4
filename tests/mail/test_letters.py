"""The letters: their words, that both parts say the same, and that nothing slips out or in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from tests.mail.letters_to_see import (
    FIND,
    GOLDEN,
    HELP,
    INVITE,
    NILS,
    RESTRICTED,
    SENDER,
    letters,
)
from tracker.mail import filling
from tracker.mail.letters import Addressee, Letter, Sender, new_tasks, reminder, request, sign_in
from tracker.rules.reminders import Step

TODAY = date(2022, 1, 25)
ALL = letters()


@pytest.mark.parametrize("name", ALL)
def test_letters_are_worded_as_agreed(name: str) -> None:
    """After a wanted change: `python -m tests.mail.letters_to_see`, and read the difference."""
    letter = ALL[name]
    assert f"Emne: {letter.subject}\n\n{letter.text}" == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert letter.html == (GOLDEN / f"{name}.html").read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_text_and_html_say_the_same(name: str) -> None:
    letter = ALL[name]
    shown, links = said(letter)
    written = (
        letter.text.replace("Lenkene åpner", "Knappene åpner") if "Knappene" in letter.html else letter.text
    )
    lines = [bare(line) for line in written.splitlines() if line and not line.startswith("http")]
    assert [line for line in lines if line not in shown] == []
    assert [words for words in shown_pieces(letter) if bare(words) not in bare(" ".join(lines))] == []
    assert set(re.findall(r"https://\S+", letter.text)) == links


def said(letter: Letter) -> tuple[str, set[str]]:
    """What a reader of the HTML sees, and where its links lead."""
    body = html.fromstring(letter.html).find("body")
    assert body is not None
    links = {link for _, _, link, _ in body.iterlinks()}
    return bare(" ".join(shown_pieces(letter))), links


def shown_pieces(letter: Letter) -> list[str]:
    body = html.fromstring(letter.html).find("body")
    assert body is not None
    body.remove(body.find("div"))  # the preheader, which mail programs show beside the subject
    return [piece.strip() for piece in body.itertext() if piece.strip("\xa0 \n")]


def bare(text: str) -> str:
    """Words alone: links, bullets, colons and line breaks don't count."""
    text = re.sub(r"https://\S+", "", text).replace("\xa0", " ")
    return " ".join(text.replace("– ", "").replace(":", "").split())


@pytest.mark.parametrize("code", ["nb", "nn", "en"])
@pytest.mark.parametrize("name", ALL)
def test_every_letter_can_be_written_in_every_language(name: str, code: str) -> None:
    letter = letters(code)[name]
    assert letter.subject
    assert letter.text.strip()
    assert f'<html lang="{code}">' in letter.html
    assert "%(" not in letter.subject + letter.text + letter.html


@pytest.mark.parametrize("name", ALL)
def test_html_is_for_mail_programs(name: str) -> None:
    """No scripts, pictures or style sheets, and tables that screen readers pass over."""
    document = html.fromstring(ALL[name].html)
    assert not document.xpath("//script | //img | //style | //link | //*[@class]")
    assert all(table.get("role") == "presentation" for table in document.iter("table"))
    assert document.xpath("//title/text()") == [ALL[name].subject]
    assert len(ALL[name].html) < 15_000


def test_the_html_of_25_tasks_is_not_cut_by_gmail() -> None:
    lines = [replace(INVITE, answer_url=f"https://o.example/o/{'x' * 60}{number}") for number in range(25)]
    letter = new_tasks(NILS, lines, SENDER, TODAY)
    assert letter.subject == "25 nye oppgaver fra møtet 17. januar"
    assert len(letter.html) < 60_000


@pytest.mark.parametrize("what", [FIND.what, "Kort", "Ord " * 200, "x" * 500, "Æ" * 80, ""])
def test_a_subject_is_short_and_the_deadline_stays_whole(what: str) -> None:
    letter = reminder(NILS, [replace(FIND, what=what, step=Step.BEFORE)], SENDER, TODAY)
    assert letter.subject.startswith("Frist tirsdag 1. februar:")
    assert len(letter.subject) <= 70


def test_a_subject_holds_no_line_break_and_nothing_invisible() -> None:
    sly = "Finne sted\r\nBcc: alle@elvedal.example\u2028\x07\u202e til\tfest"
    letter = new_tasks(NILS, [replace(FIND, what=sly)], SENDER, TODAY)
    assert letter.subject == "Ny oppgave: Finne sted Bcc: alle@elvedal.example til fest"


def test_what_people_write_is_never_html() -> None:
    sly = "<script>alert('«hei»')</script> & co"
    line = replace(FIND, what=sly, quote=sly, case_number=sly, together_with=(sly,), secretary=sly)
    sender = replace(SENDER, secretary=sly, organisation=sly)
    to = Addressee(sly, sly)
    for letter in (
        new_tasks(to, [line], sender, TODAY),
        new_tasks(to, [line, line], sender, TODAY),
        reminder(to, [replace(line, step=Step.BEFORE)], sender, TODAY),
        reminder(to, [replace(line, step=Step.OVERDUE_3, next_meeting=(sly, TODAY))], sender, TODAY),
        reminder(to, [replace(line, step=Step.OVERDUE_3)] * 2, sender, TODAY),
        request(
            to, line, sender, TODAY, who=sly, wanted=None, suggested=sly, why=sly, url="https://o.example"
        ),
    ):
        assert "<script" not in letter.html
        assert "&amp;lt;" not in letter.html
        assert "<script>" in letter.text


@pytest.mark.parametrize("number", ["3/22", None])
def test_a_restricted_case_is_named_by_its_number_alone(number: str | None) -> None:
    line = replace(RESTRICTED, case_number=number, due_on=date(2022, 2, 1))
    for letter in (
        new_tasks(NILS, [line], SENDER, TODAY),
        new_tasks(NILS, [line, FIND], SENDER, TODAY),
        reminder(NILS, [replace(line, step=Step.BEFORE)], SENDER, TODAY),
        reminder(NILS, [replace(line, step=Step.OVERDUE_1)], SENDER, TODAY),
        reminder(NILS, [line, FIND], SENDER, TODAY),
        request(NILS, line, SENDER, TODAY, who="Nils Arne", wanted=TODAY, suggested="", why="", url="https://o.example"),
    ):  # fmt: skip
        everything = letter.subject + letter.text + letter.html
        assert "unntatt offentlighet" in everything
        assert not re.search(r"Ringe|Eva|lønn|§", everything)


def test_only_reminders_and_status_can_be_paused() -> None:
    url = "https://oppfolging.example/o/varsler/4Hj6sW0y"
    for name, letter in ALL.items():
        paused = name.startswith(("reminder", "overdue", "bundle", "status", "sign_up_reminder"))
        assert dict(letter.headers) == (
            {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
            if paused
            else {}
        )


def test_tasks_of_several_meetings_are_not_said_to_come_from_one() -> None:
    other = replace(INVITE, meeting_on=date(2022, 1, 3))
    letter = new_tasks(NILS, [FIND, other], SENDER, TODAY)
    assert letter.subject == "2 nye oppgaver"
    assert "Du har fått 2 oppgaver:" in letter.text


def test_a_bundle_goes_from_the_most_to_the_least_urgent_under_its_own_titles() -> None:
    lines = [
        replace(HELP, what="D", due_on=date(2022, 2, 7)),
        replace(HELP, what="B", due_on=date(2022, 1, 30)),
        replace(HELP, what="A", due_on=date(2022, 1, 24)),
        replace(HELP, what="C", due_on=date(2022, 2, 6)),
    ]
    text = reminder(NILS, lines, SENDER, TODAY).text  # a Tuesday
    order = [line for line in text.splitlines() if re.match(r"– |Over|Denne|Neste|Senere", line)]
    assert order == ["Over fristen", "– A", "Denne uken", "– B", "Neste uke", "– C", "Senere", "– D"]


def test_the_last_notice_names_the_secretary_of_the_tasks_own_body() -> None:
    line = replace(FIND, step=Step.OVERDUE_3, secretary="Tove Strand")
    assert (
        "Dette er siste påminnelse. Tove Strand tar kontakt med deg."
        in reminder(NILS, [line], SENDER, TODAY).text
    )


def test_who_has_no_name_is_greeted_all_the_same() -> None:
    assert sign_in(Addressee("", ""), "https://o.example/inn/x", TODAY).text.startswith("Hei.\n")


ODD = st.text(max_size=90) | st.sampled_from(
    ["", " x ", "a\nb", "<b>&amp;'\"", "\ue0000\ue001", "\u2028", "Æ" * 200]
)


@settings(max_examples=150, deadline=None)
@given(
    words=st.tuples(*[ODD] * 9),
    step=st.sampled_from(Step),
    flags=st.tuples(*[st.booleans()] * 4),
    code=st.sampled_from(["nb", "nn", "en"]),
)
def test_a_letter_filled_into_its_shape_is_the_letter(
    words: tuple[str, ...], step: Step, flags: tuple[bool, ...], code: str
) -> None:
    what, quote, name, number, other, title, secretary, url, body = words
    line = replace(
        FIND, what=what, quote=quote, case_number=number or None,
        together_with=(other, name) if flags[0] else (),
        next_meeting=(title, TODAY) if flags[1] else None, restricted="§ 13" if flags[2] else None, step=step,
        contributor=flags[3], secretary=secretary, answer_url=f"https://o.example/{url}",
    )  # fmt: skip
    to, sender = Addressee(name, other, code, url), Sender(body, secretary, "a@b.example")
    for write in (new_tasks, reminder):
        shaped = write(to, [line], sender, TODAY)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(filling, "SHAPED", ())
            assert shaped == write(to, [line], sender, TODAY)


def test_a_long_quote_is_shortened() -> None:
    text = new_tasks(NILS, [replace(FIND, quote="Nils  finner\nsted. " * 100)], SENDER, TODAY).text
    quote = re.search("«(.*)»", text)
    assert quote is not None
    assert len(quote[1]) <= 400
    assert quote[1].endswith("…")
