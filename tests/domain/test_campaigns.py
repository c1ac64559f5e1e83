"""Mailings: whom they reach, who may send them, when, and what becomes of their letters."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.domain import campaign_sending as sending
from app.domain import campaigns
from app.domain.campaign_sending import SENT, Outcome
from app.domain.campaigns import Text
from app.domain.errors import DomainError
from app.models import Campaign, CampaignLetter, CampaignState, Locality, MailState, PayerGroup, Setting, Street
from app.queries import campaigns as queries
from tests import factories, mailings


def emails(session: Session, campaign: Campaign) -> list[str]:
    found = select(CampaignLetter.email).where(CampaignLetter.campaign_id == campaign.id)
    return sorted(session.scalars(found))


def states(session: Session, campaign: Campaign) -> dict[str, int]:
    return {state.value: number for state, number in queries.outcome(session, campaign.id).items()}


def set_limit(session: Session, letters: int) -> None:
    session.scalars(select(Setting).where(Setting.key == campaigns.LIMIT)).one().value = str(letters)


class TestAudience:
    def test_subscribers_get_it_once_and_nobody_else(self, act: Any) -> None:
        with act() as session:
            mailings.subscriber(session, email="irina@example.org")
            mailings.subscriber(session, "works", email="works@example.org")
            mailings.subscriber(session, email="asleep@example.org", active=False)
            mailings.subscriber(session, email="unproven@example.org", email_confirmed_at=None)
            factories.user(session, email="silent@example.org")
            mailings.reader(session, "guest@example.org")
            mailings.reader(session, "irina@example.org")
            mailings.reader(session, "typed@example.org", confirmed_at=None)
            mailings.reader(session, "gone@example.org", withdrawn_at=clock.now())
            made = mailings.campaign(session)
            assert campaigns.count(session, made) == 2
            mailings.sent(session, of=made)
            assert emails(session, made) == ["guest@example.org", "irina@example.org"]
            assert made.letters == 2

    def test_two_cabinets_of_one_e_mail_get_one_letter(self, act: Any) -> None:
        with act() as session:
            mailings.subscriber(session, email="Irina@example.org")
            mailings.subscriber(session, email="irina@EXAMPLE.org")
            made = mailings.sent(session)
            assert emails(session, made) == ["irina@example.org"]

    def test_places_and_kinds_of_customers_narrow_it_to_cabinets(self, act: Any) -> None:
        with act() as session:
            mailings.reader(session, "guest@example.org")
            perm = mailings.subscriber(session, email="perm@example.org")
            factories.account(session, perm)
            firm = mailings.subscriber(session, email="firm@example.org")
            factories.account(session, firm, is_company=True)
            mailings.subscriber(session, email="nothing@example.org")
            far = mailings.subscriber(session, email="far@example.org")
            village = Locality(name="Кондратово", streets=[Street(name="ул. Садовая")])
            session.add(village)
            session.flush()
            flat = factories.premises(session, street="ул. Садовая", house="1")
            factories.account(session, far, premises=flat)

            def reached(**narrow: Any) -> list[str]:
                made = mailings.campaign(session, **narrow)
                assert campaigns.count(session, made) == queries.fill(
                    session, made, campaigns.work_of(session, made), clock.now()
                )
                return emails(session, made)

            assert reached(locality_id=village.id) == ["far@example.org"]
            flat.house.district = "Заречный"
            session.flush()
            assert reached(district="Заречный") == ["far@example.org"]
            with pytest.raises(DomainError):
                reached(district="Нигде")
            assert reached(payer_group=PayerGroup.other) == ["firm@example.org"]
            assert reached(payer_group=PayerGroup.population) == ["far@example.org", "perm@example.org"]
            work = factories.work(session, streets=["ул. Садовая"])
            assert reached(work_id=work.id) == ["far@example.org"]
            assert reached(work_id=work.id, payer_group=PayerGroup.other) == []

    def test_who_lost_the_account_is_not_in_its_town(self, act: Any) -> None:
        with act() as session:
            user = mailings.subscriber(session)
            account = factories.account(session, user)
            made = mailings.campaign(session, payer_group=PayerGroup.population)
            assert campaigns.count(session, made) == 1
            from app.models import AccountAccess

            access = session.scalars(select(AccountAccess).where(AccountAccess.account_id == account.id)).one()
            access.revoked_at = clock.now()
            session.flush()
            assert campaigns.count(session, made) == 0


class TestWay:
    def test_a_mailing_that_nobody_would_get_is_not_sent(self, act: Any) -> None:
        with act() as session:
            made = mailings.campaign(session)
            with pytest.raises(DomainError):
                campaigns.ask(session, made, user_id=factories.user(session, "Operator").id)
            assert made.state is CampaignState.draft

    def test_above_the_limit_another_person_approves(self, act: Any) -> None:
        with act() as session:
            set_limit(session, 1)
            for _ in range(2):
                mailings.subscriber(session)
            asking, other = factories.user(session, "Manager"), factories.user(session, "Manager")
            made = mailings.campaign(session)
            campaigns.ask(session, made, user_id=asking.id)
            assert made.state is CampaignState.asked
            campaigns.prepare(session, made.id)
            assert emails(session, made) == []
            with pytest.raises(DomainError):
                campaigns.approve(made, user_id=asking.id)
            campaigns.approve(made, user_id=other.id)
            assert (made.state, made.approved_by_id) == (CampaignState.sending, other.id)

    def test_up_to_the_limit_one_person_is_enough(self, act: Any) -> None:
        with act() as session:
            set_limit(session, 1)
            mailings.subscriber(session)
            assert mailings.sent(session).state is CampaignState.sending

    @pytest.mark.parametrize("subject", ["Тема\r\nBcc: all@example.org", "Тема\nX: y", "", "  ", "4111 1111 1111 1111"])
    def test_a_subject_that_no_letter_may_have_is_refused(self, subject: str, act: Any) -> None:
        with act() as session, pytest.raises(DomainError) as refused:
            mailings.campaign(session, subject=subject)
        assert refused.value.field == "subject"

    def test_what_was_asked_for_is_not_changed(self, act: Any) -> None:
        with act() as session:
            mailings.subscriber(session)
            made = mailings.sent(session)
            with pytest.raises(DomainError):
                campaigns.save(session, made, Text(made.category_id, "Другое", "…"))
            with pytest.raises(DomainError):
                campaigns.ask(session, made, user_id=made.asked_by_id or 0)

    def test_what_has_outgrown_the_limit_before_it_was_prepared_waits_for_another_person(self, act: Any) -> None:
        with act() as session:
            set_limit(session, 1)
            mailings.subscriber(session)
            made = mailings.campaign(session)
            campaigns.ask(session, made, user_id=factories.user(session, "Operator").id)
            mailings.subscriber(session)
            campaigns.prepare(session, made.id)
            assert (made.state, made.letters, made.prepared_at) == (CampaignState.asked, 2, None)
            assert emails(session, made) == []
            campaigns.approve(made, user_id=factories.user(session, "Manager").id)
            campaigns.prepare(session, made.id)
            assert len(emails(session, made)) == 2

    def test_letters_are_prepared_once(self, act: Any) -> None:
        with act() as session:
            mailings.subscriber(session)
            made = mailings.sent(session)
            mailings.subscriber(session)
            campaigns.prepare(session, made.id)
            assert len(emails(session, made)) == 1

    def test_a_stopped_mailing_sends_nothing_more(self, act: Any) -> None:
        with act() as session:
            for _ in range(sending.BATCH + 1):
                mailings.subscriber(session)
            made = mailings.sent(session)
            batch = sending.lease(session, made.id)
            assert batch is not None
            campaigns.stop(session, made)
            assert sending.lease(session, made.id) is None
            first, *rest = [piece.id for piece in batch.pieces]
            sending.settle(session, batch, {first: SENT, rest[0]: Outcome(MailState.pending, "451 later")})
            assert states(session, made) == {"sent": 1, "dropped": sending.BATCH}


class TestLetters:
    @pytest.fixture
    def made(self, act: Any) -> int:
        with act() as session:
            mailings.subscriber(session, email="irina@example.org")
            mailings.reader(session, "guest@example.org")
            return mailings.sent(session).id

    def row(self, session: Session, email: str) -> CampaignLetter:
        return session.scalars(select(CampaignLetter).where(CampaignLetter.email == email)).one()

    def test_two_workers_never_take_one_letter(self, made: int, act: Any) -> None:
        with act() as session:
            assert len(sending.lease(session, made).pieces) == 2  # type: ignore[union-attr]
        with act() as session:
            assert sending.lease(session, made) is None

    def test_of_a_killed_workers_letters_the_one_begun_is_uncertain_and_the_others_go(
        self, made: int, act: Any
    ) -> None:
        with act() as session:
            batch = sending.lease(session, made)
            assert batch is not None
            guest = next(piece.id for piece in batch.pieces if piece.email == "guest@example.org")
            assert sending.begin(session, batch, guest, {})  # and here the worker is killed
        with time_machine.travel(clock.now() + sending.LEASE + timedelta(seconds=1)), act() as session:
            again = sending.lease(session, made)
            assert again is not None
            assert [piece.email for piece in again.pieces] == ["irina@example.org"]
            assert not sending.begin(session, batch, guest, {})  # a worker that wakes up late does not send it

    def test_a_letter_that_a_killed_worker_began_is_uncertain_and_stays_so(self, made: int, act: Any) -> None:
        with act() as session:
            batch = sending.lease(session, made)
            assert batch is not None
            for piece in batch.pieces:
                assert sending.begin(session, batch, piece.id, {})
        with time_machine.travel(clock.now() + sending.LEASE + timedelta(seconds=1)):
            for _ in range(2):
                with act() as session:
                    assert sending.lease(session, made) is None
            with act() as session:
                campaign = session.get_one(Campaign, made)
                assert states(session, campaign) == {"uncertain": 2}
                assert campaign.state is CampaignState.done
                assert self.row(session, "irina@example.org").error == sending.LOST

    def test_outcomes_are_kept_and_what_was_not_begun_waits(self, made: int, act: Any) -> None:
        with act() as session:
            batch = sending.lease(session, made)
        assert batch is not None
        ids = {piece.email: piece.id for piece in batch.pieces}
        with act() as session:
            sending.settle(session, batch, {ids["irina@example.org"]: SENT}, trouble="away")
            assert self.row(session, "irina@example.org").sent_at is not None
            assert self.row(session, "guest@example.org").state is MailState.pending
            assert self.row(session, "guest@example.org").attempts == 0
            assert session.get_one(Campaign, made).trouble == "away"

    def test_a_letter_refused_for_now_is_tried_again_and_refused_in_the_end(self, made: int, act: Any) -> None:
        now = clock.now()
        for day in range(len(sending.PAUSES) + 2):
            with time_machine.travel(now + timedelta(days=day)):
                with act() as session:
                    batch = sending.lease(session, made)
                with act() as session:
                    if batch is not None:
                        later = Outcome(MailState.pending, "451 4.7.1 later")
                        sending.settle(session, batch, {piece.id: later for piece in batch.pieces})
        with act() as session:
            row = self.row(session, "irina@example.org")
            assert (row.state, row.error, row.attempts) == (MailState.refused, "451 4.7.1 later", 4)
            assert session.get_one(Campaign, made).state is CampaignState.done

    def test_who_left_meanwhile_gets_no_letter(self, made: int, act: Any) -> None:
        from app.queries import subscriptions

        with act() as session:
            subscriptions.withdraw(session, mailings.category(session), "irina@example.org", clock.now())
            subscriptions.withdraw(session, mailings.category(session), "guest@example.org", clock.now())
        with act() as session:
            batch = sending.lease(session, made)
            assert batch is not None
            assert batch.pieces == []
            assert states(session, session.get_one(Campaign, made)) == {"dropped": 2}

    def test_a_mailing_without_open_letters_is_done(self, made: int, act: Any) -> None:
        with act() as session:
            batch = sending.lease(session, made)
            assert batch is not None
            sending.settle(session, batch, {piece.id: SENT for piece in batch.pieces})
        with act() as session:
            assert sending.lease(session, made) is None
            assert session.get_one(Campaign, made).state is CampaignState.done


@pytest.mark.parametrize(
    ("hours", "moment", "is_quiet"),
    [
        ("21-9", "2026-11-22T20:59:00+05:00", False),
        ("21-9", "2026-11-22T21:00:00+05:00", True),
        ("21-9", "2026-11-23T03:00:00+05:00", True),
        ("21-9", "2026-11-23T08:59:00+05:00", True),
        ("21-9", "2026-11-23T09:00:00+05:00", False),
        ("13-14", "2026-11-23T13:30:00+05:00", True),
        ("13-14", "2026-11-23T14:00:00+05:00", False),
        ("0-0", "2026-11-23T00:00:00+05:00", False),
    ],
)
def test_quiet_hours_are_the_utility_s(hours: str, moment: str, is_quiet: bool) -> None:
    first, _dash, last = hours.partition("-")
    settings = {"mailings.quiet_from": first, "mailings.quiet_to": last}
    assert sending.is_quiet(datetime.fromisoformat(moment), settings) is is_quiet
