"""Counts what managers' reports read."""

from .. import single
from ..domain import facts
from ..extensions import transaction


def refresh_facts() -> None:
    with single.running("facts"), transaction() as session:
        facts.refresh(session)
