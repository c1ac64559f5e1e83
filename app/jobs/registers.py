"""Asks the gateway for its own list of a day, for the day's register."""

from datetime import date, timedelta

from flask import current_app

from .. import clock, single
from ..domain import registers
from ..extensions import transaction
from ..gateways.base import Gateway


def list_day(day: str) -> None:
    """Safe to ask for twice: the second waits for the first, and the same list is kept."""
    gateway: Gateway = current_app.extensions["gateway"]
    if gateway.can_be_asked:
        with single.running("register"):
            registers.fetch(transaction, gateway, date.fromisoformat(day))


def list_yesterday() -> None:
    list_day((clock.today() - timedelta(days=1)).isoformat())
