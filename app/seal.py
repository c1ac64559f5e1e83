"""What is kept encrypted: the tokens of saved cards, the papers of payers.

The key comes from SECRET_KEY, so that a copy of the database alone tells nothing. After a change of SECRET_KEY the old
values cannot be read any more: cards are saved anew.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_box: Fernet


def set_key(secret: str) -> None:
    """Called once by `create_app`."""
    global _box
    key = HKDF(SHA256(), length=32, salt=None, info=b"sealed values").derive(secret.encode())
    _box = Fernet(urlsafe_b64encode(key))


def sealed(text: str) -> str:
    """About 4/3 of the text's UTF-8 and 100 characters more."""
    return _box.encrypt(text.encode()).decode()


def opened(value: str) -> str | None:
    """The text; None for what was not sealed with this key."""
    try:
        return _box.decrypt(value.encode()).decode()
    except InvalidToken:
        return None
