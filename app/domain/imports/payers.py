"""Who pays: a person per account, a firm per ИНН and КПП with its contracts."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from ...model_types import folded
from ...models import Contract, Customer, ImportBatch, LegalEntity
from ...queries import imports as queries
from . import refusals as why
from .account_lines import AccountLine
from .judging import GoodLine
from .outcome import Outcome
from .profiles import Payer

Firm = tuple[str, str]  # ИНН, КПП


def payer_ids(
    session: Session, batch: ImportBatch, firsts: Sequence[GoodLine], outcome: Outcome
) -> list[dict[str, Any]]:
    """The payer's columns of each account: a customer, or a legal entity with its contract."""
    people = [good.account for good in firsts if good.account.payer is Payer.person]
    firms = [good for good in firsts if good.account.payer is not Payer.person]
    customers = dict(zip((line.number for line in people), _customer_ids(session, batch, people), strict=True))
    entities = _entity_ids(session, batch, firms, outcome)
    contracts = _contract_ids(session, {(entities[_firm(good.account)], good.account.contract) for good in firms})
    found = []
    for good in firsts:
        line = good.account
        customer_id = customers.get(line.number)
        entity_id = None if customer_id else entities[_firm(line)]
        contract_id = contracts.get((entity_id, line.contract)) if entity_id and line.contract else None
        found.append({"customer_id": customer_id, "legal_entity_id": entity_id, "contract_id": contract_id})
    return found


def _firm(line: AccountLine) -> Firm:
    return line.inn or "", line.kpp or ""


def _customer_ids(session: Session, batch: ImportBatch, lines: Sequence[AccountLine]) -> list[int]:
    """A new person for each account, or the one whose account was taken back, if nothing about them changed."""
    before = queries.customers_of_undone(session, [line.number for line in lines])
    ids: list[int | None] = []
    for line in lines:
        same = before.get(line.number)
        is_same = same and (same.full_name, same.phone, same.email) == (line.name, line.phone, line.email)
        ids.append(same.id if same and is_same else None)
    rows = [
        {
            "full_name": line.name,
            "name_fold": folded(line.name),
            "phone": line.phone,
            "email": line.email,
            "import_batch_id": batch.id,
        }
        for line, found in zip(lines, ids, strict=True)
        if found is None
    ]
    added = iter(queries.inserted_ids(session, Customer, rows))
    return [next(added) if found is None else found for found in ids]


def _entity_ids(session: Session, batch: ImportBatch, firms: Iterable[GoodLine], outcome: Outcome) -> dict[Firm, int]:
    wanted: dict[Firm, AccountLine] = {}
    for good in firms:
        wanted.setdefault(_firm(good.account), good.account)
    known = {
        (entity.inn, entity.kpp or ""): entity for entity in queries.legal_entities(session, {i for i, _ in wanted})
    }
    names = {firm: folded(line.name) for firm, line in wanted.items()}
    names |= {firm: entity.name_fold for firm, entity in known.items()}
    outcome.notes += [
        (why.OTHER_NAME, good.line.number) for good in firms if folded(good.account.name) != names[_firm(good.account)]
    ]
    missing = {firm: line for firm, line in wanted.items() if firm not in known}
    rows = [
        {
            "name": line.name,
            "name_fold": folded(line.name),
            "inn": line.inn,
            "kpp": line.kpp,
            "phone": line.phone,
            "email": line.email,
            "import_batch_id": batch.id,
        }
        for line in missing.values()
    ]
    added = dict(zip(missing, queries.inserted_ids(session, LegalEntity, rows, "inn", "kpp"), strict=True))
    return {firm: entity.id for firm, entity in known.items()} | added


def _contract_ids(session: Session, wanted: set[tuple[int, str | None]]) -> dict[tuple[int, str], int]:
    known = queries.contracts(session, {entity for entity, _ in wanted})
    missing = sorted((entity, number) for entity, number in wanted if number and (entity, number) not in known)
    rows = [{"legal_entity_id": entity, "number": number} for entity, number in missing]
    added = queries.inserted_ids(session, Contract, rows, "legal_entity_id", "number")
    return known | dict(zip(missing, added, strict=True))
