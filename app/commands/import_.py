"""`flask import …`: files of other systems taken in from the command line.

Exit code 0: taken in, refused lines are listed. 1: the file was refused as a whole, nothing was taken in. 2: there is
nothing to read (no such file, empty, not a text).
"""

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from .. import single
from ..domain import house_places
from ..domain.errors import DomainError
from ..domain.imports import batches, profiles, report, text
from ..domain.imports.refusals import FileRefused
from ..extensions import db, transaction
from ..models import ImportBatch, ImportKind
from . import as_system


@click.group("import")
def import_() -> None:
    """Take in a file of another system."""


def _options() -> Any:
    def decorate(command: Any) -> Any:
        profile = click.option("--profile", required=True, help="What the file looks like.")
        as_json = click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
        file = click.argument("file", type=click.Path(path_type=Path))
        return file(profile(as_json(with_appcontext(as_system(command)))))

    return decorate


@import_.command("accounts")
@_options()
def accounts_command(file: Path, profile: str, as_json: bool) -> None:
    """Accounts, meters, opening readings and balances out of a billing system's export."""
    _take_in(file, ImportKind.accounts, profile, as_json)


@import_.command("payments")
@_options()
def payments_command(file: Path, profile: str, as_json: bool) -> None:
    """Payments out of a bank's registry."""
    _take_in(file, ImportKind.payments, profile, as_json)


@import_.command("places")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
@as_system
def places_command(file: Path) -> None:
    """Where houses stand, out of GeoJSON with the addresses of OpenStreetMap; maps of works are drawn by it."""
    try:
        with single.running("import"), transaction() as session:
            outcome = house_places.take_in(session, file.read_bytes())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    for address in outcome.unknown:
        click.echo(f"not found: {address}", err=True)
    click.echo(f"{outcome.placed} houses have their places, {len(outcome.unknown)} of the file were not found.")


def _take_in(file: Path, kind: ImportKind, profile_name: str, as_json: bool) -> None:
    profile = profiles.named(db.session(), profile_name)
    if profile is None or profile.kind is not kind:
        names = ", ".join(name for name, _words in profiles.of_kind(db.session(), kind))
        raise click.BadParameter(f"choose one of: {names}", param_hint="--profile")
    try:
        facts = text.examine(file, profile)
    except FileRefused as refusal:
        raise click.UsageError(f"{file}: {refusal.english}") from refusal
    with single.running("import"):
        with transaction() as session:
            batch_id = batches.register(session, profile=profile, file_name=file.name, facts=facts).id
        batches.run(transaction, batch_id, file)
    session = db.session()
    batch = session.get_one(ImportBatch, batch_id)
    done = report.as_json(session, batch)
    click.echo(json.dumps(done, ensure_ascii=False) if as_json else _summary(batch, done))
    failed = report.failure(batch)
    if failed is not None:
        click.echo(f"Error: {failed}", err=True)
        raise click.exceptions.Exit(1)


def _summary(batch: ImportBatch, done: dict[str, Any]) -> str:
    """Readable lines: what was added, what was known, what was refused."""
    lines = [f"{name}: {done[name]}" for name in done if name not in ("balance", "refused")]
    lines += [f"balance, {code}: {amount}" for code, amount in done.get("balance", {}).items()]
    if batch.kind is ImportKind.accounts:
        lines.append(f"known already, not changed: {batch.result['counts']['known']}")
    lines += [f"{note}: {noted['count']}" for note, noted in batch.result["notes"].items()]
    lines.append(f"refused lines: {len(done['refused'])}")
    lines += [f"  line {refused['line']}: {refused['reason']}" for refused in done["refused"]]
    return "\n".join(lines)
