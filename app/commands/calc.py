"""`flask calc …`: the rules of readings, charges, penalties and identifiers, asked by support staff and scripts.

The answer is one line of JSON, with `--json` or without; what cannot be asked ends with exit code 2.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from flask.cli import ScriptInfo
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.domain import identifiers, published, rates
from app.domain.calendar import next_working_day
from app.domain.charges import ChargeLine, metered_line, normative_lines
from app.domain.consumption import average, consumption
from app.domain.errors import DomainError
from app.domain.numbers import parse_decimal, parse_money, parse_volume
from app.domain.penalties import KeyRate, PenaltyRules
from app.extensions import db
from app.models import ChargeKind, PayerClass, VatMode


class Typed(click.ParamType[Any]):
    """A value as people type it, read by one of the rules that read it on pages."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except DomainError as error:
            self.fail(error.message, param, ctx)


def _read_rate(text: str) -> Decimal:
    return parse_decimal(text, places=4, minimum=Decimal(0), maximum=Decimal(1_000_000))


def _read_months(text: str) -> list[Decimal | None]:
    """Volumes between commas; nothing between two of them is a month without a reading."""
    return [parse_volume(part) if part.strip() else None for part in text.split(",")]


def _read_vat(text: str) -> tuple[VatMode, Decimal]:
    mode, _sign, rate = text.partition(":")
    if mode not in tuple(VatMode) or not rate:
        raise DomainError("Say where the tax is and its percent: inside:22 or top:22.")
    return VatMode(mode), _read_rate(rate)


VOLUME, MONEY, RATE = Typed("m3", parse_volume), Typed("roubles", parse_money), Typed("rate", _read_rate)
MONTHS, VAT = Typed("m3,m3,…", _read_months), Typed("inside|top:percent", _read_vat)
DAY = click.DateTime(["%Y-%m-%d"])
KINDS = click.Choice([*identifiers.PLAIN, *identifiers.IN_BANK])
as_json = click.option("--json", is_flag=True, expose_value=False, help="JSON is printed in any case.")


@click.group()
def calc() -> None:
    """Ask the rules about a reading or an identifier."""


@calc.command("consumption")
@click.option("--digits", type=click.IntRange(1, 9), required=True, help="Whole digits of the meter.")
@click.option("--previous", type=VOLUME, required=True, help="The reading before.")
@click.option("--current", type=VOLUME, required=True, help="The new reading.")
@click.option("--average", type=VOLUME, help="The average monthly volume, where it is known.")
@click.option("--months", type=click.IntRange(1, 1200), default=1, help="Months between the readings.")
@as_json
def consumption_command(**values: Any) -> None:
    """Say what the new reading means and how much water was used."""
    found = consumption(**values)
    volume = None if found.volume is None else f"{found.volume:f}"
    click.echo(json.dumps({"status": found.status, "volume": volume}))


@calc.command("average")
@click.option("--months", type=MONTHS, required=True, help="Monthly use, the oldest first: 6,7,,8 (one is missing).")
@as_json
def average_command(months: list[Decimal | None]) -> None:
    """Say the average that stands in for a missing reading; null where the normative must be used."""
    found = average(months)
    click.echo(json.dumps({"average": None if found is None else f"{found:f}"}))


@calc.command("charge")
@click.option("--service", type=click.Choice(["cold", "sewerage"]), required=True)
@click.option("--method", type=click.Choice(["meter", "normative"]), required=True)
@click.option("--volume", type=VOLUME, required=True, help="By meter: m³ used. By normative: m³ a person a month.")
@click.option("--residents", type=click.IntRange(0, 100_000), help="People, for the normative.")
@click.option("--price", type=RATE, required=True, help="Roubles for 1 m³.")
@click.option("--coefficient", type=RATE, default="1", help="The raising coefficient of the normative.")
@click.option("--vat", type=VAT, required=True, help="Where the tax is and its percent: inside:22 or top:22.")
@as_json
def charge_command(
    service: str,
    method: str,
    volume: Decimal,
    residents: int | None,
    price: Decimal,
    coefficient: Decimal,
    vat: tuple[VatMode, Decimal],
) -> None:
    """Say the lines of a charge; the excess that a coefficient causes is a line of its own."""
    mode, rate = vat
    lines: Sequence[ChargeLine]
    if method == "meter":
        if residents is not None or coefficient != 1:
            raise click.UsageError("People and the coefficient belong to the normative, not to a meter.")
        lines = [metered_line(volume, price, rate, mode)]
    else:
        if residents is None:
            raise click.UsageError("Give the number of people with --residents: the normative is for one person.")
        if coefficient < 1:
            raise click.UsageError("A coefficient raises: give 1 or more.")
        lines = normative_lines(
            residents=residents, normative=volume, price=price, vat_rate=rate, vat_mode=mode, coefficient=coefficient
        )
    click.echo(json.dumps({"service": service, "lines": [_line(line) for line in lines], "total": _sum(lines)}))


def _line(line: ChargeLine) -> dict[str, Any]:
    """`amount` is what is to be paid for the line, its VAT included."""
    return {
        "volume": f"{line.volume:f}",
        "coefficient": f"{line.coefficient:f}",
        "net": f"{line.net:.2f}",
        "vat": f"{line.vat:.2f}",
        "amount": f"{line.amount:.2f}",
        "excess": line.kind is ChargeKind.excess,
    }


def _sum(lines: Sequence[ChargeLine]) -> str:
    return f"{sum((line.amount for line in lines), Decimal(0)):.2f}"


def _penalty_rules() -> PenaltyRules:
    """Those of this installation; those that come with the program where it has none, or no database."""
    script = click.get_current_context().find_object(ScriptInfo)
    if script is None:
        return published.penalty_rules()
    try:
        with script.load_app().app_context():
            own = rates.penalty_rules(db.session())
    except (OperationalError, ProgrammingError):
        return published.penalty_rules()
    return own if own.key_rates else published.penalty_rules()


@calc.command("penalty")
@click.option("--payer-class", type=click.Choice(list(PayerClass)), required=True)
@click.option("--principal", type=MONEY, required=True, help="The debt in roubles.")
@click.option("--due", type=DAY, required=True, help="The last day to pay, taken as it stands.")
@click.option("--paid", type=DAY, required=True, help="The day of payment.")
@click.option("--working-day", is_flag=True, help="Move a due date on a day off to the next working day first.")
@click.option("--key-rate", type=RATE, help="A key rate to suppose on the day of payment.")
@as_json
def penalty_command(
    payer_class: str, principal: Decimal, due: datetime, paid: datetime, working_day: bool, key_rate: Decimal | None
) -> None:
    """Say what the delay costs, and by which rates."""
    rules = _penalty_rules()
    if key_rate is not None:
        rules = replace(rules, key_rates=[KeyRate(date.min, key_rate)])
    last = next_working_day(due.date()) if working_day else due.date()
    try:
        found = rules.penalty(principal, payer_class=PayerClass(payer_class), due=last, paid=paid.date())
    except DomainError as error:
        raise click.UsageError(error.message) from error
    segments = [{"rate": f"{each.rate:.2f}", "share": each.share, "days": each.days} for each in found.segments]
    answer = {"penalty": f"{found.amount:.2f}", "due": last.isoformat(), "days": found.days, "segments": segments}
    click.echo(json.dumps(answer))


# What begins with a minus is a wrong value, not an unknown option.
@calc.command("check", context_settings={"ignore_unknown_options": True})
@click.argument("kind", metavar="KIND", type=KINDS)
@click.argument("value")
@click.option("--bik", help="BIK of the bank, for an account.")
@as_json
@click.pass_context
def check_command(ctx: click.Context, kind: str, value: str, bik: str | None) -> None:
    """Say whether the number is right: exit code 0 if it is, 1 if it is not."""
    if kind in identifiers.IN_BANK and bik is None:
        raise click.UsageError("Give the bank's BIK with --bik: the account's key digit depends on it.")
    valid = identifiers.check(kind, value, bik)
    click.echo(json.dumps({"valid": valid}))
    ctx.exit(0 if valid else 1)
