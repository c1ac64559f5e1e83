"""Files of other systems, taken in through the pages of operators and cashiers."""

import io
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.extensions import queue
from app.models import Account, AccountStatus, BankOperation, House, ImportBatch, LedgerEntry
from tests import factories
from tests.domain import exports
from tests.page import Browser, Form, Page
from tests.statements import recorded

ACCOUNTS, PAYMENTS, PLACES = "/staff/imports/accounts", "/staff/imports/payments", "/staff/imports/places"


@pytest.fixture
def staff(act: Any, app: Any) -> None:
    shutil.rmtree(Path(app.config["DATA_DIR"]) / "imports", ignore_errors=True)
    with act() as session:
        factories.user(session, "Operator", login="operator")
        factories.user(session, "Cashier", login="cashier")


@pytest.fixture
def operator(staff: None, app: Any) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in("operator", factories.PASSWORD)
    return browser


def upload(browser: Browser, content: bytes, name: str = "export.csv", url: str = ACCOUNTS) -> Page:
    form = browser.get(url).form("profile", "file")
    return form.submit(file=(io.BytesIO(content), name))


def press(page: Page, act: str) -> Page:
    """Send the form of the page that leads to the act."""
    forms = (Form(page, element) for element in page.elements("form"))
    return next(form for form in forms if form.action.endswith(f"/{act}")).submit()


def test_a_file_is_looked_into_taken_in_and_its_refused_lines_taken_away(operator: Browser, act: Any) -> None:
    page = upload(operator, exports.ACCOUNTS.read_bytes(), "выгрузка.csv")

    assert page.status == 200
    assert page.heading == "выгрузка.csv"
    assert "Windows-1251" in page.text
    assert "525" in page.text
    assert "Алексеева Анна Сергеевна" in page.text
    with act() as session:
        assert session.scalar(select(func.count(Account.id))) == 0

    result = press(page, "start")
    assert "400" in result.text
    assert "473" in result.text
    assert "418,378.69" in result.text
    assert "INN checksum" in result.text

    refused = operator.client.get(result.link("Take the refused lines away"))
    lines = refused.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 8
    assert lines[1].startswith('"46","reading has more digits than the meter","4815162345;')


def test_the_page_is_for_operators_and_the_registries_are_for_cashiers(staff: None, app: Any, act: Any) -> None:
    with act() as session:
        factories.user(session, "Manager", login="manager")
    seen = {
        login: [signed_in(app, login).get(url, expect=None, follow=False).status for url in (ACCOUNTS, PAYMENTS)]
        for login in ("operator", "cashier", "manager")
    }
    assert seen["operator"][0] == seen["cashier"][1] == 200
    assert 200 not in (seen["operator"][1], seen["cashier"][0], *seen["manager"])


def signed_in(app: Any, login: str) -> Browser:
    browser = Browser(app, language="en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


def test_a_batch_of_the_other_kind_is_a_missing_one(operator: Browser, app: Any) -> None:
    pk = upload(operator, exports.ACCOUNTS.read_bytes()).path.rpartition("/")[2]
    cashier = signed_in(app, "cashier")
    assert cashier.get(f"{PAYMENTS}/{pk}", expect=None).status == 404
    assert operator.get(f"{ACCOUNTS}/999", expect=None).status == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04" + b"\x00" * 100, "This is not a text file."),
        (b"MZ" + b"\x00" * 100, "This is not a text file."),
        ("Имя;Фамилия\n1;2\n".encode(), "does not name these columns"),
    ],
    ids=["empty", "zip", "exe", "other"],
)
def test_a_file_that_cannot_be_taken_in_is_refused_at_once_and_not_kept(
    content: bytes, words: str, operator: Browser, act: Any, app: Any
) -> None:
    page = upload(operator, content)
    assert page.status == 422
    assert words in page.error("file")
    with act() as session:
        assert session.scalar(select(func.count(ImportBatch.id))) == 0
    assert kept_files(app) == []


def kept_files(app: Any) -> list[Path]:
    return list((Path(app.config["DATA_DIR"]) / "imports").glob("*"))


def test_a_form_without_a_file_asks_for_one(operator: Browser) -> None:
    page = operator.get(ACCOUNTS).form("profile", "file").submit()
    assert page.status == 422
    assert page.error("file").endswith("Choose the file.")


def test_the_copy_of_the_file_is_gone_when_it_is_taken_in(operator: Browser, app: Any) -> None:
    page = upload(operator, exports.ACCOUNTS.read_bytes(), "../../etc/имя\x07.csv")
    assert page.heading == "имя.csv"
    assert len(kept_files(app)) == 1
    press(page, "start")
    assert kept_files(app) == []


def test_a_file_that_waits_for_the_worker_can_be_left_and_found_again(
    operator: Browser, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    run_import = queue.tasks["run_import"]
    monkeypatch.setitem(queue.tasks, "run_import", lambda *args: asked.append(args))
    page = press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")

    assert "Waiting for its turn" in page.text
    assert page.link("Refresh") == page.url
    progress = operator.client.get(f"{page.path}/progress")
    assert progress.get_json() == {"percent": 0, "words": "0 of 525 lines", "is_over": False}
    found = operator.get(operator.get(ACCOUNTS).link("export.csv"))
    assert "Waiting for its turn" in found.text

    press(found, "start")  # asked for twice, done once
    for args in asked:
        run_import(*args)
    assert len(asked) == 2
    assert operator.client.get(f"{page.path}/progress").get_json()["is_over"] is True
    assert "400" in operator.get(page.url).text


def test_a_queue_that_is_down_is_said_and_the_file_is_kept(
    operator: Browser, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_args: Any) -> None:
        raise ConnectionError

    monkeypatch.setitem(queue.tasks, "run_import", down)
    page = press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")
    assert "The worker cannot be reached now." in page.text
    assert len(kept_files(app)) == 1


def test_the_same_file_is_noticed_before_it_is_started(operator: Browser) -> None:
    press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")
    page = upload(operator, exports.ACCOUNTS.read_bytes(), "other.csv")
    assert "This very file was taken in before" in page.text


def test_a_cell_that_begins_like_a_formula_is_made_a_text(operator: Browser) -> None:
    content = f"{exports.HEADER}\r\n=HYPERLINK(1);x\r\n".encode()
    page = press(upload(operator, content), "start")
    lines = operator.client.get(page.link("Take the refused lines away")).get_data(as_text=True).splitlines()
    assert lines[1] == '"2","too few columns","\'=HYPERLINK(1);x"'


def test_what_a_file_says_is_shown_as_text(operator: Browser) -> None:
    name = "<script>alert(1)</script>"
    content = f"{exports.HEADER}\r\n{exports.line(Абонент=name, Разрядность='x')}\r\n".encode()
    page = upload(operator, content, f"{name}.csv".replace("/", ""))
    assert name in page.text
    assert name in press(page, "start").text


def test_a_file_is_taken_back_after_a_question(operator: Browser, act: Any) -> None:
    page = press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")
    question = operator.get(page.link("Take this file back"))
    assert "400" in question.text

    page = press(question, "undo")
    assert "Taken back" in page.text
    with act() as session:
        assert set(session.scalars(select(Account.status))) == {AccountStatus.undone}
        assert session.scalars(select(ImportBatch)).one().result["undone"]["user_id"] is not None
    assert operator.get(question.url, expect=None).status == 404


def test_what_depends_on_a_file_stands_in_the_way_and_is_named(operator: Browser, act: Any) -> None:
    page = press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")
    question = operator.get(page.link("Take this file back"))
    with act() as session:
        factories.meter(session, session.scalars(select(Account).limit(1)).one())

    answer = press(question, "undo")
    assert answer.url == page.url
    assert "1 meter added later" in answer.text
    assert "Taken back" not in answer.text
    assert answer.link("Take this file back")


def test_taking_back_is_left_to_the_worker(operator: Browser, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    page = press(upload(operator, exports.ACCOUNTS.read_bytes()), "start")
    question = operator.get(page.link("Take this file back"))
    asked: list[Any] = []
    undo_import = queue.tasks["undo_import"]
    monkeypatch.setitem(queue.tasks, "undo_import", lambda *args: asked.append(args))
    with recorded() as statements:
        waiting = press(question, "undo")
    assert len(statements) <= 20
    assert "The file is being taken back" in waiting.text
    assert operator.client.get(f"{page.path}/progress").get_json()["is_over"] is False

    press(waiting, "undo")  # asked for twice, done once
    for args in asked:
        undo_import(*args)
    assert len(asked) == 2
    assert operator.client.get(f"{page.path}/progress").get_json()["is_over"] is True
    assert "Taken back" in operator.get(page.url).text
    with act() as session:
        assert session.scalar(select(func.sum(LedgerEntry.amount))) == 0


def test_a_registry_is_taken_in_by_a_cashier(staff: None, app: Any, act: Any) -> None:
    cashier = signed_in(app, "cashier")
    page = press(upload(cashier, exports.BANK.read_bytes(), "registry.txt", PAYMENTS), "start")
    assert "Payments of unknown accounts 121" in page.text
    with act() as session:
        assert session.scalar(select(func.count(BankOperation.id))) == 121

    wrong = upload(cashier, exports.BANK.read_bytes().replace(b"=122", b"=123"), "registry.txt", PAYMENTS)
    assert wrong.status == 422
    assert "The control line says 123 payments" in wrong.error("file")


def test_ids_and_pages_that_cannot_be_are_missing_or_ignored(operator: Browser) -> None:
    assert operator.get(f"{ACCOUNTS}/{'9' * 20}", expect=None).status == 404
    assert operator.get(f"{ACCOUNTS}?before=abc", expect=None).status in (200, 404)


def geojson(*houses: tuple[str, str, float]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"addr:street": street, "addr:housenumber": number},
            "geometry": {"type": "Point", "coordinates": [longitude, 58.01]},
        }
        for street, number, longitude in houses
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_places_of_houses_are_looked_into_and_taken_in_and_what_is_not_there_is_told(
    operator: Browser, act: Any
) -> None:
    with act() as session:
        for house in ("8а", "9"):
            factories.premises(session, street="ул. Ленина", house=house)
    found = geojson(("улица Ленина", "8А", 56.24), ("ул. Нигде", "1", 56.24), ("улица Ленина", "9", 560))
    page = upload(operator, found, "дома.geojson", PLACES)
    assert "улица Ленина, 8А" in page.text
    assert places(act) == {"ул. Ленина, 8а": None, "ул. Ленина, 9": None}

    page = press(page, "start")
    assert places(act) == {"ул. Ленина, 8а": Decimal("56.24"), "ул. Ленина, 9": None}
    assert "ул. Нигде, 1" in page.text
    with act() as session:
        batch = session.scalars(select(ImportBatch)).one()
        assert (batch.result["counts"], batch.result["refused"], batch.rows_done) == ({"placed": 1}, 2, 3)
        assert batch.stored_name is None
    assert "/undo" not in page.html
    operator.get(f"{page.path}/undo", expect=404)

    press(upload(operator, geojson(("ул. Ленина", "8а", 56.25)), "again.geojson", PLACES), "start")
    assert places(act)["ул. Ленина, 8а"] == Decimal("56.25")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"features": 1}', b"a;b;c", b"[" * 10_000, b"%PDF-1.7"])
def test_a_file_that_is_no_geojson_is_refused_and_not_kept(operator: Browser, act: Any, content: bytes) -> None:
    page = upload(operator, content, "x.geojson", PLACES)
    assert page.status == 422
    assert page.error("file")
    with act() as session:
        assert session.scalar(select(func.count(ImportBatch.id))) == 0


def places(act: Any) -> dict[str, Decimal | None]:
    with act() as session:
        return {house.label: house.longitude for house in session.scalars(select(House))}
