"""The whole schema and nothing else, in foreign-key order: people, places, accounts, meters, tariffs,
billing, payments, communication, system. Who may see the rows of a table is its first base class."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_appbuilder.security.sqla.models import User, assoc_user_role
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from .formats import NBSP, moment, rate, short_date, volume
from .i18n import _l
from .model_types import (
    FRAGMENTS,
    HOUSE_KEY,
    NO_MAILBOX,
    AccountOwned,
    Base,
    BigKey,
    Degrees,
    Inbox,
    Key,
    Money,
    OwnerOwned,
    OwnRule,
    Public,
    Rate,
    StaffOnly,
    UserOwned,
    Volume,
    code,
    folded,
    house_key,
    number_key,
)


class Labelled(StrEnum):
    """An enum stored by its name (names equal values: FAB's forms look members up by name)."""

    @property
    def label(self) -> Any:
        return LABELS[type(self).__name__][self.value]


def stored(enum: type[StrEnum]) -> Enum:
    return Enum(enum, native_enum=False, length=20)


def _since(words: str, day: date) -> str:
    """What a row of some dates is called: «41,45 ₽ (01.07.2024)»."""
    return f"{words} ({short_date(day)})"


# 1 people ---------------------------------------------------------------------------------------------


class SiteUser(User):
    """One row is one person who can sign in: a member of staff, an individual or a company's representative."""

    __tablename__ = "ab_user"

    patronymic: Mapped[str | None] = mapped_column(String(64))
    phone: Mapped[str | None] = mapped_column(code(15))
    locale: Mapped[str | None] = mapped_column(String(5))
    email_confirmed_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    cards_epoch: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    totp_secret: Mapped[str | None] = mapped_column(String(200), deferred=True)
    """Sealed."""
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """The 30 seconds whose code was used last: no code opens twice."""
    closed_at: Mapped[datetime | None]
    """Since when the cabinet is closed by its user: then the row names nobody any more."""

    @property
    def known_email(self) -> str | None:
        """The e-mail; None for a cabinet that was opened in an office for somebody who has confirmed none yet."""
        return None if self.email.endswith(NO_MAILBOX) else self.email

    @property
    def greeting_name(self) -> str:
        """First name and patronymic, as a Russian letter begins."""
        return f"{self.first_name} {self.patronymic or ''}".strip()


Index("ix_ab_user_username_lower", func.lower(SiteUser.username))
Index("ix_ab_user_email_lower", func.lower(SiteUser.email))
Index("ix_ab_user_role_role_id", assoc_user_role.c.role_id, assoc_user_role.c.user_id)


class UserSession(UserOwned, Base):
    """One row is one sign-in on one device; its cookie works while the row is open. One of staff shows the cabinet of a
    customer instead, up to a moment, where it says so."""

    __tablename__ = "user_session"
    __customer_writes__ = True

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(code(64), unique=True)
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    viewed_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    viewed_until: Mapped[datetime | None]


class RecoveryCode(StaffOnly, Base):
    """One row is one code on paper that stands in once for the code of an application."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(code(64), unique=True)
    used_at: Mapped[datetime | None]


class SignInLock(StaffOnly, Base):
    """One row counts the failed tries of one login or one network address within the current window."""

    __tablename__ = "sign_in_lock"

    key: Mapped[str] = mapped_column(code(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_started_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class OneTimeToken(StaffOnly, Base):
    """One row is one link or one-time password sent by letter: used once, short-lived, kept as a hash."""

    __tablename__ = "one_time_token"

    id: Mapped[BigKey]
    token_hash: Mapped[str] = mapped_column(code(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(30))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Customer(OwnRule, Base):
    """One row is one person (абонент) whom the utility serves, with or without a cabinet."""

    __tablename__ = "customer"
    __search__ = ("name_fold", "phone")
    __table_args__ = (
        Index("ix_customer_name_fold", "name_fold", "id"),
        Index("ix_customer_phone", "phone", "id"),
    )

    id: Mapped[Key]
    full_name: Mapped[str] = mapped_column(String(200))
    name_fold: Mapped[str] = mapped_column(code(200), info=FRAGMENTS)
    phone: Mapped[str | None] = mapped_column(code(15))
    email: Mapped[str | None] = mapped_column(String(320))
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    accounts: Mapped[list["Account"]] = relationship(back_populates="customer", lazy="raise")

    @validates("full_name")
    def _fold(self, key: str, value: str) -> str:
        self.name_fold = folded(value)
        return value

    def __repr__(self) -> str:
        return self.full_name


class PayerClass(Labelled):
    """Who is late: the law asks different penalties of them."""

    citizen = "citizen"
    tsj = "tsj"  # associations of owners
    uk = "uk"  # managing companies, suppliers of heat and water
    other = "other"


class LegalEntity(OwnRule, Base):
    """One row is one legal entity or sole trader that holds contracts with the utility."""

    __tablename__ = "legal_entity"
    __search__ = ("name_fold", "inn")
    __table_args__ = (Index("ix_legal_entity_name_fold", "name_fold", "id"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(300))
    name_fold: Mapped[str] = mapped_column(code(300), info=FRAGMENTS)
    inn: Mapped[str] = mapped_column(code(12))
    kpp: Mapped[str | None] = mapped_column(code(9))
    ogrn: Mapped[str | None] = mapped_column(code(15))
    payer_class: Mapped[PayerClass] = mapped_column(
        stored(PayerClass), default=PayerClass.other, server_default=text("'other'")
    )
    phone: Mapped[str | None] = mapped_column(code(15))
    email: Mapped[str | None] = mapped_column(String(320))
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    contracts: Mapped[list["Contract"]] = relationship(back_populates="legal_entity", lazy="raise")
    accounts: Mapped[list["Account"]] = relationship(back_populates="legal_entity", lazy="raise")

    @validates("name")
    def _fold(self, key: str, value: str) -> str:
        self.name_fold = folded(value)
        return value

    def __repr__(self) -> str:
        return self.name


Index("uq_legal_entity_inn_kpp", LegalEntity.inn, func.coalesce(LegalEntity.kpp, ""), unique=True)


class Consent(UserOwned, Base):
    """One row is one consent to the processing of personal data: what was agreed to, when, from where."""

    __tablename__ = "consent"
    __customer_writes__ = True

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    wording: Mapped[str]
    version: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


# 2 places ---------------------------------------------------------------------------------------------


class Locality(Public, Base):
    """One row is one town or village."""

    __tablename__ = "locality"
    __search__ = ("name",)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    streets: Mapped[list["Street"]] = relationship(back_populates="locality", lazy="raise")

    def __repr__(self) -> str:
        return self.name


class Street(Public, Base):
    """One row is one street of a locality."""

    __tablename__ = "street"
    __search__ = ("name_fold",)
    __table_args__ = (
        UniqueConstraint("locality_id", "name"),
        Index("ix_street_name_fold", "name_fold", "id"),
    )

    id: Mapped[Key]
    locality_id: Mapped[int] = mapped_column(ForeignKey("locality.id"))
    name: Mapped[str] = mapped_column(String(200))
    name_fold: Mapped[str] = mapped_column(code(200), info=FRAGMENTS)
    locality: Mapped[Locality] = relationship(back_populates="streets")
    houses: Mapped[list["House"]] = relationship(back_populates="street", lazy="raise")

    @validates("name")
    def _fold(self, key: str, value: str) -> str:
        self.name_fold = folded(value)
        return value

    def __repr__(self) -> str:
        return self.name


class House(Public, Base):
    """One row is one house of a street; `label` is «ул. Ленина, 8а», `housing` the category of its normatives,
    `district` the part of the town that its visits are sent out by. Where it stands may not be known."""

    __tablename__ = "house"
    __search__ = ("label_fold",)
    __table_args__ = (
        UniqueConstraint("street_id", "number"),
        Index("ix_house_label_fold", "label_fold", "id"),
        Index("ix_house_street_id_number_key", "street_id", "number_key"),
        Index(
            "ix_house_district",
            "district",
            "id",
            postgresql_where=text("district IS NOT NULL"),
            sqlite_where=text("district IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))
    number: Mapped[str] = mapped_column(String(20))
    number_key: Mapped[str] = mapped_column(code(HOUSE_KEY), server_default="")
    label: Mapped[str] = mapped_column(String(250))
    label_fold: Mapped[str] = mapped_column(code(250), info=FRAGMENTS)
    housing: Mapped[str | None] = mapped_column(String(100))
    district: Mapped[str | None] = mapped_column(String(100))
    latitude: Mapped[Decimal | None] = mapped_column(Degrees)
    longitude: Mapped[Decimal | None] = mapped_column(Degrees)
    street: Mapped[Street] = relationship(back_populates="houses")

    @validates("label")
    def _fold(self, key: str, value: str) -> str:
        self.label_fold = folded(value)
        return value

    @validates("number")
    def _key(self, key: str, value: str) -> str:
        self.number_key = house_key(value)
        return value

    def __repr__(self) -> str:
        return self.label


class Premises(OwnRule, Base):
    """One row is one flat, private house or a company's site; `address` is its full postal line."""

    __tablename__ = "premises"
    __search__ = ("address_fold",)
    __table_args__ = (
        UniqueConstraint("house_id", "flat"),
        Index("ix_premises_address_fold", "address_fold", "id"),
    )

    id: Mapped[Key]
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"))
    flat: Mapped[str] = mapped_column(String(20), default="", server_default="")
    address: Mapped[str] = mapped_column(String(300))
    address_fold: Mapped[str] = mapped_column(code(300), info=FRAGMENTS)
    house: Mapped[House] = relationship()
    accounts: Mapped[list["Account"]] = relationship(back_populates="premises", lazy="raise")

    @validates("address")
    def _fold(self, key: str, value: str) -> str:
        self.address_fold = folded(value)
        return value

    def __repr__(self) -> str:
        return self.address


# 3 accounts -------------------------------------------------------------------------------------------


class PayerGroup(Labelled):
    population = "population"
    other = "other"


class AccountStatus(Labelled):
    active = "active"
    closed = "closed"
    undone = "undone"  # its import was taken back; the number is free again


class Contract(OwnRule, Base):
    """One row is one contract of a legal entity."""

    __tablename__ = "contract"
    __search__ = ("number",)
    __table_args__ = (UniqueConstraint("legal_entity_id", "number"), Index("ix_contract_number", "number", "id"))

    id: Mapped[Key]
    legal_entity_id: Mapped[int] = mapped_column(ForeignKey("legal_entity.id"))
    number: Mapped[str] = mapped_column(code(40))
    signed_on: Mapped[date | None]
    legal_entity: Mapped[LegalEntity] = relationship(back_populates="contracts")

    def __repr__(self) -> str:
        return self.number


class Account(OwnRule, Base):
    """One row is one account (лицевой счёт): who pays for which premises; its number keeps leading zeros. Water is
    charged for from `opened_on` to `closed_on`, both included."""

    __tablename__ = "account"
    __search__ = ("number", "number_key")
    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (legal_entity_id IS NULL)", name="one_payer"),
        Index(
            "uq_account_number",
            "number",
            unique=True,
            postgresql_where=text("status <> 'undone'"),
            sqlite_where=text("status <> 'undone'"),
        ),
        Index("ix_account_number", "number", "id"),
        Index("ix_account_number_key", "number_key", "id"),
        Index(
            "ix_account_contract_id",
            "contract_id",
            "id",
            postgresql_where=text("contract_id IS NOT NULL"),
            sqlite_where=text("contract_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(code(20))
    number_key: Mapped[str] = mapped_column(code(20))
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    status: Mapped[AccountStatus] = mapped_column(stored(AccountStatus), default=AccountStatus.active)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    legal_entity_id: Mapped[int | None] = mapped_column(ForeignKey("legal_entity.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    premises_id: Mapped[int] = mapped_column(ForeignKey("premises.id"), index=True)
    residents: Mapped[int | None] = mapped_column(SmallInteger)
    can_have_meter: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    bears_impact: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    owner_since: Mapped[datetime | None]
    """When the payer became another one: what is personal from before, others do not see (`OwnerOwned`)."""
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    customer: Mapped[Customer | None] = relationship(back_populates="accounts")
    legal_entity: Mapped[LegalEntity | None] = relationship(back_populates="accounts")
    contract: Mapped[Contract | None] = relationship()
    premises: Mapped[Premises] = relationship(back_populates="accounts")
    services: Mapped[list["AccountService"]] = relationship(lazy="raise")
    meters: Mapped[list["Meter"]] = relationship(back_populates="account", lazy="raise")

    @validates("number")
    def _key(self, key: str, value: str) -> str:
        self.number_key = number_key(value)
        return value

    def __repr__(self) -> str:
        return self.number


class AccountResidents(AccountOwned, Base):
    """One row says how many people live at an account from a day on; without a row `Account.residents` holds."""

    __tablename__ = "account_residents"
    __table_args__ = (UniqueConstraint("account_id", "valid_from"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    valid_from: Mapped[date]
    residents: Mapped[int] = mapped_column(SmallInteger)
    account: Mapped[Account] = relationship()

    def __repr__(self) -> str:
        return _since(str(self.residents), self.valid_from)


class AccountAccess(UserOwned, Base):
    """One row lets one user see one account until it ends or is revoked, and do there what it says;
    `security/scope.py` reads it."""

    __tablename__ = "account_access"
    __table_args__ = (
        Index(
            "uq_account_access_open",
            "user_id",
            "account_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            sqlite_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    basis: Mapped[str] = mapped_column(String(30))
    may_send: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    may_pay: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    may_request: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    granted_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


# 4 meters ---------------------------------------------------------------------------------------------


class ReadingSource(Labelled):
    cabinet = "cabinet"
    phone = "phone"
    office = "office"
    staff = "staff"
    imported = "imported"
    control = "control"  # a control check by staff


class ReadingState(Labelled):
    received = "received"  # not looked at yet
    review = "review"  # a clerk must look at it
    checked = "checked"
    billed = "billed"
    replaced = "replaced"  # a later value of the same period counts
    undone = "undone"  # its import was taken back
    declined = "declined"  # a clerk did not believe it


class Meter(AccountOwned, Base):
    """One row is one water meter of an account, from installation to removal."""

    __tablename__ = "meter"
    __search__ = ("serial",)
    __table_args__ = (
        Index("ix_meter_serial", "serial", "id"),
        Index("ix_meter_account_id", "account_id", "id"),
        Index("ix_meter_verified_until", "verified_until", "id"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    serial: Mapped[str] = mapped_column(code(30))
    digits: Mapped[int] = mapped_column(SmallInteger, default=5)
    location: Mapped[str | None] = mapped_column(String(60))
    verified_until: Mapped[date | None]
    installed_on: Mapped[date]
    opening_value: Mapped[Decimal] = mapped_column(Volume, default=Decimal(0))
    removed_on: Mapped[date | None]
    closing_value: Mapped[Decimal | None] = mapped_column(Volume)
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    account: Mapped[Account] = relationship(back_populates="meters")
    service: Mapped["Service"] = relationship()
    readings: Mapped[list["Reading"]] = relationship(back_populates="meter", lazy="raise")

    def __repr__(self) -> str:
        return self.serial


class MeterFaultKind(Labelled):
    broken = "broken"  # broken or lost
    no_access = "no_access"  # nobody let the inspector in
    tampered = "tampered"  # interference: a broken seal, a magnet


class MeterFault(AccountOwned, Base):
    """One row says that a meter could not be believed from a day to another; an open one has no end."""

    __tablename__ = "meter_fault"
    __table_args__ = (Index("ix_meter_fault_meter_id", "meter_id", "since"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    kind: Mapped[MeterFaultKind] = mapped_column(stored(MeterFaultKind))
    since: Mapped[date]
    until: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    account: Mapped[Account] = relationship()
    meter: Mapped[Meter] = relationship()

    def __repr__(self) -> str:
        return _since(str(self.kind.label), self.since)


class Reading(AccountOwned, Base):
    """One row is one value of a meter that somebody gave for a period; a correction is a row with a higher
    `attempt`. `volume` is the consumption in m³ since the reading of an earlier period that counts."""

    __tablename__ = "reading"
    __customer_writes__ = True
    __table_args__ = (
        UniqueConstraint("account_id", "meter_id", "period", "attempt"),
        Index("ix_reading_meter_id", "meter_id", "id"),
        Index("ix_reading_account_id", "account_id", "period"),
        Index("ix_reading_taken_on", "taken_on", "id"),
        Index("ix_reading_period", "period", postgresql_using="brin"),
        Index(
            "ix_reading_review",
            "id",
            postgresql_where=text("state = 'review'"),
            sqlite_where=text("state = 'review'"),
        ),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    period: Mapped[date]
    attempt: Mapped[int] = mapped_column(SmallInteger, default=1)
    value: Mapped[Decimal] = mapped_column(Volume)
    volume: Mapped[Decimal | None] = mapped_column(Volume)
    taken_on: Mapped[date]
    received_at: Mapped[datetime]
    source: Mapped[ReadingSource] = mapped_column(stored(ReadingSource))
    state: Mapped[ReadingState] = mapped_column(stored(ReadingState), default=ReadingState.received)
    checked_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    account: Mapped[Account] = relationship()
    meter: Mapped[Meter] = relationship(back_populates="readings")

    @property
    def receipt_number(self) -> str:
        """What a customer names on the phone: «П-2026-0481736»."""
        return f"П-{self.period.year}-{self.id:07d}"

    def __repr__(self) -> str:
        return self.receipt_number


# 5 tariffs --------------------------------------------------------------------------------------------


class VatMode(Labelled):
    inside = "inside"
    top = "top"


class ActStatus(Labelled):
    draft = "draft"
    approved = "approved"
    demo = "demo"


class Service(Public, Base):
    """One row is one kind of water: cold, hot or sewerage; `is_billed` when this utility sells it."""

    __tablename__ = "service"
    __search__ = ("name",)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(code(20), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    is_billed: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)

    def __repr__(self) -> str:
        return self.name


class AccountService(AccountOwned, Base):
    """One row says that an account is billed for a service."""

    __tablename__ = "account_service"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    service: Mapped[Service] = relationship(lazy="joined", innerjoin=True)


class Tariff(Public, Base):
    """One row is the price of 1 m³ of a service for a payer group in a territory between two dates. A territory is
    a locality by its name."""

    __tablename__ = "tariff"
    __table_args__ = (
        UniqueConstraint("service_id", "payer_group", "territory", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="interval"),
        Index("ix_tariff_valid_from", "valid_from", "id"),
    )

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    territory: Mapped[str] = mapped_column(String(60))
    price: Mapped[Decimal] = mapped_column(Rate)
    vat_mode: Mapped[VatMode] = mapped_column(stored(VatMode))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)
    service: Mapped[Service] = relationship()

    def __repr__(self) -> str:
        return _since(f"{rate(self.price)}{NBSP}₽", self.valid_from)


class Normative(Public, Base):
    """One row is the m³ a person uses in a month where nothing is measured, by kind of housing, between two dates."""

    __tablename__ = "normative"
    __table_args__ = (UniqueConstraint("category", "service_id", "valid_from"),)

    id: Mapped[Key]
    category: Mapped[str] = mapped_column(String(100))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    volume: Mapped[Decimal] = mapped_column(Volume)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)
    service: Mapped[Service] = relationship()

    def __repr__(self) -> str:
        return _since(volume(self.volume), self.valid_from)


class Coefficient(Public, Base):
    """One row is the raising coefficient of a service's normative between two dates."""

    __tablename__ = "coefficient"
    __table_args__ = (UniqueConstraint("service_id", "valid_from"),)

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    value: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)
    service: Mapped[Service] = relationship()

    def __repr__(self) -> str:
        return _since(rate(self.value), self.valid_from)


class VatRate(Public, Base):
    """One row is the value added tax in percent between two dates."""

    __tablename__ = "vat_rate"

    id: Mapped[Key]
    percent: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date] = mapped_column(unique=True)
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return _since(f"{rate(self.percent)}{NBSP}%", self.valid_from)


class KeyRate(Public, Base):
    """One row is the key rate of the Bank of Russia, percent a year, from a day until the next row."""

    __tablename__ = "key_rate"

    id: Mapped[Key]
    percent: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date] = mapped_column(unique=True)
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return _since(f"{rate(self.percent)}{NBSP}%", self.valid_from)


class RateCap(Public, Base):
    """One row is the highest rate, percent a year, that penalties take on the days between two dates."""

    __tablename__ = "rate_cap"

    id: Mapped[Key]
    percent: Mapped[Decimal] = mapped_column(Rate)
    valid_from: Mapped[date] = mapped_column(unique=True)
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return _since(f"{rate(self.percent)}{NBSP}%", self.valid_from)


class PenaltyShare(Public, Base):
    """One row says that from the `first_day` of delay a day costs a class of payers 1/`share` of the rate (0:
    nothing)."""

    __tablename__ = "penalty_share"
    __table_args__ = (UniqueConstraint("payer_class", "first_day", "valid_from"),)

    id: Mapped[Key]
    payer_class: Mapped[PayerClass] = mapped_column(stored(PayerClass))
    first_day: Mapped[int] = mapped_column(SmallInteger)
    share: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return _since(f"1/{self.share}" if self.share else "0", self.valid_from)


class Moratorium(Public, Base):
    """One row is days without penalties, both ends included; for debts due before a day, or for all of them."""

    __tablename__ = "moratorium"

    id: Mapped[Key]
    first_on: Mapped[date] = mapped_column(unique=True)
    last_on: Mapped[date]
    debts_before: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return f"{short_date(self.first_on)}–{short_date(self.last_on)}"


class DueDay(Public, Base):
    """One row is the day of the next month by which a bill is paid, for the periods between two dates."""

    __tablename__ = "due_day"

    id: Mapped[Key]
    day: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date] = mapped_column(unique=True)
    valid_to: Mapped[date | None]
    act: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[ActStatus] = mapped_column(stored(ActStatus), default=ActStatus.draft)

    def __repr__(self) -> str:
        return _since(str(self.day), self.valid_from)


class Interruption(Public, Base):
    """One row is a time without a service in a house; beyond 8 hours a month each full hour lowers the charge."""

    __tablename__ = "interruption"
    __table_args__ = (Index("ix_interruption_began_at", "began_at", "id"),)

    id: Mapped[Key]
    house_id: Mapped[int] = mapped_column(ForeignKey("house.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    house: Mapped[House] = relationship()
    service: Mapped[Service] = relationship()

    def __repr__(self) -> str:
        return f"{moment(self.began_at)}–{moment(self.ended_at)}"


class Setting(Public, Base):
    """One row is one setting that staff may change without a release; `queries/system.py` lists the keys."""

    __tablename__ = "setting"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(code(60), unique=True)
    value: Mapped[str] = mapped_column(String(500))
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")

    def __repr__(self) -> str:
        return self.key


# 6 billing --------------------------------------------------------------------------------------------


class PeriodState(Labelled):
    open = "open"
    calculating = "calculating"
    calculated = "calculated"
    approved = "approved"
    closed = "closed"


class ChargeKind(Labelled):
    main = "main"
    excess = "excess"
    correction = "correction"
    interruption = "interruption"
    impact = "impact"  # the fee for the negative impact on the sewers


class ChargeMethod(Labelled):
    meter = "meter"
    average = "average"
    normative = "normative"
    tampered = "tampered"
    control = "control"


class EntryKind(Labelled):
    opening = "opening"
    charge = "charge"
    correction = "correction"
    payment = "payment"
    refund = "refund"
    penalty = "penalty"
    offset = "offset"


class Period(Public, Base):
    """One row is one calendar month of one payer group on its way from open to closed."""

    __tablename__ = "period"
    __table_args__ = (UniqueConstraint("first_on", "payer_group"),)

    id: Mapped[Key]
    first_on: Mapped[date]
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    state: Mapped[PeriodState] = mapped_column(stored(PeriodState), default=PeriodState.open)
    due_on: Mapped[date | None]
    calculated_at: Mapped[datetime | None]
    calculated_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    closed_at: Mapped[datetime | None]


class RunKind(Labelled):
    calculation = "calculation"
    approval = "approval"
    closing = "closing"
    bills = "bills"
    verification = "verification"


class RunState(Labelled):
    asked = "asked"
    running = "running"
    done = "done"
    failed = "failed"


class BillingRun(StaffOnly, Base):
    """One row is one work over a whole period done in the background: how far it is and what came of it."""

    __tablename__ = "billing_run"
    __table_args__ = (Index("ix_billing_run_period_id", "period_id", "id"),)

    id: Mapped[Key]
    kind: Mapped[RunKind] = mapped_column(stored(RunKind))
    period_id: Mapped[int | None] = mapped_column(ForeignKey("period.id"))
    is_dry: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RunState] = mapped_column(stored(RunState), default=RunState.asked)
    stage: Mapped[str] = mapped_column(String(60), default="", server_default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    restarts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    period: Mapped[Period | None] = relationship()


class MeterVolume(AccountOwned, Base):
    """One row is the volume of a meter billed for a period, m³, and where it came from. After averages `volume` is
    what the meter showed less what the averages took; `shown` is the whole difference of the values. The bits of
    `back_months` are the months before that interference was charged for with it: 1 the last one, 2 the one before."""

    __tablename__ = "meter_volume"
    __table_args__ = (Index("ix_meter_volume_period", "period", postgresql_using="brin"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"), primary_key=True)
    method: Mapped[ChargeMethod] = mapped_column(stored(ChargeMethod))
    from_value: Mapped[Decimal | None] = mapped_column(Volume)
    to_value: Mapped[Decimal | None] = mapped_column(Volume)
    shown: Mapped[Decimal | None] = mapped_column(Volume)
    volume: Mapped[Decimal] = mapped_column(Volume)
    missing: Mapped[int] = mapped_column(SmallInteger, default=0)
    back_months: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    meter: Mapped[Meter] = relationship()


class NotBilled(StaffOnly, Base):
    """One row is one account that a period's calculation could not charge, and why."""

    __tablename__ = "not_billed"

    period: Mapped[date] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(30))
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    account: Mapped[Account] = relationship()
    service: Mapped[Service] = relationship()


class Charge(AccountOwned, Base):
    """One row is one charge line: volume × price of one service for one period, and how it came about. `part` tells
    lines of one kind apart; `residents` people by `normative_id` where nothing was measured."""

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("account_id", "period", "service_id", "kind", "part"),
        Index("ix_charge_period", "period", postgresql_using="brin"),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    period: Mapped[date]
    kind: Mapped[ChargeKind] = mapped_column(stored(ChargeKind))
    part: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    method: Mapped[ChargeMethod] = mapped_column(stored(ChargeMethod))
    volume: Mapped[Decimal] = mapped_column(Volume)
    price: Mapped[Decimal] = mapped_column(Rate)
    coefficient: Mapped[Decimal] = mapped_column(Rate, default=Decimal(1))
    vat_rate: Mapped[Decimal] = mapped_column(Rate)
    vat: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money)
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id"))
    normative_id: Mapped[int | None] = mapped_column(ForeignKey("normative.id"))
    coefficient_id: Mapped[int | None] = mapped_column(ForeignKey("coefficient.id"))
    residents: Mapped[Decimal | None] = mapped_column(Volume)
    reason: Mapped[str | None] = mapped_column(String(300))
    service: Mapped[Service] = relationship()
    tariff: Mapped[Tariff | None] = relationship()
    normative: Mapped[Normative | None] = relationship()
    raising: Mapped[Coefficient | None] = relationship()


class PenaltyCharge(AccountOwned, Base):
    """One row is the penalty that one month charged for the debt of an earlier one; `to_date` is all of it so far."""

    __tablename__ = "penalty_charge"
    __table_args__ = (Index("ix_penalty_charge_period", "period", postgresql_using="brin"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    debt_period: Mapped[date] = mapped_column(primary_key=True)
    days: Mapped[int]
    to_date: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money)
    service: Mapped[Service] = relationship()


class LedgerEntry(AccountOwned, Base):
    """One row is one movement of an account's balance for one service; debt is positive, money received
    negative. Append-only: a mistake is corrected by a new entry with a reason. `source` names what caused it."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("account_id", "source"),
        Index("ix_ledger_entry_account_id", "account_id", "period"),
        Index("ix_ledger_entry_period", "period", postgresql_using="brin"),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    period: Mapped[date]
    kind: Mapped[EntryKind] = mapped_column(stored(EntryKind))
    amount: Mapped[Decimal] = mapped_column(Money)
    source: Mapped[str] = mapped_column(code(60))
    reason: Mapped[str | None] = mapped_column(String(300))
    posted_at: Mapped[datetime]
    service: Mapped[Service] = relationship()


class CorrectionState(Labelled):
    asked = "asked"
    posted = "posted"
    declined = "declined"


class Correction(StaffOnly, Base):
    """One row is a wish of staff to put right by hand what an account was charged: so many roubles more (or, below
    zero, less) of a service; with `to_service` so much of the advance of a service for the debt of another one.
    `period` is the month that it stands in once it is posted, `answer` why it was declined."""

    __tablename__ = "correction"
    __table_args__ = (
        Index("ix_correction_account_id", "account_id", "id"),
        Index(
            "ix_correction_asked",
            "id",
            postgresql_where=text("state = 'asked'"),
            sqlite_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    to_service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[CorrectionState] = mapped_column(stored(CorrectionState), default=CorrectionState.asked)
    period: Mapped[date | None]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    answer: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    account: Mapped[Account] = relationship()
    service: Mapped[Service] = relationship(foreign_keys=service_id, lazy="joined", innerjoin=True)
    to_service: Mapped[Service | None] = relationship(foreign_keys=to_service_id, lazy="joined")
    asked_by: Mapped[SiteUser] = relationship(foreign_keys=asked_by_id, lazy="joined", innerjoin=True)
    decided_by: Mapped[SiteUser | None] = relationship(foreign_keys=decided_by_id, lazy="joined")

    @property
    def kind(self) -> EntryKind:
        return EntryKind.correction if self.to_service_id is None else EntryKind.offset

    def __repr__(self) -> str:
        return f"№ {self.id}"


class AccountPeriod(AccountOwned, Base):
    """One row sums an account's service over one closed period:
    opening + charged + corrected + penalty − paid = closing."""

    __tablename__ = "account_period"
    __table_args__ = (Index("ix_account_period_period", "period", postgresql_using="brin"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    opening: Mapped[Decimal] = mapped_column(Money)
    charged: Mapped[Decimal] = mapped_column(Money)
    corrected: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    penalty: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    paid: Mapped[Decimal] = mapped_column(Money)
    closing: Mapped[Decimal] = mapped_column(Money)
    volume: Mapped[Decimal] = mapped_column(Volume)
    payer_group: Mapped[PayerGroup] = mapped_column(
        stored(PayerGroup), default=PayerGroup.population, server_default=text("'population'")
    )


class PeriodTotal(StaffOnly, Base):
    """One row sums all accounts of a payer group over one period and service, for managers' reports; `charged`
    holds corrections and penalties too. `meters` is how many meters were in use in the period."""

    __tablename__ = "period_total"

    period: Mapped[date] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup), primary_key=True)
    accounts: Mapped[int]
    meters: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    volume: Mapped[Decimal] = mapped_column(Volume)
    opening: Mapped[Decimal] = mapped_column(Money)
    charged: Mapped[Decimal] = mapped_column(Money)
    paid: Mapped[Decimal] = mapped_column(Money)
    closing: Mapped[Decimal] = mapped_column(Money)
    counted_at: Mapped[datetime]
    service: Mapped[Service] = relationship()


class CoverageTotal(StaffOnly, Base):
    """One row counts the meters whose reading for a period came on one day through one channel."""

    __tablename__ = "coverage_total"

    period: Mapped[date] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[ReadingSource] = mapped_column(stored(ReadingSource), primary_key=True)
    readings: Mapped[int]
    counted_at: Mapped[datetime]


class AccountDebt(AccountOwned, Base):
    """One row is the debt of one account by age in days past the due date, as counted last; what is not due yet
    is no debt."""

    __tablename__ = "account_debt"
    __table_args__ = (
        Index("ix_account_debt_total", "total", "account_id"),
        Index("ix_account_debt_payer_group", "payer_group", "total", "account_id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    total: Mapped[Decimal] = mapped_column(Money)
    days_0_30: Mapped[Decimal] = mapped_column(Money)
    days_31_60: Mapped[Decimal] = mapped_column(Money)
    days_61_90: Mapped[Decimal] = mapped_column(Money)
    days_over_90: Mapped[Decimal] = mapped_column(Money)
    counted_at: Mapped[datetime]
    account: Mapped[Account] = relationship()


class DebtTotal(StaffOnly, Base):
    """One row sums the debts of a payer group by age, as counted last."""

    __tablename__ = "debt_total"

    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup), primary_key=True)
    debtors: Mapped[int]
    total: Mapped[Decimal] = mapped_column(Money)
    days_0_30: Mapped[Decimal] = mapped_column(Money)
    days_31_60: Mapped[Decimal] = mapped_column(Money)
    days_61_90: Mapped[Decimal] = mapped_column(Money)
    days_over_90: Mapped[Decimal] = mapped_column(Money)
    counted_at: Mapped[datetime]


# 7 payments -------------------------------------------------------------------------------------------


class PaymentChannel(Labelled):
    card = "card"
    bank = "bank"


class PaymentState(Labelled):
    created = "created"
    sending = "sending"  # a saved card is being charged
    unknown = "unknown"  # and the gateway did not say what came of it
    redirected = "redirected"
    processing = "processing"
    succeeded = "succeeded"
    failed = "failed"
    canceled = "canceled"
    expired = "expired"
    review = "review"


class Payee(Public, Base):
    """One row is one receiver of money with its bank details."""

    __tablename__ = "payee"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="", server_default="")
    asks_passport: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    inn: Mapped[str] = mapped_column(code(12))
    kpp: Mapped[str | None] = mapped_column(code(9))
    bank_name: Mapped[str] = mapped_column(String(200))
    bic: Mapped[str] = mapped_column(code(9))
    correspondent: Mapped[str] = mapped_column(code(20))
    settlement: Mapped[str] = mapped_column(code(20))

    def __repr__(self) -> str:
        return self.name


class PaymentType(Public, Base):
    """One row is one kind of payment (utility bills, paid services); `pays_services` when it lowers the balances of
    an account's water. Without a payee of its own it may be paid to any that no other kind has to itself."""

    __tablename__ = "payment_type"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(code(30), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("payee.id"))
    pays_services: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    payee: Mapped[Payee | None] = relationship()

    def __repr__(self) -> str:
        return self.name


class Payment(OwnerOwned, Base):
    """One row is one intention to pay for one account, from the form to the ledger."""

    __tablename__ = "payment"
    __customer_writes__ = True
    __search__ = ("order_number",)
    __table_args__ = (
        UniqueConstraint("account_id", "idempotency_key"),
        Index("ix_payment_account_id", "account_id", "id"),
        Index("ix_payment_created_at", "created_at", "id"),
        Index("ix_payment_state", "state", "id"),
        Index(
            "ix_payment_ask_at",
            "ask_at",
            "id",
            postgresql_where=text("ask_at IS NOT NULL"),
            sqlite_where=text("ask_at IS NOT NULL"),
        ),
        Index(
            "ix_payment_bank",
            "paid_at",
            postgresql_where=text("channel = 'bank'"),
            sqlite_where=text("channel = 'bank'"),
        ),
        Index(
            "ix_payment_document",
            "id",
            postgresql_where=text("payer_document IS NOT NULL"),
            sqlite_where=text("payer_document IS NOT NULL"),
        ),
        Index(
            "ix_payment_alert",
            "id",
            postgresql_where=text("alert IS NOT NULL"),
            sqlite_where=text("alert IS NOT NULL"),
        ),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    payment_type_id: Mapped[int] = mapped_column(ForeignKey("payment_type.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("payee.id"))
    channel: Mapped[PaymentChannel] = mapped_column(stored(PaymentChannel))
    state: Mapped[PaymentState] = mapped_column(stored(PaymentState), default=PaymentState.created)
    amount: Mapped[Decimal] = mapped_column(Money)
    basis: Mapped[str | None] = mapped_column(String(210))
    order_number: Mapped[str | None] = mapped_column(code(40), unique=True)
    status_token: Mapped[str] = mapped_column(code(43), unique=True)
    idempotency_key: Mapped[str] = mapped_column(code(64))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    alert: Mapped[str | None] = mapped_column(String(200))
    subscriber: Mapped[str | None] = mapped_column(code(64))
    payer_document: Mapped[str | None] = mapped_column(String(500))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("saved_card.id"), index=True)
    card_consent: Mapped[str | None] = mapped_column(String(500))
    cards_epoch: Mapped[int | None]
    account: Mapped[Account] = relationship()
    card: Mapped["SavedCard | None"] = relationship()
    user: Mapped[SiteUser | None] = relationship()
    payment_type: Mapped[PaymentType] = relationship()
    payee: Mapped[Payee] = relationship()
    lines: Mapped[list["PaymentLine"]] = relationship(lazy="raise")
    receipt: Mapped["Receipt | None"] = relationship(
        primaryjoin="and_(Receipt.payment_id == Payment.id, Receipt.refund_id.is_(None))", viewonly=True, lazy="raise"
    )

    def __repr__(self) -> str:
        return self.order_number or f"#{self.id}"


class SavedCard(UserOwned, Base):
    """One row is a card that a user may pay with again: the gateway's token, encrypted, and what the user sees of it.
    There is no column for a number, an expiry or a code."""

    __tablename__ = "saved_card"
    __customer_writes__ = True
    __table_args__ = (Index("ix_saved_card_user_id", "user_id", "id"),)

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    payment_type_id: Mapped[int] = mapped_column(ForeignKey("payment_type.id"))
    gateway: Mapped[str] = mapped_column(String(20))
    token: Mapped[str] = mapped_column(String(300))
    mask: Mapped[str] = mapped_column(String(25))
    brand: Mapped[str] = mapped_column(String(20), default="", server_default="")
    consent: Mapped[str] = mapped_column(String(500))
    saved_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    payment_type: Mapped[PaymentType] = relationship()


class RefundState(Labelled):
    asked = "asked"
    sending = "sending"
    done = "done"
    refused = "refused"
    unknown = "unknown"


class Refund(OwnerOwned, Base):
    """One row is money that goes back to a payer: asked by one member of staff, above a limit approved by another."""

    __tablename__ = "refund"
    __part_of__ = "payment_id"
    __table_args__ = (Index("ix_refund_state", "state", "id"), Index("ix_refund_changed_at", "changed_at"))

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[RefundState] = mapped_column(stored(RefundState), default=RefundState.asked)
    operation: Mapped[str | None] = mapped_column(code(30))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    payment: Mapped[Payment] = relationship()
    receipt: Mapped["Receipt | None"] = relationship(viewonly=True, lazy="raise")


class PaymentLine(OwnerOwned, Base):
    """One row is the part of a payment that goes to one service."""

    __tablename__ = "payment_line"
    __part_of__ = "payment_id"
    __customer_writes__ = True

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    service: Mapped[Service] = relationship()


class GatewayOperation(OwnerOwned, Base):
    """One row is one real transfer of the payment organisation, counted once; `reversed_at` when a person found that
    the gateway took it back."""

    __tablename__ = "gateway_operation"
    __part_of__ = "payment_id"
    __table_args__ = (
        UniqueConstraint("gateway", "operation"),
        Index("ix_gateway_operation_counted_at", "gateway", "counted_at"),
    )

    id: Mapped[BigKey]
    gateway: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(code(30))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    counted_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]


class GatewayEvent(StaffOnly, Base):
    """One row is one message of the payment organisation as it came, accepted or refused."""

    __tablename__ = "gateway_event"
    __table_args__ = (Index("ix_gateway_event_reason", "reason", "received_at"),)

    id: Mapped[BigKey]
    gateway: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    order_number: Mapped[str] = mapped_column(String(64))
    is_accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime]


class RegisterDay(StaffOnly, Base):
    """One row is one local day that a gateway was asked about for the register; `listed_at` when it last answered."""

    __tablename__ = "register_day"

    gateway: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    listed_at: Mapped[datetime | None]
    is_silent: Mapped[bool] = mapped_column(default=False)


class RegisterLine(StaffOnly, Base):
    """One row is one operation as the gateway's own list tells it. `refund_id` is what the gateway says that it is the
    refund of: nothing promises that there is one."""

    __tablename__ = "register_line"
    __table_args__ = (
        UniqueConstraint("gateway", "operation"),
        Index("ix_register_line_changed_at", "gateway", "changed_at"),
    )

    id: Mapped[BigKey]
    gateway: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(code(30))
    order_number: Mapped[str] = mapped_column(code(64))
    is_refund: Mapped[bool]
    refund_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    is_paid: Mapped[bool]
    changed_at: Mapped[datetime]


class ReceiptSeries(StaffOnly, Base):
    """One row is the last receipt number given in a year; locked while the next one is given."""

    __tablename__ = "receipt_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int] = mapped_column(default=0)


class Receipt(OwnerOwned, Base):
    """One row is one receipt as it was given, of a payment or of money that went back: the snapshot that the PDF is
    drawn from."""

    __tablename__ = "receipt"
    __part_of__ = "payment_id"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        Index(
            "ix_receipt_of_payment",
            "payment_id",
            unique=True,
            postgresql_where=text("refund_id IS NULL"),
            sqlite_where=text("refund_id IS NULL"),
        ),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), unique=True)
    year: Mapped[int]
    number: Mapped[int]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime]
    payment: Mapped[Payment] = relationship()

    @property
    def title(self) -> str:
        return f"{self.year}-{self.number:07d}"


class BankOperationState(Labelled):
    posted = "posted"
    unidentified = "unidentified"
    undone = "undone"


class BankOperation(StaffOnly, Base):
    """One row is one line of a bank's registry; without an account it waits as an unidentified payment."""

    __tablename__ = "bank_operation"
    __table_args__ = (
        UniqueConstraint("source", "operation"),
        Index("ix_bank_operation_state", "state", "id"),
        Index("ix_bank_operation_paid_at", "paid_at"),
        Index("ix_bank_operation_payment_id", "payment_id"),
    )

    id: Mapped[BigKey]
    source: Mapped[str] = mapped_column(String(30))
    operation: Mapped[str] = mapped_column(code(60))
    account_number: Mapped[str] = mapped_column(code(40))
    amount: Mapped[Decimal] = mapped_column(Money)
    credited: Mapped[Decimal] = mapped_column(Money)
    fee: Mapped[Decimal] = mapped_column(Money)
    paid_at: Mapped[datetime]
    state: Mapped[BankOperationState] = mapped_column(stored(BankOperationState))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    purpose: Mapped[str] = mapped_column(String(300), default="", server_default="")
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    assigned_at: Mapped[datetime | None]
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)

    def __repr__(self) -> str:
        return self.operation


class RegistryProfile(StaffOnly, Base):
    """One row says how the files of one bank or settlement centre are read: signs, encoding, columns, last line."""

    __tablename__ = "registry_profile"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(code(30), unique=True)
    label: Mapped[str] = mapped_column(String(100))
    encoding: Mapped[str] = mapped_column(String(20), default="", server_default="")
    delimiter: Mapped[str] = mapped_column(String(5), default=";")
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    date_format: Mapped[str] = mapped_column(String(30), default="%d-%m-%Y %H:%M:%S")
    control_sign: Mapped[str] = mapped_column(String(5), default="=")
    takes_partial: Mapped[bool] = mapped_column(default=False)

    def __repr__(self) -> str:
        return self.label


# 8 communication --------------------------------------------------------------------------------------


class RequestState(Labelled):
    new = "new"
    accepted = "accepted"
    in_progress = "in_progress"
    done = "done"
    declined = "declined"
    withdrawn = "withdrawn"  # by the customer, before anything was done


class RequestChannel(Labelled):
    """How a request came."""

    site = "site"
    phone = "phone"
    office = "office"


class FieldKind(Labelled):
    text = "text"
    number = "number"
    date = "date"
    choice = "choice"
    yes_no = "yes_no"


class SlotState(Labelled):
    offered = "offered"
    agreed = "agreed"
    declined = "declined"  # by the customer
    withdrawn = "withdrawn"  # by staff, or because another time was agreed on


class WorkKind(Labelled):
    water = "water"
    sewerage = "sewerage"


class WorkState(Labelled):
    draft = "draft"
    published = "published"
    finished = "finished"
    canceled = "canceled"


class HouseSide(Labelled):
    both = "both"
    odd = "odd"
    even = "even"


class ArticleKind(Labelled):
    news = "news"
    vacancy = "vacancy"
    procurement = "procurement"


class OutboxState(Labelled):
    pending = "pending"
    sending = "sending"
    sent = "sent"
    dead = "dead"


class CalendarDay(Public, Base):
    """One row is one day on which the utility works or rests against the country's calendar."""

    __tablename__ = "calendar_day"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(unique=True)
    is_working: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")

    def __repr__(self) -> str:
        return short_date(self.day)


class CampaignState(Labelled):
    draft = "draft"
    asked = "asked"  # waits for another person
    sending = "sending"
    stopped = "stopped"
    done = "done"


class MailState(Labelled):
    pending = "pending"
    sending = "sending"
    sent = "sent"
    refused = "refused"
    uncertain = "uncertain"  # nobody knows whether the server took it; never sent again by itself
    dropped = "dropped"  # the mailing was stopped, or its reader wants no letters any more


class ReminderRule(Labelled):
    window_opens = "window_opens"
    window_ends = "window_ends"
    verification_60 = "verification_60"
    verification_30 = "verification_30"
    verification_7 = "verification_7"
    bill = "bill"
    debt = "debt"


class ServiceOffering(Public, Base):
    """One row is one paid or free service that a customer may ask for; without a price it is paid by estimate."""

    __tablename__ = "service_offering"
    __search__ = ("name",)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(code(30), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(500))
    description_en: Mapped[str] = mapped_column(String(500))
    price: Mapped[Decimal | None] = mapped_column(Money)
    term_days: Mapped[int] = mapped_column(SmallInteger)
    term_is_working: Mapped[bool] = mapped_column(default=True)
    is_offered: Mapped[bool] = mapped_column(default=True)
    fields: Mapped[list["OfferingField"]] = relationship(
        back_populates="offering", lazy="raise", order_by="OfferingField.position, OfferingField.id"
    )

    def __repr__(self) -> str:
        return self.name


class OfferingField(Public, Base):
    """One row is one question that a service asks of whoever orders it. Choices stand between semicolons, in both
    languages in the same order."""

    __tablename__ = "offering_field"
    __table_args__ = (Index("ix_offering_field_offering_id", "offering_id", "position", "id"),)

    id: Mapped[Key]
    offering_id: Mapped[int] = mapped_column(ForeignKey("service_offering.id"))
    label: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[FieldKind] = mapped_column(stored(FieldKind))
    choices: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    choices_en: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    is_required: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    offering: Mapped[ServiceOffering] = relationship(back_populates="fields")

    def __repr__(self) -> str:
        return self.label


class AnswerTemplate(StaffOnly, Base):
    """One row is one text that staff answer requests with; `{number}`, `{service}` and `{date}` are filled in."""

    __tablename__ = "answer_template"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    body: Mapped[str] = mapped_column(String(2000))

    def __repr__(self) -> str:
        return self.name


class ServiceRequest(OwnerOwned, Base):
    """One row is one request (заявка) of a customer for a service, with the date promised. `answers` keep what the
    service asked for, in the words of that day; `changed_at` tells two people at work on one request apart."""

    __tablename__ = "service_request"
    __customer_writes__ = True
    __table_args__ = (
        Index("ix_service_request_account_id", "account_id", "id"),
        Index("ix_service_request_promised_on", "promised_on", "id"),
        Index("ix_service_request_state", "state", "id"),
        Index(
            "ix_service_request_open",
            "promised_on",
            "id",
            postgresql_where=text("state IN ('new', 'accepted', 'in_progress')"),
            sqlite_where=text("state IN ('new', 'accepted', 'in_progress')"),
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    channel: Mapped[RequestChannel] = mapped_column(
        stored(RequestChannel), default=RequestChannel.site, server_default=text("'site'")
    )
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    """Who took it down from a call or a visit."""
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    offering_id: Mapped[int] = mapped_column(ForeignKey("service_offering.id"))
    description: Mapped[str] = mapped_column(String(2000))
    state: Mapped[RequestState] = mapped_column(stored(RequestState), default=RequestState.new)
    promised_on: Mapped[date]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    answers: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    price: Mapped[Decimal | None] = mapped_column(Money)
    price_accepted_at: Mapped[datetime | None]
    price_declined_at: Mapped[datetime | None]
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rating_words: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    rated_at: Mapped[datetime | None]
    late_told_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()
    assignee: Mapped[SiteUser | None] = relationship(foreign_keys="ServiceRequest.assignee_id")
    taken_by: Mapped[SiteUser | None] = relationship(foreign_keys="ServiceRequest.taken_by_id")
    offering: Mapped[ServiceOffering] = relationship()
    steps: Mapped[list["RequestStep"]] = relationship(lazy="raise", order_by="RequestStep.id")
    slots: Mapped[list["VisitSlot"]] = relationship(
        back_populates="request", lazy="raise", order_by="VisitSlot.starts_at, VisitSlot.id"
    )
    messages: Mapped[list["RequestMessage"]] = relationship(lazy="raise", order_by="RequestMessage.id")
    attachments: Mapped[list["Attachment"]] = relationship(lazy="raise", order_by="Attachment.id")

    @property
    def number(self) -> str:
        return f"ЗВ-{self.created_at.year}-{self.id:06d}"

    def __repr__(self) -> str:
        return self.number


class RequestStep(OwnerOwned, Base):
    """One row is one state that a request has come to after it was sent, and when."""

    __tablename__ = "request_step"
    __part_of__ = "request_id"
    __customer_writes__ = True

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    state: Mapped[RequestState] = mapped_column(stored(RequestState))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime]


class VisitSlot(OwnerOwned, Base):
    """One row is one time of a visit that staff offered for a request or agreed on; a request has one agreed time."""

    __tablename__ = "visit_slot"
    __part_of__ = "request_id"
    __customer_writes__ = True
    __table_args__ = (
        Index("ix_visit_slot_starts_at", "starts_at", "id"),
        Index(
            "uq_visit_slot_agreed",
            "request_id",
            unique=True,
            postgresql_where=text("state = 'agreed'"),
            sqlite_where=text("state = 'agreed'"),
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[SlotState] = mapped_column(stored(SlotState))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    request: Mapped[ServiceRequest] = relationship(back_populates="slots")


class RequestPayment(OwnerOwned, Base):
    """One row says that a payment is for a request."""

    __tablename__ = "request_payment"
    __part_of__ = "request_id"
    __customer_writes__ = True

    payment_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("payment.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)


class RequestNote(StaffOnly, Base):
    """One row is one note of staff on a request, which its customer never sees."""

    __tablename__ = "request_note"

    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    body: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    user: Mapped[SiteUser | None] = relationship()


class RequestMessage(OwnerOwned, Base):
    """One row is one message in a request, from the customer or from staff."""

    __tablename__ = "request_message"
    __part_of__ = "request_id"
    __customer_writes__ = True

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    is_from_staff: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(String(4000))
    created_at: Mapped[datetime]


class Attachment(OwnerOwned, Base):
    """One row is one file of a request; its bytes lie under the data folder by `stored_name`."""

    __tablename__ = "attachment"
    __part_of__ = "request_id"
    __customer_writes__ = True

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("service_request.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(150))
    content_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    stored_name: Mapped[str] = mapped_column(code(64), unique=True)
    created_at: Mapped[datetime]


class CallReason(Labelled):
    """Why somebody phones, or comes."""

    readings = "readings"
    bill = "bill"
    meter = "meter"
    outage = "outage"
    other = "other"


class CallChannel(Labelled):
    """How readings reach the operator; the names are those of `ReadingSource`."""

    phone = "phone"
    office = "office"
    staff = "staff"


class Call(StaffOnly, Base):
    """One row is one conversation with an operator about a house or a flat: who called for what, who answered."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_premises_id", "premises_id", "id"),)

    id: Mapped[BigKey]
    premises_id: Mapped[int] = mapped_column(ForeignKey("premises.id"))
    channel: Mapped[CallChannel] = mapped_column(stored(CallChannel))
    reason: Mapped[CallReason] = mapped_column(stored(CallReason))
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    started_at: Mapped[datetime]
    user: Mapped[SiteUser] = relationship()

    def __repr__(self) -> str:
        reason = str(self.reason.label).lower()
        return f"{self.channel.label}: {reason}, {moment(self.started_at)}, {self.user.get_full_name()}"


class CallReading(StaffOnly, Base):
    """One row says in which call a reading was given."""

    __tablename__ = "call_reading"

    reading_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("reading.id"), primary_key=True, autoincrement=False
    )
    call_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("call.id"), index=True
    )
    call: Mapped[Call] = relationship()


class ApplicantKind(Labelled):
    company = "company"
    trader = "trader"


class ApplicationChannel(Labelled):
    site = "site"
    office = "office"
    email = "email"


class ApplicationState(Labelled):
    new = "new"
    review = "review"
    approved = "approved"
    rejected = "rejected"


class AccessApplication(StaffOnly, Base):
    """One row is what a company or a sole trader asks a cabinet with. `token` is the secret of the link by which the
    applicant follows it; a clerk holds it until `claimed_until`."""

    __tablename__ = "access_application"
    __table_args__ = (
        Index("ix_access_application_state", "state", "id"),
        Index("ix_access_application_inn", "inn", "id"),
    )

    id: Mapped[Key]
    token: Mapped[str] = mapped_column(code(43), unique=True)
    state: Mapped[ApplicationState] = mapped_column(stored(ApplicationState), default=ApplicationState.new)
    channel: Mapped[ApplicationChannel] = mapped_column(stored(ApplicationChannel))
    kind: Mapped[ApplicantKind] = mapped_column(stored(ApplicantKind))
    name: Mapped[str] = mapped_column(String(300))
    inn: Mapped[str] = mapped_column(code(12))
    kpp: Mapped[str | None] = mapped_column(code(9))
    ogrn: Mapped[str] = mapped_column(code(15))
    contract_number: Mapped[str] = mapped_column(code(40))
    last_name: Mapped[str] = mapped_column(String(64))
    first_name: Mapped[str] = mapped_column(String(64))
    patronymic: Mapped[str | None] = mapped_column(String(64))
    job: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(code(15))
    email: Mapped[str] = mapped_column(String(320))
    locale: Mapped[str] = mapped_column(String(5))
    consent: Mapped[str]
    consent_version: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    file_name: Mapped[str] = mapped_column(String(150))
    content_type: Mapped[str] = mapped_column(String(60))
    stored_name: Mapped[str] = mapped_column(code(64))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    claimed_until: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime]
    claimed_by: Mapped[SiteUser | None] = relationship(foreign_keys=[claimed_by_id])

    @property
    def number(self) -> str:
        """What an applicant names on the phone."""
        return f"ЮЛ-{self.id:06d}"

    @property
    def contact(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    def __repr__(self) -> str:
        return self.number


class RefusalTemplate(StaffOnly, Base):
    """One row is a reason for which applications are rejected, in words that the applicant reads."""

    __tablename__ = "refusal_template"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(code(30), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(String(1000))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)

    def __repr__(self) -> str:
        return self.name


class NetworkWork(Public, Base):
    """One row is one notice of works on the networks. Two facts: no water from-to, roads closed where. `addresses` are
    the ranges in words; `ends_at` is the end as it was announced last, `ended_at` the end as it was."""

    __tablename__ = "network_work"
    __table_args__ = (Index("ix_network_work_ends_at", "ends_at", "id"),)

    id: Mapped[Key]
    state: Mapped[WorkState] = mapped_column(
        stored(WorkState), default=WorkState.draft, server_default=text("'published'")
    )
    kind: Mapped[WorkKind] = mapped_column(stored(WorkKind))
    is_planned: Mapped[bool] = mapped_column(default=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000))
    is_everywhere: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    addresses: Mapped[str] = mapped_column(String(2000))
    roads: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    no_water_from: Mapped[datetime | None]
    no_water_to: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    prolonged_for: Mapped[str] = mapped_column(String(500), default="", server_default="")
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ranges: Mapped[list["WorkRange"]] = relationship(
        lazy="raise", order_by="WorkRange.id", cascade="all, delete-orphan", passive_deletes=True
    )

    def __repr__(self) -> str:
        return self.title


class WorkRange(Public, Base):
    """One row is a part of a street that a work touches: `first` to `last` in the order of house numbers, of both sides
    or of one. An empty end is the street's."""

    __tablename__ = "work_range"
    __table_args__ = (Index("ix_work_range_street_id", "street_id", "work_id"),)

    id: Mapped[Key]
    work_id: Mapped[int] = mapped_column(ForeignKey("network_work.id", ondelete="CASCADE"), index=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))
    side: Mapped[HouseSide] = mapped_column(stored(HouseSide), default=HouseSide.both)
    first: Mapped[str] = mapped_column(String(20), default="", server_default="")
    last: Mapped[str] = mapped_column(String(20), default="", server_default="")
    first_key: Mapped[str] = mapped_column(code(HOUSE_KEY))
    last_key: Mapped[str] = mapped_column(code(HOUSE_KEY))
    street: Mapped[Street] = relationship()


class CalendarLink(UserOwned, Base):
    """One row is one secret address by which a user's calendar program follows an account; the secret is kept as a
    hash. It works while it is not revoked and its user still has the access to the account that they had then."""

    __tablename__ = "calendar_link"
    __customer_writes__ = True
    __table_args__ = (Index("ix_calendar_link_user_id", "user_id", "id"),)

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(code(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()


class ArchiveState(Labelled):
    asked = "asked"
    ready = "ready"
    failed = "failed"


class DataArchive(UserOwned, Base):
    """One row is one wish of a customer for all data about them as a file, which is kept for some days."""

    __tablename__ = "data_archive"
    __table_args__ = (
        Index("ix_data_archive_user_id", "user_id", "id"),
        Index(
            "uq_data_archive_asked",
            "user_id",
            unique=True,
            postgresql_where=text("state = 'asked'"),
            sqlite_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[ArchiveState] = mapped_column(stored(ArchiveState), default=ArchiveState.asked)
    locale: Mapped[str] = mapped_column(String(5))
    stored_name: Mapped[str | None] = mapped_column(code(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class Article(Public, Base):
    """One row is one news item, vacancy or procurement notice."""

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_kind", "kind", "published_on", "id"),)

    id: Mapped[Key]
    kind: Mapped[ArticleKind] = mapped_column(stored(ArticleKind))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(5000))
    published_on: Mapped[date]

    def __repr__(self) -> str:
        return self.title


class MailingCategory(Public, Base):
    """One row is one subject of mailings that people may subscribe to; a personal one is about a reader's own accounts,
    for those who have a cabinet."""

    __tablename__ = "mailing_category"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(code(30), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_personal: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    def __repr__(self) -> str:
        return self.name


class Subscription(UserOwned, Base):
    """One row is one consent to letters of a category, until it is withdrawn."""

    __tablename__ = "subscription"
    __customer_writes__ = True
    __table_args__ = (
        Index(
            "ix_subscription_category_id",
            "category_id",
            "user_id",
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[BigKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("mailing_category.id"))
    wording: Mapped[str]
    version: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class EmailSubscription(StaffOnly, Base):
    """One row is one consent of somebody known by an e-mail alone to letters of a category: it counts once it is
    confirmed by the link of a letter, until it is withdrawn."""

    __tablename__ = "email_subscription"
    __table_args__ = (
        Index(
            "uq_email_subscription_open",
            "category_id",
            "email",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_email_subscription_email", "email"),
    )

    id: Mapped[BigKey]
    email: Mapped[str] = mapped_column(String(320))
    category_id: Mapped[int] = mapped_column(ForeignKey("mailing_category.id"))
    wording: Mapped[str]
    version: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    locale: Mapped[str] = mapped_column(String(5))
    given_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Campaign(StaffOnly, Base):
    """One row is one mailing: a text of staff in Markdown to the subscribers of a category, fewer where a place, a kind
    of customers or a work is named; or the reminders of a rule on one day, which write their own text."""

    __tablename__ = "campaign"
    __table_args__ = (Index("ix_campaign_state", "state", "id"), Index("ix_campaign_work_id", "work_id"))

    id: Mapped[Key]
    category_id: Mapped[int] = mapped_column(ForeignKey("mailing_category.id"))
    subject: Mapped[str] = mapped_column(String(150))
    body: Mapped[str] = mapped_column(String(10000), default="", server_default="")
    rule: Mapped[ReminderRule | None] = mapped_column(stored(ReminderRule))
    locality_id: Mapped[int | None] = mapped_column(ForeignKey("locality.id"))
    district: Mapped[str | None] = mapped_column(String(100))
    payer_group: Mapped[PayerGroup | None] = mapped_column(stored(PayerGroup))
    work_id: Mapped[int | None] = mapped_column(ForeignKey("network_work.id"))
    state: Mapped[CampaignState] = mapped_column(stored(CampaignState), default=CampaignState.draft)
    letters: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(String(300))
    """What the mail server said when it took no letters at all."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    prepared_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    category: Mapped[MailingCategory] = relationship(lazy="joined", innerjoin=True)
    locality: Mapped[Locality | None] = relationship(lazy="joined")
    work: Mapped[NetworkWork | None] = relationship(lazy="joined")
    created_by: Mapped[SiteUser | None] = relationship(foreign_keys=created_by_id, lazy="joined")
    asked_by: Mapped[SiteUser | None] = relationship(foreign_keys=asked_by_id, lazy="joined")
    approved_by: Mapped[SiteUser | None] = relationship(foreign_keys=approved_by_id, lazy="joined")

    def __repr__(self) -> str:
        return self.subject


class CampaignLetter(StaffOnly, Base):
    """One row is one letter of a mailing and what became of it. A reminder goes once for each rule, reader, account and
    occasion: the month, or the last day of a verification."""

    __tablename__ = "campaign_letter"
    __table_args__ = (
        Index(
            "uq_campaign_letter_email",
            "campaign_id",
            "email",
            unique=True,
            postgresql_where=text("rule IS NULL"),
            sqlite_where=text("rule IS NULL"),
        ),
        Index(
            "uq_campaign_letter_rule",
            "account_id",
            "user_id",
            "rule",
            "occasion",
            unique=True,
            postgresql_where=text("rule IS NOT NULL"),
            sqlite_where=text("rule IS NOT NULL"),
        ),
        Index("ix_campaign_letter_state", "campaign_id", "state", "id"),
    )

    id: Mapped[BigKey]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    email: Mapped[str] = mapped_column(String(320))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("email_subscription.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    rule: Mapped[ReminderRule | None] = mapped_column(stored(ReminderRule))
    occasion: Mapped[date | None]
    state: Mapped[MailState] = mapped_column(stored(MailState), default=MailState.pending)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    """Since when it may have been taken by a server whose answer is not kept yet."""
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(500))


class OutboxMessage(Inbox, Base):
    """One row is one letter that a commit made due; the worker sends it and keeps the outcome."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_state", "state", "id"),
        Index(
            "ix_outbox_message_due_at",
            "due_at",
            "id",
            postgresql_where=text("state IN ('pending', 'sending')"),
            sqlite_where=text("state IN ('pending', 'sending')"),
        ),
    )

    id: Mapped[BigKey]
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str]
    body_html: Mapped[str | None]
    state: Mapped[OutboxState] = mapped_column(stored(OutboxState), default=OutboxState.pending)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return self.subject


# 9 system ---------------------------------------------------------------------------------------------


class ImportKind(Labelled):
    accounts = "accounts"
    payments = "payments"
    places = "places"


class ImportState(Labelled):
    uploaded = "uploaded"
    running = "running"
    done = "done"
    failed = "failed"
    undone = "undone"


class Office(Public, Base):
    """One row is one place where customers are received."""

    __tablename__ = "office"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    payer_group: Mapped[PayerGroup] = mapped_column(stored(PayerGroup))
    address: Mapped[str] = mapped_column(String(200))
    hours: Mapped[str] = mapped_column(String(200))
    hours_en: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(code(15))

    def __repr__(self) -> str:
        return self.name


class ImportBatch(StaffOnly, Base):
    """One row is one file taken in: what it was, how far it is, what came of it."""

    __tablename__ = "import_batch"
    __table_args__ = (
        Index("ix_import_batch_created_at", "created_at", "id"),
        Index("ix_import_batch_sha256", "sha256"),
    )

    id: Mapped[Key]
    kind: Mapped[ImportKind] = mapped_column(stored(ImportKind))
    profile: Mapped[str] = mapped_column(String(30))
    file_name: Mapped[str] = mapped_column(String(150))
    sha256: Mapped[str] = mapped_column(code(64))
    stored_name: Mapped[str | None] = mapped_column(code(64))
    state: Mapped[ImportState] = mapped_column(stored(ImportState))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return self.file_name


class ImportRefusal(StaffOnly, Base):
    """One row is one line of a file that was not taken in, and why."""

    __tablename__ = "import_refusal"

    id: Mapped[BigKey]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"), index=True)
    line: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300))
    raw: Mapped[str] = mapped_column(String(2000))


class AuditEvent(Inbox, Base):
    """One row is one act of a person that must be traceable: who, what, on which record, from where."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_object", "object_type", "object_id", "id"),)

    id: Mapped[BigKey]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(60), default="", server_default="")
    object_id: Mapped[str] = mapped_column(code(40), default="", server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    happened_at: Mapped[datetime]


class PermissionVersion(Public, Base):
    """The one row whose number rises when roles, settings or terms of bills change; processes forget what they knew."""

    __tablename__ = "permission_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(default=1)


LABELS: dict[str, dict[str, Any]] = {
    "PayerGroup": {"population": _l("Population"), "other": _l("Other payers")},
    "AccountStatus": {"active": _l("Active"), "closed": _l("Closed"), "undone": _l("Taken back")},
    "ReadingSource": {
        "cabinet": _l("Cabinet"),
        "phone": _l("By phone"),
        "office": _l("In an office"),
        "staff": _l("By staff"),
        "imported": _l("In an organisation's list"),
        "control": _l("Control check"),
    },
    "PayerClass": {
        "citizen": _l("Citizens"),
        "tsj": _l("Associations of owners"),
        "uk": _l("Managing companies and suppliers"),
        "other": _l("Other organisations"),
    },
    "MeterFaultKind": {
        "broken": _l("Broken or lost"),
        "no_access": _l("No access for a check"),
        "tampered": _l("Interference"),
    },
    "ReadingState": {
        "received": _l("Received"),
        "review": _l("Being checked"),
        "checked": _l("Checked"),
        "billed": _l("Billed"),
        "replaced": _l("Replaced by a later one"),
        "undone": _l("Taken back"),
        "declined": _l("Not accepted"),
    },
    "VatMode": {"inside": _l("VAT included"), "top": _l("VAT on top")},
    "ActStatus": {"draft": _l("Draft"), "approved": _l("Approved"), "demo": _l("Demo")},
    "PeriodState": {
        "open": _l("Open"),
        "calculating": _l("Calculating"),
        "calculated": _l("Calculated"),
        "approved": _l("Approved"),
        "closed": _l("Closed"),
    },
    "ChargeKind": {
        "main": _l("Charge"),
        "excess": _l("Excess by the coefficient"),
        "correction": _l("Correction"),
        "interruption": _l("Interruption of supply"),
        "impact": _l("Negative impact on the sewers"),
    },
    "ChargeMethod": {
        "meter": _l("By meter"),
        "average": _l("By average"),
        "normative": _l("By normative"),
        "tampered": _l("Interference with the meter"),
        "control": _l("By a control check"),
    },
    "RunKind": {
        "calculation": _l("Calculation"),
        "approval": _l("Approval"),
        "closing": _l("Closing"),
        "bills": _l("Making of bills"),
        "verification": _l("Verification of the ledger"),
    },
    "RunState": {"asked": _l("Waiting"), "running": _l("At work"), "done": _l("Done"), "failed": _l("Failed")},
    "RefundState": {
        "asked": _l("Asked for"),
        "sending": _l("Being sent"),
        "done": _l("Returned"),
        "refused": _l("Refused"),
        "unknown": _l("Unknown"),
    },
    "CorrectionState": {
        "asked": _l("Waits for another person"),
        "posted": _l("In the ledger"),
        "declined": _l("Turned down"),
    },
    "EntryKind": {
        "opening": _l("Opening balance"),
        "charge": _l("Charge"),
        "correction": _l("Correction"),
        "payment": _l("Payment"),
        "refund": _l("Refund"),
        "penalty": _l("Penalty"),
        "offset": _l("Advance offset"),
    },
    "PaymentChannel": {"card": _l("By card"), "bank": _l("Through a bank")},
    "PaymentState": {
        "created": _l("Started"),
        "sending": _l("Being sent"),
        "unknown": _l("Unknown"),
        "redirected": _l("At the bank's page"),
        "processing": _l("Being processed"),
        "succeeded": _l("Paid"),
        "failed": _l("Failed"),
        "canceled": _l("Canceled"),
        "expired": _l("Expired"),
        "review": _l("Being looked into"),
    },
    "BankOperationState": {
        "posted": _l("Posted"),
        "unidentified": _l("Unidentified"),
        "undone": _l("Taken back"),
    },
    "RequestState": {
        "new": _l("New"),
        "accepted": _l("Accepted for work"),
        "in_progress": _l("In progress"),
        "done": _l("Completed"),
        "declined": _l("Declined"),
        "withdrawn": _l("Withdrawn by the customer"),
    },
    "RequestChannel": {"site": _l("By the site"), "phone": _l("By phone"), "office": _l("In an office")},
    "CallReason": {
        "readings": _l("To give readings"),
        "bill": _l("A question about the bill"),
        "meter": _l("A question about a meter"),
        "outage": _l("No water, or an accident"),
        "other": _l("Something else"),
    },
    "CallChannel": {"phone": _l("By phone"), "office": _l("In an office"), "staff": _l("From a paper list")},
    "ApplicantKind": {"company": _l("Legal entity"), "trader": _l("Sole trader")},
    "ApplicationChannel": {
        "site": _l("By the site"),
        "office": _l("On paper, in an office"),
        "email": _l("On paper, by e-mail"),
    },
    "ApplicationState": {
        "new": _l("Waits for a clerk"),
        "review": _l("In review"),
        "approved": _l("Application approved"),
        "rejected": _l("Application rejected"),
    },
    "FieldKind": {
        "text": _l("Text"),
        "number": _l("Number"),
        "date": _l("Date"),
        "choice": _l("Choice from a list"),
        "yes_no": _l("Yes or no"),
    },
    "SlotState": {
        "offered": _l("Offered"),
        "agreed": _l("Agreed on"),
        "declined": _l("Does not suit the customer"),
        "withdrawn": _l("Withdrawn"),
    },
    "WorkKind": {"water": _l("Water supply"), "sewerage": _l("Sewerage")},
    "WorkState": {
        "draft": _l("Draft"),
        "published": _l("Published"),
        "finished": _l("Works finished"),
        "canceled": _l("Works canceled"),
    },
    "HouseSide": {"both": _l("Both sides"), "odd": _l("Odd houses"), "even": _l("Even houses")},
    "ArchiveState": {
        "asked": _l("Being made"),
        "ready": _l("Ready"),
        "failed": _l("Could not be made"),
    },
    "ArticleKind": {"news": _l("News"), "vacancy": _l("Vacancy"), "procurement": _l("Procurement")},
    "OutboxState": {
        "pending": _l("Waiting"),
        "sending": _l("Being sent"),
        "sent": _l("Sent"),
        "dead": _l("Could not be sent"),
    },
    "CampaignState": {
        "draft": _l("Draft"),
        "asked": _l("Waits for another person"),
        "sending": _l("Being sent"),
        "stopped": _l("Stopped"),
        "done": _l("Completed"),
    },
    "MailState": {
        "pending": _l("Waiting"),
        "sending": _l("Being sent"),
        "sent": _l("Sent"),
        "refused": _l("Refused"),
        "uncertain": _l("Uncertain"),
        "dropped": _l("Not sent"),
    },
    "ReminderRule": {
        "window_opens": _l("Readings: the days have begun"),
        "window_ends": _l("Readings: two days left"),
        "verification_60": _l("Verification: 60 days left"),
        "verification_30": _l("Verification: 30 days left"),
        "verification_7": _l("Verification: 7 days left"),
        "bill": _l("The bill is ready"),
        "debt": _l("Debt"),
    },
    "ImportKind": {"accounts": _l("Accounts"), "payments": _l("Payments"), "places": _l("Places of houses")},
    "ImportState": {
        "uploaded": _l("Uploaded"),
        "running": _l("Running"),
        "done": _l("Done"),
        "failed": _l("Failed"),
        "undone": _l("Taken back"),
    },
}
