"""House numbers of a street as people write them in notices: «28–52 чётные, 57, 59а», «нечётные», «вся улица».

A range holds its ends and what stands between them in the order of `house_key`: 60–98 has 60а and 98, and not 98а.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..i18n import _
from ..model_types import folded, house_key
from ..models import HouseSide
from .errors import DomainError

START, END = "", ":"
"""Before and after the keys of all houses."""
SIDE_WORDS = {HouseSide.odd: "нечётные", HouseSide.even: "чётные"}
WHOLE = "вся улица"
_ODD = re.compile(r"\b(?:не ?чет[а-я]*|odd)\b\.?")
_EVEN = re.compile(r"\b(?:чет[а-я]*|even)\b\.?")
_FILLERS = re.compile(r"[()№]|\b(?:сторон[аы]|номера|дома?|houses?|side)\b|\bд\.|\b(?:с|от|from)(?= ?[0-9])")
_WHOLE = re.compile(r"(?:вся|все|весь|whole|all)(?: (?:улица|переулок|street))?")
_NUMBER = r"[0-9]{1,5}(?:-?[а-яa-z](?![а-яa-z]))?(?:/[0-9]{1,5}[а-яa-z]?)?(?: ?(?:корп|стр|к|с)\.? ?[0-9]{1,3})?"
_RANGE = re.compile(rf"({_NUMBER})(?: ?(?:-| по | до | to ) ?({_NUMBER}))?")
_BREAK = re.compile(r"[\s,:]+|$")
_DASHES = str.maketrans("–—−‑", "----")


@dataclass(frozen=True, slots=True)
class HouseRange:
    """Houses of one street from `first` to `last`, both included; an empty end is the street's."""

    side: HouseSide = HouseSide.both
    first: str = ""
    last: str = ""

    @property
    def first_key(self) -> str:
        return house_key(self.first) if self.first else START

    @property
    def last_key(self) -> str:
        return house_key(self.last) if self.last else END

    def covers(self, number: str) -> bool:
        """Whether a house of the street with this number is meant. A number that begins with no digit has no side."""
        key = house_key(number)
        digit = key[5:6]
        is_of_side = digit.isdigit() and int(digit) % 2 == (self.side is HouseSide.odd)
        return self.first_key <= key <= self.last_key and (self.side is HouseSide.both or is_of_side)

    def __str__(self) -> str:
        numbers = self.first if self.first == self.last else f"{self.first}–{self.last}"
        return " ".join(filter(None, (numbers, SIDE_WORDS.get(self.side)))) or WHOLE


def words(street: str, ranges: Iterable[HouseRange]) -> str:
    """«ул. Куйбышева, 28–52 чётные, 57», which `readings` reads again."""
    return ", ".join((street, *map(str, ranges)))


def lines(text: str) -> list[str]:
    """The streets of a text, each with its numbers: one a line, or parted by semicolons."""
    return [line for part in re.split(r"[\n;]", text) if (line := " ".join(part.split()).strip(" ,.:"))]


def readings(line: str) -> Iterator[tuple[str, list[HouseRange]]]:
    """What a line may mean, the likeliest first: the name of a street and the houses of it. A street's name may have
    digits in it. Nothing but numbers is an empty name. Raises DomainError for a range that ends before it begins."""
    numbers = numbers_of(line)
    if numbers is not None:
        yield "", numbers
    for place in _BREAK.finditer(line):
        name, rest = line[: place.start()], line[place.end() :]
        if not any(sign.isalpha() for sign in name):
            continue
        if not rest:
            yield name, [HouseRange()]
        elif (numbers := numbers_of(rest)) is not None:
            yield name, numbers


def numbers_of(text: str) -> list[HouseRange] | None:
    """The ranges of «28–52 чётные, 57»; None for anything else."""
    found = [_range_of(part) for part in text.split(",")]
    return None if None in found else [each for each in found if each is not None]


def _range_of(text: str) -> HouseRange | None:
    plain = folded(text.translate(_DASHES))
    side = HouseSide.odd if _ODD.search(plain) else HouseSide.even if _EVEN.search(plain) else HouseSide.both
    plain = " ".join(_FILLERS.sub(" ", _EVEN.sub(" ", _ODD.sub(" ", plain))).split())
    plain = re.sub(r"(?<=[0-9]) (?=[а-яa-z](?![а-яa-z.]| ?[0-9]))", "", plain)  # «21 а»
    if _WHOLE.fullmatch(plain) or (not plain and side is not HouseSide.both):
        return HouseRange(side)
    match = _RANGE.fullmatch(plain)
    if match is None:
        return None
    found = HouseRange(side, match[1], match[2] or match[1])
    if found.first_key > found.last_key:
        raise DomainError(_("“%(range)s” ends before it begins: write the smaller number first.", range=found))
    if found.first == found.last and not found.covers(found.first):
        raise DomainError(_("House %(number)s is not on that side of the street.", number=found.first))
    return found
