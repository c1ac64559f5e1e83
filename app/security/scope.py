"""Law 1: which rows the person at work may see and change. One file, closed by default.

FAB's permissions answer "may this role open this page"; this module answers "which rows does it find there".
The principal is a context variable whose default sees nothing. Every ORM statement gets the criteria of the
principal (`do_orm_execute`), every flush of a customer is checked (`before_flush`). A hidden row is a missing row.

Not covered by design, and allowed in `queries/` only: `text()`, `__table__`; used nowhere: the session's `bulk_…`.
FAB's own `ab_*` tables are guarded by FAB's permissions: whoever signs in must be found before there is a principal.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from flask_appbuilder import Model
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    TextClause,
    and_,
    bindparam,
    event,
    false,
    inspect,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, LoaderCriteriaOption, Mapper, ORMExecuteState, Session

from .. import clock
from ..model_types import AccountOwned, Base, Inbox, OwnerOwned, OwnRule, Public, StaffOnly, UserOwned, UtcDateTime
from ..models import (
    Account,
    AccountAccess,
    Attachment,
    CalendarLink,
    Contract,
    Customer,
    DataArchive,
    GatewayOperation,
    LegalEntity,
    Payment,
    PaymentLine,
    Premises,
    Reading,
    Receipt,
    Refund,
    RequestMessage,
    RequestPayment,
    RequestStep,
    SavedCard,
    ServiceRequest,
    VisitSlot,
)

MARKS = (AccountOwned, UserOwned, Public, Inbox, StaffOnly, OwnRule)


class Kind(StrEnum):
    nobody = "nobody"
    customer = "customer"
    viewer = "viewer"  # staff who look with a customer's eyes: at what the customer sees, and they change nothing
    staff = "staff"
    system = "system"  # jobs, commands and the gateway's callbacks


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is at work."""

    kind: Kind
    user_id: int | None = None

    @property
    def sees_everything(self) -> bool:
        return self.kind in (Kind.staff, Kind.system)


NOBODY = Principal(Kind.nobody)
SYSTEM = Principal(Kind.system)
_principal: ContextVar[Principal] = ContextVar("principal", default=NOBODY)
_looks_only: ContextVar[bool] = ContextVar("looks_only", default=False)
"""Whether a viewer is at work: this holds through `acting_as` too, whoever is acted as."""


_NOT_FOR_VIEWERS = (
    *(SavedCard, Payment, PaymentLine, Refund, GatewayOperation, Receipt),
    *(CalendarLink, DataArchive),
)
"""What a customer sees and staff who look with the customer's eyes do not."""


class ForeignRow(Exception):  # noqa: N818 - it is the row that is foreign
    """A customer's session tried to write a row outside of its scope."""


def principal() -> Principal:
    return _principal.get()


def become(who: Principal) -> None:
    """Set the principal for the rest of this request. A principal never changes over loaded rows (`acting_as`)."""
    _principal.set(who)
    _looks_only.set(who.kind is Kind.viewer)


@contextmanager
def acting_as(session: Session, who: Principal) -> Iterator[None]:
    """Act as another principal, with an empty identity map at both ends so that no row crosses the border."""
    session.expunge_all()
    token = _principal.set(who)
    try:
        yield
    finally:
        session.expunge_all()
        _principal.reset(token)


_USER: BindParameter[int] = bindparam("scope_user_id", type_=Integer, callable_=lambda: principal().user_id)
"""Whoever is at work when the statement runs: the criteria are the same for all customers, and are built once."""

_NOW: BindParameter[datetime] = bindparam("scope_now", type_=UtcDateTime, callable_=lambda: clock.now())

IN_FORCE = and_(AccountAccess.revoked_at.is_(None), or_(AccountAccess.ends_at.is_(None), AccountAccess.ends_at > _NOW))
"""Whether an access opens its account now: whoever reads accesses asks by this."""

_MINE = select(AccountAccess.account_id).where(AccountAccess.user_id == _USER, IN_FORCE)
"""Ids of the accounts that the customer may see, as a subquery: it stays one row-lookup long."""

SENT_FOR = _MINE.where(AccountAccess.may_send)
"""Ids of the accounts that the customer at work may send readings for."""

_LIMITED_BY: dict[type[Base], InstrumentedAttribute[bool]] = {
    Reading: AccountAccess.may_send,
    Payment: AccountAccess.may_pay,
    PaymentLine: AccountAccess.may_pay,
    RequestPayment: AccountAccess.may_pay,
    ServiceRequest: AccountAccess.may_request,
    RequestStep: AccountAccess.may_request,
    VisitSlot: AccountAccess.may_request,
    RequestMessage: AccountAccess.may_request,
    Attachment: AccountAccess.may_request,
}
"""What an access must say for a row of its account to be written."""

_OWN_RULES: dict[type[Base], ColumnElement[bool]] = {
    Account: Account.id.in_(_MINE),
    Customer: Customer.id.in_(select(Account.customer_id).where(Account.id.in_(_MINE))),
    LegalEntity: LegalEntity.id.in_(select(Account.legal_entity_id).where(Account.id.in_(_MINE))),
    Premises: Premises.id.in_(select(Account.premises_id).where(Account.id.in_(_MINE))),
    Contract: Contract.id.in_(select(Account.contract_id).where(Account.id.in_(_MINE))),
}

_OWNED = Account.__table__.alias("owned")


def _is_left_behind(model: type[Any]) -> ColumnElement[bool]:
    """Whether the row, or the payment or request that it is part of, was made by somebody else before the account got
    its owner. With an offset PostgreSQL asks it for the rows that it found, and makes no join with all accounts."""
    whole: Any = model.__table__
    links: list[ColumnElement[bool]] = []
    inner = [_OWNED]
    if model.__part_of__:
        key: Any = whole.c[model.__part_of__]
        (foreign_key,) = key.foreign_keys
        whole = foreign_key.column.table.alias("whole")
        links, inner = [whole.c.id == key], [_OWNED, whole]
    made = whole.c
    return (
        select(_OWNED.c.id)
        .where(*links, made.account_id == _OWNED.c.id)
        .where(made.created_at < _OWNED.c.owner_since, made.user_id.is_distinct_from(_USER))
        .offset(0)
        .correlate_except(*inner)  # the row may come by another name: joined to its parent
        .exists()
    )


_PERSONAL = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, OwnerOwned)]


class _Criterion(LoaderCriteriaOption):
    """What rows of a class, or of all that bear a mark, may be seen. There is one for the whole life of the process,
    so it stands for itself in the key of a cached statement: to look through all of them took as long as the query."""

    def _gen_cache_key(self, anon_map: object, bindparams: object) -> tuple[object]:
        return (self,)


def _criteria(rules: Mapping[type, Any]) -> tuple[_Criterion, ...]:
    return tuple(_Criterion(of, rule, include_aliases=True) for of, rule in rules.items())


# Nobody reads inboxes and staff's tables but staff.
_OF_CUSTOMERS = _criteria(
    {
        Inbox: false(),
        StaffOnly: false(),
        AccountOwned: lambda cls: cls.account_id.in_(_MINE),
        UserOwned: lambda cls: cls.user_id == _USER,
        **{model: not_(_is_left_behind(model)) for model in _PERSONAL},
        **_OWN_RULES,
    }
)
_CRITERIA = {
    Kind.nobody: _criteria(dict.fromkeys((Inbox, StaffOnly, AccountOwned, UserOwned, *_OWN_RULES), false())),
    Kind.customer: _OF_CUSTOMERS,
    Kind.viewer: (*_OF_CUSTOMERS, *_criteria(dict.fromkeys(_NOT_FOR_VIEWERS, false()))),
}


_limited: dict[Kind, WeakKeyDictionary[Executable, Executable]] = {kind: WeakKeyDictionary() for kind in _CRITERIA}


def _with_criteria(statement: Executable, kind: Kind) -> Executable:
    """The statement as this kind of principal may run it; made once for one that lives as long as its module, whose
    key for the cache of compiled statements is then counted once too."""
    known = _limited[kind]
    if statement not in known:
        known[statement] = statement.options(*_CRITERIA[kind])
    return known[statement]


@event.listens_for(Session, "do_orm_execute")
def _show_own_rows(state: ORMExecuteState) -> None:
    who = principal()
    if who.sees_everything or state.is_column_load:
        return
    given = state.parameters or {}
    if state.is_insert or not isinstance(given, Mapping):
        raise ForeignRow("A customer's rows are written one by one")
    if _USER.key in given or _NOW.key in given:
        raise ForeignRow("Who is at work, and when, is no parameter")
    if state.is_select or state.is_update or state.is_delete:
        state.statement = _with_criteria(_within_limits(state), who.kind)
    elif not isinstance(state.statement, TextClause):
        raise ForeignRow(f"A customer runs no {type(state.statement).__name__}")


def _within_limits(state: ORMExecuteState) -> Any:
    """The statement; one that writes touches only accounts where its user may do that."""
    if state.is_select or state.bind_mapper is None:
        return state.statement
    model: Any = state.bind_mapper.class_
    limit = _LIMITED_BY.get(model)
    statement: Any = state.statement
    return statement if limit is None else statement.where(model.account_id.in_(_MINE.where(limit)))


@event.listens_for(Session, "before_commit")
def _refuse_what_viewers_change(session: Session) -> None:
    if _looks_only.get():
        raise ForeignRow("Who looks with a customer's eyes changes nothing")


@event.listens_for(Session, "before_flush")
def _refuse_foreign_rows(session: Session, context: object, instances: object) -> None:
    who = principal()
    if who.sees_everything:
        return
    with session.no_autoflush:
        for row in session.new:
            _check(session, who, row, is_new=True)
        for row in session.dirty:
            if session.is_modified(row):
                _check(session, who, row, is_new=False)
        for row in session.deleted:
            raise ForeignRow(f"{type(row).__name__} may not be deleted")
        _refuse_beyond_limits(session)


def _refuse_beyond_limits(session: Session) -> None:
    """Raise ForeignRow unless the customer's accesses say that all these rows may be written: one statement."""
    changed = (*session.new, *(row for row in session.dirty if session.is_modified(row)))
    asked = {(row.account_id, _LIMITED_BY[type(row)]) for row in changed if type(row) in _LIMITED_BY}
    if not asked:
        return
    wanted = or_(*(and_(AccountAccess.account_id == account_id, limit) for account_id, limit in asked))
    columns = (AccountAccess.account_id, *dict.fromkeys(limit for _account, limit in asked))
    rows = session.execute(select(*columns).where(AccountAccess.user_id == _USER, IN_FORCE, wanted)).all()
    held = {(row[0], limit) for row in rows for limit, may in zip(columns[1:], row[1:], strict=True) if may}
    if not asked <= held:
        raise ForeignRow("The access to the account does not say that its user may write this")


def _check(session: Session, who: Principal, row: Any, *, is_new: bool) -> None:
    """Raise ForeignRow unless a customer may write this row under this account, user and these parents."""
    if isinstance(row, Inbox) and is_new and who.kind is not Kind.viewer:
        return
    signed_by_another = is_new and getattr(row, "user_id", None) not in (None, who.user_id)
    if who.kind in (Kind.nobody, Kind.viewer) or signed_by_another or not _may_write(who, row):
        raise ForeignRow(f"{type(row).__name__} is not writable here")
    for parent, key in _guarded_parents(row):
        if _is_read(session, parent, key, row):
            continue
        statement = select(parent).where(inspect(parent).primary_key[0] == key)
        if isinstance(row, AccountOwned) and issubclass(parent, AccountOwned):
            statement = statement.where(parent.account_id == row.account_id)
        if session.scalar(statement) is None:
            raise ForeignRow(f"{type(row).__name__} refers to a hidden {parent.__name__}")


def _is_read(session: Session, parent: type[Base], key: Any, row: Any) -> bool:
    """Whether this principal holds the parent: it was shown by the criteria when the request read it."""
    known = session.identity_map.get(inspect(parent).identity_key_from_primary_key((key,)))
    if known is None or inspect(known).expired:
        return False
    return not (isinstance(row, AccountOwned) and isinstance(known, AccountOwned)) or known.account_id == row.account_id


def _may_write(who: Principal, row: Any) -> bool:
    if isinstance(row, UserOwned) and row.user_id != who.user_id:
        return False
    if not isinstance(row, Base):  # FAB's own tables: nothing but one's own user row
        return isinstance(row, Model) and getattr(row, "username", None) is not None and row.id == who.user_id
    return row.__customer_writes__


def _guarded_parents(row: Any) -> Iterator[tuple[type[Base], Any]]:
    """Every guarded row that this row points to: by the account itself, by a meter, a request, a payment."""
    mapper: Mapper[Any] = inspect(type(row))
    for column in mapper.local_table.columns:
        for foreign_key in column.foreign_keys:
            parent = _models_by_table().get(foreign_key.column.table.name)
            key = getattr(row, mapper.get_property_by_column(column).key)
            if parent is not None and key is not None:
                yield parent, key


@cache
def _models_by_table() -> dict[str, type[Base]]:
    """Guarded models by table name. Raises RuntimeError for a model whose row scope nobody decided."""
    guarded: dict[str, type[Base]] = {}
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if not issubclass(model, Base):
            continue
        marks = [mark for mark in MARKS if issubclass(model, mark)]
        if len(marks) != 1:
            raise RuntimeError(f"{model.__name__} must have exactly one row scope, has {len(marks)}")
        if marks[0] is OwnRule and model not in _OWN_RULES:
            raise RuntimeError(f"{model.__name__} has no rule in security/scope.py")
        if marks[0] not in (Public, Inbox):
            guarded[model.__tablename__] = model
    return guarded


def check_models() -> None:
    """Refuse to start with a table whose row scope nobody decided."""
    _models_by_table.cache_clear()
    _models_by_table()
