"""Sends refunds to the gateway, and asks about those whose end is not known."""

from flask import current_app

from ..documents import receipt
from ..domain import refunds
from ..extensions import transaction
from ..gateways.base import Gateway


def send_refunds() -> None:
    """Without the gateway's own interface nothing is sent: the refunds wait."""
    gateway: Gateway = current_app.extensions["gateway"]
    if gateway.can_be_asked:
        refunds.send_due(transaction, gateway, receipt.send_return)
