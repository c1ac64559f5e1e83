"""Lists: pages by key, orders, sizes, and addresses that mean nothing."""

import base64
import json
import re
from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.page import Browser, Page


def token(*values: object) -> str:
    """A word for the place of a page, as somebody might forge it."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _first_cells(page: Page) -> list[str]:
    return [" ".join(each.itertext()).strip() for each in page.elements("th") if each.get("scope") == "row"]


def _walk(browser: Browser, address: str, rel: str) -> list[list[str]]:
    """The pages from an address on, by their links to the neighbour."""
    pages = []
    while address:
        page = browser.get(address)
        pages.append(_first_cells(page))
        address = next((each.get("href", "") for each in page.elements("a") if each.get("rel") == rel), "")
    return pages


@pytest.fixture(scope="module")
def meters(shared_act: Any) -> list[str]:
    """60 meters; each third has no date of verification, and dates repeat."""
    with shared_act() as session:
        account = factories.account(session)
        for n in range(60):
            until = None if n % 3 == 0 else date(2030, 1, 1 + n % 4)
            factories.meter(session, account, serial=f"M{n:03}", verified_until=until)
    return [f"M{n:03}" for n in range(60)]


def test_pages_by_key_walk_through_all_rows_and_back(meters: list[str], clerk: Browser) -> None:
    forward = _walk(clerk, "/staff/meters/list/", "next")
    assert [len(page) for page in forward] == [25, 25, 10]
    assert [cell for page in forward for cell in page] == meters
    last = clerk.get(clerk.get("/staff/meters/list/").link("В конец"))
    assert _first_cells(last) == meters[-25:]
    back = _walk(clerk, last.url, "prev")
    assert [cell for page in reversed(back) for cell in page] == meters


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_without_a_value_stand_after_all_others(direction: str, meters: list[str], clerk: Browser) -> None:
    address = f"/staff/meters/list/?_oc_StaffMetersView=verified_until&_od_StaffMetersView={direction}"
    wanted = sorted(meters, key=lambda serial: (int(serial[1:]) % 3 == 0, _until(serial), serial))
    if direction == "desc":
        wanted.reverse()
    assert [cell for page in _walk(clerk, address, "next") for cell in page] == wanted
    last = clerk.get(clerk.get(address).link("В конец"))
    back = _walk(clerk, last.url, "prev")
    assert [cell for page in reversed(back) for cell in page] == wanted


def _until(serial: str) -> int:
    n = int(serial[1:])
    return 0 if n % 3 == 0 else n % 4


def test_the_heading_says_the_order_and_turns_it(meters: list[str], clerk: Browser) -> None:
    page = clerk.get("/staff/meters/list/?_oc_StaffMetersView=serial&_od_StaffMetersView=asc")
    ordered = [each for each in page.elements("th") if each.get("aria-sort")]
    assert [each.get("aria-sort") for each in ordered] == ["ascending"]
    turned = clerk.get(ordered[0][0].get("href", ""))
    assert _first_cells(turned)[0] == "M059"


def test_a_page_may_have_a_hundred_rows(meters: list[str], clerk: Browser) -> None:
    assert len(_first_cells(clerk.get("/staff/meters/list/?psize_StaffMetersView=100"))) == 60


@pytest.mark.parametrize(
    "query",
    [
        "page_StaffMetersView=abc",
        "psize_StaffMetersView=1000000",
        "psize_StaffMetersView=-1",
        "psize_StaffMetersView=２５",
        "_oc_StaffMetersView=password&_od_StaffMetersView=asc",
        "_oc_StaffMetersView=account&_od_StaffMetersView=desc",
        "_oc_StaffMetersView=serial&_od_StaffMetersView=sideways",
        "k_StaffMetersView=abc",
        "k_StaffMetersView=ы",
        "k_StaffMetersView=WyJhZnRlciIsImlkIixmYWxzZSxudWxsLG51bGxd",
        "k_StaffMetersView=" + "A" * 5000,
        "k_StaffMetersView=" + token("after", "id", False, "1", None),
        "k_StaffMetersView=" + token("after", "id", False, None, None),
        "k_StaffMetersView=" + token("before", "id", False, "\ud800", "1"),
        "_flt_0_serial=%00",
        "_flt_0_serial=" + "9" * 3000,
        "_flt_9_serial=1",
        "_flt_0_nothing=1",
        "_flt_0_account=" + "9" * 20,
        "_flt_0_account=abc",
        "_flt_0_account=１２",
        "_flt_0_verified_until=yesterday",
        "_flt_0_verified_until=9999-12-31",
        "_flt_1_verified_until=9999-12-31",
        "_flt_0_verified_until=2026-02-31",
        "%00=1",
    ],
)
def test_an_address_that_means_nothing_shows_a_list(query: str, meters: list[str], clerk: Browser) -> None:
    clerk.get(f"/staff/meters/list/?{query}")


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "9999-12-31", "0001-01-01"]
)
@pytest.mark.parametrize("number", [0, 1])
def test_a_moment_at_the_end_of_the_calendar_is_searched(number: int, text: str, chief: Browser) -> None:
    chief.get(f"/staff/payments/list/?_flt_{number}_created_at={text}")
    for form in ("csv", "xlsx"):
        chief.client.get(f"/staff/payments/export.{form}?_flt_{number}_created_at={text}").get_data()


@pytest.mark.parametrize("key", ["9" * 20, "abc", "-1", "0", "1e3", "１", "%00", "%D1%8B", "1;2", "..%2f1"])
@pytest.mark.parametrize("page", ["show", "edit"])
def test_a_key_that_no_row_has_is_not_found(page: str, key: str, clerk: Browser) -> None:
    clerk.get(f"/staff/meters/{page}/{key}", expect=404)


def test_filters_stand_in_the_address_and_can_be_taken_away(meters: list[str], clerk: Browser) -> None:
    page = clerk.get("/staff/meters/list/").form("_flt_0_serial").submit(_flt_0_serial="M01")
    assert _first_cells(page) == [f"M{n:03}" for n in range(10, 20)]
    assert "_flt_0_serial=M01" in page.url
    chip = next(each for each in page.elements("a") if "M01" in " ".join(each.itertext()))
    assert len(_first_cells(clerk.get(chip.get("href", "")))) == 25


def test_the_list_of_a_row_leads_to_all_of_its_rows(meters: list[str], clerk: Browser) -> None:
    page = clerk.get("/staff/accounts/list/")
    account = next(each.get("href", "") for each in page.elements("a") if "/accounts/show/" in each.get("href", ""))
    shown = clerk.get(account)
    assert len([cell for cell in _first_cells(shown) if cell.startswith("M")]) == 10
    links = [each.get("href", "") for each in shown.elements("a")]
    every = next(link for link in links if re.search(r"/staff/meters/list/\?_flt_0_account=\d+$", link))
    assert len(_first_cells(clerk.get(every))) == 25
