"""Taking a batch back while nothing depends on it.

Nothing is deleted (law 3): balances and payments are reversed by entries with a reason, accounts, meters and readings
are marked as taken back. The numbers are free again, so the corrected file can be taken in. A statement for each
table, however long the file was: the reversing entries too, which therefore pass by `ledger.post`. A long file takes
its time all the same, so that pages `ask` and the worker does it.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ... import clock
from ...i18n import _, ngettext
from ...models import ImportBatch, ImportKind, ImportState, PayerGroup
from ...queries import import_undo as queries
from ...queries.imports import in_state
from .. import months, payment_states
from ..errors import DomainError

ENDS = (ImportState.done, ImportState.failed)


class InTheWayError(DomainError):
    """Something depends on the batch: how many records of each kind."""

    def __init__(self, found: Mapping[str, int]) -> None:
        super().__init__(_("It cannot be taken back any more: %(what)s.", what=", ".join(words(found))))
        self.found = dict(found)


def ask(session: Session, batch_id: int, *, user_id: int) -> None:
    """Keep that somebody wants the batch to be taken back. Raises DomainError where it is not at its end."""
    batch = _ended(session, batch_id)
    batch.result = {**batch.result, "undo": {"user_id": user_id}}


def is_possible(batch: ImportBatch) -> bool:
    """Whether the batch is at its end and leaves something to take back: places are put right by another file."""
    return batch.state in ENDS and batch.kind is not ImportKind.places


def is_asked(batch: ImportBatch) -> bool:
    """Whether the worker is still to take it back."""
    return batch.state in ENDS and "user_id" in batch.result.get("undo", {})


def in_the_way(batch: ImportBatch) -> list[str]:
    """Why the worker could not take it back, in words with numbers."""
    return words(batch.result.get("undo", {}).get("found", {}))


def run(session: Session, batch_id: int) -> None:
    """Take back what was asked for; safe to repeat. What stands in the way is kept in the batch."""
    batch = queries.locked_batch(session, batch_id)
    if not is_asked(batch):
        return
    user_id, undo_result = batch.result["undo"]["user_id"], {}
    try:
        undo(session, batch_id, user_id=user_id)
    except InTheWayError as error:
        undo_result = {"found": error.found}
    except DomainError:
        pass  # another file is half taken in: the page offers to try again
    batch.result = {**batch.result, "undo": undo_result}


def _ended(session: Session, batch_id: int) -> ImportBatch:
    batch = queries.locked_batch(session, batch_id)
    if not is_possible(batch):
        raise DomainError(_("Only a file that was taken in can be taken back."))
    if in_state(session, ImportState.running):
        raise DomainError(_("A file is being taken in. Wait until it is done, then take this one back."))
    return batch


def undo(session: Session, batch_id: int, *, user_id: int | None = None) -> None:
    """Raises DomainError where the batch is not at its end, InTheWayError where something depends on it."""
    batch = _ended(session, batch_id)
    found = _dependents(session, batch)
    if found:
        raise InTheWayError(found)
    now, reason = clock.now(), _("The import of %(file)s was taken back", file=batch.file_name)
    if batch.kind is ImportKind.accounts:
        for group in PayerGroup:
            month = months.month_for(session, group, clock.month(now))
            queries.reverse_openings(session, batch.id, group, month, reason=reason, at=now)
        queries.mark_accounts_undone(session, batch.id, clock.today())
    else:
        for group in PayerGroup:
            closed, instead = months.hold_open(session, group)
            queries.reverse_payments(session, batch.id, group, closed=closed, instead=instead, reason=reason, at=now)
        payment_states.move_all(session, queries.payments_of(batch.id), payment_states.Event.undone)
        queries.mark_operations_undone(session, batch.id)
    batch.state = ImportState.undone
    batch.result = {**batch.result, "undone": {"user_id": user_id, "at": now.isoformat()}}


def _dependents(session: Session, batch: ImportBatch) -> dict[str, int]:
    if batch.kind is ImportKind.payments:
        counts = queries.after_payments(session, batch.id)
    else:
        counts = queries.after_accounts(session, batch.id)
    return {name: count for name, count in counts.items() if count}


def words(found: Mapping[str, int]) -> list[str]:
    return [_words(name, count) for name, count in found.items()]


def _words(name: str, count: int) -> str:
    match name:
        case "access":
            words = ngettext("%(num)d cabinet is attached", "%(num)d cabinets are attached", count)
        case "payments":
            words = ngettext("%(num)d payment", "%(num)d payments", count)
        case "charges":
            words = ngettext("%(num)d charge", "%(num)d charges", count)
        case "requests":
            words = ngettext("%(num)d request", "%(num)d requests", count)
        case "readings":
            words = ngettext("%(num)d later reading", "%(num)d later readings", count)
        case "meters":
            words = ngettext("%(num)d meter added later", "%(num)d meters added later", count)
        case "entries":
            words = ngettext("%(num)d later entry in the ledger", "%(num)d later entries in the ledger", count)
        case "receipts":
            words = ngettext("%(num)d receipt given", "%(num)d receipts given", count)
        case _:
            words = ngettext("%(num)d other record of its accounts", "%(num)d other records of its accounts", count)
    return str(words)
