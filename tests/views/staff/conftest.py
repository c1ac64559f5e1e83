"""The stage of the drill for pages that ask the gateway."""

from tests.drill.conftest import stage as stage
