"""The window of an office: a cabinet for somebody whose papers a clerk has seen, the login on a slip."""

from functools import partial
from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session

from ... import clock
from ...documents import letters
from ...domain import office_desk
from ...domain.office_desk import Newcomer, Slip
from ...extensions import db, transaction
from ...forms.office_desk import NEW, SlipForm
from ...forms.registration import CONSENT_VERSION, consent
from ...i18n import _l
from ...models import Account
from ...queries import find
from ...queries import office_desk as rows
from ...security import audit
from ..base import ID, CabinetView, domain_errors, id_of, redraw_with, settings
from ..cabinet.registration import tell_readers
from ..fragments import contains

Page = str | tuple[str, int]


class OfficeDeskView(CabinetView):
    route_base = "/staff/office"
    menu_label = _l("Cabinets in the office")

    @expose("")
    @has_access
    def index(self) -> str:
        asked = request.args.get("q", "")[: find.LONGEST]
        area_code = settings()["utility.local_prefix"]
        found = find.accounts(db.session(), asked, area_code=area_code, contains=contains)
        return str(self.render_template("staff/office_desk/index.html", asked=asked, found=found))

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        account = _account(pk)
        cabinets = rows.cabinets(db.session(), pk)
        form = SlipForm(cabinets, formdata=None, data={"whom": NEW if not cabinets else None, **_name_of(account)})
        form.seen.data = str(rows.accesses(db.session(), pk))
        return self._account_page(account, form)

    @expose(f"/{ID}", methods=["POST"])
    @has_access
    @domain_errors
    def give(self, pk: int) -> Page:
        """The slip is the answer itself: it is drawn this once, and the password is kept nowhere."""
        account = _account(pk)
        form = SlipForm(rows.cabinets(db.session(), pk))
        page = partial(self._account_page, account, form)
        if not form.validate_on_submit():
            return page(), 422
        redraw_with(form, lambda: self._account_page(_account(pk), form))
        with transaction() as session:
            slip = _slip(session, pk, form)
            audit.record(
                session,
                "gave a password",
                _account(pk),
                login=slip.user.username,
                document=form.document.data,
                is_new=form.is_new,
            )
            known = {"login": slip.user.username, "name": slip.user.get_full_name(), "email": form.email.data}
        values = settings()
        return str(
            self.render_template(
                "staff/office_desk/slip.html",
                account=_account(pk),
                utility_name=values["utility.name"],
                utility_phone=values["utility.phone"],
                password=slip.password.secret,
                expires_at=slip.password.expires_at,
                address=letters.link(url_for("SignInView.login")),
                is_new=form.is_new,
                **known,
            )
        )

    def _account_page(self, account: Account, form: SlipForm) -> str:
        drawn = str(self.render_template("staff/office_desk/show.html", account=account, form=form))
        audit.looked_at(account)
        return drawn


def _account(pk: int) -> Account:
    return rows.account(db.session(), pk) or abort(404)


def _name_of(account: Account) -> dict[str, Any]:
    """The payer's name in its parts, where it has the usual ones."""
    parts = account.customer.full_name.split() if account.customer else []
    if len(parts) not in (2, 3):
        return {}
    return dict(zip(("last_name", "first_name", "patronymic"), parts, strict=False))


def _slip(session: Session, pk: int, form: SlipForm) -> Slip:
    """Raises DomainError."""
    if not form.is_new:
        return office_desk.renew_password(session, pk, int(form.whom.data))
    newcomer = Newcomer(
        last_name=form.last_name.data or "",
        first_name=form.first_name.data or "",
        patronymic=form.patronymic.data or None,
        email=form.email.data or None,
        consent=consent(settings()["utility.name"]),
        consent_version=CONSENT_VERSION,
        address=request.remote_addr or "",
    )
    slip = office_desk.open_cabinet(session, pk, newcomer, seen=id_of(form.seen.data or "") or 0)
    tell_readers(session, slip.user, email=_l("in an office, by an identity paper"), opened_at=clock.now())
    if slip.link is not None and newcomer.email:
        letters.enqueue(
            session,
            "confirm_email",
            to=newcomer.email,
            locale=None,
            name=slip.user.greeting_name,
            url=letters.link(url_for("EmailConfirmationView.confirm", secret=slip.link.secret)),
            expires_at=slip.link.expires_at,
        )
    return slip
