"""As much of a browser as the gateway's pages need: follows redirects within the gateway, posts the page's form."""

import http.client
import re
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import html5lib


class Browser:
    """`url` is where it stands; `left_for` is the utility's address that it was sent to, which it does not open."""

    def __init__(self) -> None:
        self.url = ""
        self.left_for = ""
        self.status = 0
        self.text = ""
        self.headers: dict[str, str] = {}

    def open(self, url: str) -> "Browser":
        return self._go("GET", url)

    def post(self, url: str, fields: Any) -> "Browser":
        return self._go("POST", url, urlencode(fields))

    def submit(self, **fields: str) -> "Browser":
        assert 'method="post"' in self.text
        return self.post(self.url, fields)

    def link(self, words: str) -> str:
        found = re.search(rf'<a[^>]* href="([^"]+)"[^>]*>{re.escape(words)}</a>', self.text)
        assert found, words
        return found[1].replace("&amp;", "&")

    @property
    def heading(self) -> str:
        headings = re.findall(r"<h1>(.+?)</h1>", self.text)
        assert len(headings) == 1
        return str(headings[0])

    @property
    def code(self) -> str:
        """The code in the message on the phone."""
        found = re.search(r"Code ([0-9]{6}) for", self.text)
        assert found
        return found[1]

    def _go(self, method: str, url: str, body: str = "") -> "Browser":
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        response = connection.getresponse()
        self.status, self.text, self.url = response.status, response.read().decode(), url
        self.headers, self.left_for = dict(response.getheaders()), ""
        connection.close()
        location = self.headers.get("Location")
        if location and location.startswith("http") and urlsplit(location).netloc != parts.netloc:
            self.left_for = location
            return self
        if location:
            return self._go("GET", urljoin(url, location))
        if self.headers["Content-Type"].startswith("text/html"):
            self._check_page()
        return self

    def _check_page(self) -> None:
        html5lib.HTMLParser(strict=True).parse(self.text)
        assert "<script" not in self.text
        assert not re.search(r"\s(style|on\w+)=", self.text)
        ids = re.findall(r'\sid="([^"]+)"', self.text)
        assert len(ids) == len(set(ids))
        for field in re.findall(r"<input[^>]+>", self.text):
            assert f'<label for="{re.search(r"id=.(.+?)[^a-z]", field)[1]}">' in self.text
        for target in re.findall(r'aria-describedby="([^"]+)"', self.text):
            assert set(target.split()) <= set(ids)
        self.heading  # noqa: B018
