"""The desk of mailings: a letter from a draft to its readers, with a second person above the limit."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.domain import campaigns
from app.models import AuditEvent, Campaign, CampaignLetter, CampaignState, MailState, Setting
from tests import factories, mail, mailings
from tests.page import Browser, Page

DESK = "/staff/campaigns"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel("2026-11-22T12:00:00+05:00"):
        yield


def signed_in(app: Flask, login: str) -> Browser:
    browser = Browser(app, "en")
    browser.sign_in(login, factories.PASSWORD)
    return browser


@pytest.fixture
def operator(act: Any, app: Flask) -> Browser:
    with act() as session:
        factories.user(session, "Operator", login="operator", email="operator@example.org")
        factories.user(session, "Manager", login="manager", email="manager@example.org")
        mailings.subscriber(session, email="irina@example.org", first_name="Ирина", patronymic="Львовна")
        mailings.reader(session, "guest@example.org")
    return signed_in(app, "operator")


def write(browser: Browser, act: Any, **values: Any) -> Page:
    with act() as session:
        key = str(mailings.category(session))
    good = {"category": key, "subject": "Новые цены", "body": "С **января** новые цены."}
    return browser.get(f"{DESK}/new").form("subject").submit(**{**good, **values})


def press(page: Page, step: str) -> Page:
    forms = [
        form for form in page.elements("form") if (form.get("action") or "").partition("?")[0].endswith(f"/{step}")
    ]
    assert forms, f"no button for {step}"
    token = page.form("csrf_token").values["csrf_token"]
    return page.browser.post(forms[0].get("action") or "", data={"csrf_token": token})


def campaign(act: Any) -> Campaign:
    with act() as session:
        found = session.scalars(select(Campaign)).one()
        session.expunge_all()
    return found


def test_a_mailing_goes_from_a_draft_to_its_readers(operator: Browser, act: Any, app: Flask) -> None:
    page = write(operator, act)
    assert page.heading == "Новые цены"
    assert "Letters, if it is sent now 2" in page.text
    assert "To: irina@example.org" in page.text
    assert "Здравствуйте, Ирина Львовна!" in page.text or "Hello, Ирина Львовна!" in page.text
    letter = operator.client.get(page.link("As a mail program draws it"))
    assert "<strong>января</strong>" in letter.get_data(as_text=True)
    assert letter.headers["Content-Security-Policy"].startswith("default-src 'none'")

    page = press(page, "test")
    (test,) = mail.delivered(app, to="operator@example.org")
    assert "Новые цены" in test["Subject"]
    assert "Ирина Львовна" in mail.text_of(test)
    assert "/unsubscribe/" not in mail.text_of(test)
    assert campaign(act).state is CampaignState.draft

    page = press(page, "send")
    assert campaign(act).state is CampaignState.done
    for address in ("irina@example.org", "guest@example.org"):
        assert len(mail.delivered(app, to=address)) == 1
    page = operator.get(page.path)
    assert "Sent: 2" in page.text
    assert "guest@example.org" in operator.get(f"{page.path}?letters=sent").text
    with act() as session:
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "campaign")).all()
        assert {"added", "asked", "looked"} <= set(acts)


def test_above_the_limit_another_person_approves(operator: Browser, act: Any, app: Flask) -> None:
    with act() as session:
        session.scalars(select(Setting).where(Setting.key == campaigns.LIMIT)).one().value = "1"
    page = press(write(operator, act), "send")
    assert campaign(act).state is CampaignState.asked
    assert not mail.delivered(app, to="irina@example.org")
    assert "another person approves it" in page.text
    token = page.form("csrf_token").values["csrf_token"]
    operator.client.post(f"{page.path}/approve", data={"csrf_token": token})
    assert campaign(act).state is CampaignState.asked
    manager = signed_in(app, "manager")
    press(manager.get(page.path), "approve")
    assert campaign(act).state is CampaignState.done
    assert len(mail.delivered(app, to="irina@example.org")) == 1


def test_whoever_asked_does_not_approve(operator: Browser, act: Any, app: Flask) -> None:
    with act() as session:
        session.scalars(select(Setting).where(Setting.key == campaigns.LIMIT)).one().value = "1"
    manager = signed_in(app, "manager")
    page = press(write(manager, act), "send")
    token = page.form("csrf_token").values["csrf_token"]
    manager.post(f"{page.path}/approve", data={"csrf_token": token})
    assert campaign(act).state is CampaignState.asked
    press(manager.get(page.path), "take-back")
    assert campaign(act).state is CampaignState.draft


def test_a_mailing_that_nobody_would_get_cannot_be_sent(operator: Browser, act: Any) -> None:
    with act() as session:
        key = str(mailings.category(session, "procurements"))
    page = write(operator, act, category=key)
    assert "Nobody would get this letter" in page.text
    token = page.form("csrf_token").values["csrf_token"]
    answer = operator.post(f"{page.path}/send", data={"csrf_token": token})
    assert "no subscriber of the category" in answer.text
    assert campaign(act).state is CampaignState.draft


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 151}, "subject"),
        ({"subject": "Тема\x07"}, "subject"),
        ({"body": ""}, "body"),
        ({"body": "карта 4111 1111 1111 1111"}, "body"),
        ({"body": "x" * 10_001}, "body"),
        ({"category": "999"}, "category"),
        ({"locality": "999"}, "locality"),
        ({"payer_group": "abc"}, "payer_group"),
        ({"district": "Нигде"}, "district"),
        ({"work": "999"}, "work"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_wrong_is_said_at_its_field(values: dict[str, str], field: str, operator: Browser, act: Any) -> None:
    page = write(operator, act, **values)
    assert page.status == 422
    assert page.error(field)
    with act() as session:
        assert session.scalar(select(Campaign.id)) is None


def test_line_breaks_in_a_subject_become_spaces(operator: Browser, act: Any) -> None:
    page = write(operator, act, subject="Тема\r\nBcc: all@example.org")
    assert page.status == 422 or "\n" not in campaign(act).subject


def test_a_mailing_stops_where_it_is(operator: Browser, act: Any) -> None:
    page = write(operator, act)
    with time_machine.travel("2026-11-22T23:00:00+05:00"):  # quiet hours
        page = press(operator.get(page.path), "send")
        assert campaign(act).state is CampaignState.sending
        assert "quiet hours" in page.text
        answer = operator.client.get(f"{page.path}/progress").get_json()
        assert answer == {"percent": 0, "words": "0 of 2 letters", "is_over": False}
        press(page, "stop")
    assert campaign(act).state is CampaignState.stopped
    with act() as session:
        assert {row.state for row in session.scalars(select(CampaignLetter))} == {MailState.dropped}


def test_a_published_work_offers_its_letter(operator: Browser, act: Any) -> None:
    with act() as session:
        premises = factories.premises(session)
        user = mailings.subscriber(session, "works", email="olga@example.org")
        factories.account(session, user, premises=premises)
        work = factories.work(session, "Замена задвижки", streets=["ул. Ленина"], roads="Ул. Попова").id
    page = operator.get(operator.get(f"/staff/works/{work}").link("Write to the subscribers in these houses"))
    form = page.form("subject")
    assert form.values["subject"] == "Замена задвижки"
    assert "Нет воды" in form.values["body"] or "воды" in form.values["body"]
    page = form.submit()
    assert "Letters, if it is sent now 1" in page.text
    assert "To: olga@example.org" in page.text
    assert "Замена задвижки" in operator.get(f"/staff/works/{work}").text


def test_mailings_are_listed_and_reminders_apart(operator: Browser, act: Any) -> None:
    write(operator, act)
    assert "Новые цены" in operator.get(DESK).text
    assert "Новые цены" not in operator.get(f"{DESK}?of=rules").text
    assert "Новые цены" not in operator.get(f"{DESK}?state=done").text
    assert operator.get(f"{DESK}?state=abc&before=abc").status == 200


@pytest.mark.parametrize("path", ["/999", "/999/edit", "/999/letter", "/999/progress", "/99999999999999999999"])
def test_a_mailing_that_is_not_there_is_404(path: str, operator: Browser) -> None:
    operator.get(f"{DESK}{path}", expect=404)


def test_customers_and_cashiers_find_nothing(app: Flask, act: Any, operator: Browser) -> None:
    path = write(operator, act).path
    with act() as session:
        factories.user(session, "Customer", login="customer")
        factories.user(session, "Cashier", login="cashier")
    for login in ("customer", "cashier"):
        visitor = signed_in(app, login)
        for url in (DESK, path, f"{path}/letter"):
            assert visitor.client.get(url).status_code in (302, 303, 403)


class TestSendAgain:
    @pytest.fixture
    def made(self, operator: Browser, act: Any) -> int:
        """A mailing that is over: one letter sent, two of which nobody knows."""
        with act() as session:
            mailings.reader(session, "third@example.org")
            campaign = mailings.sent(session)
            letters = session.scalars(select(CampaignLetter).order_by(CampaignLetter.email)).all()
            for letter, state in zip(letters, ("uncertain", "sent", "uncertain"), strict=True):
                letter.state = MailState(state)
            campaign.state = CampaignState.done
            return campaign.id

    def states(self, act: Any) -> dict[str, str]:
        with act() as session:
            return {row.email: row.state.value for row in session.scalars(select(CampaignLetter))}

    def test_one_letter_after_a_warning(self, operator: Browser, made: int, act: Any, app: Flask) -> None:
        page = operator.get(f"{DESK}/{made}?letters=uncertain")
        page = operator.get(page.link("Send again: guest@example.org"))
        assert "Somebody may get this letter twice" in page.text
        page = page.form("shown").submit()
        assert self.states(act) == {
            "guest@example.org": "sent",
            "irina@example.org": "sent",
            "third@example.org": "uncertain",
        }
        assert len(mail.delivered(app, to="guest@example.org")) == 1
        with act() as session:
            assert session.get_one(Campaign, made).state is CampaignState.done
            (trace,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "sent again"))
            assert trace.detail == {"letters": 1}

    def test_all_uncertain_ones_and_never_a_sent_one(self, operator: Browser, made: int, act: Any, app: Flask) -> None:
        page = operator.get(f"{DESK}/{made}?letters=uncertain")
        page = operator.get(page.link("Send all uncertain ones again"))
        form = page.form("shown")
        form.submit()
        assert self.states(act) == dict.fromkeys(self.states(act), "sent")
        assert not mail.delivered(app, to="irina@example.org")
        assert len(mail.delivered(app, to="third@example.org")) == 1
        form.submit()  # the page of before: nothing is uncertain any more
        assert len(mail.delivered(app, to="third@example.org")) == 1

    def test_nothing_of_a_stopped_mailing_and_no_letter_that_was_sent(
        self, operator: Browser, made: int, act: Any
    ) -> None:
        with act() as session:
            sent = session.scalars(select(CampaignLetter.id).where(CampaignLetter.state == MailState.sent)).one()
        assert operator.get(f"{DESK}/{made}/again?letter={sent}", expect=404).status == 404
        form = operator.get(f"{DESK}/{made}/again").form("shown")
        with act() as session:
            session.get_one(Campaign, made).state = CampaignState.stopped
        assert "Send again" not in operator.get(f"{DESK}/{made}?letters=uncertain").text
        form.submit()
        assert list(self.states(act).values()).count("uncertain") == 2

    def test_who_counted_others_is_told_to_look_again(self, operator: Browser, made: int, act: Any) -> None:
        form = operator.get(f"{DESK}/{made}/again").form("shown")
        with act() as session:
            for letter in session.scalars(select(CampaignLetter)):
                letter.state = MailState.uncertain
        assert "Look at them again" in form.submit().text
        assert set(self.states(act).values()) == {"uncertain"}
