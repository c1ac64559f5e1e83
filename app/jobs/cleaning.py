"""Throws away what has had its time."""

from pathlib import Path

from flask import current_app

from ..domain import cleaning
from ..extensions import db, transaction


def clean_up() -> None:
    with transaction() as session:
        cleaning.clean_rows(session)
    cleaning.clean_uploads(db.session(), Path(current_app.config["DATA_DIR"]))
