"""`flask calc`: the rules asked from the command line."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.commands.calc import calc

DATA = Path(__file__).parents[1] / "data/vectors"
READINGS = json.loads((DATA / "readings.json").read_text("utf-8"))
IDENTIFIERS = json.loads((DATA / "identifiers.json").read_text("utf-8"))
AVERAGES = json.loads((DATA / "averages.json").read_text("utf-8"))
CHARGES = {case["id"]: case for case in json.loads((DATA / "charges.json").read_text("utf-8"))}
PENALTIES = json.loads((DATA / "penalties.json").read_text("utf-8"))
STATUS = {
    "ok": "ok",
    "ok_zero": "ok",
    "rollover": "rollover",
    "reject_lower": "lower",
    "reject_digits": "digits",
    "review_too_big": "confirm",
}


def run(*args: str) -> Result:
    result = CliRunner().invoke(calc, args)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def ask(previous: str, current: str, *more: str, digits: str = "5") -> Result:
    return run("consumption", "--digits", digits, "--previous", previous, "--current", current, *more)


@pytest.mark.parametrize("case", READINGS, ids=lambda case: case["id"])
def test_every_reading_of_the_vectors_is_answered(case: dict[str, Any]) -> None:
    result = ask(case["prev"], case["cur"], digits=str(case["digits"]))

    assert json.loads(result.stdout) == {"status": STATUS[case["status"]], "volume": case["volume"]}
    assert result.exit_code == 0


@pytest.mark.parametrize("case", IDENTIFIERS, ids=lambda case: f"{case['t']} {case['v']}")
def test_every_identifier_of_the_vectors_is_answered(case: dict[str, Any]) -> None:
    bank = ["--bik", case["bik"]] if "bik" in case else []
    result = run("check", case["t"], case["v"], *bank)

    assert json.loads(result.stdout) == {"valid": case["ok"]}
    assert result.exit_code == (0 if case["ok"] else 1)


def test_the_answer_is_one_line_of_json_with_the_flag_and_without() -> None:
    expected = '{"status": "rollover", "volume": "4.373"}\n'
    assert ask("99998.742", "3.115").stdout == expected
    assert ask("99998,742", "3,115", "--json").stdout == expected
    assert run("check", "bik", "045773603", "--json").stdout == '{"valid": true}\n'


def test_the_volume_keeps_the_decimals_of_the_readings() -> None:
    assert json.loads(ask("10", "18").stdout)["volume"] == "8"
    assert json.loads(ask("100.000", "118.200").stdout)["volume"] == "18.200"
    assert json.loads(ask("10.000", "10").stdout)["volume"] == "0.000"


def test_the_average_and_the_months_widen_the_limit() -> None:
    assert json.loads(ask("0", "100").stdout)["status"] == "confirm"
    assert json.loads(ask("0", "100", "--average", "40").stdout)["status"] == "ok"
    assert json.loads(ask("0", "100", "--months", "4").stdout)["status"] == "ok"


@pytest.mark.parametrize("number", ["-1", "abc", "", "NaN", "1e309", "9" * 40, "1.2345", "٣"])
@pytest.mark.parametrize("option", ["--previous", "--current", "--average"])
def test_a_bad_number_is_named_and_ends_with_code_2(option: str, number: str) -> None:
    result = ask("1", "2", option, number)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert option in result.stderr
    assert "nter" in result.stderr  # the advice: "Enter …" or "… enter …"


@pytest.mark.parametrize(
    "line",
    [
        "consumption --digits 0 --previous 1 --current 2",
        f"consumption --digits {'9' * 40} --previous 1 --current 2",
        "consumption --digits 5 --previous 1",
        "consumption --digits 5 --previous 1 --current 2 --months 0",
        "check passport 1",
        "check inn",
        "check inn 1 2",
        "check account 40702810012300004567",
        "guess",
    ],
)
def test_what_cannot_be_asked_ends_with_code_2_and_a_reason(line: str) -> None:
    result = run(*line.split())

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error: " in result.stderr


@pytest.mark.parametrize("value", ["-5", "--5902817382", "-b", "--", "-", "", "1" * 300, "５９０２８１７３８２"])
def test_a_strange_value_is_a_wrong_value(value: str) -> None:
    result = run("check", "inn", "--", value)
    assert (result.exit_code, result.stdout) == (1, '{"valid": false}\n')


def test_a_value_with_a_minus_needs_no_escape() -> None:
    assert run("check", "inn", "-5902817382").exit_code == 1
    assert run("check", "snils", "--x").stdout == '{"valid": false}\n'


@pytest.mark.parametrize("case", AVERAGES, ids=lambda case: case["id"])
def test_every_average_of_the_vectors_is_answered(case: dict[str, Any]) -> None:
    result = run("average", "--months", ",".join(case["history"]), "--json")

    assert json.loads(result.stdout) == {"average": case["avg"]}


def test_a_month_without_a_reading_divides_the_average() -> None:
    assert json.loads(run("average", "--months", "6,7,,8").stdout) == {"average": "5.250"}


@pytest.mark.parametrize("case", PENALTIES, ids=lambda case: case["id"])
def test_every_penalty_of_the_vectors_is_answered(case: dict[str, Any]) -> None:
    words = ["--payer-class", case["payer_class"], "--principal", case["amount"], "--due", case["due_date"]]
    supposed = ["--key-rate", case["hypothetical_key_rate"]] if case["hypothetical_key_rate"] else []
    result = run("penalty", *words, "--paid", case["paid_on"], *supposed, "--json")

    assert json.loads(result.stdout) == {
        "penalty": case["penalty"],
        "due": case["due_date"],
        "days": case["overdue_days"],
        "segments": [{"rate": each["rate"], "share": each["den"], "days": each["days"]} for each in case["segments"]],
    }


def test_a_due_date_on_a_day_off_moves_when_it_is_asked_to() -> None:
    words = ["penalty", "--payer-class", "citizen", "--principal", "842.18", "--due", "2026-08-15"]
    standing, moved = (
        json.loads(run(*words, "--paid", "2026-11-22", *more).stdout) for more in ((), ("--working-day",))
    )
    assert (standing["penalty"], standing["due"]) == ("21.54", "2026-08-15")
    assert (moved["penalty"], moved["due"]) == ("20.31", "2026-08-17")


def charge(*words: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads(run("charge", *words, "--json").stdout)["lines"]
    return lines


@pytest.mark.parametrize(("coefficient", "excess"), [("1.5", "excess15"), ("3", "excess3")])
def test_the_excess_of_a_coefficient_is_a_line_of_its_own(coefficient: str, excess: str) -> None:
    words = ("--service", "cold", "--method", "normative", "--volume", "3.881", "--residents", "2", "--price", "41.45")
    main, more = charge(*words, "--coefficient", coefficient, "--vat", "inside:22")
    case = CHARGES["C02"]

    assert (main["amount"], main["excess"]) == (case["base"], False)
    assert (more["amount"], more["excess"]) == (case[excess], True)


def test_measured_water_is_charged_with_the_tax_inside_or_on_top() -> None:
    case = CHARGES["C01"]
    (line,) = charge(
        "--service", "sewerage", "--method", "meter", "--volume", case["vo_volume"], "--price", "36.45", "--vat",
        "inside:20",
    )  # fmt: skip
    assert (line["volume"], line["amount"]) == (case["vo_volume"], case["vo"])

    case = CHARGES["C11"]
    lines = [
        charge("--service", service, "--method", "meter", "--volume", "412.5", "--price", price, "--vat", "top:22")[0]
        for service, price in (("cold", "34.54"), ("sewerage", "30.38"))
    ]
    sums = {name: sum(Decimal(line[name]) for line in lines) for name in ("net", "vat", "amount")}
    assert sums == {
        "net": Decimal(case["net"]),
        "vat": Decimal(case["vat_rows"]),
        "amount": Decimal(case["gross"]),
    }


@pytest.mark.parametrize(
    "words",
    [
        ("charge", "--service", "cold", "--method", "meter", "--volume", "NaN", "--price", "1", "--vat", "top:22"),
        ("charge", "--service", "cold", "--method", "meter", "--volume", "1", "--price", "1e309", "--vat", "top:22"),
        ("charge", "--service", "cold", "--method", "meter", "--volume", "1", "--price", "1", "--vat", "beside:22"),
        ("charge", "--service", "cold", "--method", "normative", "--volume", "1", "--price", "1", "--vat", "top:22"),
        ("average", "--months", "6,x,7"),
        ("penalty", "--payer-class", "citizen", "--principal", "-1", "--due", "2026-04-15", "--paid", "2026-09-15"),
        ("penalty", "--payer-class", "citizen", "--principal", "1", "--due", "2026-02-30", "--paid", "2026-09-15"),
        ("penalty", "--payer-class", "citizen", "--principal", "1", "--due", "2001-04-15", "--paid", "2001-09-15"),
    ],
)
def test_what_cannot_be_calculated_is_refused(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
