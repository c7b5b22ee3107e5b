"""What charges come to when they are billed together: net, tax by rate, gross; and when that is to be paid.

It stands apart because an invoice of a contract and a document in a price file are added up by the same rules.

Always: net + tax = gross; the tax of a document is the sum of its rates' taxes, each rounded once unless the
contract says otherwise (EN 16931, BR-CO-14 and BR-CO-17).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.daycount import weekend_of
from fsconsole.rules.due import due_by, postponed
from fsconsole.rules.tax import FREE, RateTotal, Tax, Taxed, percent_text, sums, taxes_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.holidays import closed_days
from fsconsole.values.money import show


@dataclass(frozen=True, slots=True)
class Totals:
    """Minor units. ``says``: one sentence for each rate. ``payable`` is gross less what the client withholds."""

    net: int
    tax: int
    gross: int
    says: tuple[str, ...] = ()
    rates: tuple[RateTotal, ...] = ()
    payable: int = 0


def totals(charges: Iterable[Charge], agreement: Agreement) -> Totals:
    """The totals of charges of one currency. A charge without a tax of its own takes the contract's.

    [contract] says whether ``prices`` are exclusive or inclusive, what ``tax_rounding`` and ``tax_rounds`` are, and
    ``tax_inclusive``. Of a dated [[rate]] the one counts that holds on the day of ``taxed_on``. Raises
    ValueError for a tax nobody knows.
    """
    said: Row = next(iter(agreement.of("contract")), {})
    rates, money = agreement.of("rate"), agreement.money
    lines = []
    for charge in charges:
        on = taxed_on(charge, str(said.get("tax_point", "")), charge.billable_from)
        named = charge.tax or plain_tax(said.get("tax", ""))
        taxes = taxes_of(named, rates, on, money)
        # Only a tax by quantity, or rounded for one unit, asks how many.
        by_unit = said.get("tax_rounding") == "unit" or any(tax.unit for tax in taxes)
        quantity = Fraction(Decimal(charge.quantity or "1")) if by_unit else Fraction(1)
        lines.append(Taxed(Fraction(charge.amount), taxes, -quantity if charge.amount < 0 else quantity))
    found = sums(lines, **dict(conventions(said)))
    gross = found.gross + found.rounding
    return Totals(found.net, found.tax, gross, rates_say(found.rates, money), found.rates, gross - found.withheld)


#: Whose day's rate a charge bears: that of the last or the first day of its period, or of the day it is billed.
TAX_POINTS = ("last day", "first day", "billed")


def taxed_on(charge: Charge, point: str, billed: date | None) -> date | None:
    """The day whose rates a charge bears: as long as the contract says nothing the last of its period, when the service is done
    (directive 2006/112/EC, articles 63 and 64); what has no period bears those of the day it is billed.
    """
    if point == "billed" or not charge.period or not charge.period.days:
        return billed
    return charge.period.start if point == "first day" else charge.period.end - timedelta(days=1)


def conventions(said: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """How [contract] says that tax is worked out, as ``rules.tax.sums`` is told; nothing of what it does not say."""
    names = {"prices": "prices", "tax_rounding": "rounding", "tax_rounds": "rounds", "tax_inclusive": "inclusive"}
    names["tax_step"] = "step"
    return tuple((name, said[field]) for field, name in names.items() if said.get(field))


def together(documents: Iterable[Totals], money: str) -> Totals:
    """What several documents come to: the sums of theirs, because each is rounded by itself."""
    found = list(documents)
    merged: dict[Tax, RateTotal] = {}
    for each in found:
        for rate in each.rates:
            before = merged.get(rate.tax, RateTotal(rate.tax, 0, 0))
            merged[rate.tax] = RateTotal(rate.tax, before.base + rate.base, before.amount + rate.amount)
    rates = tuple(merged.values())
    over = f" over {len(found)} documents" if len(found) > 1 else ""
    says = tuple(words + over for words in rates_say(rates, money))
    net, tax, gross, payable = (sum(getattr(each, name) for each in found) for name in ("net", "tax", "gross", "payable"))
    return Totals(net, tax, gross, says, rates, payable)


def plain_tax(value: object) -> object:
    """A tax in words where it is none of a list; so that 20 and “20” are one."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def rates_say(rates: Iterable[RateTotal], money: str) -> tuple[str, ...]:
    """One sentence for each tax: ``20% of £300.00 = £60.00``, ``exempt: medical care``."""
    says = []
    for one in rates:
        tax = one.tax
        named = "" if tax.name == percent_text(tax.percent) else f"{tax.name} "
        if tax.category in FREE:
            free = f"{named}0% of" if tax.category == "Z" else f"{tax.name}, no tax on"
            says.append(
                f"{free} {show(one.base, money)}"
                + (f": {tax.reason}" if tax.reason and tax.reason.lower() != tax.name.lower() else "")
            )
            continue
        what = f"{percent_text(tax.percent)}% of {show(one.base, money)}" if tax.percent else "by quantity"
        kept = " withheld" if tax.withheld else ""
        says.append(f"{named}{what} = {show(one.amount, money)}{kept}")
    return tuple(says)


def due_on(issued_on: date, agreement: Agreement) -> tuple[date | None, str]:
    """The day by which an invoice of that day is to be paid, and why; None where nothing was agreed.

    [contract] says ``payment`` (``30 days``, ``end of month + 30``, ``day 31`` ...), ``payment_roll``, ``holidays`` and
    the other fields of that name.
    """
    said: Row = next(iter(agreement.of("contract")), {})
    payment = said.get("payment", agreement.contract.terms_days)
    if payment is None or payment == "":
        return None, ""
    return due_by(
        issued_on,
        payment,
        roll=said.get("payment_roll", "none"),
        holidays=closed_days(said.get("holidays")),
        weekend=weekend_of(said.get("payment_weekend")),
        same_day=said.get("payment_same_day") == "counts",
        keep_end=said.get("payment_month_end") == "end",
        cutoff=said.get("payment_cutoff", 0),
        at_least=said.get("payment_at_least", 0),
        by_day=[(one["to"], one["payment"]) for one in said.get("payment_by_day", ())],
        away=[postponed(one) for one in said.get("payment_postponed", ())],
    )
