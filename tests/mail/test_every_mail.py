"""Every mail in every language, with the longest and the shortest that can stand in it: bytes and text."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import date, timedelta
from email import policy
from email.message import EmailMessage

import pytest
from lxml import html

from tests.mail.letters_to_see import FIND, HELP, RESTRICTED, SENDER, URL
from tests.mail.test_mime import MAIL
from tracker.language import NO_BREAK
from tracker.mail.letters import (
    Addressee,
    Letter,
    Sender,
    TaskLine,
    new_tasks,
    reminder,
    request,
    sign_in,
    trial,
)
from tracker.rules.reminders import Step

TODAY = date(2022, 1, 25)
LONG = "Kristian-Ærlig Øystein Bjørnstjerne Åsgårdstrand-Fjærevåg von der Lippe Konow"
ADDRESSEES = {
    "long name": Addressee(LONG, "Kristian-Ærlig Øystein"),
    "æøå": Addressee("Åse Ærø Østbø", "Åse"),
    "no name": Addressee("", ""),
}
SENDERS = {
    "long name": Sender("Interkommunalt råd for Ærfjord-, Øvredal- og Åmotfolk " * 2, LONG, "k@x.example"),
    "æøå": replace(SENDER, secretary="Bjørg Åsnes Ødegård"),
    "no name": Sender("Elvedalsrådet", "Elvedal interkommunale råd", ""),
}  # fmt: skip
LANGUAGES = ("nb", "nn", "en")
GREETING = {"nb": ("Hei, {}.", "Hei."), "nn": ("Hei, {}.", "Hei."), "en": ("Hello {},", "Hello,")}


def tasks(count: int) -> list[TaskLine]:
    """So many tasks, of all sorts, with long and short words."""
    kinds = (
        replace(FIND, what="Følge opp " + "samarbeidsavtalen om øyhopping og ærfuglvern i Ålfjorden " * 3),
        replace(HELP, due_on=date(2022, 2, 1)),
        replace(FIND, what="Å", quote="", case_number=None, meeting_on=None),
        replace(RESTRICTED, due_on=date(2022, 2, 8)),
        replace(FIND, what="Lage <liste> & «oversikt»", together_with=(LONG, "Åse Ærø Østbø")),
    )
    steps = (Step.BEFORE, Step.DAY_BEFORE)
    return [
        replace(
            kinds[number % len(kinds)], answer_url=f"{URL}/o/{number:02}{'x' * 60}", step=steps[number % 2],
            due_on=TODAY + timedelta(days=number % 9 + 1),
        )
        for number in range(count)
    ]  # fmt: skip


def written(kind: str, to: Addressee, sender: Sender, lines: list[TaskLine]) -> Letter:
    told = replace(to, pause_url=f"{URL}/o/varsler/{'p' * 60}")
    if kind == "new_tasks":
        return new_tasks(to, lines, sender, TODAY)
    if kind == "reminder":
        return reminder(told, lines, sender, TODAY)
    if kind in ("overdue", "overdue_last"):
        step = Step.OVERDUE_1 if kind == "overdue" else Step.OVERDUE_3
        late = [replace(line, step=step, due_on=TODAY - timedelta(days=3)) for line in lines]
        return reminder(told, late, sender, TODAY)
    if kind == "sign_in":
        return sign_in(to, f"{URL}/inn/{'s' * 60}", TODAY)
    if kind == "trial":
        return trial(to, URL, TODAY)
    wanted, suggested = (date(2022, 3, 1), "") if kind == "more_time" else (None, LONG)
    return request(
        to, lines[0], sender, TODAY, who=LONG, wanted=wanted, suggested=suggested, why="Æ, ø og å.\nOg mer.",
        url=f"{URL}/oppgaver/7",
    )  # fmt: skip


KINDS = ("new_tasks", "reminder", "overdue", "overdue_last", "sign_in", "trial", "more_time", "not_mine")


@pytest.mark.parametrize("count", [1, 25])
@pytest.mark.parametrize("who", ADDRESSEES)
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail(kind: str, code: str, who: str, count: int) -> None:
    to, lines = replace(ADDRESSEES[who], language=code), tasks(count)
    letter = written(kind, to, SENDERS[who], lines)
    raw = replace(
        MAIL, letter=letter, to_name=to.name, from_name=f"{SENDERS[who].secretary} via Oppfølging"
    ).as_bytes()
    check_bytes(raw, letter)
    check_text(letter, to, code)
    if kind in ("new_tasks", "reminder", "overdue", "overdue_last"):
        assert all(letter.text.count(line.answer_url) >= 1 for line in lines)
    assert re.search(r"<html lang=\"(\w+)\"", letter.html)[1] == code  # type: ignore[index]


def check_bytes(raw: bytes, letter: Letter) -> None:
    head = raw.partition(b"\r\n\r\n")[0]
    assert raw.isascii()
    for line in head.split(b"\r\n"):
        if line.lower().startswith((b"message-id:", b"references:", b"list-unsubscribe")):
            assert b"=?" not in line
            assert line.endswith((b">", b"One-Click"))
        elif not line.startswith((b"Content-Type", b"X-Auto")):
            assert len(line) <= 78, line
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert mail["Subject"] == letter.subject
    text, page = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert (text, page) == (letter.text, letter.html)


def check_text(letter: Letter, to: Addressee, code: str) -> None:
    """The text part reads well alone: words only, and a reader can act on it."""
    text = letter.text
    named, bare = GREETING[code]
    assert text.splitlines()[0] == (named.format(to.first_name) if to.first_name else bare)
    assert not re.search(r"</?\w+[ >]|&\w+;|%\(|\bNone\b|\{\{|\{%|\ue000", text.replace("<liste>", ""))
    assert "\n\n\n" not in text
    assert text == text.strip() + "\n"
    for line in text.splitlines():
        assert line == line.rstrip()
        assert not re.match(r"[,.;:)]", line), line
        assert not re.search(r" [,.;:)]|\( |  ", line.replace(NO_BREAK, " ")), line
    links = re.findall(r"https://\S+", text)
    assert links
    for line in text.splitlines():
        if (
            "https://" in line
        ):  # at the end of its line, so that no mail program takes more or less for the link
            assert re.search(r"https://\S*[^\s,.;)]$", line), line
    document = html.fromstring(letter.html)
    assert set(links) == {link for _, _, link, _ in document.find("body").iterlinks()}


@pytest.mark.parametrize("code", LANGUAGES)
def test_25_tasks_are_all_told_of_in_the_subject_and_each_once_in_the_text(code: str) -> None:
    lines = tasks(25)
    for write in (new_tasks, reminder):
        letter = write(replace(ADDRESSEES["æøå"], language=code), lines, SENDER, TODAY)
        assert letter.subject.startswith("25 ")
        assert len(letter.subject) <= 70
        assert letter.text.count("\n– ") == 25
        assert len(letter.html) < 60_000  # or Gmail cuts it
