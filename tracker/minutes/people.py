"""Everybody the document may mean, and the places where it means them."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.minutes.attendance_table import Attendee
from tracker.minutes.forms import Entry, Meant, MentionKind, meaning, offices_in, tokens_of
from tracker.minutes.layout import is_given
from tracker.minutes.names import Known
from tracker.minutes.sentences import Piece, lowered
from tracker.minutes.titles import at_place, bases, offices
from tracker.minutes.tokens import adjacent, end_of, is_group, is_handle, name_length
from tracker.minutes.values import value_object
from tracker.minutes.vocabulary import Words

_TOKEN = re.compile(r"[^\W_][\w'’-]*\.?|\?")
_AND_NAME = re.compile(r"\s(?:og|and|&)\s([A-ZÆØÅ][a-zæøåéöäü]{2,})(?=\s[a-zæøå]|[.)]|$)")
_NAME_AND = re.compile(r"(?<![\w.-])([A-ZÆØÅ][a-zæøåéöäü]{2,})\s(?:og|and|&)\s$")
_LONGEST, _ALIKE = 6, 60  # the most words of a name, and the most people whom one form of it may mean
_MODALS = frozenset(("skal", "må", "will", "shall", "must", "bes"))
_ENDING_OFFICES = ("sekretær", "koordinator", "rådgiver", "rådgjevar", "sekretæren")


@value_object
class Mention:
    """Somebody meant at `start`–`end` of a piece. `names` are full names, or the words as written.

    `options` are the people it may be when more than one fits; then `names` holds the words as written.
    """

    start: int
    end: int
    kind: MentionKind
    names: tuple[str, ...]
    said: str
    options: tuple[str, ...] = ()


class People:
    """The people, offices and groups of one document, found again wherever it names them."""

    def __init__(
        self, attendees: list[Attendee], known: Known, vocabulary: Words, bodies: tuple[str, ...] = ()
    ) -> None:
        self.vocabulary = vocabulary
        self.attendees = attendees
        self.names: list[str] = []
        self.roles: dict[str, str] = {}
        self.organisations: dict[str, str] = {}
        self._known: set[str] = set()
        self._index: dict[str, dict[tuple[str, ...], dict[Entry, None]]] = {}
        self._meant: dict[tuple[tuple[str, ...], bool], Meant | None] = {}
        self._initials: dict[str, list[str]] = {}
        self._holders: dict[str, str | None] = {}
        self._pronouns = {said: kind for kind in ("he", "i") for said in vocabulary.every(kind)}
        self._seen: dict[tuple[int, int], list[Mention]] = {}
        self._meaning: dict[str, bool] = {}
        self.proper: frozenset[str] = frozenset()
        self._never, self._articles = vocabulary.those("never_names"), vocabulary.those("articles")
        for person in attendees:
            self.add(
                person.name, person.role, person.organisation, (person.initials,) if person.initials else ()
            )
        local = len(self.names)
        for row in known.people:
            self.add(row.name, row.role, row.organisation, row.aliases, beside=local)
        self._add_groups()
        for name in bodies:
            self._put(name, Entry("group", (name,)))

    def add(
        self,
        name: str,
        role: str | None,
        organisation: str | None = None,
        aliases: tuple[str, ...] = (),
        beside: int | None = None,
    ) -> None:
        """Take a person up, with every way of writing the name that can be told from it."""
        self._holders.clear()
        if name in self._known:
            if role and name not in self.roles:
                self.roles[name] = role
                self._put_roles(name, role)
            return
        self.names.append(name)
        self._known.add(name)
        entry, tokens, forms = Entry("person", (name,)), name.split(), {name, *aliases}
        if len(tokens) > 1:
            forms |= {" ".join(tokens[:n]) for n in range(1, len(tokens))}
            forms |= {tokens[-1], f"{tokens[0]} {tokens[-1]}"} if len(tokens[-1]) > 2 else set()
            forms |= {f"{tokens[0]} {token[0]}" for token in tokens[1:]}
        if beside is not None:  # of the register only full names and aliases, beside those of the minutes
            forms = {form for form in forms if " " in form or not self._taken(form)}
        for form in forms:
            self._put(form, entry)
        self._initials.setdefault("".join(t[0] for t in tokens if t[0].isupper()), []).append(name)
        for alias in aliases:
            self._initials.setdefault(alias, []).append(name)
        if organisation:
            self.organisations[name] = organisation
            self._put(organisation, Entry("organisation", (organisation,)))
        if role:
            self.roles[name] = role
            if beside is None:
                self._put_roles(name, role)

    def _taken(self, form: str) -> bool:
        tokens = tuple(lowered(form).split())
        return tokens in self._index.get(tokens[0], {}) if tokens else True

    def _put(self, form: str, entry: Entry) -> None:
        tokens = tokens_of(form)
        if not tokens:
            return
        self._seen.clear()
        self._meaning.pop(tokens[0], None)
        alike = self._index.setdefault(tokens[0], {}).setdefault(tokens, {})
        if len(alike) < _ALIKE:
            alike[entry] = None
        for capital in (True, False):
            self._meant.pop((tokens, capital), None)

    def _put_roles(self, name: str, role: str) -> None:
        """The offices somebody holds, in every form that a sentence gives them ("rådmannen")."""
        for office in offices(role):
            known = [r for r in self.vocabulary.every("roles") if office == r or office.startswith(r + " ")]
            for short in [s for s in self.vocabulary.every("role_initials") if s.partition(" ")[2] == office]:
                self._initials.setdefault(short.split(" ")[0].upper(), []).append(name)
            for base in known[:1] or ([office] if " " not in office else []):
                for said in {base, self._twin(base), *(r for r in _ENDING_OFFICES if base.endswith(r))}:
                    for form in {said, said + "en", said + "a", said + "n", *self._of_body(said)}:
                        self._put(form, Entry("role", (name,)))

    def _of_body(self, role: str) -> list[str]:
        """ "Styrets leder" for "styreleder" or "leder"."""
        head = next((h for h in self.vocabulary.every("chair_endings") if role in (h, f"styre{h}")), None)
        return [f"{body} {head}" for body in self.vocabulary.every("of_body")] if head else []

    def _twin(self, role: str) -> str:
        """A title in the other written Norwegian: "daglig leder" → "dagleg leiar", and back."""
        for nb, nn in self.vocabulary.twins.items():
            role = role.replace(nb, nn) if nb in role else role.replace(nn, nb)
        return role

    def _add_groups(self) -> None:
        for word in self.vocabulary.every("groups"):
            self._put(word, Entry("group", (word,)))
        holders: dict[str, list[str]] = {}
        for name in self.names:
            for base in bases(self.roles.get(name, ""), self.vocabulary):
                holders.setdefault(base, []).append(name)
        for word in self.vocabulary.every("group_roles"):
            named = holders.get(re.sub(r"(?:ane|ene|ne)$", "", word), [word])
            self._put(word, Entry("group", tuple(named)))
            for each in ("alle", "all"):
                self._put(f"{each} {word}", Entry("group", (f"{each} {word}",)))
        for word in self.vocabulary.every("class_words"):
            for number in range(1, 11):
                self._put(f"{number} {word}", Entry("group", (f"{number}. {word}",)))
        for word in self.vocabulary.every("nobody"):
            self._put(word, Entry("nobody", ()))
        for head in self.vocabulary.every("chair_endings"):
            chairs = holders.get(f"styre{head}", [])
            if len(chairs) == 1 and head not in holders:
                self._put_roles(chairs[0], head)
            elif not chairs and len(holders.get(head, [])) == 1:
                self._put_roles(holders[head][0], f"styre{head}")
        held_by_nobody = Entry("role", ())
        for tokens in offices_in(self.vocabulary.language):
            self._index.setdefault(tokens[0], {}).setdefault(tokens, {held_by_nobody: None})

    def by_initials(self, text: str) -> str | None:
        """The one person with these initials."""
        names = list(dict.fromkeys(self._initials.get(text, [])))
        return names[0] if len(names) == 1 else None

    def holder(self, key: str) -> str | None:
        """The one person among those listed who holds an office of the kind `key` ("secretary")."""
        if key not in self._holders:
            self._holders[key] = self._holder(key)
        return self._holders[key]

    def _holder(self, key: str) -> str | None:
        wanted = self.vocabulary.those(key)
        found = [n for n in self.names if any(o in wanted for o in offices(self.roles.get(n, "")))]
        return found[0] if len(set(found)) == 1 else None

    def mentions(self, piece: Piece) -> list[Mention]:
        """Everybody meant in `piece`, in order, never overlapping."""
        place = (piece.start, len(piece.text))
        if place not in self._seen:
            self._seen[place] = self._mentions(piece)
        return self._seen[place]

    def _mentions(self, piece: Piece) -> list[Mention]:
        written = _TOKEN.findall(piece.text)
        lows = [word.rstrip(".") or word for word in _TOKEN.findall(piece.low)]
        places = [n for n, word in enumerate(written) if word[0].isupper() or self._means(lows[n])]
        tokens = list(_TOKEN.finditer(piece.text)) if places else []
        found: list[Mention] = []
        free = 0
        for at in places:
            if at < free:
                continue
            mention, used = self._at(piece, tokens, lows, at)
            if mention and mention.kind == "role" and self._is_no_office(found, mention, lows, at):
                mention = None
            elif mention and mention.kind == "role":
                mention = self._of_place(mention, piece)
                while at + used < len(tokens) and tokens[at + used].start() < mention.end:
                    used += 1
            if mention:
                handle = is_handle(piece.text, mention.start)
                found.append(replace(mention, start=mention.start - 1) if handle else mention)
            free = at + used
        return self._beside(piece, found) if found else found

    def _beside(self, piece: Piece, found: list[Mention]) -> list[Mention]:
        """`found` with the names beside them that no list has: "Kari og Gerdt søker om midler"."""
        more: list[Mention] = []
        for index, one in enumerate(found):
            if one.kind not in ("person", "unknown"):
                continue
            end = found[index - 1].end if index else 0
            for match in (_AND_NAME.match(piece.text, one.end), _NAME_AND.search(piece.text, end, one.start)):
                if match is None or any(m.start < match.end(1) and match.start(1) < m.end for m in found):
                    continue
                low, opens = match[1].lower(), match.start(1) == 0
                if low in self._never or low in self._index or (opens and low not in self.proper):
                    continue
                more.append(Mention(*match.span(1), "unknown", (match[1],), match[1]))
        return sorted([*found, *more], key=lambda m: m.start) if more else found

    def _is_no_office(self, found: list[Mention], role: Mention, lows: list[str], at: int) -> bool:
        """ "En leder" is whoever that may be; "Kari leder dugnaden" has a verb in the place of the office."""
        named = bool(found) and found[-1].kind == "person" and role.start - found[-1].end == 1
        return (at > 0 and lows[at - 1] in self._articles) or (named and role.said in self.vocabulary.present)

    def _means(self, low: str) -> bool:
        """Whether a word in lower case may mean somebody. Most don't, so each is looked up once."""
        means = self._meaning.get(low)
        if means is None:
            listed = low in self._index or low in self._pronouns or low in self.vocabulary.those("each")
            means = self._meaning[low] = listed or is_group(low)
        return means

    def _of_place(self, role: Mention, piece: Piece) -> Mention:
        """A title that several hold, or nobody listed, with the place that tells whose it is."""
        if len(role.names) == 1 and role.names != (role.said,):
            return role
        placed = at_place(piece.text, role.end, role.options, self.organisations)
        if placed is None:
            return role
        names, end = placed
        said = piece.text[role.start : end]
        options = names if len(names) > 1 else ()
        return Mention(role.start, end, "role", names if len(names) == 1 else (said,), said, options)

    def _is_proper(self, piece: Piece, tokens: list[re.Match[str]], lows: list[str], at: int) -> bool:
        """Whether a capitalised word that opens a clause is a name: the text has it inside sentences too."""
        opens = at == 0 or piece.text[: tokens[at].start()].rstrip().endswith((":", ",", "-", "–"))
        if not opens or lows[at] not in self.proper or at + 1 >= len(tokens):
            return False
        verb = self.vocabulary.present.get(lows[at + 1])
        return (verb is not None or lows[at + 1] in _MODALS) and adjacent(tokens, piece.text, at, 2)

    def _at(
        self, piece: Piece, tokens: list[re.Match[str]], lows: list[str], at: int
    ) -> tuple[Mention | None, int]:
        here = self._index.get(lows[at])
        capital = tokens[at].group()[:1].isupper() or is_handle(piece.text, tokens[at].start())
        named = name_length(tokens, piece.text, at) if capital and lows[at] not in self._never else 0
        if here:
            for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
                entries = here.get(tuple(lows[at : at + length]))
                if not entries or not adjacent(tokens, piece.text, at, length):
                    continue
                mention = self._mention(tuple(lows[at : at + length]), piece, tokens, at, length, capital)
                longer = named > length and mention is not None and mention.kind == "person"
                if mention and not (longer and is_given(lows[at])):
                    return mention, length
        initials = tokens[at].group().rstrip(".") if capital and len(lows[at]) > 1 else ""
        if initials.isupper() and initials in self._initials:
            name = self.by_initials(initials)
            if name:
                return Mention(tokens[at].start(), tokens[at].end(), "person", (name,), tokens[at].group()), 1
        pronoun = self._pronouns.get(lows[at])
        if pronoun:
            return Mention(tokens[at].start(), tokens[at].end(), "pronoun", (pronoun,), tokens[at].group()), 1
        if named and (is_given(lows[at]) or named >= 2):
            end = end_of(tokens[at + named - 1])
            said = piece.text[tokens[at].start() : end]
            kind: MentionKind = "unknown" if is_given(lows[at]) else "organisation"
            return Mention(tokens[at].start(), end, kind, (said,), said), named
        if capital and self._is_proper(piece, tokens, lows, at):
            said = piece.text[tokens[at].start() : end_of(tokens[at])]
            return Mention(tokens[at].start(), end_of(tokens[at]), "unknown", (said,), said), 1
        return self._group(piece, tokens, lows, at)

    def _group(
        self, piece: Piece, tokens: list[re.Match[str]], lows: list[str], at: int
    ) -> tuple[Mention | None, int]:
        """A group that no list has: "banekomiteen", "hver klassekontakt", "team tillit"."""
        length = 0
        if is_group(lows[at]):
            length = 1
        elif lows[at] in self.vocabulary.those("each") and at + 1 < len(tokens):
            word = lows[at + 1]
            small = word in self.vocabulary.present or word in self.vocabulary.infinitives or len(word) < 4
            small = small or f"{lows[at]} {word}" in self.vocabulary.those("habit")
            length = 2 if not small and adjacent(tokens, piece.text, at, 2) else 0
        if not length:
            return None, 1
        start, end = tokens[at].start(), end_of(tokens[at + length - 1])
        said = piece.text[start:end]
        return Mention(start, end, "group", (said,), said), length

    def _mention(
        self,
        form: tuple[str, ...],
        piece: Piece,
        tokens: list[re.Match[str]],
        at: int,
        length: int,
        capital: bool,
    ) -> Mention | None:
        start, end = tokens[at].start(), end_of(tokens[at + length - 1])
        said = piece.text[start:end]
        if (form, capital) not in self._meant:
            self._meant[form, capital] = meaning(self._index[form[0]][form], capital)
        meant = self._meant[form, capital]
        if meant is None:
            return None
        kind, names = meant.kind, meant.names
        if kind == "role" and not names:
            return Mention(start, end, "role", (said,), said)
        if kind in ("person", "role") and len(names) > 1:
            exact = meant.exact.get(lowered(said))
            if exact is None:
                return Mention(start, end, kind, (said,), said, names)
            names = (exact,)
        if kind == "group" and names == (lowered(said),):
            names = (said,)
        return Mention(start, end, kind, names, said)
