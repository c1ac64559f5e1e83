"""Saved cards as their owner meets them: on the page before the bank's, and in the settings."""

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.domain import payments
from app.domain.cards import CardWish
from app.models import Account, AccountAccess, Payment, PaymentState, SavedCard, SiteUser
from tests import factories
from tests.bank import bank as bank
from tests.cards import CONSENT, SHOWN, begun, other_payee, paid, saved
from tests.conftest import Act
from tests.page import Browser, Page, text_of
from tests.payments import count, customer, only, owe, word

SETTINGS = "/cabinet/settings"
pytestmark = pytest.mark.usefixtures("bank")


@pytest.fixture
def payer(act: Act, browser: Browser) -> Browser:
    with act() as session:
        user, account = customer(session)
        owe(session, account, "300.00")
        login = user.username
    browser.sign_in(login, factories.PASSWORD)
    return browser


def mine(session: object) -> tuple[SiteUser, Account]:
    user = session.scalars(select(SiteUser).where(SiteUser.username.like("user%"))).first()  # type: ignore[attr-defined]
    return user, session.scalars(select(Account)).first()  # type: ignore[attr-defined]


def save(act: Act) -> int:
    with act() as session:
        return saved(session, *mine(session)).id


def to_the_last_page(payer: Browser) -> Page:
    table = payer.get("/cabinet/payments").form("csrf_token", "account_id")
    cold = next(name.removeprefix("wish-") for name in table.values if name.startswith("wish-"))
    wishes = {name: "" for name in table.values if name.startswith("wish-")}
    return table.submit(**{**wishes, f"wish-{cold}": "100", f"tick-{cold}": "1"})


def test_saving_is_offered_and_never_ticked(payer: Browser) -> None:
    form = to_the_last_page(payer).form("order", "save")
    assert "save" not in form.values
    assert "card" not in form.values


def test_what_was_ticked_is_kept_in_its_very_words(payer: Browser, act: Act) -> None:
    page = to_the_last_page(payer)
    words = next(text_of(each) for each in page.elements("label") if each.get("for") == "save")
    page.browser.post(page.form("order").action, data={**page.form("order").values, "save": "y"}, follow=False)
    with act() as session:
        payment = only(session)
        assert payment.card_consent == words
        assert payment.cards_epoch == 0
        payments.apply_event(session, word(payment, card=SHOWN))
        assert session.scalars(select(SavedCard)).one().consent == words


def test_a_payment_without_the_tick_saves_nothing(payer: Browser, act: Act) -> None:
    form = to_the_last_page(payer).form("order")
    payer.post(form.action, data=form.values, follow=False)
    with act() as session:
        payments.apply_event(session, word(only(session), card=SHOWN))
        assert count(session, SavedCard) == 0


def test_a_saved_card_may_be_chosen_and_another_one_stands_chosen(payer: Browser, act: Act) -> None:
    pk = save(act)
    form = to_the_last_page(payer).form("order", "card")
    assert form.values["card"] == "another"
    answer = payer.post(form.action, data={**form.values, "card": str(pk)}, follow=False).response
    assert "/payments/status/" in answer.location  # the gateway's page answers, its interface does not
    with act() as session:
        payment = session.scalars(select(Payment).order_by(Payment.id.desc()).limit(1)).one()
        assert (payment.card_id, payment.state, payment.card_consent) == (pk, PaymentState.unknown, None)


@pytest.mark.parametrize("wanted", ["removed", "99999", "x", "9" * 30, "-1", ""])
def test_a_card_that_is_not_there_is_refused_at_its_field_with_the_way_out(
    payer: Browser, act: Act, wanted: str
) -> None:
    pk = save(act)
    form = to_the_last_page(payer).form("order", "card")
    if wanted == "removed":
        with act() as session:
            user, _ = mine(session)
            session.get_one(SavedCard, pk).removed_at = user.email_confirmed_at
    page = payer.post(form.action, data={**form.values, "card": str(pk) if wanted == "removed" else wanted})
    assert page.status == 422
    assert page.root.find(".//div[@class='summary']") is not None
    with act() as session:
        assert count(session, Payment) == 1
    again = page.form("order")
    assert again.values.get("card", "another") == "another"
    assert payer.post(again.action, data=again.values, follow=False).status == 303


def test_anothers_card_is_neither_offered_nor_usable_nor_removable(payer: Browser, act: Act, app: Flask) -> None:
    pk = save(act)
    with act() as session:
        stranger, theirs = customer(session)
        owe(session, theirs, "10.00")
        paid(session, stranger, theirs, key="by hand")
        login = stranger.username
    thief = Browser(app)
    thief.sign_in(login, factories.PASSWORD)
    form = to_the_last_page(thief).form("order")
    assert "card" not in form.values
    assert thief.post(form.action, data={**form.values, "card": str(pk)}).status == 422
    assert thief.get(f"{SETTINGS}/cards/{pk}", expect=404)
    token = thief.get(SETTINGS).form().values["csrf_token"]
    assert thief.post(f"{SETTINGS}/cards/{pk}/remove", data={"csrf_token": token}, expect=404)
    with act() as session:
        assert session.get_one(SavedCard, pk).removed_at is None
        assert session.get_one(SiteUser, session.get_one(SavedCard, pk).user_id).username != login


def test_the_settings_tell_what_a_card_paid_and_remove_it(payer: Browser, act: Act) -> None:
    assert "/cards/" not in payer.get(SETTINGS).html
    pk = save(act)
    with act() as session:
        user, account = mine(session)
        used = begun(session, user, account, key="used", card=CardWish(card_id=pk))
        payments.apply_event(session, word(used, operation_id="8000001"))
        token = used.status_token
    page = payer.get(SETTINGS)
    assert "•••• 1111" in page.text
    used_page = payer.get(f"{SETTINGS}/cards/{pk}")
    receipts = [link.get("href") for link in used_page.elements("a") if "receipt.pdf" in link.get("href", "")]
    assert len(receipts) == 1
    assert token not in used_page.html
    removal = next(form for form in page.elements("form") if form.get("action") == f"{SETTINGS}/cards/{pk}/remove")
    assert removal.get("method") == "post"
    gone = payer.post(removal.get("action", ""), data=page.form().values)
    assert gone.path == SETTINGS
    assert "•••• 1111" not in gone.text
    assert payer.get(f"{SETTINGS}/cards/{pk}", expect=404)
    assert payer.post(removal.get("action", ""), data=page.form().values, expect=404)


def test_a_payment_whose_card_was_removed_goes_nowhere(payer: Browser, act: Act) -> None:
    pk = save(act)
    with act() as session:
        user, account = mine(session)
        payment_id = begun(session, user, account, key="under way", card=CardWish(card_id=pk)).id
    token = payer.get(SETTINGS).form().values
    payer.post(f"{SETTINGS}/cards/{pk}/remove", data=token)
    answer = payer.post(f"/cabinet/payments/{payment_id}/resume", data=token, follow=False).response
    assert "/payments/status/" in answer.location
    page = payer.get(answer.location)
    assert f"/cabinet/payments/{payment_id}/cancel" in page.html
    with act() as session:
        assert session.get_one(Payment, payment_id).state is PaymentState.created


def test_forgetting_the_password_empties_the_settings(payer: Browser, act: Act, app: Flask) -> None:
    save(act)
    with act() as session:
        email = mine(session)[0].email
    stranger = Browser(app)
    stranger.get("/recover").form("login").submit(login=email)
    assert "•••• 1111" not in payer.get(SETTINGS).text


def test_a_card_of_another_kind_is_not_offered(payer: Browser, act: Act) -> None:
    with act() as session:
        user, account = mine(session)
        saved(session, user, account, to=other_payee(session))
        paid(session, user, account, key="water by hand")
    assert "card" not in to_the_last_page(payer).form("order").values


def test_no_token_and_no_consent_leave_by_the_panel(app: Flask) -> None:
    """Nothing generated from models names these columns: not a list, not an export, not REST."""
    hidden = {"token", "payer_document", "card_consent", "subscriber", "status_token"}
    for view in app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if getattr(getattr(view, "datamodel", None), "obj", None) not in (Payment, SavedCard):
            continue
        shown = {name for kind in ("list", "show", "export", "search") for name in getattr(view, f"{kind}_columns", [])}
        assert not shown & hidden, type(view).__name__


def test_a_consent_of_this_kind_fits_its_column(payer: Browser) -> None:
    for language in ("ru", "en"):
        payer.get(f"/lang/{language}")
        page = to_the_last_page(payer)
        words = next(text_of(each) for each in page.elements("label") if each.get("for") == "save")
        assert len(CONSENT) < len(words) < 400


def test_nobody_goes_on_with_a_payment_that_would_save_their_card_for_another(payer: Browser, act: Act) -> None:
    with act() as session:
        guest, account = factories.user(session), mine(session)[1]
        session.add(AccountAccess(user_id=guest.id, account_id=account.id, basis="fact", granted_at=clock.now()))
        session.flush()
        payment = begun(session, guest, account, card=CardWish(consent=CONSENT))
        pk, token = payment.id, payment.status_token
    for path in ("/cabinet/payments", "/cabinet/", f"/payments/status/{token}?result=back"):
        page = payer.get(path)
        assert f"/cabinet/payments/{pk}/resume" not in page.html
        assert f"/cabinet/payments/{pk}/cancel" in page.html
    values = {"csrf_token": page.form("csrf_token").values["csrf_token"]}
    assert payer.post(f"/cabinet/payments/{pk}/resume", data=values, expect=404)
    assert payer.post(f"/cabinet/payments/{pk}/cancel", data=values).status == 200
