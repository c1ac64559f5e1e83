"""What `create_sandbox` put together for the pages, and the fault that its operator switched on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from flask import current_app

from app.gateways.sandbox.register import Register
from app.gateways.sandbox.settings import SandboxSettings
from app.gateways.sandbox.till import Till


class Trouble(StrEnum):
    none = "none"
    down = "down"  # neither the payment page nor the interface answers
    silent = "silent"  # the interface does what it is asked and does not say so
    refusing = "refusing"  # the interface refuses refunds and charges of saved cards


@dataclass(slots=True)
class Parts:
    settings: SandboxSettings
    register: Register
    till: Till
    trouble: Trouble = Trouble.none


def parts() -> Parts:
    return cast(Parts, current_app.extensions["sandbox"])
