"""`python -m benchmarks.campaigns`: prepares a mailing of 100,000 letters, sends a part of it to a local SMTP server.

Over SQLite, or over the server named by TEST_POSTGRESQL (`python -m tests.postgres -- python -m benchmarks.campaigns`).
"""

import argparse
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy import insert, select, update

import config as configuration
from app import clock, create_app
from app.domain import campaigns
from app.domain.campaigns import Text
from app.extensions import db, transaction
from app.jobs.campaigns import send_campaigns
from app.models import Campaign, CampaignLetter, MailingCategory, MailState, Setting, SiteUser, Subscription
from app.security.scope import SYSTEM, become
from tests.postgres import free_port

SERVER = """
import sys, time
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
time.sleep(3600)
"""
CHUNK = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=100_000)
    parser.add_argument("--send", type=int, default=5_000, help="how many of them to send")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        sink = subprocess.Popen([sys.executable, "-c", SERVER, str(port)])
        try:
            _measure(_application(Path(folder), port), port, options.letters, options.send)
        finally:
            sink.terminate()
            sink.wait()


def _application(folder: Path, port: int):  # type: ignore[no-untyped-def]
    environment = {
        "DATA_DIR": str(folder),
        "QUEUE_URL": "memory://",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
    }
    if address := os.environ.get("TEST_POSTGRESQL"):
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE campaigns")
        environment["DATABASE_URL"] = f"{address}/campaigns"
    app = create_app(configuration.Testing(environment))
    assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
    return app


def _measure(app, port: int, letters: int, send: int) -> None:  # type: ignore[no-untyped-def]
    with app.app_context():
        become(SYSTEM)
        campaign_id = _filled(letters)
        begun = time.perf_counter()
        with transaction() as session:
            campaigns.prepare(session, campaign_id)
        prepared = time.perf_counter() - begun
        with transaction() as session:
            made = session.get_one(Campaign, campaign_id).letters
            rest = select(CampaignLetter.id).order_by(CampaignLetter.id).offset(send)
            session.execute(update(CampaignLetter).where(CampaignLetter.id.in_(rest)).values(state=MailState.dropped))
        print(f"{db.engine.dialect.name}: {made} letters prepared in {prepared:.1f} s")
        _wait(port)
        begun = time.perf_counter()
        while _left(campaign_id):
            send_campaigns()
        seconds = time.perf_counter() - begun
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{send} letters sent in {seconds:.1f} s, {send / seconds:.0f} a second, at most {memory} MB")


def _filled(letters: int) -> int:
    """So many subscribers, and a mailing to them that was asked to be sent."""
    now = clock.now()
    with transaction() as session:
        for key in ("mailings.quiet_from", "mailings.quiet_to", campaigns.LIMIT):
            row = session.scalars(select(Setting).where(Setting.key == key)).one()
            row.value = "0" if "quiet" in key else str(letters)
        category = session.scalars(select(MailingCategory.id).where(MailingCategory.code == "news")).one()
        consent = {"category_id": category, "wording": "…", "version": "1", "address": "127.0.0.1", "given_at": now}
        for start in range(1000, 1000 + letters, CHUNK):
            ids = range(start, min(start + CHUNK, 1000 + letters))
            common = {"first_name": "Ирина", "last_name": "Петрова", "active": True, "email_confirmed_at": now}
            users = [{"id": n, "username": f"u{n}", "email": f"u{n}@example.org", **common} for n in ids]
            session.execute(insert(SiteUser.__table__), users)
            session.execute(insert(Subscription), [{"user_id": n, **consent} for n in ids])
        body = "С **1 января** новые цены.\n\n" * 10
        campaign = Campaign(created_at=now)
        campaigns.save(session, campaign, Text(category, "Новые цены на воду", body))
        campaigns.ask(session, campaign, user_id=1)
        return campaign.id


def _left(campaign_id: int) -> bool:
    session = db.session()
    left = session.scalar(
        select(CampaignLetter.id).where(
            CampaignLetter.campaign_id == campaign_id,
            CampaignLetter.state.in_((MailState.pending, MailState.sending)),
        )
    )
    session.rollback()
    return left is not None


def _wait(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("The SMTP server did not start")


if __name__ == "__main__":
    main()
