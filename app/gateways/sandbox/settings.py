"""What the sandbox gateway is told when it is started; it reads no environment."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """`merchant_url`: the utility's site as browsers see it, the only place they are sent back to.

    `api_password`: without one, its own interface (MerchantAPI) lets nobody in.
    `callback_url`: the same site as this process reaches it, where the two differ. `late_seconds`: how long the card
    of late callbacks waits; `retry_seconds`: the pauses before each repeat of a callback that was not accepted.
    """

    merchant_url: str
    account_id: str
    code: str
    utility_name: str
    api_user: str = "rodnik"
    api_password: str = ""
    callback_url: str = ""
    timeout_seconds: float = 10.0
    late_seconds: float = 120.0
    retry_seconds: tuple[float, ...] = (5.0, 30.0, 120.0)

    def __post_init__(self) -> None:
        if not (self.account_id and self.code):
            raise ValueError("The sandbox gateway needs the account id and the integrity code of the utility")
        if not all(origin(url) for url in (self.merchant_url, self.callback_base)):
            raise ValueError("The utility's address must look like http://host:port")

    @property
    def callback_base(self) -> str:
        return (self.callback_url or self.merchant_url).rstrip("/")

    @property
    def check_url(self) -> str:
        return f"{self.callback_base}/gateway/moneta/check"

    @property
    def pay_url(self) -> str:
        return f"{self.callback_base}/gateway/moneta/pay"

    @property
    def merchant_origin(self) -> str:
        parts = urlsplit(self.merchant_url)
        return f"{parts.scheme}://{parts.netloc}"

    def is_merchants(self, url: str) -> bool:
        return origin(url) == origin(self.merchant_url)


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port, or None for whatever browsers and this process could read in two ways."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    is_ambiguous = "@" in parts.netloc or any(sign in url for sign in "\\ \t\r\n\0")
    return None if is_ambiguous or not parts.hostname else (parts.scheme, parts.hostname, port)
