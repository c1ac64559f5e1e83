"""Passwords: what is refused, and that estimating one costs little whoever sends it."""

import time

import pytest

from app.domain.errors import DomainError
from app.domain.passwords import LONGEST, check_password

COSTLY = "4@8({[<369&#!1/|0$5+7%2"  # every sign stands for several letters


@pytest.mark.parametrize("password", [COSTLY * 5, (COSTLY * 6)[:LONGEST], "1!|l7+" * 20])
def test_estimate_is_cheap_for_any_password(password: str) -> None:
    started = time.process_time()
    check_password(password)
    assert time.process_time() - started < 0.5


def test_what_others_know_may_be_as_long_as_they_like() -> None:
    started = time.process_time()
    check_password("тихая лодка под мостом", about=("a.bc" * 500_000,))
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "password", ["Водоканал2026", "пароль123456", "gfhjkm123456", "password12", "1234567890", "короткий"]
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(DomainError):
        check_password(password)


@pytest.mark.parametrize(
    "password", ["irina.petrova1987@example.org", "very-long-company-name-of-the-urals", "Petrova-Ivanova"]
)
def test_what_others_know_is_refused_however_long_it_is(password: str) -> None:
    about = ("irina.petrova1987@example.org", "very-long-company-name-of-the-urals", "Petrova-Ivanova")
    with pytest.raises(DomainError):
        check_password(password, about=about)


@pytest.mark.parametrize("password", ["тихая лодка под мостом", "seven-quiet-boats-41"])
def test_words_that_do_not_belong_together_are_taken(password: str) -> None:
    check_password(password)
