"""What a discount takes off a charge, and the words of how.

It stands apart because the order of discounts decides what they come to, and must be said once.

Always: a charge never falls below nothing. Percentages go one after the other and amounts come after them, unless the
contract says otherwise. What a discount takes off is not taxed (EN 16931, BT-131 is the net after allowances).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction

from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Discount, Term


def discounted(charges: Iterable[Charge], term: Term, agreement: Agreement) -> list[Charge]:
    """The charges of one term less the discounts that hold on the first day of each one's service.

    The day on which it is billed plays no part: December billed in January has December's discount.
    """
    known = {one.id: one for one in agreement.discounts if not one.void and one.term in (None, term.id)}
    if not known:
        return list(charges)
    said: Row = next(iter(agreement.of("contract")), {})
    order, full = _ordered(known.values(), said.get("discount_order", "percent first")), said.get("discount_of") == "full price"
    found: list[Charge] = []
    used: dict[bytes, int] = {}
    for charge in sorted(charges, key=lambda one: (one.period.start if one.period else date.max, one.key)):
        held = [one for one in order if _holds(one, charge, used)]
        for one in held:
            used[one.id] = used.get(one.id, 0) + 1
        found.append(_less(charge, held, full) if held and charge.amount > 0 else charge)
    return found


def _ordered(discounts: Iterable[Discount], how: str) -> list[Discount]:
    """Discounts in the order in which they are taken off; of a kind, in that in which they begin, then by id."""
    if how == "as listed":
        return sorted(discounts, key=lambda one: one.id)
    first = how == "percent first"
    return sorted(discounts, key=lambda one: ((one.percent is None) == first, one.start or date.min, one.id))


def _holds(discount: Discount, charge: Charge, used: dict[bytes, int]) -> bool:
    day = charge.period.start if charge.period else charge.billable_from
    if day is None or (discount.start and day < discount.start) or (discount.end and day >= discount.end):
        return False
    return discount.periods is None or used.get(discount.id, 0) < discount.periods


def _less(charge: Charge, discounts: Iterable[Discount], full: bool = False) -> Charge:
    """A charge less its discounts; ``full``: each percentage is of the full price, not of what others left."""
    amount, words = charge.amount, []
    for one in discounts:
        if one.percent is not None:
            base = charge.amount if full else amount
            off = rounded(base * Fraction(one.percent) / 100)
            said = f"{number(one.percent)}% of {show(base, charge.currency)}"
        else:
            off, said = min(one.amount or 0, amount), show(one.amount or 0, charge.currency)
        off = min(off, amount)
        amount -= off
        name = f"{one.name} " if one.name else ""
        words.append(f"less {name}{said} = {show(off, charge.currency)}")
    left = show(amount, charge.currency)
    return replace(charge, amount=amount, reason=f"{charge.reason}; {', '.join(words)}, leaves {left}")
