"""A bill in words: how each of its sums came about, and what changed since the month before."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from ..formats import localized, money, period, rate, short_date
from ..formats import volume as cubic
from ..i18n import N_, _, ngettext
from ..models import Charge, ChargeKind, ChargeMethod, LedgerEntry, PenaltyCharge
from .bills import Bill, Sums, Told, Use, has_tax_on_top
from .estimates import SEWERAGE
from .explanations import Cause, Made, Part
from .ledger import is_by_hand
from .money import kopecks

LEAST = Decimal("0.0001")


def title(line: Charge) -> str:
    """What a line is for."""
    service = localized(line.service, "name")
    if line.kind is ChargeKind.excess:
        return _("%(service)s: raising coefficient", service=service)
    if line.kind is ChargeKind.correction:
        return _("%(service)s: recalculation", service=service)
    if line.kind is ChargeKind.interruption:
        return _("%(service)s: interruption of supply", service=service)
    if line.kind is ChargeKind.impact:
        return _("%(service)s: negative impact", service=service)
    return service


def of_line(bill: Bill, line: Charge) -> list[str]:
    """How a line came about, a sentence each; the last one says where the price comes from."""
    if line.kind is ChargeKind.excess:
        told = [_excess(line)]
    elif line.reason:
        told = [_(line.reason)]
    elif line.kind is ChargeKind.impact:
        told = [
            _(
                "A fee for the negative impact of the drains on the sewers: %(times)s of the price (ПП 644).",
                times=rate(line.coefficient),
            )
        ]
    elif line.kind is ChargeKind.interruption:
        told = [_("There was no water for longer than the rules allow: the sum is lowered for each full hour.")]
    else:
        told = list(_volume(bill, line))
    return told + ([_price(line)] if line.tariff is not None and line.kind is ChargeKind.main else [])


def of_entry(entry: LedgerEntry) -> str:
    """Why it was posted: in the words of whoever corrected it by hand, in ours where billing did."""
    if not entry.reason:
        return ""
    return entry.reason if is_by_hand(entry) else _(entry.reason)


def entry_title(entry: LedgerEntry) -> str:
    """What an entry that no line tells is for."""
    return f"{localized(entry.service, 'name')}: {str(entry.kind.label).lower()}"


def formula(bill: Bill, line: Charge) -> str:
    """«12 m³ × 43,75 ₽ = 525,00 ₽»; empty where the sum came about in another way."""
    net = kopecks(line.volume * line.coefficient * line.price)
    on_top = has_tax_on_top(bill.account, line)
    if net != line.amount - (line.vat if on_top else 0):
        return ""
    factors = [_("%(volume)s m³", volume=cubic(line.volume)), f"{rate(line.price)} ₽"]
    if line.coefficient != 1:
        factors.insert(1, rate(line.coefficient))
    product = " × ".join(factors)
    if not on_top:
        return f"{product} = {money(line.amount)}"
    tax = _("VAT %(percent)s %%", percent=cubic(line.vat_rate))
    return f"{product} + {tax} {money(line.vat)} = {money(line.amount)}"


def _volume(bill: Bill, line: Charge) -> Iterator[str]:
    if line.part:
        yield _(
            "The interference began in the months before: they are charged too, as far as the rules go (ПП 354, п. 62)."
        )
        return
    is_sewerage = line.service.code == SEWERAGE
    behind = [use for use in bill.uses if is_sewerage or use.meter.service_id == line.service_id]
    if is_sewerage:
        yield _sewerage(line, behind)
        told = {each.service_id for each in bill.lines} - {line.service_id}
        behind = [use for use in behind if use.meter.service_id not in told]
    for use in behind:
        yield _use(use)
    if line.method is ChargeMethod.normative:
        yield _normative(line)
    elif not behind and not is_sewerage:
        yield _without_meters(line)


def _sewerage(line: Charge, uses: Sequence[Use]) -> str:
    """Where the meters tell the whole volume, by service."""
    by_service: defaultdict[str, Decimal] = defaultdict(Decimal)
    for use in uses:
        by_service[localized(use.meter.service, "name").lower()] += use.volume
    if sum(by_service.values()) != line.volume:
        return _("The volume of drains is the volume of all the water used, cold and hot.")
    parts = " + ".join(
        _("%(service)s %(volume)s m³", service=name, volume=cubic(each)) for name, each in by_service.items()
    )
    return _("The volume of drains is the volume of all the water used: %(parts)s.", parts=parts)


def _use(use: Use) -> str:
    if use.method is ChargeMethod.meter or use.method is ChargeMethod.control:
        return " ".join(_shown(use))
    if use.method is ChargeMethod.average:
        return " ".join((_("%(meter)s: no reading came.", meter=_meter(use)), _average(use)))
    if use.method is ChargeMethod.tampered:
        return _(
            "%(meter)s: interference was found, so each day of it counts many times by the normative (ПП 354, п. 62).",
            meter=_meter(use),
        )
    return _("%(meter)s: its readings cannot be charged by, so the normative counts.", meter=_meter(use))


def _shown(use: Use) -> Iterator[str]:
    if use.before is None or use.after is None or use.shown is None:
        yield _("%(meter)s: %(volume)s m³.", meter=_meter(use), volume=cubic(use.volume))
        return
    values = {"meter": _meter(use), "before": cubic(use.before), "after": cubic(use.after), "shown": cubic(use.shown)}
    if use.went_round:
        yield _("%(meter)s went past its last number: %(before)s, then %(after)s m³; %(shown)s m³ used.", **values)
    else:
        yield _("%(meter)s: %(before)s before, %(after)s m³ now; %(shown)s m³ used.", **values)
    guessed = use.shown - use.volume
    if guessed > use.shown:
        yield _(
            "The averages had charged %(guessed)s m³, which is more: the difference is given back.",
            guessed=cubic(guessed),
        )
    elif guessed:
        yield _(
            "%(guessed)s m³ of them were charged by the average before, %(volume)s m³ are left.",
            guessed=cubic(guessed),
            volume=cubic(use.volume),
        )
    if use.method is ChargeMethod.control:
        yield _("The value was found by a control check (ПП 354, п. 61).")


def _average(use: Use) -> str:
    words = _("The average of the past months counts: %(volume)s m³ (ПП 354, п. 59).", volume=cubic(use.volume))
    if use.missing < 2:
        return words
    months = ngettext(
        "It is the %(num)d month in a row without a reading.",
        "It is month %(num)d in a row without a reading.",
        use.missing,
    )
    return f"{words} {months}"


def _meter(use: Use) -> str:
    values = {"service": localized(use.meter.service, "name"), "serial": use.meter.serial, "place": use.meter.location}
    if use.meter.location:
        return _("%(service)s, meter No. %(serial)s (%(place)s)", **values)
    return _("%(service)s, meter No. %(serial)s", **values)


def _normative(line: Charge) -> str:
    if line.residents is None or line.normative is None:
        return _("Nothing was measured: %(volume)s m³ by the normative.", volume=cubic(line.volume))
    words = _(
        "Nothing was measured: %(people)s people × %(each)s m³ a person = %(volume)s m³ by the normative.",
        people=cubic(line.residents),
        each=cubic(line.normative.volume),
        volume=cubic(line.volume),
    )
    return f"{words} {_act(line.normative.act)}".strip()


def _excess(line: Charge) -> str:
    words = _(
        "The volume counts %(times)s times where a meter could stand; this line is what that adds (ПП 354, п. 42).",
        times=rate(line.coefficient + 1),
    )
    return f"{words} {_act(line.raising.act) if line.raising is not None else ''}".strip()


def _without_meters(line: Charge) -> str:
    """Where billing left no word of the meters: periods of another system."""
    words = {
        ChargeMethod.meter: _("Counted by the readings of the meters."),
        ChargeMethod.average: _("No reading came: the average of the past months counts (ПП 354, п. 59)."),
        ChargeMethod.tampered: _("Interference with the meter was found (ПП 354, п. 62)."),
        ChargeMethod.control: _("Found by a control check (ПП 354, п. 61)."),
    }
    return words[line.method]


def _price(line: Charge) -> str:
    assert line.tariff is not None
    since = short_date(line.tariff.valid_from)
    if not line.tariff.act:
        return _("The price is in force since %(since)s.", since=since)
    return _("The price is in force since %(since)s: %(act)s.", since=since, act=line.tariff.act)


def _act(act: str) -> str:
    return f"{act}." if act else ""


def of_penalties(bill: Bill, sums: Sums) -> list[str]:
    """Where the penalty of a service came from, debt by debt."""
    return [of_penalty(row) for row in bill.penalties if row.service_id == sums.service.id]


def of_penalty(row: PenaltyCharge) -> str:
    return ngettext(
        "For the debt of %(period)s: %(num)d day of delay, %(to_date)s in all, %(amount)s of them this month.",
        "For the debt of %(period)s: %(num)d days of delay, %(to_date)s in all, %(amount)s of them this month.",
        row.days,
        period=period(row.debt_period),
        to_date=money(row.to_date),
        amount=money(row.amount),
    )


# What changed ---------------------------------------------------------------------------------------------


def service_names(told: Told) -> dict[int, str]:
    """What the services of the parts are called."""
    return {service.id: localized(service, "name") for service in told.services}


def of_part(part: Part) -> str:
    """What changed the sum of a service, from what to what."""
    now, was = part.now, part.was
    if part.cause is Cause.method:
        return _(
            "Counted %(now_method)s, %(now)s m³; the month before %(was_method)s, %(was)s m³.",
            now_method=_methods(now),
            now=cubic(now.volume),
            was_method=_methods(was),
            was=cubic(was.volume),
        )
    if part.cause is Cause.volume:
        return _volumes(now, was)
    if part.cause in _FACTORS:
        words, figure = _FACTORS[part.cause]
        return _(words, now=figure(now), was=figure(was))
    return _(_SUMS[part.cause], now=money(now.extra[part.cause]), was=money(was.extra[part.cause]))


def _volumes(now: Made, was: Made) -> str:
    values = {"now": cubic(now.volume), "was": cubic(was.volume)}
    if not was.methods:
        return _("%(now)s m³; the month before nothing was charged.", **values)
    if not now.methods:
        return _("Nothing is charged this month; the month before it was %(was)s m³.", **values)
    if now.volume > was.volume:
        return _("More water: %(now)s m³ instead of %(was)s m³.", **values)
    return _("Less water: %(now)s m³ instead of %(was)s m³.", **values)


def _methods(made: Made) -> str:
    return _(" and ").join(str(method.label).lower() for method in sorted(made.methods))


def _ratio(value: Fraction | None) -> str:
    return rate((Decimal(value.numerator) / value.denominator).quantize(LEAST)) if value is not None else ""


_FACTORS: dict[Cause, tuple[str, Callable[[Made], str]]] = {
    Cause.residents: (N_("People: %(now)s instead of %(was)s."), lambda made: cubic(made.residents)),
    Cause.normative: (
        N_("The normative: %(now)s m³ a person instead of %(was)s m³."),
        lambda made: cubic(made.normative),
    ),
    Cause.price: (N_("1 m³ costs %(now)s ₽ instead of %(was)s ₽."), lambda made: _ratio(made.price)),
    Cause.coefficient: (
        N_("The volume counts %(now)s times instead of %(was)s: the raising coefficient."),
        lambda made: _ratio(made.multiplier or Fraction(1)),
    ),
}
_SUMS = {
    Cause.impact: N_("Negative impact on the sewers: %(now)s; the month before %(was)s."),
    Cause.interruptions: N_("Interruptions of supply: %(now)s; the month before %(was)s."),
    Cause.corrections: N_("Recalculations: %(now)s; the month before %(was)s."),
    Cause.penalties: N_("Penalties: %(now)s; the month before %(was)s."),
    Cause.unlined: N_("Charges without lines: %(now)s; the month before %(was)s."),
}
