"""Files of other systems: chosen, looked into, taken in by the worker, taken back while nothing depends on them."""

import csv
import tempfile
from decimal import Decimal
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from flask import abort, flash, g, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import get_locale
from werkzeug.wrappers import Response

from ...domain.imports import batches, files, profiles, undoing
from ...domain.imports.profiles import Profile
from ...domain.imports.refusals import FileRefused, words
from ...extensions import db, queue, transaction
from ...formats import integer
from ...forms.imports import ConfirmForm, UploadForm
from ...i18n import _, _l
from ...models import ImportBatch, ImportKind, ImportState
from ...panel.exports import guarded, streamed
from ...queries import imports as rows
from ..attachments import data_folder
from ..base import ID, CabinetView, domain_errors, id_argument, redraw_with, settings

PAGE = 25
SHOWN_REFUSALS = 20
UNFINISHED = (ImportState.uploaded, ImportState.running)


class _ImportsView(CabinetView):
    kind: ImportKind
    accept = ".csv,.txt,text/plain,text/csv"
    lead = _l("What is known already is not changed: the same file taken in twice changes nothing.")
    hint = _l(
        "A text file. UTF-8, Windows-1251, CP866 and KOI8-R are recognised. Nothing is taken in before you have seen "
        "what was recognised."
    )

    @expose("", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def index(self) -> Response | str | tuple[str, int]:
        form = UploadForm.of(profiles.of_kind(db.session(), self.kind))
        page = partial(self._index_page, form)
        if not form.validate_on_submit():
            return (page(), 422) if request.method == "POST" else page()
        redraw_with(form, page)
        return redirect(url_for(".show", pk=_registered(form)), 303)

    @expose(f"/{ID}")
    @has_access
    def show(self, pk: int) -> str:
        batch = self._batch(pk)
        is_new = batch.state is ImportState.uploaded and not batches.is_waiting(batch)
        found, fault = _preview(batch) if is_new else (None, None)
        return self._page(
            "show",
            batch=batch,
            preview=found,
            fault=fault or _failure(batch),
            same=rows.same_file(db.session(), batch) if is_new else None,
            profile=_(_profile(batch.profile).label),
            percent=batches.percent(batch),
            lines_done=_lines_done(batch),
            is_unfinished=batch.state in UNFINISHED and not is_new,
            is_going_back=undoing.is_asked(batch),
            can_go_back=undoing.is_possible(batch) and batch.rows_done,
            in_the_way=undoing.in_the_way(batch),
            figures=_figures(batch),
            notes=[(_(note), noted) for note, noted in batch.result["notes"].items()],
            refusals=[
                (line, _(reason), raw)
                for line, reason, raw in db.session().execute(rows.refusals(pk).limit(SHOWN_REFUSALS))
            ],
        )

    @expose(f"/{ID}/start", methods=["POST"])
    @has_access
    def start(self, pk: int) -> Response:
        with transaction() as session:
            batches.ask(session, self._batch(pk))
        return _handed_over("run_import", pk)

    @expose(f"/{ID}/progress")
    @has_access
    def progress(self, pk: int) -> dict[str, Any]:
        batch = self._batch(pk)
        is_over = batch.state not in UNFINISHED and not undoing.is_asked(batch)
        return {"percent": batches.percent(batch), "words": _lines_done(batch), "is_over": is_over}

    @expose(f"/{ID}/refused.csv")
    @has_access
    def refused(self, pk: int) -> Response:
        batch = self._batch(pk)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when it has been sent
        table = TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        lines = csv.writer(table, delimiter=";" if str(get_locale()) == "ru" else ",", quoting=csv.QUOTE_ALL)
        lines.writerow([_("Line"), _("Reason"), _("The line as it stood")])
        for line, reason, raw in streamed(rows.refusals(pk), db.engine):
            lines.writerow([line, guarded(_(reason)), guarded(raw)])
        table.detach().seek(0)
        name = f"{Path(batch.file_name).stem}-refused.csv"
        return send_file(file, "text/csv", as_attachment=True, download_name=name, max_age=0)

    @expose(f"/{ID}/undo", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def undo(self, pk: int) -> Response | str:
        form = ConfirmForm()
        page = partial(self._undo_page, pk, form)
        if not form.validate_on_submit():
            return page()
        redraw_with(form, page)
        with transaction() as session:
            undoing.ask(session, self._batch(pk).id, user_id=g.user.id)
        return _handed_over("undo_import", pk)

    def _index_page(self, form: UploadForm) -> str:
        found = rows.batches(db.session(), self.kind, before=id_argument("before"), size=PAGE + 1)
        further = url_for(".index", before=found[PAGE - 1].id) if len(found) > PAGE else None
        return self._page("index", form=form, found=found[:PAGE], further=further)

    def _undo_page(self, pk: int, form: ConfirmForm) -> str:
        batch = self._batch(pk)
        if not undoing.is_possible(batch):
            abort(404)
        return self._page("undo", batch=batch, form=form, figures=_figures(batch))

    def _batch(self, pk: int) -> ImportBatch:
        batch: ImportBatch | None = db.session().get(ImportBatch, pk)
        if batch is None or batch.kind is not self.kind:
            abort(404)
        return batch

    def _page(self, template: str, **values: Any) -> str:
        return str(
            self.render_template(f"staff/imports/{template}.html", heading=self.menu_label, files=self, **values)
        )


class AccountImportsView(_ImportsView):
    route_base = "/staff/imports/accounts"
    kind = ImportKind.accounts
    menu_label = _l("Loading of accounts")


class PaymentImportsView(_ImportsView):
    route_base = "/staff/imports/payments"
    kind = ImportKind.payments
    menu_label = _l("Registries of banks")


class PlaceImportsView(_ImportsView):
    route_base = "/staff/imports/places"
    kind = ImportKind.places
    menu_label = _l("Places of houses")
    accept = ".geojson,.json,application/geo+json,application/json"
    lead = _l("Maps of works are drawn by them. A house that the file names gets its place anew, others keep theirs.")
    hint = _l(
        "A GeoJSON file: points or outlines with addr:street, addr:housenumber and, where towns share a street, "
        "addr:city. Nothing is taken in before you have seen what was recognised."
    )


def _handed_over(task: str, pk: int) -> Response:
    """To the page of the file, which the worker is asked to take in or back."""
    if not queue.put(task, pk):
        flash(_("The worker cannot be reached now. The file is kept: start it again in a few minutes."), "warning")
    return redirect(url_for(".show", pk=pk), 303)


def _profile(name: str) -> Profile:
    found = profiles.named(db.session(), name)
    return found if found is not None else abort(404)


def _registered(form: UploadForm) -> int:
    """Keep the upload and look into it; its batch waits to be started. Raises FileRefused, and keeps nothing then."""
    profile, upload = _profile(form.profile.data), form.file.data
    name = files.keep(data_folder(), upload.stream)
    try:
        found = files.preview(_path(name), profile, **_reader_settings())
        with transaction() as session:
            shown = "".join(sign for sign in Path(upload.filename).name if sign.isprintable())
            return batches.register(
                session, profile=profile, file_name=shown, facts=found.facts, stored_name=name, user_id=g.user.id
            ).id
    except BaseException:
        _path(name).unlink(missing_ok=True)
        raise


def _preview(batch: ImportBatch) -> tuple[files.Preview | None, str | None]:
    try:
        return files.preview(_path(batch.stored_name or ""), _profile(batch.profile), **_reader_settings()), None
    except FileRefused as refusal:
        return None, str(refusal)


def _reader_settings() -> dict[str, str]:
    return {"mask": settings()["accounts.mask"], "local_prefix": settings()["utility.local_prefix"]}


def _path(stored_name: str) -> Path:
    return files.stored_path(data_folder(), stored_name)


def _lines_done(batch: ImportBatch) -> str:
    return _("%(done)s of %(total)s lines", done=integer(batch.rows_done), total=integer(batch.rows_total))


def _failure(batch: ImportBatch) -> str | None:
    """Why the file was refused as a whole, in the reader's language."""
    failed = batch.result.get("failure") or {}
    reason = failed.get("reason")
    return words(reason, failed["values"]) if reason else None


LABELS = {
    "accounts": _l("Accounts added"),
    "meters": _l("Meters added"),
    "known": _l("Accounts known already, not changed"),
    "payments": _l("Payments posted"),
    "unidentified": _l("Payments of unknown accounts"),
    "placed": _l("Houses that the file gave their places"),
    "repeated": _l("Operations known already, not counted again"),
}


def _figures(batch: ImportBatch) -> dict[str, Any]:
    """What the batch added: counts with their words, sums in roubles by service or in total."""
    services = rows.services_by_code(db.session())
    return {
        "counts": [(LABELS[name], count) for name, count in batch.result["counts"].items()],
        "sums": [(services.get(name), Decimal(amount)) for name, amount in batch.result["sums"].items()],
        "refused": batch.result["refused"],
    }
