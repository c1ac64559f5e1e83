"""The QR code of a bill that banks' applications read (ГОСТ Р 56042-2014)."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import segno

from ..models import Payee

HEAD = "ST00012"  # the standard, its version 0001, UTF-8
TECH_CODE = "02"  # services of housing
LONGEST_REQUIRED = 300  # bytes


def payload(
    payee: Payee,
    *,
    account: str,
    period: date,
    amount: Decimal,
    purpose: str,
    category: str,
    services: str,
) -> bytes:
    """What the code says: the required fields first and in their order, cut to 300 bytes by the payee's name. `amount`
    in roubles; nothing due leaves the sum to the payer."""
    further = {
        "Sum": str(int(amount * 100)) if amount > 0 else "",
        "Purpose": purpose,
        "PayeeINN": payee.inn,
        "KPP": payee.kpp or "",
        "PersAcc": account,
        "PaymPeriod": f"{period:%m%Y}",
        "Category": category,
        "ServiceName": services,
        "TechCode": TECH_CODE,
    }
    fields = (f"{name}={_clean(value)}" for name, value in further.items() if value)
    return "|".join((_required(payee), *fields)).encode()


def _required(payee: Payee) -> str:
    account = f"PersonalAcc={payee.settlement}|BankName={_clean(payee.bank_name)[:45]}"
    rest = f"|{account}|BIC={payee.bic}|CorrespAcc={payee.correspondent}"
    room = LONGEST_REQUIRED - len(f"{HEAD}|Name={rest}".encode())
    name = _clean(payee.name).encode()[: max(room, 0)].decode(errors="ignore")
    return f"{HEAD}|Name={name}{rest}"


def _clean(value: str) -> str:
    """A value in one line without the separator: the standard knows no escaping."""
    return " ".join(value.replace("|", "/").split())


def png(content: bytes) -> BytesIO:
    """The picture, level M, with the white border that readers need."""
    picture = BytesIO()
    segno.make_qr(content, error="m", mode="byte", boost_error=False).save(picture, kind="png", scale=4, border=4)
    picture.seek(0)
    return picture
