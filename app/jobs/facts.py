"""Counts what managers' reports read."""

from ..domain import facts
from ..extensions import transaction


def refresh_facts() -> None:
    with transaction() as session:
        facts.refresh(session)
