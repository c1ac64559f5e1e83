"""Mailings as staff send them: the list, the form, the letter as a reader gets it, progress, what became of each."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from ... import clock
from ...documents import campaign_letters
from ...documents.letters import Drawn
from ...domain import campaign_sending, campaign_words, campaigns, outbox
from ...domain.errors import DomainError
from ...extensions import db, queue, transaction
from ...forms.campaigns import CampaignForm
from ...i18n import _, _l
from ...models import Campaign, CampaignState, MailState
from ...queries import campaigns as rows
from ...queries import network_works, places
from ...queries import subscriptions as consents
from ...security import audit
from ..base import ID, CabinetView, domain_errors, id_argument, id_of, redraw_with, settings
from ..dev import DrawnLetter
from .home import may_open

PAGE, LETTERS = 25, 50
Page = str | Response | tuple[str, int]


class CampaignsView(CabinetView):
    route_base = "/staff/campaigns"
    menu_label = _l("Mailings")

    @expose("")
    @has_access
    def index(self) -> str:
        state = CampaignState.__members__.get(request.args.get("state", ""))
        reminders, before = request.args.get("of") == "rules", id_argument("before")
        found = list(rows.page(db.session(), state, reminders=reminders, before=before, size=PAGE + 1))
        of = "rules" if reminders else None
        further = url_for(".index", state=state, of=of, before=found[PAGE - 1].id) if len(found) > PAGE else None
        return self._drawn(
            "index",
            found=found[:PAGE],
            further=further,
            state=state,
            states=CampaignState,
            of=of,
            may_edit=may_open("CampaignsView.edit"),
        )

    @expose(f"/{ID}")
    @has_access
    @permission_name("index")
    def show(self, pk: int) -> str:
        return self._campaign_page(pk)

    @expose(f"/{ID}/letter")
    @has_access
    @permission_name("index")
    def letter(self, pk: int) -> Response:
        """The HTML part as a mail program draws it."""
        return DrawnLetter(self._sample(_campaign(pk))[1].body_html, mimetype="text/html")

    @expose(f"/{ID}/progress")
    @has_access
    @permission_name("index")
    def progress(self, pk: int) -> dict[str, Any]:
        campaign = _campaign(pk)
        return {**_how_far(campaign), "is_over": campaign.state is not CampaignState.sending}

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    @domain_errors
    def new(self) -> Page:
        """An empty form, or, for a work that the address names, one with the words of its notice."""
        work_id = id_argument("work")
        work = network_works.published(db.session(), work_id) if work_id else None
        return self._form_page(_form(campaign_letters.about_work(db.session(), work) if work else {}), None)

    @expose(f"/{ID}/edit", methods=["GET", "POST"])
    @has_access
    @domain_errors
    def edit(self, pk: int) -> Page:
        campaign = _campaign(pk)
        if campaign.rule is not None:
            abort(404)
        return self._form_page(_form(CampaignForm.values_of(campaign)), pk)

    def _form_page(self, form: CampaignForm, pk: int | None) -> Page:
        page = partial(self._drawn, "edit", form=form, pk=pk)
        if not form.validate_on_submit():
            return (page(), 422) if form.is_submitted() else page()
        redraw_with(form, page)
        text, user_id = form.text(), g.user.id
        with transaction() as session:
            made = Campaign(created_by_id=user_id, created_at=clock.now())
            campaign = _locked(session, pk) if pk else made
            campaigns.save(session, campaign, text)
            audit.record(session, "changed" if pk else "added", campaign)
            key = campaign.id
        flash(_("The mailing is saved. Look at the letter, then send it."), "success")
        return redirect(url_for(".show", pk=key), 303)

    @expose(f"/{ID}/test", methods=["POST"])
    @has_access
    @permission_name("send")
    def test(self, pk: int) -> Response:
        """The letter that the preview shows, to whoever is at work."""
        drawn, email = self._sample(_campaign(pk))[1], g.user.email
        subject = _("[Test] %(subject)s", subject=drawn.subject)
        with transaction() as session:
            outbox.enqueue(session, recipient=email, subject=subject, body=drawn.body, body_html=drawn.body_html)
        flash(_("A test letter goes to %(email)s.", email=email), "success")
        return redirect(url_for(".show", pk=pk), 303)

    @expose(f"/{ID}/send", methods=["POST"])
    @has_access
    def send(self, pk: int) -> Response:
        user_id = g.user.id

        def act(session: Session, campaign: Campaign) -> dict[str, Any]:
            return {"letters": campaigns.ask(session, campaign, user_id=user_id)}

        return self._acted(pk, "asked", act)

    @expose(f"/{ID}/approve", methods=["POST"])
    @has_access
    def approve(self, pk: int) -> Response:
        user_id = g.user.id
        return self._acted(pk, "approved", lambda session, campaign: campaigns.approve(campaign, user_id=user_id))

    @expose(f"/{ID}/take-back", methods=["POST"])
    @has_access
    @permission_name("send")
    def take_back(self, pk: int) -> Response:
        return self._acted(pk, "taken back", lambda session, campaign: campaigns.take_back(campaign))

    @expose(f"/{ID}/stop", methods=["POST"])
    @has_access
    @permission_name("send")
    def stop(self, pk: int) -> Response:
        return self._acted(pk, "stopped", campaigns.stop)

    @expose(f"/{ID}/again", methods=["GET", "POST"])
    @has_access
    @permission_name("send")
    def again(self, pk: int) -> str | Response:
        """Uncertain letters once more, one or all: first in words, that somebody may get it twice."""
        campaign, one = _campaign(pk), id_argument("letter")
        letter = rows.letter(db.session(), pk, one) if one else None
        uncertain = rows.outcome(db.session(), pk).get(MailState.uncertain, 0)
        if one and (letter is None or letter.state is not MailState.uncertain):
            abort(404)
        if request.method == "GET":
            audit.looked_at(campaign)
            count = 1 if letter else uncertain
            return self._drawn("again", campaign=campaign, letter=letter, count=count, answer=campaign_words.answer)
        shown = id_of(request.form.get("shown", "")) or 0

        def act(session: Session, campaign: Campaign) -> dict[str, Any]:
            return {"letters": campaigns.send_again(session, campaign, one, shown=shown)}

        return self._acted(pk, "sent again", act)

    def _acted(self, pk: int, name: str, act: Callable[[Session, Campaign], Any]) -> Response:
        """Do it and leave its trace; the worker is asked at once where letters are due."""
        try:
            with transaction() as session:
                campaign = _locked(session, pk)
                detail = act(session, campaign) or {}
                audit.record(session, name, campaign, **detail)
                state, words = campaign.state, campaign_words.of_state(campaign)
        except DomainError as error:
            flash(error.message, "danger")
            return redirect(url_for(".show", pk=pk), 303)
        flash(words, "success")
        if state is CampaignState.sending:
            queue.put("send_campaigns")
        return redirect(url_for(".show", pk=pk), 303)

    def _campaign_page(self, pk: int) -> str:
        session, campaign = db.session(), _campaign(pk)
        is_draft = campaign.state in (CampaignState.draft, CampaignState.asked) and campaign.rule is None
        outcome = rows.outcome(session, pk)
        state = MailState.__members__.get(request.args.get("letters", ""))
        found = rows.letters(session, pk, state, after=id_argument("after") or 0, size=LETTERS + 1) if state else []
        further = url_for(".show", pk=pk, letters=state, after=found[LETTERS - 1].id) if len(found) > LETTERS else None
        reader, letter = self._sample(campaign) if campaign.rule is None else (None, None)
        values = {
            "campaign": campaign,
            "is_draft": is_draft,
            "count": campaigns.count(session, campaign) if is_draft else None,
            "limit": campaigns.limit(session),
            "outcome": [(each, outcome[each]) for each in MailState if each in outcome],
            "state": state,
            "found": found[:LETTERS],
            "answer": campaign_words.answer,
            "further": further,
            "reader": reader,
            "letter": letter,
            "is_quiet": campaign_sending.is_quiet(clock.now(), settings()),
            "quiet_to": settings()["mailings.quiet_to"],
            "is_own": campaign.asked_by_id == g.user.id,
            "may": {name: may_open(f"CampaignsView.{name}") for name in ("edit", "send", "approve")},
            **_how_far(campaign),
        }
        drawn = self._drawn("show", **values)
        if found or letter is not None:
            audit.looked_at(campaign)
        return drawn

    def _sample(self, campaign: Campaign) -> tuple[Any, Drawn]:
        """A real reader, the next one at each wish, and their letter; a letter without a name where nobody gets it."""
        session = db.session()
        if campaign.rule is not None:
            abort(404)
        user, other = rows.sample(session, campaign, campaigns.work_of(session, campaign), id_argument("reader") or 0)
        name, locale = (user.greeting_name, user.locale) if user else (None, other.locale if other else None)
        drawn = campaign_letters.sample(campaign, name=name, locale=locale, settings=settings())
        return user or other, drawn

    def _drawn(self, template: str, **values: Any) -> str:
        return str(self.render_template(f"staff/campaigns/{template}.html", **values))


def _form(values: dict[str, Any]) -> CampaignForm:
    session = db.session()
    works = [(work.id, work.title) for work in network_works.current(session, clock.now())]
    known = values.get("work")
    if known and known not in dict(works):
        named = network_works.published(session, known)
        works += [(named.id, named.title)] if named is not None else []
    return CampaignForm.of(consents.public_categories(session), places.localities(session), works, **values)


def _how_far(campaign: Campaign) -> dict[str, Any]:
    outcome = rows.outcome(db.session(), campaign.id)
    return campaign_words.how_far(campaign, outcome)


def _campaign(pk: int) -> Campaign:
    return rows.one(db.session(), pk) or abort(404)


def _locked(session: Session, pk: int) -> Campaign:
    return rows.locked(session, pk) or abort(404)
