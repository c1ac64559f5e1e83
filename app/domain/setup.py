"""What every installation needs before its first day: services, kinds of payment, settings, staff."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..model_types import Base
from ..models import (
    MailingCategory,
    Payee,
    PaymentType,
    PermissionVersion,
    RefusalTemplate,
    Service,
    Setting,
    SiteUser,
)
from ..queries import payments, people, system
from .imports import profiles

SERVICES = (
    ("cold", "Холодная вода", "Cold water", True),
    ("sewerage", "Водоотведение", "Sewerage", True),
    ("hot", "Горячая вода", "Hot water", False),
)
PAYMENT_TYPES = (
    ("utilities", "Коммунальные услуги", "Utility bills", True),
    ("services", "Платные услуги", "Paid services", False),
)
DEMO_PAYEE = {
    "name": "ООО «Водоканал» (демонстрационные реквизиты)",
    "inn": "5900000108",
    "kpp": "590001001",
    "bank_name": "Банк «Пример», г. Пермь",
    "bic": "045700999",
    "correspondent": "30101810500000000999",
    "settlement": "40702810600000000001",
}
"""The receiver until the utility puts in its own: nobody's number, with check digits that hold."""
MAILING_CATEGORIES = (
    ("works", "Работы на сетях", "Repairs and outages", False),
    ("news", "Новости", "News", False),
    ("vacancies", "Вакансии", "Vacancies", False),
    ("procurements", "Закупки", "Procurements", False),
    ("readings", "Напоминания о показаниях и поверке счётчиков", "Reminders of readings and verification", True),
    ("bills", "Напоминания о квитанциях и долге", "Reminders of bills and debt", True),
)
REFUSALS = (
    (
        "contract",
        "Договор не найден",
        "Мы не нашли договора с таким номером и ИНН. Сверьте номер с договором или с последним счётом и подайте "
        "заявление ещё раз.",
    ),
    (
        "scan",
        "Скан не читается",
        "Скан не читается или виден не целиком. Отсканируйте лист полностью или сфотографируйте его при хорошем свете "
        "и подайте заявление ещё раз.",
    ),
    (
        "signature",
        "Нет подписи",
        "На заявлении нет подписи руководителя или предпринимателя. Подпишите его и подайте ещё раз.",
    ),
    (
        "authority",
        "Не подтверждены полномочия",
        "Заявление подписал не руководитель. Приложите к нему копию доверенности в том же файле и подайте ещё раз.",
    ),
    (
        "mismatch",
        "Данные расходятся с договором",
        "Данные в заявлении не совпадают с договором. Проверьте наименование, ИНН и ОГРН и подайте заявление ещё раз.",
    ),
)


def schema_revision(session: Session) -> str | None:
    """The migration that the database stands at; None for an empty one."""
    return system.schema_revision(session)


def reference_data(session: Session) -> None:
    """Add the rows that are missing; those that staff changed stay as they are."""
    if session.get(PermissionVersion, 1) is None:
        session.add(PermissionVersion(id=1, version=1))
    _add_missing(
        session,
        [
            Service(code=code, name=name, name_en=name_en, is_billed=is_billed, position=position)
            for position, (code, name, name_en, is_billed) in enumerate(SERVICES)
        ],
    )
    _add_missing(
        session,
        [
            PaymentType(code=code, name=name, name_en=name_en, pays_services=pays_services)
            for code, name, name_en, pays_services in PAYMENT_TYPES
        ],
    )
    _add_missing(
        session,
        [
            MailingCategory(code=code, name=name, name_en=name_en, is_personal=is_personal, position=position)
            for position, (code, name, name_en, is_personal) in enumerate(MAILING_CATEGORIES)
        ],
    )
    _add_missing(
        session,
        [
            RefusalTemplate(code=code, name=name, body=body, position=position)
            for position, (code, name, body) in enumerate(REFUSALS)
        ],
    )
    profiles.add_known(session)
    if session.scalar(select(Payee.id).limit(1)) is None:
        session.add(Payee(**DEMO_PAYEE))
    session.flush()
    utilities = payments.payment_type(session)
    utilities.payee = utilities.payee or payments.payee(session)
    known = set(session.scalars(select(Setting.key)))
    session.add_all(
        Setting(key=setting.key, value=setting.default, note=setting.note)
        for setting in system.SETTINGS
        if setting.key not in known
    )


def _add_missing(session: Session, rows: list[Base]) -> None:
    """Rows with a `code` that the table does not have yet."""
    model = type(rows[0])
    known = set(session.scalars(select(model.code)))  # type: ignore[attr-defined]
    session.add_all(row for row in rows if row.code not in known)  # type: ignore[attr-defined]


def has_admin(session: Session) -> bool:
    return people.user_by_login(session, "admin") is not None


def add_staff(session: Session, login: str, role: str, password_hash: str) -> SiteUser:
    """A member of staff who can sign in at once. Raises LookupError for an unknown role."""
    found = people.role_named(session, role)
    if found is None:
        raise LookupError(f"There is no role {role}: run `flask init`")
    user = SiteUser(
        username=login,
        first_name=login.capitalize(),
        last_name=role,
        email=f"{login}@localhost",
        password=password_hash,
        active=True,
        email_confirmed_at=clock.now(),
        roles=[found],
    )
    session.add(user)
    return user
