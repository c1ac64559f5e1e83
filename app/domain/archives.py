"""A customer's data as a file (152-ФЗ, art. 14): asked for in the settings, made beside the request, kept for a week.

What goes in is read with the customer's eyes (law 1), column by column of a list: a new table or column is left out
until somebody decides, and a test fails for a table that nobody decided on.
"""

import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from .. import clock
from ..i18n import _
from ..model_types import Base
from ..models import (
    Account,
    AccountAccess,
    AccountDebt,
    AccountPeriod,
    AccountResidents,
    AccountService,
    ArchiveState,
    Attachment,
    CalendarLink,
    Charge,
    Consent,
    Contract,
    Customer,
    DataArchive,
    GatewayOperation,
    LedgerEntry,
    LegalEntity,
    Meter,
    MeterFault,
    MeterVolume,
    Payment,
    PaymentLine,
    PenaltyCharge,
    Premises,
    Reading,
    Receipt,
    Refund,
    RequestMessage,
    RequestPayment,
    RequestStep,
    SavedCard,
    ServiceRequest,
    SiteUser,
    Subscription,
    UserSession,
    VisitSlot,
)
from ..queries import archives as queries
from .errors import DomainError

KEPT = timedelta(days=7)
PAUSE = timedelta(days=1)
FOLDER = "archives"
MONTHS, BILLS = 12, 600
"""How far back bills go, and how many they are at most: each takes a while to draw, and others wait meanwhile."""
RECEIPTS = 200
SIGN_IN = ("username", "last_name", "first_name", "patronymic", "email", "phone", "locale")
"""What is told of the user's own row."""

CONTENTS: dict[type[Base], tuple[str, ...]] = {
    Account: (
        "number",
        "payer_group",
        "status",
        "residents",
        "can_have_meter",
        "bears_impact",
        "opened_on",
        "closed_on",
    ),
    Customer: ("full_name", "phone", "email"),
    LegalEntity: ("name", "inn", "kpp", "ogrn", "payer_class", "phone", "email"),
    Contract: ("number", "signed_on"),
    Premises: ("address",),
    AccountAccess: (
        *("account_id", "basis", "may_send", "may_pay", "may_request"),
        *("granted_at", "ends_at", "revoked_at"),
    ),
    AccountResidents: ("account_id", "valid_from", "residents"),
    AccountService: ("account_id", "service_id"),
    Meter: (
        *("account_id", "service_id", "serial", "digits", "location", "verified_until"),
        *("installed_on", "opening_value", "removed_on", "closing_value"),
    ),
    MeterFault: ("account_id", "meter_id", "kind", "since", "until"),
    Reading: (
        *("account_id", "meter_id", "period", "value", "volume"),
        *("taken_on", "received_at", "source", "state"),
    ),
    MeterVolume: ("account_id", "meter_id", "period", "method", "from_value", "to_value", "volume"),
    Charge: (
        *("account_id", "service_id", "period", "kind", "method", "volume", "price", "coefficient"),
        *("vat_rate", "vat", "amount", "residents"),
    ),
    PenaltyCharge: ("account_id", "service_id", "period", "debt_period", "days", "amount"),
    LedgerEntry: ("account_id", "service_id", "period", "kind", "amount", "posted_at"),
    Payment: ("id", "account_id", "channel", "state", "amount", "basis", "order_number", "created_at", "paid_at"),
    PaymentLine: ("payment_id", "account_id", "service_id", "amount"),
    Refund: ("payment_id", "account_id", "amount", "state", "created_at", "sent_at"),
    Receipt: ("payment_id", "account_id", "year", "number", "issued_at"),
    SavedCard: ("mask", "brand", "consent", "saved_at", "removed_at"),
    ServiceRequest: (
        *("id", "account_id", "offering_id", "description", "answers", "state", "promised_on", "created_at"),
        *("price", "price_accepted_at", "price_declined_at", "rating", "rating_words", "rated_at"),
    ),
    RequestStep: ("request_id", "state", "created_at"),
    RequestMessage: ("request_id", "is_from_staff", "body", "created_at"),
    VisitSlot: ("request_id", "starts_at", "ends_at", "state", "created_at"),
    RequestPayment: ("request_id", "payment_id"),
    Attachment: ("request_id", "file_name", "content_type", "size", "created_at"),
    Consent: ("wording", "version", "address", "given_at", "withdrawn_at"),
    Subscription: ("category_id", "wording", "version", "address", "given_at", "withdrawn_at"),
    CalendarLink: ("account_id", "created_at", "revoked_at"),
    UserSession: ("address", "device", "created_at", "seen_at", "ended_at"),
}
LEFT_OUT: dict[type[Base], str] = {
    AccountDebt: "counted from the ledger, which is in the archive",
    AccountPeriod: "counted from the ledger, which is in the archive",
    GatewayOperation: "the bank's own marks of payments that are in the archive",
    DataArchive: "the archives themselves",
}
"""What law 1 shows to a customer and no archive holds, and why."""


def ask(session: Session, user_id: int, locale: str) -> DataArchive:
    """Raises DomainError while one is being made, and within a day of the one before, unless that failed."""
    queries.lock_user(session, user_id)
    before, now = queries.last(session, user_id), clock.now()
    if before is not None and before.state is ArchiveState.asked:
        raise DomainError(_("The archive is being made already: a letter tells when it is ready."))
    if before is not None and before.state is ArchiveState.ready and before.asked_at > now - PAUSE:
        raise DomainError(_("One archive a day is made. Ask for the next one tomorrow."))
    archive = DataArchive(user_id=user_id, state=ArchiveState.asked, locale=locale, asked_at=now)
    session.add(archive)
    return archive


def new_path(data_folder: Path) -> Path:
    return data_folder / FOLDER / f"{secrets.token_hex(16)}.zip"


def path(data_folder: Path, archive: DataArchive) -> Path:
    return data_folder / FOLDER / (archive.stored_name or "")


def finish(session: Session, archive_id: int, made: Path) -> SiteUser | None:
    """The file is whole: who is told of it; nobody where the cabinet was closed meanwhile."""
    archive, now = session.get_one(DataArchive, archive_id), clock.now()
    user = session.get_one(SiteUser, archive.user_id)
    archive.state, archive.made_at = ArchiveState.ready, now
    archive.stored_name, archive.size = made.name, made.stat().st_size
    archive.expires_at = now + KEPT if user.active else now
    return user if user.active else None


def fail(session: Session, archive_id: int) -> None:
    archive = session.get_one(DataArchive, archive_id)
    archive.state, archive.made_at = ArchiveState.failed, clock.now()


def drop_old(session: Session, data_folder: Path) -> None:
    """Files that nobody may take away any more, and pieces of those that were never finished."""
    needed, before = queries.needed_files(session, clock.now()), (clock.now() - PAUSE).timestamp()
    for file in (data_folder / FOLDER).glob("*"):
        if file.name not in needed and (file.suffix == ".zip" or file.stat().st_mtime < before):
            file.unlink(missing_ok=True)
