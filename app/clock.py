"""The only reader of the clock. Moments are aware UTC; dates and periods are the utility's local ones."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_zone = ZoneInfo("Asia/Yekaterinburg")


def set_timezone(name: str) -> None:
    """Set the utility's time zone; called once by `create_app`. Raises ZoneInfoNotFoundError for an unknown name."""
    global _zone
    _zone = ZoneInfo(name)


def now() -> datetime:
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The moment as the utility's wall clock shows it."""
    return moment.astimezone(_zone)


def month(moment: datetime) -> date:
    """The period of a moment: the first day of its local month."""
    return local(moment).date().replace(day=1)


def today() -> date:
    return local(now()).date()


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The UTC moment of a local wall-clock time."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=_zone).astimezone(UTC)


def since_epoch(seconds: float) -> datetime:
    """The moment so many seconds after 1970. Raises OverflowError or ValueError where there is none."""
    return datetime.fromtimestamp(seconds, UTC)
