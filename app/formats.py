"""How values look to people: Jinja filters, also called by letters, documents and exports.

Babel's Russian formats bring no-break spaces; money gets the sign ₽ in both languages.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal

from babel.core import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import get_decimal_symbol, get_group_symbol

from . import clock
from .i18n import _, locale
from .markdown import to_html

Unit = Literal["day", "hour", "minute"]
NBSP, MINUS = "\u00a0", "\u2212"
RUSSIAN, BRITISH = Locale("ru"), Locale("en", "GB")
BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def _locale() -> Locale:
    return locale() or RUSSIAN


@cache
def _signs(language: str) -> dict[int, str]:
    """What stands for the signs of a number as Python writes it."""
    return {ord(","): get_group_symbol(language), ord("."): get_decimal_symbol(language), ord("-"): MINUS}


def _number(value: Decimal | int, least: int, most: int) -> str:
    """Thousands apart, from so many decimals to so many. Python writes it: Babel's patterns take twenty times as long,
    and a page has a hundred numbers."""
    text = f"{Decimal(value):,.{most}f}"
    if most > least:
        whole, _sign, decimals = text.partition(".")
        decimals = decimals[:least] + decimals[least:].rstrip("0")
        text = f"{whole}.{decimals}" if decimals else whole
    return text.translate(_signs(_locale().language))


def _date(value: date | datetime, pattern: str) -> str:
    return _day_written(_day(value), pattern, _locale().language)


@lru_cache(4096)
def _day_written(day: date, pattern: str, language: str) -> str:
    """Babel takes its time for each date, and a page has twenty of the same few days. English dates begin with the day,
    as Russian ones do."""
    return format_date(day, pattern, locale=BRITISH if language == "en" else Locale(language))


def money(value: Decimal | None) -> str:
    """«1 234,56 ₽»."""
    return "" if value is None else _number(value, 2, 2) + NBSP + "₽"


def typed(value: Decimal | None) -> str:
    """A sum as it stands in a field: «1240,50»."""
    return "" if value is None else f"{value:.2f}".translate(_signs(_locale().language))


def volume(value: Decimal | None, column: Iterable[Decimal | None] = ()) -> str:
    """Cubic metres without empty decimals: «12», «12,345». A column has equal ones: one fraction in it, and all values
    show three."""
    least = 3 if any(each is not None and each % 1 for each in column) else 0
    return "" if value is None else _number(value, least, 3)


def about(value: Decimal) -> str:
    """Cubic metres to a tenth, for an average: «5,8»."""
    return _number(value, 0, 1)


def rate(value: Decimal | None) -> str:
    """A price, coefficient or percent: at least two decimals for kopecks, four at most."""
    return "" if value is None else _number(value, 2, 4)


def integer(value: int) -> str:
    return _number(value, 0, 0)


def long_date(value: date | datetime | None) -> str:
    """«22 ноября 2026 г.»."""
    return "" if value is None else _date(value, "long")


def day_month(value: date | datetime | None) -> str:
    """«22 ноября»."""
    return "" if value is None else _date(value, f"d{NBSP}MMMM")


def short_date(value: date | datetime | None) -> str:
    """«22.11.2026»."""
    return "" if value is None else _date(value, "dd.MM.yyyy")


def moment(value: datetime | None) -> str:
    """«22 ноября 2026 г., 14:02», the utility's wall clock."""
    return "" if value is None else f"{long_date(value)}, {clock.local(value):%H:%M}"


def age(since: datetime | None) -> str:
    """How long something has waited, in its two largest units: «3 дн. 2 ч», «2 ч 10 мин»."""
    if since is None:
        return ""
    minutes = max(int((clock.now() - since).total_seconds()) // 60, 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts: tuple[tuple[int, Unit], ...]
    parts = ((days, "day"), (hours, "hour")) if days else ((hours, "hour"), (minutes, "minute"))
    shown = [_duration(count, unit) for count, unit in parts if count]
    return " ".join(shown) or _("less than a minute")


def _duration(count: int, unit: Unit) -> str:
    span = timedelta(**{f"{unit}s": count})
    return format_timedelta(span, granularity=unit, threshold=10**9, format="short", locale=_locale())


def day_time(value: datetime) -> str:
    """«22 ноября, 14:02»."""
    return f"{day_month(value)}, {clock.local(value):%H:%M}"


def span(start: datetime, end: datetime) -> str:
    """«26 ноября, с 10:00 до 14:00», «с 26 ноября, 10:00 до 27 ноября, 9:00»."""
    if _day(start) == _day(end):
        return _(
            "%(day)s, from %(start)s to %(end)s", day=day_month(start), start=time_of_day(start), end=time_of_day(end)
        )
    return _("from %(start)s until %(end)s", start=day_time(start), end=day_time(end))


def time_of_day(value: datetime) -> str:
    """«14:02», the utility's wall clock."""
    return f"{clock.local(value):%H:%M}"


def short_month(value: date) -> str:
    """«нояб.», for the axis of a chart."""
    return _date(value, "LLL")


def period(value: date | None) -> str:
    """«ноябрь 2026»."""
    return "" if value is None else _date(value, "LLLL yyyy")


def month(value: date) -> str:
    """«ноябрь»."""
    return _date(value, "LLLL")


def phone(value: str | None) -> str:
    """«+7 (342) 291-73-39» of «73422917339»; foreign numbers with a plus."""
    if not value:
        return ""
    if len(value) == 11 and value.startswith("7"):
        return f"+7{NBSP}({value[1:4]}){NBSP}{value[4:7]}-{value[7:9]}-{value[9:]}"
    return f"+{value}"


def device(user_agent: str) -> str:
    """«Chrome, Windows» of what a browser says of itself; as it is where nothing is known in it."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or user_agent[:40] or "?"


def localized(row: Any, field: str) -> str:
    """A field that has an English twin (`name`, `name_en`)."""
    twin = getattr(row, f"{field}_en", "") if _locale().language == "en" else ""
    return str(twin or getattr(row, field))


def localized_setting(values: Mapping[str, str], key: str) -> str:
    """A setting that has an English twin (`key`, `key_en`)."""
    twin = values.get(f"{key}_en", "") if _locale().language == "en" else ""
    return twin or values[key]


def _day(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


FILTERS = {
    "money": money,
    "typed": typed,
    "volume": volume,
    "about": about,
    "rate": rate,
    "integer": integer,
    "date": long_date,
    "day_month": day_month,
    "short_date": short_date,
    "moment": moment,
    "age": age,
    "day_time": day_time,
    "span": span,
    "time": time_of_day,
    "period": period,
    "month": month,
    "phone": phone,
    "device": device,
    "localized": localized,
    "markdown": to_html,
}
