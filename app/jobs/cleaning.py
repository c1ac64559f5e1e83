"""Throws away what has had its time."""

from pathlib import Path

from flask import current_app

from ..domain import archives, cleaning
from ..extensions import db, transaction


def clean_up() -> None:
    with transaction() as session:
        cleaning.clean_rows(session)
    data_folder = Path(current_app.config["DATA_DIR"])
    cleaning.clean_uploads(db.session(), data_folder)
    archives.drop_old(db.session(), data_folder)
