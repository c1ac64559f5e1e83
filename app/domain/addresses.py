"""Streets and houses as people name them: «рев 21а», «УЛ ЛЕНИНА Д.8», «Пермь, б-р Гагарина 30»."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy.orm import Session

from ..model_types import folded, house_key
from ..models import House, Street
from ..queries import houses as queries
from ..queries.find import Contains

LONGEST = 100
LIKENESS = 0.65
"""How much of a word of a street's name a misspelt one has at least: «рив» and «рев» share two letters of three."""
MOST_ALIKE = 3
MOST_NUMBERS = 3
"""How many of the numbers in an address may be the house's: each is looked for."""
_KINDS = {
    **dict.fromkeys(("ул", "улица", "st", "street"), "ул"),
    **dict.fromkeys(("пр-т", "просп", "проспект"), "пр-т"),
    **dict.fromkeys(("пр-д", "проезд"), "проезд"),
    **dict.fromkeys(("пер", "переулок"), "пер"),
    **dict.fromkeys(("б-р", "бул", "бульв", "бульвар"), "бульвар"),
    **dict.fromkeys(("ш", "шоссе"), "шоссе"),
    **dict.fromkeys(("пл", "площадь"), "пл"),
    **dict.fromkeys(("наб", "набережная"), "наб"),
    **dict.fromkeys(("тракт", "тр-т"), "тракт"),
    **dict.fromkeys(("аллея", "ал"), "аллея"),
    **dict.fromkeys(("туп", "тупик"), "тупик"),
    "пр": "",  # a проспект or a проезд
}
_FILLERS = {"д", "дом", "г", "город", "house"}
_FLAT = re.compile(r"\b(?:кв|квартира|flat|apt)\b.*")
_PUNCTUATION = re.compile(r"[.,;:()«»\"№]+")
_HOUSE = re.compile(r"[0-9]+(?:[-/]?[0-9]*[а-яa-z]?)?(?:/[0-9]+[а-яa-z]?)?")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address may mean: the words of a street and the number of a house, which may be missing."""

    street: tuple[str, ...]
    house: str = ""


def words_of(text: str) -> list[str]:
    return _PUNCTUATION.sub(" ", folded(text[: 3 * LONGEST])).split()


def street_key(name: str) -> tuple[str, ...]:
    """What two spellings of a street's name have in common: «улица Ленина» and «ул. Ленина»."""
    return tuple(sorted(_KINDS.get(word, word) for word in words_of(name)))


def streets(session: Session, text: str, contains: Contains) -> list[Street]:
    """The streets that a text may name, with their towns; one where it says enough. A town may stand before a comma."""
    town, _comma, rest = text.partition(",")
    known = queries.localities(session).get(folded(town))
    words = words_of(rest if known else text)
    kinds = {_KINDS[word] for word in words if _KINDS.get(word)}
    names = [word for word in words if word not in _KINDS]
    found = [street for street in _found(session, names, contains) if known in (None, street.locality_id)]
    same = [street for street in found if sorted(_names(street)) == sorted(names)] or found
    return [street for street in same if kinds & _kinds(street)] or same


def houses(session: Session, text: str, contains: Contains, *, most: int) -> Sequence[House]:
    """Houses that an address may mean, along their streets, at most so many. A number that no house has finds those
    that begin with it: «21» leads to 21а; without a number the houses of the street are found."""
    words, towns = _words(text), queries.localities(session)
    for said in dict.fromkeys((tuple(words), tuple(word for word in words if word not in towns))):
        asked = _asked(said)
        for each in asked:
            known = [street.id for street in _found(session, each.street, contains)]
            found = queries.numbered(session, known, house_key(each.house) if each.house else None, most=most)
            if found:
                return found
        for each in asked[:1]:
            known = [street.id for street in _found(session, each.street, contains)]
            found = queries.beginning(session, known, house_key(each.house)[:6], most=most)
            if found:
                return found
    return []


def likely(session: Session, text: str, contains: Contains, *, most: int) -> Sequence[House]:
    """Houses to choose from where `houses` finds none: those of the street that the address names, whatever their
    numbers; else those of streets that are spelt nearly so, with the number where one of them has it."""
    towns = queries.localities(session)
    for each in _asked([word for word in _words(text) if word not in towns])[:1]:
        if named := [street.id for street in _found(session, each.street, contains)]:
            return queries.numbered(session, named, None, most=most)
        alike, key = _alike(session, each.street), house_key(each.house) if each.house else None
        found = queries.numbered(session, alike, key, most=most)
        return found or queries.numbered(session, alike, None, most=most)
    return []


def _alike(session: Session, names: Sequence[str]) -> list[int]:
    """The streets in whose names each of these has a word that begins nearly so, the most alike first. People seldom
    mistake the first letter."""
    scored = [(min(_likeness(name, street) for name in names), key) for key, street in queries.names(session)]
    return [key for score, key in sorted(scored, reverse=True)[:MOST_ALIKE] if score >= LIKENESS]


def _likeness(name: str, street: str) -> float:
    begun = [word[: len(name)] for word in words_of(street) if word[:1] == name[:1] and word not in _KINDS]
    return max((SequenceMatcher(None, name, each).ratio() for each in begun), default=0)


def _words(text: str) -> list[str]:
    """What an address says, without a flat and without the kinds of streets."""
    joined = re.sub(r"(?<=[0-9])\s+(?=[а-яa-z](?![\w-]))", "", _FLAT.sub("", folded(text[:LONGEST])))  # «21 а»
    return [word for word in words_of(joined) if word not in _FILLERS and word not in _KINDS]


def _asked(words: Sequence[str]) -> list[Asked]:
    """What the words may mean, the likeliest first: the number is the first one after a word, what follows is a flat;
    but a street may have a number in its name («25 Октября»)."""
    numbers = [place for place, word in enumerate(words) if _HOUSE.fullmatch(word)]
    found = [Asked(tuple(words[:place]), words[place]) for place in numbers[:MOST_NUMBERS] if place]
    if numbers[:1] == [0] and len(words) > 1:
        found.append(Asked(tuple(words[1:]), words[0]))
    if len(numbers) < len(words):
        found.append(Asked(tuple(words)))
    return found


def _found(session: Session, names: Sequence[str], contains: Contains) -> list[Street]:
    """Streets in whose names some word begins with each of these."""
    condition = contains(Street.name_fold, " ".join(names)) if names else None
    if condition is None:
        return []
    return [
        street
        for street in queries.streets(session, condition)
        if all(any(word.startswith(name) for word in words_of(street.name)) for name in names)
    ]


def _names(street: Street) -> list[str]:
    return [word for word in words_of(street.name) if word not in _KINDS]


def _kinds(street: Street) -> set[str]:
    return {_KINDS[word] for word in words_of(street.name) if word in _KINDS}
