"""Takes an uploaded file in, or back. What it did stands in the batch; the copy of a file that is done with goes."""

from pathlib import Path

from flask import current_app

from .. import single
from ..domain.imports import batches, files, undoing
from ..extensions import db, transaction
from ..models import ImportBatch


def run_import(batch_id: int) -> None:
    """Safe to ask for twice: the second task waits for the first and finds nothing left to do."""
    with single.running("import"):
        batch = db.session().get_one(ImportBatch, batch_id)
        if batch.stored_name is None:
            return
        path = files.stored_path(Path(current_app.config["DATA_DIR"]), batch.stored_name)
        batches.run(transaction, batch_id, path)
        with transaction() as session:
            session.get_one(ImportBatch, batch_id).stored_name = None
        path.unlink(missing_ok=True)


def undo_import(batch_id: int) -> None:
    """Safe to ask for twice, as above; no file is taken in meanwhile."""
    with single.running("import"), transaction() as session:
        undoing.run(session, batch_id)
