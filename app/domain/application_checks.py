"""What the machine looks at in an application before a clerk does: each check with its verdict in words.

What is `bad` stops an approval; a `doubt` is for the clerk to weigh.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from ..i18n import _, ngettext
from ..models import AccessApplication, ApplicantKind, Contract, LegalEntity, SiteUser
from ..queries import applications as rows
from ..queries import people
from . import identifiers

ROLE = "Company"  # of security/roles.py
PUBLIC_MAIL = frozenset(
    (
        *("mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru", "xmail.ru"),
        *("yandex.ru", "ya.ru", "yandex.com", "narod.ru", "rambler.ru", "lenta.ru", "ro.ru", "vk.com"),
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *("proton.me", "protonmail.com"),
    )
)
"""Domains where anybody opens a mailbox."""


class Verdict(StrEnum):
    good = "good"
    doubt = "doubt"
    bad = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    what: Any
    verdict: Verdict
    words: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks found: `contract` is the one that is meant, `user` whoever has the e-mail."""

    checks: Sequence[Check]
    contract: Contract | None
    user: SiteUser | None

    @property
    def faults(self) -> list[str]:
        """Why it cannot be approved."""
        return [check.words for check in self.checks if check.verdict is Verdict.bad]


def is_inn(text: str, kind: ApplicantKind) -> bool:
    """Whether these are the digits of an ИНН: ten of a firm, twelve of a sole trader."""
    return len(text) == (10 if kind is ApplicantKind.company else 12) and identifiers.inn(text)


def is_ogrn(text: str, kind: ApplicantKind) -> bool:
    """Whether these are the digits of an ОГРН, or of a sole trader's ОГРНИП."""
    return identifiers.ogrn(text) if kind is ApplicantKind.company else identifiers.ogrnip(text)


def examine(session: Session, sent: AccessApplication) -> Findings:
    """Seven statements at most, whatever is on record."""
    entities = rows.entities(session, sent.inn)
    contract, about_contract = _contract(session, sent)
    user = people.user_by_login(session, sent.email)
    checks = [_inn(sent, entities), _ogrn(sent, contract), about_contract]
    if contract is not None:
        checks.append(_accounts(session, contract))
    checks += [_domain(sent, contract), _mailbox(user), _twins(session, sent)]
    return Findings(checks, contract, user)


def _inn(sent: AccessApplication, entities: Sequence[LegalEntity]) -> Check:
    what = _("Taxpayer number (INN)")
    if not is_inn(sent.inn, sent.kind):
        return Check(what, Verdict.bad, _("The check digits of the INN do not hold: it is written wrongly."))
    if not entities:
        return Check(what, Verdict.bad, _("The check digits hold, but no payer with this INN is on record."))
    names = "; ".join(dict.fromkeys(entity.name for entity in entities[:3]))
    return Check(what, Verdict.good, _("The check digits hold; on record: %(names)s.", names=names))


def _ogrn(sent: AccessApplication, contract: Contract | None) -> Check:
    what = _("Registration number (OGRN)")
    known = contract.legal_entity.ogrn if contract is not None else None
    if not is_ogrn(sent.ogrn, sent.kind):
        return Check(what, Verdict.bad, _("The check digit of the OGRN does not hold: it is written wrongly."))
    if known is not None and known != sent.ogrn:
        return Check(what, Verdict.doubt, _("Another OGRN is on record: %(number)s.", number=known))
    if known is None:
        return Check(what, Verdict.good, _("The check digit holds; none is on record to compare it with."))
    return Check(what, Verdict.good, _("The check digit holds; the same is on record."))


def _contract(session: Session, sent: AccessApplication) -> tuple[Contract | None, Check]:
    what, found = _("Contract"), rows.contracts(session, sent.contract_number, inn=sent.inn)
    if len(found) > 1:
        found = [each for each in found if each.legal_entity.kpp == sent.kpp]
    if len(found) == 1:
        return found[0], Check(what, Verdict.good, _("Known: %(name)s.", name=found[0].legal_entity.name))
    if found or rows.contracts(session, sent.contract_number, inn=sent.inn):
        words = _("Several branches with this INN have a contract of this number: correct the KPP.")
        return None, Check(what, Verdict.bad, words)
    others = rows.contracts(session, sent.contract_number)
    if others:
        words = _("This number is a contract of another payer: %(name)s.", name=others[0].legal_entity.name)
        return None, Check(what, Verdict.bad, words)
    return None, Check(what, Verdict.bad, _("No contract of this number is on record."))


def _accounts(session: Session, contract: Contract) -> Check:
    what, count = _("Accounts of the contract"), len(rows.accounts(session, contract.id))
    if not count:
        return Check(what, Verdict.bad, _("The contract has no account in use: there is nothing to open."))
    opened = ngettext("%(num)s account will be opened", "%(num)s accounts will be opened", count)
    users = rows.cabinets(session, contract.id)
    if not users:
        return Check(what, Verdict.good, f"{opened}.")
    words = _("%(opened)s. A cabinet sees them already: %(logins)s.", opened=opened, logins=_joined(users))
    return Check(what, Verdict.doubt, words)


def _joined(users: Sequence[SiteUser]) -> str:
    return ", ".join(user.username for user in users[:5])


def _domain(sent: AccessApplication, contract: Contract | None) -> Check:
    what, domain = _("Domain of the e-mail"), sent.email.rpartition("@")[2]
    known = (contract.legal_entity.email or "").lower() if contract is not None else ""
    if known == sent.email:
        return Check(what, Verdict.good, _("The same e-mail is on record."))
    if domain in PUBLIC_MAIL:
        words = _("%(domain)s is a public mail service: call the payer by the phone on record.", domain=domain)
        return Check(what, Verdict.doubt, words)
    if known.rpartition("@")[2] == domain:
        return Check(what, Verdict.good, _("%(domain)s, as on record.", domain=domain))
    words = _("%(domain)s: not the domain on record. Make sure that it is the payer's own.", domain=domain)
    return Check(what, Verdict.doubt, words)


def _mailbox(user: SiteUser | None) -> Check:
    what = _("Cabinet with this e-mail")
    if user is None:
        return Check(what, Verdict.good, _("None yet: a new one will be made."))
    if takes_accounts(user):
        return Check(what, Verdict.doubt, _("A company's cabinet has it: the accounts will be added to that one."))
    return Check(what, Verdict.bad, _("Somebody else's cabinet has this e-mail: ask for another one."))


def takes_accounts(user: SiteUser) -> bool:
    """Whether a cabinet that is there may get a company's accounts."""
    return bool(user.active) and {role.name for role in user.roles} == {ROLE}


def _twins(session: Session, sent: AccessApplication) -> Check:
    what, found = _("Duplicates"), rows.twins(session, sent)
    if not found:
        return Check(what, Verdict.good, _("No other application with this INN."))
    numbers = ", ".join(f"{each.number} ({str(each.state.label).lower()})" for each in found[:5])
    return Check(what, Verdict.doubt, _("Others with this INN: %(numbers)s.", numbers=numbers))
