"""One HTTP request to a configured address: redirects not followed, time and size of the answer bounded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.gateways.base import NoAnswerError

LARGEST_ANSWER = 1024 * 1024
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str


def get(url: str, *, timeout: float = TIMEOUT_SECONDS) -> Answer:
    return _send("GET", url, timeout=timeout)


def post(url: str, fields: Mapping[str, str], *, timeout: float = TIMEOUT_SECONDS) -> Answer:
    return _send("POST", url, urlencode(fields), "application/x-www-form-urlencoded", timeout=timeout)


def post_json(url: str, document: Mapping[str, Any], *, timeout: float = TIMEOUT_SECONDS) -> Answer:
    return _send("POST", url, json.dumps(document), "application/json;charset=UTF-8", timeout=timeout)


def _send(method: str, url: str, body: str = "", content_type: str = "", *, timeout: float) -> Answer:
    parts = urlsplit(url)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": content_type} if body else {}
    connection = connect(parts.netloc, timeout=timeout)
    try:
        connection.request(method, target, body=body.encode() or None, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, response.read(LARGEST_ANSWER).decode("utf-8", "replace"))
    except (OSError, HTTPException) as error:
        raise NoAnswerError(f"{parts.netloc} did not answer") from error
    finally:
        connection.close()
