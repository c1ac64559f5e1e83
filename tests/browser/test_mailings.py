"""The pages of mailings, articles, subscribing and the one-tap reading in a real browser."""

import re
from datetime import timedelta

import time_machine
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.domain import one_tap, reminders, subscriptions
from app.models import Article, ArticleKind, CampaignLetter
from tests import factories, mailings
from tests.browser.checks import look
from tests.browser.conftest import SignIn
from tests.conftest import Act

BODY = "# Важно\n\nС **января** [новые цены](https://example.org).\n\n- холодная вода\n- водоотведение"


def test_pages_are_accessible_dark_and_narrow(page: Page, act: Act, sign_in: SignIn, console: list[str]) -> None:
    window = clock.today().replace(day=22)
    with time_machine.travel(clock.at(window, 12)):
        with act() as session:
            for kind in ArticleKind:
                for days in (1, 400):
                    day = clock.today() - timedelta(days=days)
                    session.add(Article(kind=kind, title="Новые цены", body=BODY, published_on=day))
            user = mailings.subscriber(session, "readings", email="irina@example.org")
            mailings.subscribe(session, user, "news")
            factories.meter(session, factories.account(session, user))
            reminders.make(session, clock.today())
            letter = session.scalars(select(CampaignLetter.id)).one()
            leave = subscriptions.leaving_token(mailings.category(session), user_id=user.id, subscriber_id=None)
            draft = mailings.campaign(session, body=BODY).id
            mailings.sent(session)
            mailings.campaign(session, "procurements")
        public = ["/news", "/news/1", "/vacancies?year=2025", "/procurements", "/subscribe", "/subscribe/sent"]
        links = ["/subscribe/confirm/x", f"/unsubscribe/{leave}", f"/reading/{one_tap.token(letter)}"]
        for path in (*public, *links):
            page.goto(path)
            look(page)
        assert all("410" in each for each in console)  # the link that is too old
        console.clear()
        page.fill("[name=value]", "x")
        page.press("[name=value]", "Enter")
        expect(page.locator(".summary")).to_be_visible()
        look(page)
        sign_in("Operator")
        desk = ["", "?of=rules", "/new", f"/{draft}", f"/{draft}/edit", f"/{draft + 1}", f"/{draft + 2}", "/1"]
        for path in desk:
            page.goto(f"/staff/campaigns{path}")
            look(page)
        page.goto("/staff/articles/add")
        look(page)


def test_somebody_subscribes_by_the_keyboard_alone(page: Page, act: Act) -> None:
    page.goto("/subscribe")
    page.locator("[name=email]").focus()
    page.keyboard.type("guest@example.org")
    for key in ("Tab", "Space", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile("/subscribe/sent"))
