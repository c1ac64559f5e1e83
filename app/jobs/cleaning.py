"""Throws away what has had its time."""

from pathlib import Path

from flask import current_app

from ..domain import applications, archives, cleaning
from ..extensions import db, transaction


def clean_up() -> None:
    folder = Path(current_app.config["DATA_DIR"])
    with transaction() as session:
        cleaning.clean_rows(session)
    with transaction() as session:
        applications.forget_rejected(session, folder)
    cleaning.clean_uploads(db.session(), folder)
    archives.drop_old(db.session(), folder)
