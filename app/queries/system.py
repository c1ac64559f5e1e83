"""Settings, the schema's revision, the health of the database."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n import N_
from ..models import Setting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KnownSetting:
    """A setting that the code reads: staff edit its value in the panel."""

    key: str
    default: str
    note: str


SETTINGS = (
    KnownSetting("utility.name", "Водоканал", N_("Name of the utility on every page")),
    KnownSetting("utility.phone", "73422019537", N_("Phone for readings and questions, digits only")),
    KnownSetting("utility.phone_hours", "по будням с 8:00 до 20:00", N_("When the phone is answered")),
    KnownSetting(
        "utility.phone_hours_en", "on working days, 8 am to 8 pm", N_("When the phone is answered, in English")
    ),
    KnownSetting("utility.emergency_phone", "73422019500", N_("Emergency phone, digits only")),
    KnownSetting("utility.local_prefix", "342", N_("Area code added to a seven-digit phone")),
    KnownSetting("readings.first_day", "20", N_("First day of the month on which readings are taken")),
    KnownSetting("readings.last_day", "26", N_("Last day of the month on which readings are taken")),
    KnownSetting(
        "readings.downtime",
        "-",
        N_("When customers could not send readings, as 2026-11-25T20:00/2026-11-26T03:30: the window lasts longer"),
    ),
    KnownSetting("bills.issue_day", "5", N_("Day of the next month by which bills are out (177-ФЗ)")),
    KnownSetting(
        "bills.complaints",
        "государственную жилищную инспекцию вашего региона",
        N_("Whom to complain to further, as bills say it: “complain to …”"),
    ),
    KnownSetting("billing.guessed_periods", "3", N_("Periods in a row that an average stands in for (ПП 354, п. 59)")),
    KnownSetting("billing.tampered_times", "10", N_("How many times a day of interference counts (ПП 354, п. 62)")),
    KnownSetting("billing.tampered_back", "3", N_("Months before, at most, charged for interference (ПП 354, п. 62)")),
    KnownSetting("billing.free_hours", "8", N_("Hours a month without a service that lower no charge (ПП 354)")),
    KnownSetting("billing.hour_percent", "0.15", N_("Percent of the charge for each full hour beyond (ПП 354)")),
    KnownSetting(
        "billing.impact_percent",
        "50",
        N_("Percent of the price of sewerage, for the negative impact on the sewers (ПП 644)"),
    ),
    KnownSetting(
        "refunds.limit", "5000", N_("Refunds and corrections above this many roubles are approved by another person")
    ),
    KnownSetting("payments.starts", "30", N_("How many card payments for an account one payer may begin in an hour")),
    KnownSetting("payments.ahead", "36", N_("How many times the debt or the last bill may be paid at once")),
    KnownSetting("works.notice_days", "10", N_("Working days between a notice of planned works and their beginning")),
    KnownSetting("works.longest_hours", "4", N_("Hours without water at once, at most (ПП 354, приложение 1)")),
    KnownSetting("works.month_hours", "8", N_("Hours without water a month, at most (ПП 354, приложение 1)")),
    KnownSetting("mailings.limit", "1000", N_("Mailings of more letters than this are approved by another person")),
    KnownSetting("mailings.quiet_from", "21", N_("Hour of the day from which no mailings are sent")),
    KnownSetting("mailings.quiet_to", "9", N_("Hour of the day until which no mailings are sent")),
    KnownSetting(
        "applications.rejected_days", "30", N_("Days after which a rejected application is removed with its scan")
    ),
    KnownSetting("reminders.debt", "500", N_("Debts from this many roubles on are reminded of")),
    KnownSetting("accounts.mask", r"\d{1,20}", N_("Regular expression of an account number")),
)
_DEFAULTS = {setting.key: setting.default for setting in SETTINGS}


def settings(session: Session) -> dict[str, str]:
    """Every setting by its key; one statement, where it is not remembered."""
    return remembered(session, ("settings",), lambda: _settings(session))


def _settings(session: Session) -> dict[str, str]:
    stored = {key: value for key, value in session.execute(select(Setting.key, Setting.value))}
    return {**_DEFAULTS, **stored}


def remembered(session: Session, key: tuple[Hashable, ...], read: Callable[[], T]) -> T:
    """What `read` gives, read once a process where the pages of who signed in know the version of settings and rates;
    elsewhere each time. No rows: they belong to the session that read them."""
    kept: dict[tuple[Hashable, ...], T] | None = session.info.get("remembered")
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return kept[key]


def schema_revision(session: Session) -> str | None:
    from alembic.runtime.migration import MigrationContext  # slow to load, and hardly ever asked for

    return MigrationContext.configure(session.connection()).get_current_revision()


def is_alive(session: Session) -> bool:
    """Whether the database answers. Raises SQLAlchemyError when it does not."""
    return session.scalar(select(1)) == 1
