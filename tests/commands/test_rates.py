"""`flask load-rates`, and the penalties that an installation's own rates make."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.domain.dated import TABLES
from app.models import ActStatus, KeyRate, Normative, PayerGroup, RateCap, Tariff, VatMode
from tests import factories
from tests.commands.test_calc import PENALTIES
from tests.conftest import Act
from tests.statements import recorded

HEAD = "service,payer_group,territory,price,vat_mode,valid_from"
ASKED = ["--payer-class", "citizen", "--principal", "1523.47", "--due", "2026-04-15", "--paid", "2026-09-15"]


def test_without_files_it_adds_what_comes_with_the_program(act: Act, cli: Any) -> None:
    result = cli.invoke(args=["load-rates"])
    assert result.exit_code == 0, result.output
    assert "key_rates.csv: 34 known" in result.output
    assert "tariffs_demo.csv: 8 added" in result.output
    with act() as session:
        assert session.scalar(select(func.count(Normative.id))) == 8
    assert "added" not in cli.invoke(args=["load-rates"]).output


def test_the_tables_are_held_before_anything_is_added(act: Act, cli: Any) -> None:
    with recorded() as statements:
        cli.invoke(args=["load-rates"])
    first = next(number for number, words in enumerate(statements) if words.startswith("INSERT"))
    held = {words.split()[2] for words in statements[:first] if words.startswith("LOCK TABLE")}
    with act() as session:
        is_postgresql = session.get_bind().dialect.name == "postgresql"  # SQLite holds the whole database
    assert held == ({table.model.__tablename__ for table in TABLES.values()} if is_postgresql else set())


def test_in_production_nobodys_prices_are_left_out(
    app: Flask, act: Act, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DEMO_ALLOWED", False)
    assert "tariffs" not in cli.invoke(args=["load-rates"]).output
    with act() as session:
        assert session.scalar(select(func.count(Tariff.id))) == 0


def test_of_several_files_all_are_taken_or_none(act: Act, cli: Any, tmp_path: Path) -> None:
    right, wrong = tmp_path / "tariffs_1.csv", tmp_path / "tariffs_2.csv"
    right.write_text(f"{HEAD}\ncold,population,Perm,30,inside,2026-01-01\n")
    wrong.write_text(f"{HEAD}\ncold,population,Perm,31,inside,2026-05-01\n")
    result = cli.invoke(args=["load-rates", str(right), str(wrong)])
    assert (result.exit_code, "tariffs_2.csv" in result.output) == (1, True)
    with act() as session:
        assert session.scalar(select(func.count(Tariff.id))) == 0


def test_a_file_that_is_not_there_is_a_wrong_word(cli: Any) -> None:
    assert cli.invoke(args=["load-rates", "/nowhere/key_rates.csv"]).exit_code == 2


def ask(cli: Any, *words: str) -> dict[str, Any]:
    result = cli.invoke(args=["calc", "penalty", *words, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize("case", PENALTIES, ids=lambda case: case["id"])
def test_every_penalty_of_the_vectors_comes_from_the_tables(case: dict[str, Any], cli: Any) -> None:
    words = ["--payer-class", case["payer_class"], "--principal", case["amount"], "--due", case["due_date"]]
    supposed = ["--key-rate", case["hypothetical_key_rate"]] if case["hypothetical_key_rate"] else []
    answer = ask(cli, *words, "--paid", case["paid_on"], *supposed)
    assert (answer["penalty"], answer["days"]) == (case["penalty"], case["overdue_days"])


def test_the_installations_own_rates_make_the_penalty(act: Act, cli: Any) -> None:
    assert ask(cli, *ASKED) == {
        "penalty": "99.08",
        "due": "2026-04-15",
        "days": 153,
        "segments": [{"rate": "9.50", "share": 300, "days": 60}, {"rate": "9.50", "share": 130, "days": 63}],
    }
    with act() as session:
        cap = session.scalars(select(RateCap)).one()
        cap.percent = Decimal(5)
    assert {each["rate"] for each in ask(cli, *ASKED)["segments"]} == {"5.00"}
    with act() as session:
        session.scalars(select(RateCap)).one().status = ActStatus.draft
    assert {each["rate"] for each in ask(cli, *ASKED)["segments"]} == {"15.50"}


def test_an_installation_without_rates_answers_by_the_programs_files(act: Act, cli: Any) -> None:
    with act() as session:
        session.execute(delete(KeyRate))
    assert ask(cli, *ASKED)["penalty"] == "99.08"


def test_the_demo_says_which_rate_it_lacks(act: Act, cli: Any) -> None:
    """It takes the prices that are there, and those of another town are none."""
    with act() as session:
        session.add(
            Tariff(
                service=factories.service(session),
                payer_group=PayerGroup.population,
                territory="Казань",
                price=Decimal(40),
                vat_mode=VatMode.inside,
                valid_from=date(2020, 1, 1),
                act="",
                status=ActStatus.approved,
            )
        )
    done = cli.invoke(args=["demo"])
    assert (done.exit_code, done.output.startswith("Error: ")) == (1, True)


def test_a_penalty_without_a_key_rate_says_so(cli: Any) -> None:
    asked = ["--payer-class", "citizen", "--principal", "10", "--due", "1990-01-10", "--paid", "1990-09-15"]
    done = cli.invoke(args=["calc", "penalty", *asked])
    assert done.exit_code == 2
    assert "1990" in done.output
