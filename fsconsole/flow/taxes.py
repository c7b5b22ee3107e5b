"""The tax of what is billed together, by the names that charges bear.

It stands apart because the rate behind a name is the contract's, else the company's published one, on the day of issue.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from fsconsole.errors import Refused
from fsconsole.flow.gather import Known, grouped
from fsconsole.inbox.terms_json import read_back
from fsconsole.inbox.terms_known import SECTIONS
from fsconsole.rules.prorate import rounded
from fsconsole.rules.tax import Tax, Taxed, sums, taxes_of
from fsconsole.rules.totals import conventions, taxed_on
from fsconsole.rules.words import listed
from fsconsole.store.rows import fetch_many
from fsconsole.values.agreement import Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Clause, Contract
from fsconsole.values.work import Id


class Sum(NamedTuple):
    """What stands on one document, in minor units. ``gross`` is what the charges come to where their prices hold the tax."""

    net: int
    tax: int
    gross: int


class Taxes:
    """The taxes of charges by the names they bear: a rate in percent, or what a contract or the company calls one."""

    def __init__(self, known: Known, contracts: Iterable[Id], day: date) -> None:
        self.day, self.policies = day, known.policies
        agreed: dict[bytes, Contract] = fetch_many(known.store, "contract", list(contracts))
        clauses: dict[bytes, list[Clause]] = grouped(known.store, "clause", "contract", agreed, where="kind = 'rate'")
        published: list[Row] = [
            {"name": one.name, "percent": Decimal(one.value), **({"from": one.start} if one.start else {})}
            for one in known.published
            if one.kind == "rate" and one.value
        ]
        #: What each contract calls a rate, else the company; of a contract that names none, and of none, the company's.
        self._rates: dict[bytes | None, list[Row]] = {None: published}
        self._said: dict[bytes, tuple[tuple[str, Any], ...]] = {}
        self._points: dict[bytes, str] = {}
        for row, contract in agreed.items():
            self._said[row] = conventions(contract.details)
            self._points[row] = str(contract.details.get("tax_point", ""))
            if own := [read_back(one.details, SECTIONS["rate"].fields) for one in clauses.get(row, ())]:
                names = {str(one.get("name", "")).lower() for one in own}
                self._rates[row] = [*own, *(one for one in published if one["name"].lower() not in names)]
        self._known: dict[tuple[bytes | None, str, str, date], tuple[Tax, ...]] = {}

    def of(self, charges: Iterable[Charge]) -> Sum:
        """What charges come to: tax on the sum of each rate, rounded once (EN 16931, BR-CO-17), unless their contract says
        that its prices hold the tax or how it is rounded. Raises Refused.
        """
        groups: dict[tuple[tuple[str, Any], ...], list[Charge]] = {}
        for one in charges:
            # What a contract says is said of its own terms; a job's lines have the company's prices.
            said = self._said.get(one.contract, ()) if one.contract and one.term else ()
            groups.setdefault(said, []).append(one)
        found = [sums([self._taxed(one) for one in some], **dict(said)) for said, some in groups.items()]
        net, tax = sum(one.net for one in found), sum(one.tax for one in found)
        return Sum(net, tax, net + tax + sum(one.rounding for one in found))

    def words(self, charge: Charge) -> str:
        """The tax that a charge bears, in words: ``20% of £64.00``, ``none: reverse charge``. Raises Refused."""
        named, amount = self._named(charge), show(charge.amount, charge.currency)
        return listed(_words(one, amount, charge.currency) for one in named) or "none"

    def _taxed(self, charge: Charge) -> Taxed:
        quantity = Fraction(Decimal(charge.quantity or "1"))
        return Taxed(Fraction(charge.amount), self._named(charge), -quantity if charge.amount < 0 else quantity)

    def _named(self, charge: Charge) -> tuple[Tax, ...]:
        point = self._points.get(charge.contract, "") if charge.contract and charge.term else ""
        day = taxed_on(charge, point, self.day) or self.day
        named = charge.tax or f"{(Decimal(self.policies.on(day).tax_rate) / 100).normalize():f}"
        whose = charge.contract if charge.contract in self._rates else None
        name = whose, named, charge.currency, day
        if name not in self._known:
            try:
                self._known[name] = taxes_of(named, self._rates[whose], day, charge.currency)
            except ValueError as wrong:
                raise Refused(f"It cannot be billed: {wrong}.", "Import tax rates with: fsconsole import taxes FILE") from None
        return self._known[name]


def _words(tax: Tax, amount: str, currency: str) -> str:
    if tax.category != "S":
        why = f", {tax.reason}" if tax.reason and tax.reason.lower() != tax.name.lower() else ""
        return f"none: {tax.name}{why}"
    name = "" if tax.name.removesuffix("%") == f"{Decimal(tax.percent.numerator) / tax.percent.denominator:f}" else f"{tax.name} "
    if tax.unit:
        return f"{name}{show(rounded(tax.unit), currency)} each"
    how = " is in the price of" if tax.included else " held back of" if tax.withheld else " of"
    return f"{name}{Decimal(tax.percent.numerator) / tax.percent.denominator:f}%{how} {amount}"
