"""Languages: translated texts, and dates in words. Bokmål is the source language of every text.

Catalogues are the .po files in `tracker/translations/<language>/messages.po`, compiled in memory
at first use.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from tracker.clock import local
from tracker.errors import TrackerError

TRANSLATIONS = Path(__file__).parent / "translations"
LANGUAGES = ("nb", "nn", "en")
NO_BREAK = "\u00a0"
WORD_JOINER = "\u2060"

_FULL = {"nb": "EEEE d. MMMM y", "nn": "EEEE d. MMMM y", "en": "EEEE d MMMM y"}
_LONG = {"nb": "EEEE d. MMMM", "nn": "EEEE d. MMMM", "en": "EEEE d MMMM"}
_SHORT = {"nb": "d. MMM", "nn": "d. MMM", "en": "d MMM"}
_WEEKDAYS = {  # CLDR's own are too short to be read with ease («ty.», «to.»)
    "nb": ("man.", "tirs.", "ons.", "tors.", "fre.", "lør.", "søn."),
    "nn": ("mån.", "tys.", "ons.", "tors.", "fre.", "laur.", "søn."),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_NORWEGIAN = str.maketrans("æäøöåü", "{{||}y")  # the signs after z in ASCII
_SPELT = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ŋ": "n", "ŧ": "t", "ł": "l", "þ": "th"})
_NUMERIC = {"nb": "d.M.y", "nn": "d.M.y", "en": "dd/MM/y"}


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `gettext`/`ngettext` for texts, and how it writes dates and times."""

    code: str
    catalogue: NullTranslations

    def gettext(self, message: str) -> str:
        return self.catalogue.gettext(message) if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.catalogue.ngettext(one, many, count)

    def explain(self, error: TrackerError) -> str:
        """What an error says, in this language."""
        text = self.gettext(error.message)
        return text % error.values if error.values else text

    def day(self, day: date, *, year: bool = True) -> str:
        """«tirsdag 1. februar 2022», or without the year; never broken between day and month."""
        pattern = _FULL if year else _LONG
        return self._tied(_written(day, pattern[self.code], self.code))

    def date_short(self, day: date) -> str:
        """«tirs. 1. feb.»"""
        weekday = _WEEKDAYS[self.code][day.weekday()]
        return f"{weekday} {self._tied(_written(day, _SHORT[self.code], self.code))}"

    def date_numeric(self, day: date) -> str:
        """«1.2.2022»"""
        return _written(day, _NUMERIC[self.code], self.code)

    def month(self, day: date) -> str:
        """«februar 2022»"""
        return _written(day, "LLLL y", self.code)

    def month_name(self, day: date) -> str:
        """«februar»"""
        return _written(day, "LLLL", self.code)

    def month_short(self, day: date) -> str:
        """«feb.», for the date tile."""
        return _written(day, "MMM", self.code)

    def weekday(self, day: date) -> str:
        """«mandag»"""
        return _written(day, "EEEE", self.code)

    def period(self, start: date, end: date, *, year: bool = True) -> str:
        """«14.–15. mars 2022», «28. februar–1. mars 2022»; a single day in full."""
        if start == end:
            return self.day(start, year=year)
        dot = "" if self.code == "en" else "."
        tail = f" {end.year}" if year else ""
        dash = f"{WORD_JOINER}–{WORD_JOINER}"
        if (start.year, start.month) == (end.year, end.month):
            return self._tied(
                f"{start.day}{dot}{dash}{end.day}{dot} {_written(end, 'MMMM', self.code)}{tail}"
            )
        first = f"{start.day}{dot} {_written(start, 'MMMM', self.code)}"
        first += f" {start.year}" if year and start.year != end.year else ""
        last = f"{end.day}{dot} {_written(end, 'MMMM', self.code)}{tail}"
        return self._tied(f"{first}{dash}{last}")

    def clock(self, at: time) -> str:
        """«14.00» in Norwegian, «14:00» in English."""
        return f"{at:%H:%M}" if self.code == "en" else f"{at:%H.%M}"

    def moment(self, moment: datetime) -> str:
        """«mandag 31. januar 2022 kl. 09.12» in Norwegian time, from an aware moment."""
        civil = local(moment)
        clock = (
            f"at {self.clock(civil.time())}"
            if self.code == "en"
            else f"kl.{NO_BREAK}{self.clock(civil.time())}"
        )
        return f"{self.day(civil.date())} {clock}"

    def occasion(self, starts_on: date, starts_at: time | None, ends_on: date, ends_at: time | None) -> str:
        """«mandag 7. februar 2022 kl. 14.00–15.30», or the days alone."""
        days = self.period(starts_on, ends_on)
        if starts_at is None:
            return days
        dash = f"{WORD_JOINER}–{WORD_JOINER}"
        until = f"{dash}{self.clock(ends_at)}" if ends_at and starts_on == ends_on else ""
        at = "at " if self.code == "en" else f"kl.{NO_BREAK}"
        return f"{days} {at}{self.clock(starts_at)}{until}"

    def distance(self, day: date, today: date) -> str:
        """«i dag», «i morgen», «om 7 dager», «3 dager siden»."""
        days = (day - today).days
        if days == 0:
            return self.gettext("i dag")
        if days == 1:
            return self.gettext("i morgen")
        if days == -1:
            return self.gettext("i går")
        if days > 0:
            return self.ngettext("om %(num)d dag", "om %(num)d dager", days) % {"num": days}
        return self.ngettext("%(num)d dag siden", "%(num)d dager siden", -days) % {"num": -days}

    def sort_key(self, word: str) -> tuple[str, str]:
        """For sorting names as readers of this language look for them."""
        return sort_key(word, self.code)

    def _tied(self, written: str) -> str:
        """A no-break space between day and month."""
        return re.sub(r"(\d\.?) (?=[^\W\d])", rf"\1{NO_BREAK}", written)


@lru_cache(maxsize=10_000)  # a page asks for many dates, and mostly for the same ones
def _written(day: date, pattern: str, code: str) -> str:
    """The date by a pattern of CLDR, in that language."""
    return dates.format_date(day, pattern, locale=code)


@lru_cache(maxsize=20_000)  # the people of a council, on each page with a list of them
def sort_key(word: str, code: str = "nb") -> tuple[str, str]:
    """For sorting names, alike on every machine and database (CLDR's collations of nb and nn, and of en).

    In Norwegian æ, ø and å come last, with ä and ö beside æ and ø, «aa» as å, and ü as y. Case and accents
    count only between names that are otherwise the same; dots and hyphens are as spaces.
    """
    plain = word.casefold()
    if code != "en":
        plain = plain.replace("aa", "å").translate(_NORWEGIAN)
    plain = unicodedata.normalize("NFD", plain.translate(_SPELT))
    letters = (letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w{|}]", " ", "".join(letters)).split()), word


@cache
def language(code: str) -> Language:
    """The language `code`; bokmål when it isn't one of ours."""
    known = code if code in LANGUAGES else "nb"
    place = TRANSLATIONS / known / "messages.po"
    catalogue: NullTranslations = NullTranslations()
    if place.exists():
        compiled = BytesIO()
        with place.open("rb") as file:
            write_mo(compiled, read_po(file, locale=known))
        compiled.seek(0)
        catalogue = Translations(compiled)
    return Language(known, catalogue)


def negotiate(accept: str) -> str:
    """The best of our languages for an Accept-Language header ("no" and Danish readers get bokmål)."""
    for part in accept.lower().split(",")[:20]:
        code = part.split(";")[0].strip()[:2]
        if code in LANGUAGES:
            return code
        if code in ("no", "da"):
            return "nb"
    return "nb"
