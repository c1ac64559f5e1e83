"""The phone desk: an address in fragments, all meters of the place in one list, Enter saves and moves on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import abort, flash, g, redirect, request, url_for
from flask import session as cookie
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from werkzeug.wrappers import Response

from ... import clock
from ...domain import calls, reading_window, requests
from ...domain.calls import Entry, Talk
from ...domain.reading_cards import Card
from ...domain.reading_window import Window
from ...extensions import db, transaction
from ...formats import long_date
from ...forms.calls import CallForm, EntryForm
from ...forms.requests import ACCEPT, PhoneRequestForm, chosen_code
from ...i18n import _, _l, ngettext
from ...models import Account, AccountStatus, CallChannel, CallReason, Premises
from ...queries import calls as rows
from ...queries import find
from ...queries import requests as request_rows
from ...security import audit
from ..attachments import data_folder
from ..base import ID, LARGEST_ID, CabinetView, domain_errors, id_of, redraw_with, settings
from ..fragments import contains

CHANNEL_KEY = "call_channel"
ACCOUNT = f"<int(max={LARGEST_ID}):account_id>"
Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A meter of the place with its field; `form` is None where nothing can be taken."""

    account: Account
    card: Card
    form: EntryForm | None


class PhoneDeskView(CabinetView):
    route_base = "/staff/phone"
    menu_label = _l("Phone desk")

    @expose("")
    @has_access
    def index(self) -> Page:
        """One place that answers is opened at once; several are listed."""
        asked = request.args.get("q", "")[: find.LONGEST]
        area_code = settings()["utility.local_prefix"]
        found = rows.places(db.session(), asked, area_code=area_code, contains=contains) if asked else rows.NOWHERE
        if found.is_sure:
            return redirect(url_for(".show", pk=found.found[0].id))
        return str(self.render_template("staff/phone_desk/index.html", asked=asked, found=found))

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        form = CallForm(formdata=None, channel=cookie.get(CHANNEL_KEY, "phone"), reason="readings")
        form.call.data = str(id_of(request.args.get("call", "")) or "")
        return self._place_page(pk, form, {})

    @expose(f"/{ID}", methods=["POST"])
    @has_access
    def take(self, pk: int) -> Page:
        place, window, form = _place(pk), _window(), CallForm()
        forms = {card.meter.id: EntryForm(card.meter.id) for _account, card in _cards(place, window) if _is_open(card)}
        page = partial(self._place_page, pk, form, forms)
        if not form.validate_on_submit():
            return page(), 422
        entries = [
            Entry(each, entry.value.data, entry.is_confirmed)
            for each, entry in forms.items()
            if entry.validate() and entry.value.data is not None
        ]
        is_wrong = len(entries) < sum(bool(entry.typed.strip()) for entry in forms.values())
        if not entries and not is_wrong and form.reason.data == CallReason.readings.value and not form.note.data:
            form.form_errors.append(_("Enter a reading, or choose another reason of the call."))
            return page(), 422
        with transaction() as session:
            outcome = calls.take(session, _talk(pk, form), entries, on=clock.today())
        cookie[CHANNEL_KEY], form.call.data = form.channel.data, str(outcome.call_id)
        for meter_id, error in outcome.refused.items():
            forms[meter_id].refuse(error)
        if outcome.refused or is_wrong:
            for meter_id in outcome.taken:
                forms[meter_id] = EntryForm(meter_id, formdata=None)
            return page(), 422
        _tell(len(outcome.taken))
        return redirect(url_for(".show", pk=pk, call=outcome.call_id), 303)

    @expose(f"/{ID}/request/{ACCOUNT}", methods=["GET", "POST"])
    @has_access
    @permission_name("take")
    @domain_errors
    def order(self, pk: int, account_id: int) -> Page:
        """A request in the words of whoever calls; its customer follows it in the cabinet."""
        place = _place(pk)
        account = next((each for each in place.accounts if each.id == account_id), None) or abort(404)
        if account.status is not AccountStatus.active:
            abort(404)
        offerings = request_rows.offerings(db.session())
        chosen = request_rows.offering(db.session(), chosen_code())
        form = PhoneRequestForm.of(offerings, chosen)
        values = {"place": place, "holder": account, "form": form, "chosen": chosen, "accept": ACCEPT}
        page = partial(self.render_template, "staff/phone_desk/request.html", **values)
        if not form.validate_on_submit():
            return (str(page()), 422) if request.method == "POST" else str(page())
        redraw_with(form, page)
        words, channel, user_id = form.words(), form.came_by, g.user.id
        with transaction() as session:
            offering = request_rows.offering(session, form.service.data) or abort(404)
            sent = requests.send(
                session,
                account,
                offering,
                words,
                user_id=None,
                folder=data_folder(),
                answers=form.answers(offering),
                channel=channel,
                taken_by_id=user_id,
            )
            told = {"number": sent.number, "day": long_date(sent.promised_on)}
        flash(_("Request %(number)s is taken. Tell the customer its number, and that we answer by %(day)s.", **told))
        return redirect(url_for(".show", pk=pk), 303)

    def _place_page(self, pk: int, form: CallForm, forms: Mapping[int, EntryForm]) -> str:
        """`forms`: those that were sent, with their errors; the others are new. Who sees the page leaves a trace."""
        session, window, place = db.session(), _window(), _place(pk)
        lines = [
            Line(
                account,
                card,
                (forms.get(card.meter.id) or EntryForm(card.meter.id, formdata=None)) if _is_open(card) else None,
            )
            for account, card in _cards(place, window)
        ]
        given = [line.card.accepted.id for line in lines if line.card.accepted is not None]
        drawn = str(
            self.render_template(
                "staff/phone_desk/show.html",
                place=place,
                window=window,
                form=form,
                lines=lines,
                errors=_errors(lines),
                focus=_focus(lines),
                given=rows.of_readings(session, given),
                calls=rows.last(session, pk),
            )
        )
        _trace(pk)
        return drawn


def _place(pk: int) -> Premises:
    return rows.place(db.session(), pk) or abort(404)


def _window() -> Window:
    return reading_window.on(clock.today(), settings())


def _cards(place: Premises, window: Window) -> list[tuple[Account, Card]]:
    found = calls.cards(db.session(), place, window)
    return [(account, card) for account, cards in found for card in cards]


def _is_open(card: Card) -> bool:
    """Whether a value can be taken: the first one, one ahead of the next month, or a correction."""
    return card.waits or card.can_be_early or card.can_correct


def _talk(pk: int, form: CallForm) -> Talk:
    return Talk(
        premises_id=pk,
        channel=CallChannel(form.channel.data),
        reason=CallReason(form.reason.data),
        note=form.note.data or "",
        user_id=g.user.id,
        call_id=id_of(form.call.data or ""),
    )


def _errors(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """What the summary says: what is wrong, and what is to be asked about, each with its field."""
    found = []
    for line in lines:
        serial, form = line.card.meter.serial, line.form
        if form is not None and form.error:
            found.append((form.value.id, f"{serial}: {form.error}"))
        elif form is not None and form.question:
            found.append((form.confirm.id, f"{serial}: {form.question.question}"))
    return found


def _focus(lines: Sequence[Line]) -> str:
    """The field where the operator goes on: the first meter that waits, else the search box."""
    waiting = (line.form for line in lines if line.card.waits)
    return next((form.value.id for form in waiting if form is not None), "q")


def _tell(taken: int) -> None:
    if taken:
        flash(ngettext("%(num)s reading is taken.", "%(num)s readings are taken.", taken), "success")
    else:
        flash(_("The call is kept."), "success")


def _trace(pk: int) -> None:
    """Whoever answers a call looks at people's data."""
    with transaction() as session:
        for account in _place(pk).accounts:
            audit.record(session, audit.LOOKED, account)
