"""`python -m benchmarks.campaigns`: prepares a mailing of 100,000 letters, sends a part of it to a local SMTP server.

Over SQLite, or over the server named by TEST_POSTGRESQL (`python -m tests.postgres -- python -m benchmarks.campaigns`).
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

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
CHUNK = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=100_000)
    parser.add_argument("--send", type=int, default=5_000, help="how many of them to send")
    parser.add_argument("--campaign", type=int, help="measure this one, in a process of its own")
    options = parser.parse_args()
    if options.campaign:
        _measure(create_app(configuration.Testing(os.environ)), options.campaign, options.send)
        return
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **_environment(folder)}
        sink = subprocess.Popen([sys.executable, "-c", SERVER, environment["MAIL_PORT"]])
        try:
            campaign_id = _filled(create_app(configuration.Testing(environment)), options.letters)
            _wait(int(environment["MAIL_PORT"]))
            command = [sys.executable, "-m", "benchmarks.campaigns", f"--campaign={campaign_id}"]
            subprocess.run([*command, f"--send={options.send}"], env=environment, check=True)
        finally:
            sink.terminate()
            sink.wait()


def _environment(folder: str) -> dict[str, str]:
    known = {"DATA_DIR": folder, "QUEUE_URL": "memory://", "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(free_port())}
    if address := os.environ.get("TEST_POSTGRESQL"):
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE campaigns")
        known["DATABASE_URL"] = f"{address}/campaigns"
    return known


def _measure(app: Flask, campaign_id: int, send: int) -> None:
    with app.app_context():
        become(SYSTEM)
        at_first = _memory_mb("VmRSS")
        begun = time.perf_counter()
        with transaction() as session:
            campaigns.prepare(session, campaign_id)
        prepared = time.perf_counter() - begun
        with transaction() as session:
            made = session.get_one(Campaign, campaign_id).letters
            rest = select(CampaignLetter.id).order_by(CampaignLetter.id).offset(send)
            dropped = update(CampaignLetter).where(CampaignLetter.id.in_(rest)).values(state=MailState.dropped)
            session.execute(dropped, execution_options={"synchronize_session": False})
        print(f"{db.engine.dialect.name}: {made} letters prepared in {prepared:.1f} s")
        begun, busy = time.perf_counter(), time.process_time()
        while _left(campaign_id):
            send_campaigns()
        seconds, busy = time.perf_counter() - begun, time.process_time() - busy
        print(f"{send} letters sent in {seconds:.1f} s, {send / seconds:.0f} a second; {busy:.1f} s of the processor")
        print(f"memory: {at_first} MB at first, {_memory_mb('VmHWM')} MB at most")


def _filled(app: Flask, letters: int) -> int:
    """So many subscribers, and a mailing to them that was asked to be sent."""
    assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
    now = clock.now()
    with app.app_context():
        become(SYSTEM)
        with transaction() as session:
            return _mailing(session, letters, now)


def _mailing(session: Session, letters: int, now: datetime) -> int:
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
    campaigns.ask(session, campaign, user_id=1000)
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


def _memory_mb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) // 1024


def _wait(port: int) -> None:
    for _ in range(100):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("The SMTP server did not start")


if __name__ == "__main__":
    main()
