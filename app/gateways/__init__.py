"""Payment organisations: what the utility needs of one (`base`), MONETA's format, the embedded sandbox."""

from collections.abc import Mapping
from typing import Any

from .base import Gateway
from .moneta import Moneta, MonetaSettings


def from_config(config: Mapping[str, Any]) -> Gateway:
    """The gateway of the settings GATEWAY and MONETA_*. Raises ValueError for settings that cannot work."""
    is_sandbox = config["GATEWAY"] == "sandbox"
    return Moneta(
        MonetaSettings(
            account_id=config["MONETA_ID"],
            codes=tuple(config["MONETA_CODES"]),
            form_url=config["MONETA_URL"],
            api_url=config["MONETA_API_URL"],
            api_user=config["MONETA_API_USER"],
            api_password=config["MONETA_API_PASSWORD"],
            test_mode=is_sandbox or config["MONETA_TEST_MODE"] == "1",
            name=config["GATEWAY"],
        )
    )
