"""The embedded test gateway: MONETA's wire format over real HTTP, in its own process on its own port.

Its state lives in memory, so exactly one process with threads may serve it, and a restart forgets every payment.
"""

from app.gateways.sandbox.application import create_sandbox
from app.gateways.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "create_sandbox"]
