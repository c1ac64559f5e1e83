"""Says honestly that a request is late: one letter, on the morning after the promised day."""

from ..documents import letters
from ..domain import requests
from ..extensions import transaction
from ..queries import requests as rows

AT_ONCE = 200


def tell_of_late_requests() -> None:
    while _tell_some():
        pass


def _tell_some() -> bool:
    """Whether there may be more."""
    with transaction() as session:
        late = requests.late_to_tell(session, most=AT_ONCE)
        for sent in late:
            reader = rows.reader(session, sent)
            if reader is not None and reader.email:
                url = letters.link(f"/cabinet/requests/{sent.id}")
                letters.enqueue(session, "request_late", to=reader.email, locale=reader.locale, sent=sent, url=url)
        return len(late) == AT_ONCE
