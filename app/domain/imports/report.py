"""What a batch did, in the words of the command line: English, one shape whether it went well or not."""

from typing import Any

from sqlalchemy.orm import Session

from ...models import ImportBatch, ImportKind
from ...queries import imports as queries


def failure(batch: ImportBatch) -> str | None:
    """Why the file was refused as a whole, in English; None when it was not."""
    failed = batch.result.get("failure")
    if failed is None:
        return None
    return str(failed["reason"] % failed["values"])


def as_json(session: Session, batch: ImportBatch) -> dict[str, Any]:
    """Rows that this batch added, and refused lines by the number that a text editor shows (the header is line 1).

    A file that was refused as a whole has zeros, and its fault among the refused lines.
    """
    counts, sums = batch.result["counts"], batch.result["sums"]
    refused = [{"line": line, "reason": reason} for line, reason, _raw in session.execute(queries.refusals(batch.id))]
    failed = failure(batch)
    if failed is not None:
        refused.append({"line": batch.result["failure"]["line"], "reason": failed})
    if batch.kind is ImportKind.accounts:
        return {"accounts": counts["accounts"], "meters": counts["meters"], "balance": sums, "refused": refused}
    named = {name: counts[name] for name in ("unidentified", "repeated")}
    return {"payments": counts["payments"], "total": sums["total"], **named, "refused": refused}
