"""What a contract comes to in a year, as its price is said in lists and headings.

It stands apart because a fee is known ahead and what is metered only behind: each is counted where it is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fsconsole.values.bill import Charge
from fsconsole.values.period import add_months
from fsconsole.values.terms import Contract, Term

#: Kinds of term whose price of a period is agreed beforehand.
AGREED = ("fixed", "per asset")


def yearly(contract: Contract, terms: Iterable[Term], charges: Iterable[Charge], day: date) -> int:
    """Minor units of the periods that begin within a year.

    Of fees it is the year from ``day`` on, within the contract's own days: the last year of one that ends sooner, the
    first of one that is still to begin. Of everything else it is the year before ``day``.
    """
    first = day
    if contract.end is not None and contract.renews != "itself":
        first = min(first, add_months(contract.end, -12))
    if contract.start is not None:
        first = max(first, contract.start)
    ahead = first, add_months(first, 12)
    behind = add_months(day, -12), day
    agreed = {term.id for term in terms if term.kind in AGREED}
    total = 0
    for charge in charges:
        start, end = ahead if charge.term in agreed else behind
        if charge.period is not None and start <= charge.period.start < end:
            total += charge.amount
    return total
