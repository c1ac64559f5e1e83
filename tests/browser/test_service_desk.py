"""The pages of a paid service in a real browser, on both sides: seen by axe, on a phone, in the dark."""

from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import Page

from app import clock
from app.models import AnswerTemplate, RequestNote, RequestState
from tests import factories
from tests.browser.checks import axe, look
from tests.browser.conftest import SignIn, leave
from tests.conftest import Act


def test_both_sides_of_a_request_by_estimate(page: Page, act: Act, sign_in: SignIn) -> None:
    with act() as session:
        user = factories.user(session, login="irina")
        account = factories.account(session, user)
        service = factories.offering(session, code="branch", price=None, name="Врезка")
        kinds = ("text", "number", "date", "choice", "yes_no")
        for place, kind in enumerate(kinds):
            choices = {"choices": "одна; две", "choices_en": "one; two"} if kind == "choice" else {}
            factories.question(session, service, kind, label=f"Вопрос {place}", position=place, **choices)
        session.add(AnswerTemplate(name="Приедем", body="Заявка {number}: приедем."))
        done = factories.request(session, account, user, service=service, state=RequestState.done).id
        session.add(RequestNote(request_id=done, body="Заметка", created_at=clock.now()))
        late = clock.today() - timedelta(days=2)
        pk = factories.request(session, account, user, service=service, promised_on=late, price=Decimal("900.00")).id
    sign_in(login="irina")
    page.goto("/cabinet/requests/new?service=branch")
    look(page)
    page.fill("[name=description]", "Врезка")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".summary")
    look(page)
    for path in ("", f"/{pk}", f"/{done}"):
        page.goto(f"/cabinet/requests{path}")
        look(page)

    leave(page)
    sign_in("Operator")
    page.goto("/staff/desk/requests")
    look(page)
    page.goto(f"/staff/desk/requests/{pk}")
    day = clock.today() + timedelta(days=1)
    for place, hour in enumerate((10, 14), 1):
        page.fill("[name=visit-starts_at]", f"{day.isoformat()}T{hour}:00")
        page.fill("[name=visit-ends_at]", f"{day.isoformat()}T{hour + 2}:00")
        page.click("form[action$='/visit'] button[type=submit]")
        page.wait_for_selector(f".panel-plain .list-plain li:nth-child({place})")
    look(page)
    page.goto(f"/staff/desk/requests/{done}")
    look(page)

    leave(page)
    sign_in(login="irina")
    page.goto(f"/cabinet/requests/{pk}")
    look(page)
    page.check("[name=visit-slot] >> nth=0")
    page.click("button[value=pick]")
    page.wait_for_url("**#visit")

    leave(page)
    sign_in("Operator")
    page.goto(f"/staff/desk/visits?on={day.isoformat()}")
    assert "10:00" in page.inner_text("main")
    look(page)
    for path in ("offerings/add", "offering-fields/add", "answer-templates/list/", "calendar-days/add"):
        page.goto(f"/staff/{path}")
        axe(page)
