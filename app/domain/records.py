"""Rules of the records that staff keep in the panel: each function makes a row ready to be written, inside the
transaction that writes it, and raises DomainError with the row's attribute as its field for what may not be."""

import re
from collections.abc import Callable

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..models import (
    Account,
    AccountService,
    AccountStatus,
    Contract,
    Customer,
    House,
    LegalEntity,
    Meter,
    Office,
    Premises,
    Street,
)
from ..queries import records as queries
from ..queries import system
from . import account_access, identifiers
from .errors import DomainError

DIGITS = range(4, 10)  # of the black wheels of a meter


def customer(session: Session, row: Customer) -> None:
    row.full_name = _one_line(row.full_name)
    _contacts(session, row)


def legal_entity(session: Session, row: LegalEntity) -> None:
    row.name = _one_line(row.name)
    _must_hold(row, "inn", identifiers.inn, _("Enter an ИНН of 10 or 12 digits: a digit of this one is wrong."))
    _must_hold(row, "kpp", identifiers.kpp, _("Enter a КПП of 9 signs, for example 590201001."))
    _must_hold(row, "ogrn", _is_ogrn, _("Enter an ОГРН of 13 or 15 digits: a digit of this one is wrong."))
    _contacts(session, row)


def contract(session: Session, row: Contract) -> None:
    row.number = _one_line(row.number)


def office(session: Session, row: Office) -> None:
    row.phone = _phone(session, row.phone)


def street(session: Session, row: Street) -> None:
    row.name = _one_line(row.name)


def house(session: Session, row: House) -> None:
    """The label follows from street and number, the addresses of the house's premises from the label."""
    row.number = _one_line(row.number)
    row.district = _one_line(row.district or "") or None
    row.label = f"{row.street.name}, {row.number}"
    _name_housing(session, row)
    _check_place(row)
    if row.id is not None:
        for each in queries.premises_of(session, row.id):
            each.address = compose_address(row, each.flat)


def _name_housing(session: Session, row: House) -> None:
    """The normatives of the house are found by these words."""
    row.housing = _one_line(row.housing or "") or None
    known = queries.kinds_of_housing(session)
    if row.housing is not None and row.housing not in known:
        raise DomainError(_("Enter one of these kinds: %(names)s.", names="; ".join(known)), field="housing")


def _check_place(row: House) -> None:
    for name, other, most in (("latitude", "longitude", 90), ("longitude", "latitude", 180)):
        value = getattr(row, name)
        if value is None and getattr(row, other) is not None:
            raise DomainError(_("Enter both the latitude and the longitude, or neither."), field=name)
        if value is not None and abs(value) > most:
            raise DomainError(_("Enter degrees from −%(most)d to %(most)d.", most=most), field=name)


def premises(session: Session, row: Premises) -> None:
    row.flat = _one_line(row.flat or "")
    row.address = compose_address(row.house, row.flat)


def compose_address(of: House, flat: str) -> str:
    """«Пермь, ул. Ленина, 8а, кв. 14», as imports write it."""
    return f"{of.street.locality.name}, {of.label}" + (f", кв. {flat}" if flat else "")


def account(session: Session, row: Account) -> None:
    """`billed_for`, where it is set, is the list of services that the account is to be billed for; a new account
    without it is billed for all that the utility sells."""
    row.number = _one_line(row.number)
    if not re.fullmatch(system.settings(session)["accounts.mask"], row.number, re.ASCII):
        raise DomainError(_("Enter the account number as it stands on the bill."), field="number")
    if row.contract is not None and row.contract.legal_entity is not row.legal_entity:
        raise DomainError(_("Choose a contract of this legal entity."), field="contract")
    _keep_group(session, row)
    if row.status is AccountStatus.undone and queries.stored_status(session, row.id) is not AccountStatus.undone:
        raise DomainError(_("An account is taken back only together with its import."), field="status")
    _close(session, row)
    _change_owner(session, row)
    _bill_for(session, row)


def _change_owner(session: Session, row: Account) -> None:
    """Another payer is another owner: nobody of those who saw the account sees it any more."""
    before = queries.stored_payer(session, row.id)
    payer = (row.customer and row.customer.id, row.legal_entity and row.legal_entity.id)
    if row.id is not None and any(before) and before != payer:
        account_access.change_owner(session, row.id)


def _close(session: Session, row: Account) -> None:
    """The day is today's where none is given; one who opens the account again takes it away."""
    before = queries.stored_status(session, row.id)
    if row.status is AccountStatus.closed:
        if row.closed_on is None and before is not AccountStatus.closed:
            row.closed_on = clock.today()
        if row.closed_on is not None and row.closed_on < row.opened_on:
            raise DomainError(_("Enter a day that is not before the day of opening."), field="closed_on")
    elif before is AccountStatus.closed:
        row.closed_on = None
    elif row.closed_on is not None:
        raise DomainError(_("Choose the state “Closed” as well, or leave the day empty."), field="closed_on")


def _keep_group(session: Session, row: Account) -> None:
    """Each payer group closes its months apart: what was posted for an account stays in the books of its group."""
    before = queries.stored_group(session, row.id)
    if before not in (None, row.payer_group) and queries.has_entries(session, row.id):
        message = _("Money was posted to this account already: open another one for the other payers.")
        raise DomainError(message, field="payer_group")


def _bill_for(session: Session, row: Account) -> None:
    wanted = getattr(row, "billed_for", None)
    if wanted is None:
        if row.id is not None:
            return
        wanted = queries.billed_services(session)
    known = {each.service_id: each for each in queries.services_of(session, row.id)}
    for service_id, each in known.items():
        if service_id not in {service.id for service in wanted}:
            session.delete(each)
    session.add(row)
    session.flush()
    session.add_all(AccountService(account_id=row.id, service_id=each.id) for each in wanted if each.id not in known)


def meter(session: Session, row: Meter) -> None:
    row.serial = _one_line(row.serial)
    if row.digits not in DIGITS:
        raise DomainError(
            _("Enter from %(least)s to %(most)s black digits.", least=DIGITS[0], most=DIGITS[-1]), field="digits"
        )
    for name in ("opening_value", "closing_value"):
        value = getattr(row, name)
        if value is not None and value >= 10**row.digits:
            raise DomainError(_("The meter cannot show so much: it has fewer digits."), field=name)
    if row.removed_on is not None and row.removed_on < row.installed_on:
        raise DomainError(_("Enter a date of removal after the date of installation."), field="removed_on")
    if (row.removed_on is None) is not (row.closing_value is None):
        missing = "removed_on" if row.removed_on is None else "closing_value"
        raise DomainError(_("Enter both the date of removal and the last value."), field=missing)


def _contacts(session: Session, row: Customer | LegalEntity) -> None:
    row.phone = _phone(session, row.phone)
    if row.email:
        try:
            row.email = validate_email(row.email, check_deliverability=False).normalized
        except EmailNotValidError as error:
            raise DomainError(_("Enter the e-mail as name@example.ru."), field="email") from error


def _phone(session: Session, typed: str | None) -> str | None:
    if not typed:
        return None
    try:
        return identifiers.phone(typed, local=system.settings(session)["utility.local_prefix"])
    except DomainError as error:
        raise DomainError(error.message, field="phone") from error


def _must_hold(row: LegalEntity, name: str, rule: Callable[[str], bool], message: str) -> None:
    value = "".join((getattr(row, name) or "").split())
    if value and not rule(value):
        raise DomainError(message, field=name)
    setattr(row, name, value or None)


def _is_ogrn(value: str) -> bool:
    return identifiers.ogrn(value) or identifiers.ogrnip(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())
