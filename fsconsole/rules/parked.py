"""What a contract that cannot be priced was worth: as it last could be priced, else what was billed in a year.

It stands apart because money that nobody can work out is still money: a case about it must say how much.

Always: what is found here is never drafted; a key that is priced is not among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from fsconsole.rules.billable import Priced
from fsconsole.rules.priced import Problem, every_charge
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge, IssuedLine
from fsconsole.values.period import add_months
from fsconsole.values.terms import Term
from fsconsole.values.work import Id

#: So many of the last changes are left out one by one before all of them are.
TRIES = 6
#: How often a year has a unit of time.
A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


def as_it_was(agreement: Agreement, whole: Priced, horizon: date) -> list[Charge]:
    """The charges missing from ``whole``: what they were before the last changes that contradict.

    ``agreement.revisions`` are in the order in which they were recorded. Empty where everything is priced.
    """
    if not whole.unpriced:
        return []
    priced = {charge.key for charge in whole.charges}
    terms = {charge.term for charge in whole.charges}
    found: dict[str, Charge] = {}
    many = len(agreement.revisions)
    trials = [replace(agreement, revisions=agreement.revisions[:n]) for n in range(many, max(-1, many - TRIES), -1)]
    trials += [replace(agreement, revisions=()), replace(agreement, revisions=(), escalators=(), discounts=())]
    if any(each.kind == "meter" for each in whole.unpriced):
        trials = [*_without_a_reading(agreement), *trials]
    for trial in trials:
        problems: list[Problem] = []
        try:
            charges = every_charge(trial, horizon, problems)
        except (ValueError, ArithmeticError, LookupError):
            continue
        for charge in charges:
            if charge.key not in priced and charge.term not in terms and not charge.covered_by and not charge.estimate:
                found.setdefault(charge.key, charge)
        terms |= {charge.term for charge in charges}
        if not problems:
            break
    return sorted(found.values(), key=lambda charge: charge.key)


def _without_a_reading(agreement: Agreement) -> list[Agreement]:
    """The agreement as it would be if one of the latest readings had not been made, the latest left out first."""
    readings = agreement.of("reading")
    several = range(len(readings) - 1, max(-1, len(readings) - 1 - TRIES), -1)
    return [
        replace(agreement, rows={**agreement.rows, "reading": (*readings[:place], *readings[place + 1 :])}) for place in several
    ]


def years_worth(terms: Iterable[Term], issued: Iterable[IssuedLine]) -> int:
    """What some terms come to in a year, in minor units: their last twelve months billed, else by their price."""
    lines = [line for line in issued if not line.void and line.start is not None]
    total = 0
    for term in terms:
        mine = [line for line in lines if line.key.startswith(f"{term.id.hex()}:")]
        last = max((line.start for line in mine if line.start), default=None)
        if last is not None:
            total += max(0, sum(line.amount for line in mine if line.start and line.start > add_months(last, -12)))
        elif term.kind in ("fixed", "per asset"):
            total += max(0, term.amount * max(1, A_YEAR.get(term.unit, 1) // max(1, term.every)))
    return total


def without_charges(terms: Iterable[Term], whole: Priced, found: Iterable[Charge]) -> list[Term]:
    """The terms that cannot be priced and have no charge among ``found`` either."""
    unpriced = {one.key.partition(":")[0] for one in whole.unpriced}
    known: set[Id | None] = {charge.term for charge in found}
    return [term for term in terms if not term.gone and term.id.hex() in unpriced and term.id not in known]
