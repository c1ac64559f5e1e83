"""A company with a contract and accounts, and what its application says, for the tests of applications."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.domain import applications
from app.domain.applications import Origin, Particulars
from app.domain.attachments import Document
from app.models import AccessApplication, ApplicantKind, ApplicationChannel, Contract, LegalEntity, PayerGroup
from tests import factories

INN, OGRN, OTHER_INN = "5902817382", "1025900500010", "5907000001"
TRADER_INN, TRADER_OGRN = "590400000126", "304590435100012"
SAID = Particulars(
    kind=ApplicantKind.company,
    name="ООО «Ромашка»",
    inn=INN,
    kpp=None,
    ogrn=OGRN,
    contract_number="17/24-В",
    last_name="Ромашкина",
    first_name="Анна",
    patronymic="Львовна",
    job="главный бухгалтер",
    phone="73422019537",
    email="anna@romashka.example",
)
SCAN = Document("scan.pdf", "application/pdf", b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n")


def contract(
    session: Session, *, accounts: int = 2, inn: str = INN, number: str = "17/24-В", **holder: Any
) -> Contract:
    """A contract with its accounts."""
    entity = LegalEntity(**{"name": SAID.name, "inn": inn, **holder})
    made = Contract(legal_entity=entity, number=number)
    session.add(made)
    session.flush()
    values = {"customer": None, "legal_entity": entity, "payer_group": PayerGroup.other, "contract_id": made.id}
    for _count in range(accounts):
        factories.account(session, is_company=True, **values)
    return made


def application(session: Session, folder: Path, *, user_id: int | None = None, **said: Any) -> AccessApplication:
    """An application as it came by the site."""
    origin = Origin(
        channel=ApplicationChannel.site,
        token=applications.new_token(),
        locale="en",
        consent="I agree",
        consent_version="2026-11",
        address="192.0.2.1",
        user_id=user_id,
    )
    return applications.submit(session, replace(SAID, **said), SCAN, origin, folder)[0]


def particulars(**said: Any) -> Particulars:
    return replace(SAID, **said)
