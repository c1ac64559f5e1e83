"""How letters are drawn: both parts, the reader's language, our own address, nobody's text as a template."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import letters
from app.models import OutboxMessage
from tests.conftest import Act


def drawn(session: Session, template: str, **values: object) -> OutboxMessage:
    letters.enqueue(session, template, **{"to": "irina@example.org", "locale": "en", **values})
    session.flush()
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()


VALUES = {
    "confirm_registration": {"name": "Ирина", "url": "http://localhost/x"},
    "cabinet_exists": {"sign_in_url": "http://localhost/login/", "recover_url": "http://localhost/recover"},
    "one_time_password": {"name": "Ирина", "login": "irina", "password": "ABCD-2345", "url": "http://localhost/login/"},
    "confirm_email": {"name": "Ирина", "url": "http://localhost/x"},
    "email_changed": {"name": "Ирина"},
    "cabinet_joined": {"name": "Олег", "number": "0012345678", "who": "Ирина", "email": "i•••@example.org"},
    "password_changed": {"name": "Ирина", "recover_url": "http://localhost/recover"},
}


@pytest.mark.parametrize("template", VALUES)
@pytest.mark.parametrize("locale", ["en", "ru"])
def test_each_letter_has_a_subject_and_two_parts_that_say_the_same(act: Act, template: str, locale: str) -> None:
    values = {"expires_at": clock.now(), "changed_at": clock.now(), **VALUES[template]}
    with act() as session:
        letter = drawn(session, template, locale=locale, **values)
        assert letter.subject
        assert "\n" not in letter.subject
        for part in (letter.body, letter.body_html or ""):
            for value in VALUES[template].values():
                assert value in part
            assert "Водоканал" in part
        assert f'<html lang="{locale}">' in (letter.body_html or "")
        assert f"<title>{letter.subject}</title>" in (letter.body_html or "")


def test_text_of_a_user_is_neither_a_template_nor_markup(act: Act) -> None:
    name = "{{ 7 * 7 }}<script>alert(1)</script>"
    with act() as session:
        letter = drawn(session, "email_changed", name=name, changed_at=clock.now())
        assert name in letter.body
        assert "{{ 7 * 7 }}&lt;script&gt;" in (letter.body_html or "")
        assert "<script" not in (letter.body_html or "")


@pytest.mark.parametrize("address", ["a@b.ru\nBcc: c@d.ru", "a@b.ru\r\nSubject: x"])
def test_line_break_in_an_address_is_refused(act: Act, address: str) -> None:
    with act() as session, pytest.raises(ValueError, match="line breaks"):
        drawn(session, "email_changed", to=address, name="", changed_at=clock.now())


def test_link_is_made_from_the_public_url_and_not_from_the_request(app: Flask) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert letters.link("/register/confirm/abc") == "http://localhost/register/confirm/abc"
