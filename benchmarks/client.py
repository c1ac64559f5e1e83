"""A visitor who counts: one request at a time, its own cookies, no redirects followed."""

import http.client
import json
import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    seconds: float
    body: str
    size: int
    statements: int
    location: str


class Client:
    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookies: dict[str, str] = {}
        self._headers: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, login: str, password: str) -> Answer:
        token = self.token("/login/")
        answer = self.post("/login/", username=login, password=password, csrf_token=token)
        assert answer.status in (302, 303), f"{login} cannot sign in: {answer.status}"
        return answer

    def sign_in_to_rest(self, login: str, password: str) -> None:
        body = json.dumps({"username": login, "password": password, "provider": "db"})
        answer = self._ask("POST", "/api/v1/security/login", body, {"Content-Type": "application/json"})
        self._headers["Authorization"] = f"Bearer {json.loads(answer.body)['access_token']}"

    def token(self, path: str) -> str:
        found = TOKEN.search(self.get(path).body)
        assert found, f"{path} has no form"
        return found[1]

    def page(self, path: str, number: int) -> str:
        """The address of the page of this number, found by following "further" from the first one."""
        for _ in range(number - 1):
            found = NEXT.search(self.get(path).body)
            assert found, f"{path} has no further page"
            path = found[1].replace("&amp;", "&")
        return path

    @property
    def cookies(self) -> str:
        """As the header of a request has them."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        headers = {**self._headers, **headers, **({"Cookie": self.cookies} if self._cookies else {})}
        started = time.perf_counter()
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        connection.close()
        self._keep(response)
        return Answer(
            response.status,
            seconds,
            content.decode(errors="replace"),
            len(content),
            int(response.headers.get("X-Statements", 0)),
            response.headers.get("Location", ""),
        )

    def _keep(self, response: Any) -> None:
        for header in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
