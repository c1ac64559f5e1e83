"""What is kept encrypted: the tokens of saved cards, the papers of payers. What is signed: the links of letters.

The keys come from SECRET_KEY, so that a copy of the database alone tells nothing. After a change of SECRET_KEY the old
values cannot be read any more: cards are saved anew, links of earlier letters are dead.
"""

from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeTimedSerializer

_box: Fernet
_signing_key: bytes


def set_key(secret: str) -> None:
    """Called once by `create_app`."""
    global _box, _signing_key
    _box = Fernet(urlsafe_b64encode(_derived(secret, b"sealed values")))
    _signing_key = _derived(secret, b"signed links")


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=use).derive(secret.encode())


def sealed(text: str) -> str:
    """About 4/3 of the text's UTF-8 and 100 characters more."""
    return _box.encrypt(text.encode()).decode()


def opened(value: str) -> str | None:
    """The text; None for what was not sealed with this key."""
    try:
        return _box.decrypt(value.encode()).decode()
    except InvalidToken:
        return None


def signed(purpose: str, *parts: int) -> str:
    """Numbers that anybody may read and nobody may make or change, for links of letters."""
    return str(_signer(purpose).dumps(parts))


def signed_parts(purpose: str, token: str, *, lifetime: timedelta | None = None) -> list[int] | None:
    """What was signed for this purpose; None for anything else, and for what was signed longer ago."""
    seconds = None if lifetime is None else int(lifetime.total_seconds())
    try:
        parts: list[int] = _signer(purpose).loads(token, max_age=seconds)
    except BadData:
        return None
    return parts


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_signing_key, salt=purpose)
