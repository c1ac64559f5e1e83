"""A visitor for the tests: opens pages, fills forms and submits them, and checks every page it gets.

Checked on each HTML page, over SQLite (PostgreSQL's pages are the same): valid HTML, `lang`, a title, exactly one h1,
one main, unique ids, a label for every field, no inline script or style, nothing from another host.
"""

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from flask import Flask
from lxml.html import HtmlElement as Element
from lxml.html import document_fromstring
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TOLERATED = {"invalid-character-in-attribute-name"}
WORDS = re.compile(r'>[^<&]+|="[^"<&]*"')
_passed: set[int] = set()
"""Hashes of the pages that were checked: many tests open the same one, which differs by its token alone."""
_valid: set[int] = set()
"""Hashes of pages of valid HTML without their words and the values of attributes, which make none invalid."""


class Form:
    """A form of a page with the values that it stands with."""

    def __init__(self, page: "Page", element: Element) -> None:
        self.page, self.element = page, element
        self.action = urljoin(page.url, element.get("action") or page.url)
        self.method = (element.get("method") or "get").lower()
        self.values: dict[str, Any] = {}
        for field in element.iter():
            self._take(field)

    def _take(self, field: Element) -> None:
        tag, name, kind = field.tag, field.get("name"), field.get("type", "text")
        if not name or field.get("disabled") is not None:
            return
        if tag == "textarea":
            self.values[name] = (field.text or "").removeprefix("\n")
        elif tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            self.values[name] = chosen[0].get("value", "") if chosen else ""
        elif tag == "input" and kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                self.values[name] = field.get("value", "on")
        elif tag == "input" and kind not in ("submit", "file", "button"):
            self.values[name] = field.get("value", "")

    def submit(self, button: tuple[str, str] | None = None, /, **values: Any) -> "Page":
        """Send the form with some values changed (None leaves a field out); `button` is the (name, value) pressed."""
        data = {**self.values, **values, **({button[0]: button[1]} if button else {})}
        data = {name: value for name, value in data.items() if value is not None}
        if self.method == "get":
            return self.page.browser.get(self.action, query_string=data)
        return self.page.browser.post(self.action, data=data)


class Page:
    """An answer as a person finds it. Its HTML is read when it is looked at."""

    def __init__(self, browser: "Browser", response: TestResponse, *, is_checked: bool) -> None:
        self.browser, self.response = browser, response
        self.status = response.status_code
        self.url = response.request.url
        self.path = urlsplit(self.url).path
        self.is_html = response.mimetype == "text/html" and response.location is None
        self.html = response.get_data(as_text=True) if self.is_html or response.is_json else ""
        if self.is_html and is_checked:
            page = hash(TOKEN.sub("", self.html))
            if page not in _passed:
                self._check()
            _passed.add(page)

    @cached_property
    def root(self) -> Any:
        return document_fromstring(self.html)

    def _check(self) -> None:
        faults = self._invalid()
        html = next(iter(self.root.iter("html")))
        if not html.get("lang"):
            faults.append("no lang")
        for tag, wanted in (("h1", 1), ("main", 1), ("title", None)):
            found = [element for element in self.elements(tag) if tag != "title" or text_of(element)]
            if (wanted and len(found) != wanted) or not found:
                faults.append(f"{len(found)} <{tag}>")
        ids = [element.get("id") for element in self.root.iter() if element.get("id")]
        faults += [f"id {name} twice" for name in {name for name in ids if ids.count(name) > 1}]
        faults += self._unlabelled() + self._inline()
        assert not faults, f"{self.url}: {faults}"

    def _invalid(self) -> list[str]:
        shape = hash(WORDS.sub("", self.html))
        if shape in _valid:
            return []
        parser = html5lib.HTMLParser()  # much slower than lxml, but it knows what is valid
        parser.parse(self.html)
        errors = [f"{place}: {code} {detail}" for place, code, detail in parser.errors if code not in TOLERATED]
        if not errors:
            _valid.add(shape)
        return errors

    def _unlabelled(self) -> list[str]:
        labelled = {label.get("for") for label in self.elements("label")}
        wrapped = {field for label in self.elements("label") for field in label.iter()}
        faults = []
        for tag in ("input", "select", "textarea"):
            for field in self.elements(tag):
                if field.get("type") in ("hidden", "submit", "button"):
                    continue
                named = field.get("aria-label") or field.get("aria-labelledby") or field in wrapped
                if not named and field.get("id") not in labelled:
                    faults.append(f"no label for {field.get('name')}")
        return faults

    def _inline(self) -> list[str]:
        faults = [f"style= on {element.tag}" for element in self.root.iter() if element.get("style") is not None]
        for script in self.elements("script"):
            if not script.get("src") and script.get("type") != "application/json":
                faults.append("inline script")
        for element in self.root.iter():
            faults += [f"{name}= on {element.tag}" for name in element.attrib if re.match(r"on[a-z]+$", str(name))]
            source = element.get("src") or (element.get("href") if element.tag == "link" else "")
            if source and urlsplit(source).netloc not in ("", urlsplit(self.url).netloc):
                faults.append(f"foreign {source}")
        return faults

    def elements(self, tag: str) -> list[Element]:
        return list(self.root.iter(tag))

    @property
    def text(self) -> str:
        """All words of the page's body, one space between them (no-break spaces too)."""
        return text_of(self.elements("body")[0])

    @property
    def title(self) -> str:
        return text_of(self.elements("title")[0])

    @property
    def heading(self) -> str:
        return text_of(self.elements("h1")[0])

    def form(self, *fields: str) -> Form:
        """The first form that has these fields."""
        for element in self.elements("form"):
            form = Form(self, element)
            names = {field.get("name") for field in element.iter() if field.get("name")}
            if names >= set(fields) and (fields or form.method == "post"):
                return form
        raise AssertionError(f"{self.url} has no form with {fields}")

    def link(self, words: str) -> str:
        """The address of the link with these words."""
        for element in self.elements("a"):
            if words in text_of(element):
                return urljoin(self.url, element.get("href", ""))
        raise AssertionError(f"{self.url} has no link {words!r}")

    def error(self, field: str) -> str:
        """The error shown at a field (tied to it by aria-describedby)."""
        for element in self.root.iter():
            if element.get("name") == field and element.get("aria-invalid") == "true":
                ids = (element.get("aria-describedby") or "").split()
                return " ".join(text_of(each) for each in self.root.iter() if each.get("id") in ids)
        return ""


def text_of(element: Element) -> str:
    return " ".join(_in_order(element).split())


def _in_order(element: Element) -> str:
    if element.tag in ("script", "style") or not isinstance(element.tag, str):
        return ""
    inner = (element.text or "") + "".join(_in_order(child) + (child.tail or "") for child in element)
    block = element.tag not in ("a", "strong", "span", "b", "em", "small", "time")
    return f" {inner} " if block else inner


class Browser:
    """A visitor with cookies. Answers are followed through redirects unless `follow=False`."""

    def __init__(self, app: Flask, language: str = "ru") -> None:
        self.app, self.client = app, app.test_client()
        self.checks = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
        if language != "ru":
            self.client.get(f"/lang/{language}")

    def get(self, url: str, expect: int | None = 200, follow: bool = True, **options: Any) -> Page:
        return self._page(self.client.get(url, follow_redirects=follow, **options), expect)

    def post(self, url: str, expect: int | None = None, follow: bool = True, **options: Any) -> Page:
        return self._page(self.client.post(url, follow_redirects=follow, **options), expect)

    def _page(self, response: TestResponse, expect: int | None) -> Page:
        page = Page(self, response, is_checked=self.checks)
        assert expect is None or page.status == expect, f"{page.url} answered {page.status}: {page.html[:2000]}"
        return page

    def sign_in(self, login: str, password: str, *, follow: bool = False) -> Page:
        """The answer to the form, or the page it leads to, unchecked: thousands of tests begin with it."""
        token = TOKEN.search(self.client.get("/login/").get_data(as_text=True))
        assert token
        data = {"username": login, "password": password, "csrf_token": token[1]}
        return Page(self, self.client.post("/login/", data=data, follow_redirects=follow), is_checked=False)
