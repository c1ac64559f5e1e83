"""What an account is charged by where nothing is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from ..model_types import Rate, Volume
from ..models import Account, AccountResidents, AccountService, Coefficient, House, Normative, Premises, Service
from .rates import in_force


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """By the code of a service: m³ a person a month, raising coefficients, whose rows have these ids; the services that
    the account is linked to; how many people live there, None where that is not on record."""

    normatives: dict[str, tuple[int, Decimal]]
    coefficients: dict[str, tuple[int, Decimal]]
    services: frozenset[str]
    residents: int | None


def of_account(session: Session, account: Account, day: date, usual_category: str) -> Unmeasured:
    """What holds for the account on a day; one statement. Housing of no kind on record is of the usual one."""
    values = {
        "account_id": account.id,
        "premises_id": account.premises_id,
        "usual_category": usual_category,
        "day": day,
    }
    rows = sorted(session.execute(_UNMEASURED, values).all(), key=lambda row: row.since or date.min)
    return Unmeasured(
        _figures(rows, NORMATIVE, Volume.places),
        _figures(rows, COEFFICIENT, Rate.places),
        frozenset(row.code for row in rows if row.kind == SERVICE),
        next((row.value for row in reversed(rows) if row.kind == PEOPLE), account.residents),
    )


def _figures(rows: Sequence[Any], kind: str, places: int) -> dict[str, tuple[int, Decimal]]:
    """The row of each service that began last."""
    return {row.code: (row.row_id, Decimal(row.value).scaleb(-places)) for row in rows if row.kind == kind}


NORMATIVE, COEFFICIENT, SERVICE, PEOPLE = "normative", "coefficient", "service", "people"
_DAY = bindparam("day", type_=Date)
_ACCOUNT_ID = bindparam("account_id", type_=Integer)
_CATEGORY = (
    select(func.coalesce(House.housing, bindparam("usual_category", type_=String)))
    .join(Premises, Premises.house_id == House.id)
    .where(Premises.id == bindparam("premises_id", type_=Integer))
    .scalar_subquery()
)


def _part(kind: str, of: Select[Any], row: type[Any], value: Any, since: Any) -> Select[Any]:
    """Numbers are as the database keeps them: whole thousandths of m³, ten-thousandths of a coefficient."""
    code = literal("", String) if kind == PEOPLE else Service.code
    number = type_coerce(value, BigInteger)
    return of.with_only_columns(
        literal(kind, String).label("kind"),
        code.label("code"),
        row.id.label("row_id"),
        number.label("value"),
        since.label("since"),
    )


_UNMEASURED = union_all(
    _part(
        NORMATIVE,
        in_force(Normative, _DAY)
        .join(Service, Service.id == Normative.service_id)
        .where(Normative.category == _CATEGORY),
        Normative,
        Normative.volume,
        Normative.valid_from,
    ),
    _part(
        COEFFICIENT,
        in_force(Coefficient, _DAY).join(Service, Service.id == Coefficient.service_id),
        Coefficient,
        Coefficient.value,
        Coefficient.valid_from,
    ),
    _part(
        SERVICE,
        select(AccountService)
        .join(Service, Service.id == AccountService.service_id)
        .where(AccountService.account_id == _ACCOUNT_ID),
        Service,
        literal(0),
        cast(null(), Date),
    ),
    _part(
        PEOPLE,
        select(AccountResidents).where(AccountResidents.account_id == _ACCOUNT_ID, AccountResidents.valid_from <= _DAY),
        AccountResidents,
        AccountResidents.residents,
        AccountResidents.valid_from,
    ),
)
