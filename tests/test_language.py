"""Names in the order that readers look for them, and dates, days and plurals as each language has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast
from tracker.language import NO_BREAK, WORD_JOINER, language, sort_key
from tracker.models import Body, Person
from tracker.services import people

# Each list is in order; the Norwegian ones by CLDR's collation for nb and nn.
NORWEGIAN = {
    "the last three letters": ["Zahl", "Ærfugl", "Øst", "Ås"],
    "aa is å": ["Aker", "Zahl", "Ødegaard", "Aasen", "Åsen", "Aasnes"],
    "ä and ö beside æ and ø": ["Zahl", "Äijö", "Ærø", "Öberg", "Ødegård", "Åberg"],
    "ü as y": ["Mutz", "Müller", "Myllestad"],
    "case": ["anne", "Berit", "cecilie", "Dag"],
    "accents count last": ["Andre", "André", "Andrea"],
    "Northern Sami": ["Časá", "Cecilie", "Đavvi", "Duodji", "Ŋuolla", "Ole"],
    "a space before a letter": ["Per-Arne", "Per Ås", "Pernille"],
    "dots and hyphens": ["A. Berg", "A Dahl", "Anne Marie Lie", "Anne-Marie Moe"],
    "numbers first": ["3. utvalg", "Utvalg"],
    "bodies": ["Eldrerådet", "Formannskapet", "Ungdomsrådet", "Ærverdig råd", "Åpent utvalg"],
}
ENGLISH = ["Ærfugl", "Aker", "Åsen", "Berg", "Øberg", "Olsen", "Zahl"]


@pytest.mark.parametrize("names", NORWEGIAN.values(), ids=NORWEGIAN)
@pytest.mark.parametrize("code", ["nb", "nn"])
def test_norwegian_order(code: str, names: list[str]) -> None:
    assert sorted(set(names), key=language(code).sort_key) == names


def test_english_readers_look_under_the_plain_letters() -> None:
    assert sorted(set(ENGLISH), key=language("en").sort_key) == ENGLISH


def test_no_two_names_are_the_same() -> None:
    names = ("Aasen", "Åsen", "åsen", "ÅSEN")
    assert len({sort_key(name) for name in names}) == len(names)


def test_people_and_bodies_come_in_that_order_on_both_engines(session: Session, cast: Cast) -> None:
    ours = cast.organisation.id
    names = ["Åse Lie", "Ørjan Moe", "aase Berg", "Ærlig Dahl", "Zara Vik"]
    session.add_all([Person(organisation_id=ours, name=name) for name in names])
    bodies = ["Ågård", "Ærgård", "Øgård", "zgård"]
    session.add_all([Body(organisation_id=ours, name=name, aliases=[]) for name in bodies])
    session.flush()
    found = [person.name for person in people.everyone(session, ours) if person.name in names]
    assert found == ["Zara Vik", "Ærlig Dahl", "Ørjan Moe", "aase Berg", "Åse Lie"]
    assert [body.name for body in people.bodies(session, ours)][-4:] == ["zgård", "Ærgård", "Øgård", "Ågård"]


DAY = date(2022, 2, 1)  # a Tuesday


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("nb", ["tirsdag 1. februar 2022", "tirs. 1. feb.", "1.2.2022", "februar 2022", "tirsdag"]),
        ("nn", ["tysdag 1. februar 2022", "tys. 1. feb.", "1.2.2022", "februar 2022", "tysdag"]),
        ("en", ["Tuesday 1 February 2022", "Tue 1 Feb", "01/02/2022", "February 2022", "Tuesday"]),
    ],
)
def test_a_day_in_words(code: str, said: list[str]) -> None:
    tongue = language(code)
    ways = [tongue.day, tongue.date_short, tongue.date_numeric, tongue.month, tongue.weekday]
    assert [way(DAY).replace(NO_BREAK, " ") for way in ways] == said


@pytest.mark.parametrize(
    ("code", "days", "said"),
    [
        ("nb", 0, "i dag"), ("nb", 1, "i morgen"), ("nb", -1, "i går"), ("nb", 2, "om 2 dager"),
        ("nb", -3, "3 dager siden"), ("nn", 0, "i dag"), ("nn", 1, "i morgon"), ("nn", 2, "om 2 dagar"),
        ("nn", -3, "3 dagar sidan"), ("en", 0, "today"), ("en", 1, "tomorrow"), ("en", -1, "yesterday"),
        ("en", 2, "in 2 days"), ("en", -3, "3 days ago"),
    ],
)  # fmt: skip
def test_how_far_off_a_day_is(code: str, days: int, said: str) -> None:
    assert language(code).distance(DAY, date.fromordinal(DAY.toordinal() - days)) == said


@pytest.mark.parametrize(
    ("code", "moment", "span"),
    [
        ("nb", "tirsdag 1. februar 2022 kl. 09.05", "28. februar–1. mars 2022"),
        ("nn", "tysdag 1. februar 2022 kl. 09.05", "28. februar–1. mars 2022"),
        ("en", "Tuesday 1 February 2022 at 09:05", "28 February–1 March 2022"),
    ],
)
def test_a_moment_and_a_span(code: str, moment: str, span: str) -> None:
    tongue = language(code)

    def plain(text: str) -> str:
        return text.replace(NO_BREAK, " ").replace(WORD_JOINER, "")

    assert plain(tongue.moment(datetime(2022, 2, 1, 8, 5, tzinfo=UTC))) == moment
    assert plain(tongue.period(date(2022, 2, 28), date(2022, 3, 1))) == span
    assert tongue.clock(time(14, 0)) == ("14:00" if code == "en" else "14.00")
