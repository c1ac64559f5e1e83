"""`flask calc …`: the rules of readings and identifiers, to be asked by support staff and scripts.

The answer is one line of JSON, with `--json` or without; what cannot be asked ends with exit code 2.
"""

import json
from decimal import Decimal
from typing import Any

import click

from app.domain import identifiers
from app.domain.consumption import consumption
from app.domain.errors import DomainError
from app.domain.numbers import parse_volume


class VolumeType(click.ParamType[Decimal]):
    """Cubic metres as people type them."""

    name = "m3"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            return parse_volume(str(value))
        except DomainError as error:
            self.fail(error.message, param, ctx)


VOLUME = VolumeType()
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
