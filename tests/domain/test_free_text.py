"""Card numbers are found in words, and nothing else is."""

import pytest

from app.domain import free_text
from app.domain.errors import DomainError

CARDS = ("4111111111111111", "5555555555554444", "2223003122003222", "2200000000000004", "378282246310005")


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_in_any_clothing(number: str) -> None:
    grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    clothes = (
        number,
        grouped,
        grouped.replace(" ", "-"),
        grouped.replace(" ", "\u00a0"),
        f"карта {number}.",
        f"№{number},",
    )
    assert [text for text in clothes if free_text.card_number_in(text) is None] == []


@pytest.mark.parametrize(
    "text",
    [
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "４１１１ 1111 1111 1111",
        "Оплата 22.11.2026 картой 4111 1111 1111 1111 2026 года",
        "12 4111 1111 1111 1111",
        "3782 822463 10005",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111_1111_1111_1111",
        "4111, 1111, 1111, 1111",
        "4111:1111*1111 - 1111",
        "4111\t1111\t1111\t1111",
        "٤١١١ ١١١١ ١١١١ ١١١١",
    ],
)
def test_a_card_number_is_found_among_other_numbers(text: str) -> None:
    assert free_text.card_number_in(text) is not None
    assert free_text.card_number_in(free_text.without_card_numbers(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4111111111111112",
        "411111111111",
        "40702810600000000001",
        "Счёт 0048213507, договор 12/2026 от 01.02.2026",
        "Приборы 00012345 и 00067890, показания 345,123 и 128,5",
        "+7 342 201-95-37, доб. 1234",
        "ОГРН 1025900000000",
        "04081810300000000000411111111111111",
        "4111111111111111000000",
        "22.11.2026 14:02:45, 2026-11-22 14:02:39",
        "00012345, 00067890, 41111111, 11111111",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert free_text.card_number_in(text) is None
    assert free_text.without_card_numbers(text) == text


@pytest.mark.parametrize("text", ["Долг\x07", "Долг \x1b[31m", "Долг \ud800", "Долг \ue000"])
def test_signs_that_cannot_be_printed_are_refused(text: str) -> None:
    with pytest.raises(DomainError) as refused:
        free_text.check_line(text, field="basis")
    assert refused.value.field == "basis"


def test_a_line_is_tidied_before_it_is_looked_at() -> None:
    assert free_text.tidy_line("  Долг\u200b  за\u202e\tоктябрь\n") == "Долг за октябрь"


def test_long_rows_of_digits_take_no_time() -> None:
    for text in ("4" * 5000, "4 " * 2500, "4444 " * 1000):
        free_text.card_number_in(text)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("22-11-2026;4111111111111111;1240,50", "22-11-2026;411111******1111;1240,50"),
        ("4111 1111 1111 1111 и 4111.1111.1111.1111", "4111 11** **** 1111 и 4111.11**.****.1111"),
        ("700008615;0048213507;364,63", "700008615;0048213507;364,63"),
    ],
)
def test_a_line_of_a_file_keeps_the_ends_of_a_card_number_alone(line: str, kept: str) -> None:
    assert free_text.with_masked_cards(line) == kept
