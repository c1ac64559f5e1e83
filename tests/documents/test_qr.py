"""The code of a bill, read back by a reader of its own."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from app.documents import qr
from app.domain.setup import DEMO_PAYEE
from app.models import Payee


def payload(amount: str = "1240.50", **payee: Any) -> bytes:
    return qr.payload(
        Payee(**{**DEMO_PAYEE, **payee}),
        account="0048213507",
        period=date(2026, 10, 1),
        amount=Decimal(amount),
        purpose="Вода и водоотведение за октябрь 2026, лицевой счёт 0048213507",
        category="Коммунальные услуги",
        services="Водоснабжение и водоотведение",
    )


def read(content: bytes) -> bytes:
    (found,) = zxingcpp.read_barcodes(Image.open(qr.png(content)))
    assert found.ec_level == "M"
    return found.bytes


def test_the_code_gives_back_every_byte() -> None:
    content = payload()
    assert read(content) == content
    assert content.decode().split("|") == [
        "ST00012",
        f"Name={DEMO_PAYEE['name']}",
        f"PersonalAcc={DEMO_PAYEE['settlement']}",
        f"BankName={DEMO_PAYEE['bank_name']}",
        f"BIC={DEMO_PAYEE['bic']}",
        f"CorrespAcc={DEMO_PAYEE['correspondent']}",
        "Sum=124050",
        "Purpose=Вода и водоотведение за октябрь 2026, лицевой счёт 0048213507",
        f"PayeeINN={DEMO_PAYEE['inn']}",
        f"KPP={DEMO_PAYEE['kpp']}",
        "PersAcc=0048213507",
        "PaymPeriod=102026",
        "Category=Коммунальные услуги",
        "ServiceName=Водоснабжение и водоотведение",
        "TechCode=02",
    ]


def test_nothing_due_leaves_the_sum_to_the_payer() -> None:
    assert b"Sum=" not in payload("0.00")


def test_a_payee_without_a_kpp_has_no_field_of_it() -> None:
    assert b"KPP" not in payload(kpp=None)


@pytest.mark.parametrize("name", ["Вода | стоки", "Вода\nстоки", "Вода\t|  стоки"], ids=["bar", "line", "both"])
def test_a_separator_in_a_name_is_no_separator(name: str) -> None:
    fields = read(payload(name=name)).decode().split("|")
    assert len(fields) == 15
    assert "\n" not in fields[1] and "стоки" in fields[1]


def test_the_required_fields_stay_within_300_bytes() -> None:
    content = read(payload(name="Ё" * 200, bank_name="Банк " * 30))
    required = content.decode().split("|Sum=")[0]
    assert 290 <= len(required.encode()) <= 300
    assert required.count("|") == 5
    assert f"CorrespAcc={DEMO_PAYEE['correspondent']}" in required
