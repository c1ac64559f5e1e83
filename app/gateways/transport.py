"""One HTTP request to a configured address: redirects not followed, time and size of the answer bounded."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urlsplit

from app.gateways.base import NoAnswerError

LARGEST_ANSWER = 64 * 1024
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def get(url: str, fields: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS) -> Answer:
    return _send("GET", url, query=urlencode(fields), timeout=timeout)


def post(url: str, fields: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS) -> Answer:
    return _send("POST", url, body=urlencode(fields), timeout=timeout)


def _send(method: str, url: str, *, query: str = "", body: str = "", timeout: float) -> Answer:
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    target = (parts.path or "/") + (f"?{query}" if query else "")
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection = connect(parts.netloc, timeout=timeout)
    try:
        connection.request(method, target, body=body or None, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, response.read(LARGEST_ANSWER).decode("utf-8", "replace"))
    except (OSError, HTTPException) as error:
        raise NoAnswerError(f"{parts.netloc} did not answer") from error
    finally:
        connection.close()
