"""The receipt as people print it: its text read back from the PDF."""

import copy
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from app.documents import receipt, receipt_page
from app.domain.setup import DEMO_PAYEE

SNAPSHOT: dict[str, Any] = {
    "title": "2026-0000042",
    "issued_at": "2026-11-22T09:03:00+00:00",
    "utility": "Водоканал",
    "is_test": True,
    "operation": "1795338171234",
    "order": "WC-0000000042-7KQ2MWXBZ",
    "paid_at": "2026-11-22T09:02:59+00:00",
    "amount": "1240.50",
    "basis": None,
    "account": "0048213507",
    "address": "Пермь, ул. Революции, 21а, кв. 14",
    "payer": "Петрова Ирина Сергеевна",
    "payee": DEMO_PAYEE,
    "lines": [
        {
            "service": "Холодная вода",
            "amount": "715.50",
            "parts": [
                {"period": "2026-09-01", "amount": "215.50", "is_penalty": False},
                {"period": "2026-08-01", "amount": "12.00", "is_penalty": True},
                {"period": None, "amount": "488.00", "is_penalty": False},
            ],
        },
        {
            "service": "Водоотведение",
            "amount": "525.00",
            "parts": [{"period": "2026-10-01", "amount": "525.00", "is_penalty": False}],
        },
    ],
}


def pages(app: Flask, **changes: Any) -> list[str]:
    with app.app_context():
        reader = PdfReader(BytesIO(receipt.draw({**SNAPSHOT, **changes})))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_is_one_page_that_says_everything(app: Flask) -> None:
    (text,) = pages(app)
    for said in (
        "2026-0000042",
        "22 ноября 2026 г., 14:02",
        "1 240,50 ₽",
        "215,50 ₽",
        "525,00 ₽",
        "Холодная вода",
        "сентябрь 2026",
        "0048213507",
        "Пермь, ул. Революции, 21а, кв. 14",
        "Петрова Ирина Сергеевна",
        "1795338171234",
        "WC-0000000042-7KQ2MWXBZ",
        DEMO_PAYEE["name"],
        DEMO_PAYEE["inn"],
        DEMO_PAYEE["bic"],
        DEMO_PAYEE["settlement"],
        DEMO_PAYEE["correspondent"],
    ):
        assert said in text, said


def test_a_test_payment_says_so_and_a_real_one_does_not(app: Flask) -> None:
    assert "TEST" in pages(app)[0]
    assert "TEST" not in pages(app, is_test=False)[0]


def test_the_same_snapshot_gives_the_same_bytes(app: Flask) -> None:
    with app.app_context():
        first = receipt.draw(SNAPSHOT)
        assert receipt.draw(copy.deepcopy(SNAPSHOT)) == first


@pytest.mark.parametrize(
    "text",
    ["Оплата по договору № 12 «Вода» " * 6, "<b>&amp;{{7*7}}</b>", "Ж" * 210, "**не жирный** __нет__", "=1+1\tтаб"],
    ids=["long", "markup", "one word", "markdown", "formula"],
)
def test_what_a_payer_wrote_stands_as_text(app: Flask, text: str) -> None:
    shown = "".join(pages(app, basis=text))
    assert text.replace(" ", "").replace("\t", "") in shown.replace(" ", "")


def test_many_lines_and_periods_go_on_to_further_pages(app: Flask) -> None:
    parts = [
        {"period": f"{2020 + n // 12}-{n % 12 + 1:02d}-01", "amount": "10.00", "is_penalty": False} for n in range(60)
    ]
    assert len(pages(app, lines=[{"service": "Холодная вода", "amount": "600.00", "parts": parts}])) > 1


def test_fonts_come_with_their_licence() -> None:
    assert {path.name for path in receipt_page.FONTS.iterdir()} == {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE"}


def test_the_document_is_small(app: Flask) -> None:
    with app.app_context():
        assert len(receipt.draw(SNAPSHOT)) < 100_000
