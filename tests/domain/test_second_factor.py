"""The second factor: which codes open, and that each opens once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine

from app.domain import second_factor
from app.domain.errors import DomainError
from app.models import SiteUser
from app.seal import opened, sealed
from tests import factories

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def secret(act: Any) -> str:
    with act() as session:
        factories.user(session, "Operator", login="olga")
    return second_factor.shown(second_factor.offer())


def user_id(session: Any) -> int:
    return int(session.query(SiteUser).filter_by(username="olga").one().id)


def confirmed(act: Any, secret: str) -> list[str]:
    offered = sealed(second_factor.PREFIX + secret)
    with act() as session:
        return list(second_factor.confirm(session, user_id(session), offered, code(secret)))


def code(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(NOON + timedelta(seconds=second_factor.STEP * steps))


def opens(act: Any, typed: str) -> bool:
    with act() as session:
        return second_factor.use(session, user_id(session), typed)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, False), (0, False), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off_and_a_code_opens_once(
    act: Any, secret: str, steps: int, is_right: bool
) -> None:
    confirmed(act, secret)  # by the code of this step: it and those before are used up
    assert opens(act, code(secret, steps=steps)) is is_right
    assert not opens(act, code(secret, steps=steps))


def test_half_a_minute_later_the_last_code_opens_too(act: Any, secret: str) -> None:
    confirmed(act, secret)
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        assert opens(act, code(secret, steps=9))
        assert opens(act, code(secret, steps=10))
        assert not opens(act, code(secret, steps=9))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "abcdef", "-12345", "0" * 40])
def test_nothing_else_opens(act: Any, secret: str, typed: str) -> None:
    confirmed(act, secret)
    assert not opens(act, typed)


def test_a_code_on_paper_opens_once_however_it_is_typed(act: Any, secret: str) -> None:
    first, second, *_rest = codes = confirmed(act, secret)
    assert len(set(codes)) == second_factor.CODES
    assert opens(act, first.lower().replace("-", " "))
    assert not opens(act, first)
    with act() as session:
        second_factor.new_codes(session, user_id(session))
    assert not opens(act, second)


def test_the_code_on_paper_of_another_opens_nothing(act: Any, secret: str) -> None:
    codes = confirmed(act, secret)
    with act() as session:
        other = factories.user(session, "Operator", login="vera").id
        second_factor.confirm(session, other, sealed(second_factor.PREFIX + secret), code(secret))
        assert not second_factor.use(session, other, codes[0])


def test_a_wrong_first_code_sets_nothing(act: Any, secret: str) -> None:
    with pytest.raises(DomainError), act() as session:
        second_factor.confirm(session, user_id(session), sealed(second_factor.PREFIX + secret), "000000")
    assert not opens(act, code(secret))


def test_a_factor_that_is_set_is_not_set_anew_without_a_code(act: Any, secret: str) -> None:
    confirmed(act, secret)
    other = second_factor.offer()
    with pytest.raises(DomainError, match="уже настроен"), act() as session:
        second_factor.confirm(session, user_id(session), other, code(second_factor.shown(other)))


def test_only_what_was_offered_is_taken_for_a_secret(secret: str) -> None:
    for offered in ("", "abc", sealed(secret)):
        with pytest.raises(DomainError):
            second_factor.shown(offered)


def test_the_secret_stands_nowhere_in_the_clear(act: Any, secret: str) -> None:
    confirmed(act, secret)
    with act() as session:
        kept = session.get_one(SiteUser, user_id(session)).totp_secret
    assert kept
    assert secret not in kept
    assert opened(kept) == secret


def test_what_is_turned_off_asks_for_nothing(act: Any, secret: str) -> None:
    codes = confirmed(act, secret)
    with act() as session:
        second_factor.forget(session, user_id(session))
    assert not opens(act, code(secret, steps=1))
    assert not opens(act, codes[0])
