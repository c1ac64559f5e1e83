"""Towns, streets, houses and premises of a chunk: found, or added in one statement each.

Letter case does not make another street or house: «8А» is «8а».
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from ...model_types import Base, folded, house_key
from ...models import House, Locality, Premises, Street
from ...queries import imports as queries
from .account_lines import AccountLine

Known = dict[tuple[int, str], int]
KEYS: Mapping[type[Base], tuple[str, str]] = {
    Street: ("locality_id", "name"),
    House: ("street_id", "number"),
    Premises: ("house_id", "flat"),
}


def premises_ids(session: Session, lines: Sequence[AccountLine]) -> list[int]:
    """The premises of each line."""
    towns = _localities(session, {folded(line.locality): line.locality for line in lines})
    town_of = [towns[folded(line.locality)] for line in lines]

    found = queries.streets(session, set(town_of), {folded(line.street) for line in lines})
    streets = {(street.locality_id, street.name_fold): street.id for street in found}
    street_of = _ids(
        session,
        Street,
        streets,
        (
            ((town, folded(line.street)), {"locality_id": town, "name": line.street, "name_fold": folded(line.street)})
            for town, line in zip(town_of, lines, strict=True)
        ),
    )

    houses = queries.houses(session, set(street_of), _cases(line.house for line in lines))
    house_of = _ids(
        session,
        House,
        {(house.street_id, folded(house.number)): house.id for house in houses},
        (((street, folded(line.house)), _house(street, line)) for street, line in zip(street_of, lines, strict=True)),
    )

    flats = queries.premises(session, set(house_of), _cases(line.flat for line in lines))
    return _ids(
        session,
        Premises,
        {(flat.house_id, folded(flat.flat)): flat.id for flat in flats},
        (((house, folded(line.flat)), _premises(house, line)) for house, line in zip(house_of, lines, strict=True)),
    )


def _localities(session: Session, names: Mapping[str, str]) -> dict[str, int]:
    known = {folded(town.name): town.id for town in queries.localities(session)}
    missing = [fold for fold in names if fold not in known]
    added = queries.inserted_ids(session, Locality, [{"name": names[fold]} for fold in missing], "name")
    return known | dict(zip(missing, added, strict=True))


def _ids(
    session: Session,
    model: type[Base],
    known: Known,
    wanted: Iterable[tuple[tuple[int, str], Mapping[str, Any]]],
) -> list[int]:
    """The id of each wanted row: known ones by their key, the others added."""
    rows = list(wanted)
    missing = {key: row for key, row in rows if key not in known}
    added = queries.inserted_ids(session, model, list(missing.values()), *KEYS[model])
    known.update(zip(missing, added, strict=True))
    return [known[key] for key, _ in rows]


def _house(street_id: int, line: AccountLine) -> dict[str, Any]:
    label = line.house_label
    names = {"number": line.house, "number_key": house_key(line.house), "label": label, "label_fold": folded(label)}
    return {"street_id": street_id, **names}


def _premises(house_id: int, line: AccountLine) -> dict[str, Any]:
    address = line.address
    return {"house_id": house_id, "flat": line.flat, "address": address, "address_fold": folded(address)}


def _cases(values: Iterable[str]) -> Collection[str]:
    return {case for value in values for case in (value, value.lower(), value.upper())}
