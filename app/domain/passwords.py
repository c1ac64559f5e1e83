"""What a password must be: 10 to 128 characters, no composition rules, nothing that is guessed first.

Two guards: zxcvbn's estimate, and Russian words that it does not know, also as typed in the other keyboard layout.
"""

import re

from zxcvbn import zxcvbn

from ..i18n import _
from .errors import DomainError

SHORTEST, LONGEST = 10, 128
ESTIMATED = 20  # signs: the estimate takes 0.1 s for these at most, seconds for the longest password
RUSSIAN_WORDS = frozenset(
    [
        "пароль",
        "пароли",
        "любовь",
        "привет",
        "солнце",
        "солнышко",
        "наташа",
        "настя",
        "сергей",
        "андрей",
        "дмитрий",
        "максим",
        "александр",
        "алексей",
        "марина",
        "светлана",
        "татьяна",
        "екатерина",
        "ирина",
        "елена",
        "ольга",
        "юлия",
        "анна",
        "мария",
        "водоканал",
        "новогор",
        "прикамье",
        "родник",
        "вода",
        "счетчик",
        "россия",
        "москва",
        "пермь",
        "спартак",
        "зенит",
        "динамо",
        "звезда",
        "ангел",
        "зайка",
        "котенок",
        "кошка",
        "собака",
        "мама",
        "папа",
        "дочка",
        "сынок",
        "бабушка",
        "дедушка",
        "семья",
        "счастье",
        "удача",
        "победа",
        "природа",
        "весна",
        "лето",
        "осень",
        "зима",
        "январь",
        "февраль",
        "март",
        "апрель",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
        "понедельник",
        "йцукен",
        "йцукенг",
        "фывапролд",
        "ячсмить",
        "qwerty",
        "абонент",
        "квартира",
        "здравствуйте",
        "спасибо",
        "молодец",
        "королева",
        "принцесса",
    ]
)
LAYOUT = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`",
    "йцукенгшщзхъфывапролджэячсмитьбюё",
)


def check_password(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise DomainError (field `password`) unless the password may be used. `about` is what others know of
    the person: login, e-mail, names, account number."""
    if len(password) < SHORTEST:
        raise DomainError(_("Enter a password of at least %(n)s characters.", n=SHORTEST), field="password")
    if len(password) > LONGEST:
        raise DomainError(_("Enter a password of at most %(n)s characters.", n=LONGEST), field="password")
    if _is_russian_word(password) or zxcvbn(password[:ESTIMATED], user_inputs=_known(about))["score"] < 2:
        raise DomainError(
            _("This password is guessed among the first. Choose several words that do not belong together."),
            field="password",
        )


def _known(about: tuple[str, ...]) -> list[str]:
    """The texts and their words, as far as the estimate looks."""
    parts = [part for text in about for part in (text, *re.split(r"[@.\s-]+", text[:LONGEST]))]
    return [part[:ESTIMATED] for part in parts if len(part) > 2]


def _is_russian_word(password: str) -> bool:
    """One common word with digits and signs around it is a common word."""
    lowered = password.casefold().replace("ё", "е")
    for text in (lowered, lowered.translate(LAYOUT).replace("ё", "е")):
        words = re.findall(r"[а-я]+|[a-z]+", text)
        if words and len(set(words)) == 1 and words[0] in RUSSIAN_WORDS:
            return True
    return False
