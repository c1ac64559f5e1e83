"""`python -m benchmarks.lighthouse`: pages of visitors and customers on a phone, by Lighthouse, into LIGHTHOUSE.md.

Starts the product with its demo in a folder of its own, and asks each page as a phone with a slow network would. Needs
Node.js and Lighthouse on the PATH, and Chromium. Ends with 1 where a page misses an aim.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from app import clock
from tests.capabilities import CHROMIUM_FLAGS, chromium
from tests.postgres import free_port

from .client import Client
from .pages import PASSWORD

VERSION = "13.5.0"
INSTALL = f"npm install --global lighthouse@{VERSION}"
ACCESSIBILITY, PERFORMANCE, KILOBYTES = 100, 95, 100
ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("LIGHTHOUSE.md")
VISITORS = {
    "start page": "/",
    "sign-in": "/login/",
    "registration": "/register",
    "application of a company": "/apply",
    "payment without signing in": "/pay",
    "services": "/services",
    "tariffs": "/tariffs",
    "offices": "/offices",
    "works": "/works",
    "a work": "/works > /works/[0-9]+",
    "works of a house": "/works/house?q=революции > /works/house/[0-9]+",
    "map of works": "/works/map",
    "news": "/news",
    "a piece of news": "/news > /news/[0-9]+",
    "subscription": "/subscribe",
}
CUSTOMERS = {
    "home": "/cabinet/",
    "readings": "/cabinet/readings",
    "charges": "/cabinet/charges",
    "a bill explained": "/cabinet/charges > /cabinet/charges/[0-9-]+",
    "payment": "/cabinet/payments",
    "accounts": "/cabinet/accounts",
    "meters": "/cabinet/meters",
    "leak test": "/cabinet/leak",
    "catalogue": "/cabinet/services",
    "requests": "/cabinet/requests",
    "a request": "/cabinet/requests > /cabinet/requests/[0-9]+",
    "settings": "/cabinet/settings",
}
COMPANIES = {"home of a company": "/cabinet/", "readings as a table": "/cabinet/readings/table"}


@dataclass(frozen=True, slots=True)
class Score:
    """`size` in kB of 1,000 bytes, text compressed as a web server before the product does it."""

    name: str
    accessibility: int
    performance: int
    size: float
    paint: float
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        good = self.accessibility >= ACCESSIBILITY and self.performance >= PERFORMANCE
        return good and self.size < KILOBYTES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--only", default="", help="a part of the names of the pages to look at")
    options = parser.parse_args()
    check_tools()
    with product() as address:
        scores = list(scored(address, options.only))
    options.output.write_text(text(scores), encoding="utf-8")
    print(text(scores))
    if not all(score.is_good for score in scores):
        sys.exit(1)


def check_tools() -> None:
    if not shutil.which("node"):
        sys.exit("Node.js 22 or later is needed for Lighthouse: https://nodejs.org. Then: " + INSTALL)
    if not shutil.which("lighthouse"):
        sys.exit(f"Lighthouse is not on the PATH. Install it: {INSTALL}")
    found = subprocess.run(["lighthouse", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if found != VERSION:
        sys.exit(f"Lighthouse {found} scores otherwise than {VERSION}. Install that: {INSTALL}")


@contextmanager
def product() -> Iterator[str]:
    """The address of run.py with the demo."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="rodnik-lighthouse-") as folder:
        known = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "QUEUE_URL")}
        address = f"http://localhost:{port}"
        own = {"DATA_DIR": folder, "PORT": str(port), "SANDBOX_PORT": str(free_port()), "PUBLIC_URL": address}
        process = subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env={**known, **own})
        try:
            _wait(f"{address}/readyz", process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(url, timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit("The product did not start")


def scored(address: str, only: str) -> Iterator[Score]:
    for login, pages in (("", VISITORS), ("customer", CUSTOMERS), ("company", COMPANIES)):
        visitor = Client(address)
        if login:
            visitor.sign_in(login, PASSWORD)
        for name, path in pages.items():
            if only in name:
                yield score(name, address + found(visitor, path), visitor.cookies)


def found(visitor: Client, path: str) -> str:
    """`/list > /list/[0-9]+` is the first link on the page that fits."""
    path, _, pattern = path.partition(" > ")
    if not pattern:
        return path
    link = re.search(f'href="({pattern})[?"]', visitor.get(quote(path, safe="/?=+")).body)
    return link[1] if link else sys.exit(f"{path} has no link like {pattern}")


def score(name: str, url: str, cookies: str) -> Score:
    headers = {"Cookie": cookies} if cookies else {}
    command = ["lighthouse", url, "--output=json", "--quiet", "--only-categories=accessibility,performance"]
    flags = [f"--extra-headers={json.dumps(headers)}", f"--chrome-flags=--headless=new {' '.join(CHROMIUM_FLAGS)}"]
    env = {**os.environ, "CHROME_PATH": chromium()}
    answer = subprocess.run([*command, *flags], capture_output=True, text=True, env=env, check=True)
    report = json.loads(answer.stdout)
    if report["finalDisplayedUrl"].partition("?")[0] != url.partition("?")[0]:
        sys.exit(f"{url} leads to {report['finalDisplayedUrl']}")
    audits = report["audits"]
    made = Score(
        name,
        *(round(report["categories"][key]["score"] * 100) for key in ("accessibility", "performance")),
        size=sum(compressed(each, headers) for each in audits["network-requests"]["details"]["items"]) / 1000,
        paint=audits["largest-contentful-paint"]["numericValue"] / 1000,
        faults=faults(report),
    )
    print(made)
    return made


def compressed(request: dict[str, Any], headers: dict[str, str]) -> int:
    """Bytes over the network for the body of one request."""
    with urlopen(Request(request["url"], headers=headers), timeout=30) as answer:
        body = answer.read()
        return len(gzip.compress(body, 5)) if _is_text(answer.headers.get_content_type()) else len(body)


def _is_text(content_type: str) -> bool:
    return content_type.startswith("text/") or content_type.endswith(("json", "xml", "javascript"))


def faults(report: dict[str, Any]) -> tuple[str, ...]:
    """Audits of accessibility that did not pass."""
    wanted = [each["id"] for each in report["categories"]["accessibility"]["auditRefs"] if each["weight"]]
    return tuple(key for key in wanted if report["audits"][key]["score"] == 0)


def text(scores: list[Score]) -> str:
    lines = [
        "# Pages on a phone",
        "",
        f"{clock.today():%d.%m.%Y}, Lighthouse {VERSION} as it comes: a phone of 412 px, a network of 1.6 Mbit/s with",
        "150 ms, a processor four times slower. The demo over SQLite by `run.py`, scored as sent: not compressed.",
        f"Aims: accessibility {ACCESSIBILITY}, performance {PERFORMANCE}, under {KILOBYTES} kB with everything that",
        "the page loads, texts compressed by gzip. Made by `python -m benchmarks.lighthouse`.",
        "",
        "| page | accessibility | performance | kB | largest paint, s | what failed |",
        "|---|---|---|---|---|---|",
    ]
    for each in scores:
        marks = [each.accessibility, each.performance, f"{each.size:.0f}", f"{each.paint:.1f}", ", ".join(each.faults)]
        lines.append(f"| {each.name} | {' | '.join(map(str, marks))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
