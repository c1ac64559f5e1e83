"""The bill as people print it: its words read back from the PDF, its code by a reader of its own."""

import time
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from pypdf import PdfReader

from app.documents import bill as document
from app.domain import bills
from app.models import Account, EntryKind, LegalEntity, PayerClass, PayerGroup
from tests import billed, factories
from tests.billed import NOVEMBER


@pytest.fixture
def account_id(act: Any) -> int:
    with act() as session:
        return billed.troubled(session).id


def drawn(session: Any, *account_ids: int) -> PdfReader:
    made = bills.of_accounts(session, account_ids, NOVEMBER)
    return PdfReader(BytesIO(document.draw(made, document.issuer(session, PayerGroup.population))))


def text_of(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_the_bill_says_what_the_act_wants(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        text = text_of(drawn(session, account_id))
        for said in (
            "ноябрь 2026",  # the month
            "0048213507",  # where
            "ул. Ключевая, 14",
            "Петрова Ирина",  # who
            "ООО «Водоканал»",  # the payee
            "2 221,89 ₽",  # the sum
            "15 декабря 2026 г.",  # until when
            "Холодная вода",  # lines
            "10,44",
            "43,75",
            "456,75 ₽",
            "−131,25 ₽",  # corrections
            billed.REASON,
            "2,40 ₽",  # penalties
            "1 240,50 ₽",  # the debt
            "19-048213",  # meters with readings
            "642",
            "652",
            "14.03.2029",  # the next verification
            "/cabinet/charges/2026-11",
        ):
            assert said in text, said


def test_the_code_of_the_printed_bill_asks_for_what_is_left(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        bill = bills.of_accounts(session, [account_id], NOVEMBER)[0]
        expected = document.code(bill, document.issuer(session, PayerGroup.population).payee)
        (picture,) = drawn(session, account_id).pages[0].images
        (found,) = zxingcpp.read_barcodes(picture.image)
        assert found.bytes == expected
        fields = dict(field.split("=", 1) for field in found.bytes.decode().split("|")[1:])
        assert (fields["Sum"], fields["PersAcc"], fields["PaymPeriod"]) == ("222189", "0048213507", "112026")


def test_a_paid_bill_asks_for_nothing(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        account = session.get_one(Account, account_id)
        for code, amount in (("cold", "-852.90"), ("sewerage", "-1368.99")):
            billed.post(session, account, EntryKind.payment, amount, NOVEMBER, code)
        bill = bills.of_accounts(session, [account_id], NOVEMBER)[0]
        assert bill.total("left") == 0
        assert b"|Sum=" not in document.code(bill, document.issuer(session, PayerGroup.population).payee)
        assert text_of(drawn(session, account_id)).count("15 декабря 2026") == 0


def test_a_company_sees_the_tax_of_each_line(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        firm = factories.account(session, is_company=True)
        line = billed.line(session, firm, "1220.00", NOVEMBER)
        line.vat = 220
        session.flush()
        text = text_of(drawn(session, firm.id))
        assert "220,00 ₽" in text and "1 220,00 ₽" in text
        assert session.get_one(LegalEntity, firm.legal_entity_id).payer_class is PayerClass.other


def test_many_bills_are_one_file_each_on_a_page_of_its_own(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        firms = [factories.account(session) for _ in range(3)]
        for firm in firms:
            billed.line(session, firm, "100.00", NOVEMBER)
        reader = drawn(session, account_id, *(firm.id for firm in firms))
        assert len(reader.pages) >= 4
        assert all(firm.number in text_of(reader) for firm in firms)


def test_one_bill_takes_less_than_a_second(app: Flask, act: Any, account_id: int) -> None:
    with act() as session:
        drawn(session, account_id)  # the library is imported once a process
        began = time.process_time()  # the machine may have other work
        made = bills.of_accounts(session, [account_id], NOVEMBER)
        content = document.draw(made, document.issuer(session, PayerGroup.population))
        assert time.process_time() - began < 1
        assert len(content) < 150_000
