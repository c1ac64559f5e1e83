"""What of an export's line is understood, and why a line is refused."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.imports import refusals as why
from app.domain.imports.judging import Judge
from app.domain.imports.refusals import FileRefused, LineRefused
from app.domain.imports.text import Line
from tests.domain.exports import COMPANY, HEADER, LATER, NO_METER, PERSON, line, parsed, reader


def reason(like: dict[str, str] = PERSON, /, **changes: str) -> str:
    with pytest.raises(LineRefused) as refused:
        parsed(like, **changes)
    return refused.value.reason


def test_a_line_is_an_account_with_its_meter_and_balances() -> None:
    found = parsed(Телефон="+7 (342) 291-73-39", Email="Anna@Example.ru")

    assert (found.number, found.key, found.name) == ("0048213507", "48213507", "Пробная Анна Сергеевна")
    assert found.address == "Пермь, ул. Ленина, 8а, кв. 14"
    assert (found.residents, found.services) == (2, ("cold", "sewerage"))
    assert found.balances == {"cold": Decimal("100.50"), "sewerage": Decimal(-20)}
    assert (found.phone, found.email) == ("73422917339", "Anna@example.ru")
    assert found.meter is not None
    assert (found.meter.serial, found.meter.service, found.meter.digits) == ("17304561", "cold", 5)
    assert (found.meter.value, found.meter.taken_on) == (Decimal("123.456"), date(2026, 10, 23))
    assert found.meter.verified_until == date(2030, 12, 23)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ЛицевойСчет": ""}, why.NO_NUMBER),
        ({"ЛицевойСчет": "48-213"}, why.BAD_NUMBER),
        ({"ЛицевойСчет": "٤٨٢١٣"}, why.BAD_NUMBER),
        ({"ЛицевойСчет": "1" * 21}, why.BAD_NUMBER),
        ({"ЛицевойСчет": "0000000000"}, why.BAD_NUMBER),
        ({"Тип": "КФХ"}, why.UNKNOWN_TYPE),
        ({"Тип": ""}, why.UNKNOWN_TYPE),
        ({"Абонент": " "}, why.NO_NAME),
        ({"Абонент": "А" * 201}, why.TOO_LONG),
        ({"Улица": "№" * 140}, why.TOO_LONG),
        ({"Город": ""}, why.NO_ADDRESS),
        ({"Дом": ""}, why.NO_ADDRESS),
        ({"Проживает": "двое"}, why.BAD_RESIDENTS),
        ({"Проживает": "1,5"}, why.BAD_RESIDENTS),
        ({"Проживает": "-1"}, why.BAD_RESIDENTS),
        ({"Услуги": ""}, why.NO_SERVICE),
        ({"Услуги": "ХВС,ГАЗ"}, why.UNKNOWN_SERVICE),
        ({"УслугаПрибора": "ГАЗ"}, why.UNKNOWN_SERVICE),
        ({"УслугаПрибора": ""}, why.NO_METER_SERVICE),
        ({"Прибор": ""}, why.NO_SERIAL),
        ({"Разрядность": "0"}, why.BAD_DIGITS),
        ({"Разрядность": "10"}, why.BAD_DIGITS),
        ({"Разрядность": "пять"}, why.BAD_DIGITS),
        ({"Разрядность": ""}, why.BAD_DIGITS),
        ({"ПоверкаДо": "31.02.2027"}, why.BAD_DATE),
        ({"ПоверкаДо": "01.01.0001"}, why.BAD_DATE),
        ({"ПоверкаДо": "01.01.2999"}, why.BAD_DATE),
        ({"ПоказаниеДата": "2026-10-23"}, why.BAD_DATE),
        ({"ПоказаниеДата": "23.10.26"}, why.BAD_DATE),
        ({"ПоказаниеДата": ""}, why.NO_READING),
        ({"Показание": ""}, why.NO_READING),
        ({"Показание": "много"}, why.BAD_READING),
        ({"Показание": "NaN"}, why.BAD_READING),
        ({"Показание": "1e3"}, why.BAD_READING),
        ({"Показание": "12.345"}, why.BAD_READING),
        ({"Показание": "-1,000"}, why.NEGATIVE_READING),
        ({"Показание": "1,2345"}, why.READING_PARTS),
        ({"Показание": "100000"}, why.READING_DIGITS),
        ({"СальдоХВС": "десять"}, why.BAD_BALANCE),
        ({"СальдоХВС": "1e309"}, why.BAD_BALANCE),
        ({"СальдоХВС": "9" * 60}, why.BAD_BALANCE),
        ({"СальдоХВС": "10-"}, why.BAD_BALANCE),
        ({"СальдоХВС": "10,005"}, why.BALANCE_PARTS),
        ({"СальдоХВС": "9999999999"}, why.BALANCE_TOO_LARGE),
        ({"Услуги": "ХВС"}, why.FOREIGN_BALANCE),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_value_is_named(changes: dict[str, str], expected: str) -> None:
    assert reason(PERSON, **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ИНН": "5902817383"}, why.BAD_INN),
        ({"ИНН": "0000000000"}, why.BAD_INN),
        ({"ИНН": ""}, why.NO_INN),
        ({"КПП": "59020100"}, why.BAD_KPP),
        ({"Тип": "ИП"}, why.BAD_INN),
    ],
)
def test_a_firm_is_known_by_right_numbers(changes: dict[str, str], expected: str) -> None:
    assert reason(COMPANY, **changes) == expected


def test_a_sole_trader_has_an_inn_of_12_digits_and_no_kpp() -> None:
    found = parsed(COMPANY, Тип="ИП", ИНН="500100732259", КПП="")
    assert (found.inn, found.kpp) == ("500100732259", None)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("1 889,82", "1889.82"),
        ("1\u00a0889,82", "1889.82"),
        ("-38,64", "-38.64"),
        ("−38,64", "-38.64"),
        ("38.64", "38.64"),
        ("0", "0"),
        ("-0,00", "0"),
    ],
)
def test_a_balance_is_read_in_any_clothing_that_leaves_no_doubt(typed: str, understood: str) -> None:
    found = parsed(СальдоХВС=typed).balances
    assert found is not None
    assert found["cold"] == Decimal(understood)


def test_a_phone_and_an_email_that_cannot_be_understood_are_left_out_with_a_note() -> None:
    found = parsed(Телефон="не звонить", Email="нет@")
    assert (found.phone, found.email) == (None, None)
    assert found.notes == (why.PHONE_LEFT_OUT, why.EMAIL_LEFT_OUT)


def test_a_line_with_an_open_quotation_mark_spoils_no_other_line() -> None:
    rules = reader()
    with pytest.raises(LineRefused) as refused:
        rules.parse(rules.columns(line(Абонент='"ООО Проба')))
    assert refused.value.reason == why.TOO_FEW
    assert rules.columns('1;"ТСЖ ""Кама""";ООО "Проба"') == ["1", 'ТСЖ "Кама"', 'ООО "Проба"']


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line() + ";", why.TOO_MANY),
        (line().rpartition(";")[0], why.TOO_FEW),
        (line(Абонент="А\x00Б"), why.UNREADABLE),
        (line(Абонент="А\ufffdБ"), why.UNREADABLE),
        (line(Абонент="А" * 6000), why.TOO_LONG_LINE),
    ],
)
def test_a_line_of_another_shape_is_refused(text: str, expected: str) -> None:
    with pytest.raises(LineRefused) as refused:
        Judge(reader()).judge(Line(2, text))
    assert refused.value.reason == expected


def test_columns_are_found_by_their_names_in_any_order_and_others_are_passed_over() -> None:
    names = [*reversed(HEADER.split(";")), "Примечание"]
    values = dict(zip(HEADER.split(";"), line().split(";"), strict=True))
    rules = reader(";".join(name.upper() for name in names))
    found = rules.parse(rules.columns(";".join(values.get(name, "…") for name in names)))
    assert (found.number, found.house) == ("0048213507", "8а")


def test_a_file_without_the_columns_of_its_profile_is_refused_and_they_are_named() -> None:
    with pytest.raises(FileRefused) as refused:
        reader(HEADER.replace("СальдоВО;", "").replace("Тип;", ""))
    assert refused.value.english == (
        "The first line does not name these columns: Тип, СальдоВО. Check the profile and the export."
    )
    with pytest.raises(FileRefused, match="Тип"):
        reader(HEADER + ";Тип")


# Lines of one file against each other -----------------------------------------------------------------


def judged(*texts: str) -> list[str]:
    """What becomes of each line: its reason, or "first", "further"."""
    judge, found = Judge(reader()), []
    for number, text in enumerate(texts, start=2):
        try:
            found.append("first" if judge.judge(Line(number, text)).is_first else "further")
        except LineRefused as refused:
            found.append(refused.reason)
    return found


SECOND: dict[str, Any] = {**LATER, "Прибор": "17304999", "УслугаПрибора": "ГВС"}


def test_further_meters_of_an_account_stand_in_lines_without_a_balance() -> None:
    assert judged(line(), line(**SECOND)) == ["first", "further"]


def test_a_balance_repeated_for_each_meter_is_the_same_balance() -> None:
    same = {**SECOND, "СальдоХВС": "100,5", "СальдоВО": "-20"}
    assert judged(line(), line(**same)) == ["first", "further"]
    assert judged(line(), line(**{**same, "СальдоВО": "0,00"})) == ["first", why.OTHER_BALANCE]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Абонент": "Другая Анна Сергеевна"}, why.OTHER_DETAILS),
        ({"Дом": "8б"}, why.OTHER_DETAILS),
        ({"Проживает": "3"}, why.OTHER_DETAILS),
        ({"Прибор": "17304561"}, why.REPEATED_METER),
        ({**NO_METER}, why.REPEATED_LINE),
        ({"ЛицевойСчет": "48213507"}, why.OTHER_ZEROS),
    ],
)
def test_a_line_that_contradicts_the_first_one_is_refused(changes: dict[str, str], expected: str) -> None:
    assert judged(line(), line(**{**SECOND, **changes})) == ["first", expected]


def test_letter_case_and_spaces_contradict_nothing() -> None:
    assert judged(line(), line(**{**SECOND, "Дом": "8А", "Улица": "ул.  ленина"})) == ["first", "further"]


def test_without_its_first_line_an_account_would_lose_its_balance_so_no_line_of_it_is_taken() -> None:
    assert judged(line(СальдоХВС="десять"), line(**SECOND)) == [why.BAD_BALANCE, why.FIRST_LINE_REFUSED]
    assert judged("0048213507;ФЛ;Обрыв", line(**SECOND)) == [why.TOO_FEW, why.FIRST_LINE_REFUSED]
    assert judged(line(СальдоХВС="десять"), line()) == [why.BAD_BALANCE, "first"]


def test_a_bad_further_line_loses_its_meter_alone() -> None:
    assert judged(line(), line(**{**SECOND, "Показание": "x"}), line(**{**SECOND, "Прибор": "9"})) == [
        "first",
        why.BAD_READING,
        "further",
    ]
