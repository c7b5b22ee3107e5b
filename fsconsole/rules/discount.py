"""What a discount takes off a charge, and the words of how.

It stands apart because the order of discounts decides what they come to, and must be said once.

Always: a charge never falls below nothing. Percentages go one after the other and amounts come after them, unless the
contract says otherwise. What a discount takes off is not taxed (EN 16931, BT-131 is the net after allowances).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from fsconsole.rules.life import slices
from fsconsole.rules.periods import months_in
from fsconsole.rules.prorate import counting_of, rounded, share_of
from fsconsole.rules.rates import number
from fsconsole.rules.shares import shared
from fsconsole.values.agreement import Agreement, Row, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Discount, Term

#: The part of a full period that the period of a charge is.
Share = Callable[[Charge], Fraction]


def discounted(charges: Iterable[Charge], term: Term, agreement: Agreement) -> list[Charge]:
    """The charges of one term less the discounts that hold on the first day of each one's service.

    The day on which it is billed plays no part: December billed in January has December's discount.
    """
    known = {one.id: one for one in agreement.discounts if not one.void and not one.together and one.term in (None, term.id)}
    if not known:
        return list(charges)
    said: Row = next(iter(agreement.of("contract")), {})
    order, full = _ordered(known.values(), said.get("discount_order", "percent first")), said.get("discount_of") == "full price"
    listed = sorted(charges, key=lambda one: (one.period.start if one.period else date.max, one.key))
    share = _shares(term, agreement, listed) if any(one.short_period == "prorated" for one in order) else _whole
    found: list[Charge] = []
    used: dict[bytes, int] = {}
    spent: dict[bytes, int] = {}
    for charge in listed:
        held = [one for one in order if holds(one, charge, used)]
        for one in held:
            used[one.id] = used.get(one.id, 0) + 1
        found.append(_less(charge, held, full, share, spent) if held and charge.amount > 0 else charge)
    return found


def _whole(charge: Charge) -> Fraction:
    return Fraction(1)


def _shares(term: Term, agreement: Agreement, charges: Iterable[Charge]) -> Share:
    """What part of a full period each charge's period is, as the term prorates."""
    last = max((one.period.start for one in charges if one.period), default=date.min)
    months, counting = months_in(term), counting_of(term.details)
    found = {
        piece.period.start: sum(
            (share_of(part.period, part.whole, term.proration, months=months, counting=counting)[0] for part in piece.parts),
            Fraction(0),
        )
        for piece in slices(term, agreement, last)
    }
    return lambda charge: found.get(charge.period.start, Fraction(1)) if charge.period else Fraction(1)


def _ordered(discounts: Iterable[Discount], how: str) -> list[Discount]:
    """Discounts in the order in which they are taken off; of a kind, in that in which they begin, then by id."""
    if how == "as listed":
        return sorted(discounts, key=lambda one: one.id)
    first = how == "percent first"
    return sorted(discounts, key=lambda one: ((one.percent is None) == first, one.start or date.min, one.id))


def holds(discount: Discount, charge: Charge, used: dict[bytes, int]) -> bool:
    """Whether a discount holds on the first day of a charge's service, for its amount and quantity, and is not used up."""
    day = charge.period.start if charge.period else charge.billable_from
    if day is None or (discount.start and day < discount.start) or (discount.end and day >= discount.end):
        return False
    if discount.amount_from is not None and charge.amount < discount.amount_from:
        return False
    if discount.quantity_from is not None and Decimal(charge.quantity or "1") < discount.quantity_from:
        return False
    return discount.periods is None or used.get(discount.id, 0) < discount.periods


def taken_off(one: Discount, base: int, left: int, share: Fraction, spent: dict[bytes, int], money: str) -> tuple[int, str]:
    """What a discount takes off ``base`` of which ``left`` is left, and how. What it took is added to what it spent."""
    if one.percent is not None:
        off = rounded(base * Fraction(one.percent) / 100)
        said = f"{number(one.percent)}% of {show(base, money)}"
    else:
        off, said = one.amount or 0, show(one.amount or 0, money)
        if one.short_period == "prorated" and share != 1:
            off, said = rounded(off * share), f"{said} × {share}"
    for most, words in ((one.at_most, "at most"), (_rest(one, spent), "no more is left than")):
        if most is not None and off > most:
            off, said = most, f"{said}, {words} {show(most, money)}"
    if one.percent is None and off > left:
        said = f"{said}, no more is left than {show(max(0, left), money)}"
    off = max(0, min(off, left))
    if one.in_all is not None:
        spent[one.id] = spent.get(one.id, 0) + off
    name = f"{one.name} " if one.name else ""
    return off, f"less {name}{said}" + ("" if said == show(off, money) else f" = {show(off, money)}")


def _rest(one: Discount, spent: dict[bytes, int]) -> int | None:
    return None if one.in_all is None else one.in_all - spent.get(one.id, 0)


def _less(charge: Charge, discounts: Iterable[Discount], full: bool, share: Share, spent: dict[bytes, int]) -> Charge:
    """A charge less its discounts; ``full``: each percentage is of the full price, not of what others left."""
    amount, words = charge.amount, []
    for one in discounts:
        off, said = taken_off(one, charge.amount if full else amount, amount, share(charge), spent, charge.currency)
        amount -= off
        words.append(said)
    left = show(amount, charge.currency)
    return replace(charge, amount=amount, reason=f"{charge.reason}; {', '.join(words)}, leaves {left}")


def off_together(charges: Iterable[Charge], agreement: Agreement) -> list[Charge]:
    """Lines that take an amount off what is billed of one day to one payer, shared by what each charge comes to.

    Each bears the tax of its charge. Discounts go in the order in which they begin.
    """
    known = [one for one in agreement.discounts if one.together and not one.void and one.amount is not None]
    if not known:
        return []
    groups: dict[tuple[date, bytes], list[Charge]] = {}
    for charge in charges:
        if charge.amount > 0 and not charge.covered_by and charge.billable_from is not None:
            groups.setdefault((charge.billable_from, charge.payer or b""), []).append(charge)
    left = {charge.key: charge.amount for some in groups.values() for charge in some}
    terms = {term.id: term for term in agreement.terms}
    found: list[Charge] = []
    for one in sorted(known, key=lambda one: (one.start or date.min, one.id)):
        used, spent = 0, dict[bytes, int]()
        for _, some in sorted(groups.items(), key=lambda item: item[0]):
            held = sorted((charge for charge in some if holds(one, charge, {})), key=lambda one: one.key)
            whole = sum(left[charge.key] for charge in held)
            if whole <= 0 or (one.periods is not None and used >= one.periods):
                continue
            used += 1
            off, said = taken_off(one, whole, whole, Fraction(1), spent, agreement.money)
            parts = shared(off, [Fraction(left[charge.key]) for charge in held], "largest remainder")
            for charge, part in zip(held, parts, strict=True):
                term = terms.get(charge.term) if charge.term else None
                if not part or term is None:
                    continue
                left[charge.key] -= part
                start = charge.period.start if charge.period else charge.billable_from or date.min
                words = f"{said} of {show(whole, agreement.money)} together; {show(part, agreement.money)} of it off {term.name}"
                key, reason = charge_key(term, start, f"{charge.key}:discount:{one.id.hex()}"), f"{term.name}: {words}"
                line = replace(charge, key=key, kind="discount", amount=-part, quantity="1", notional=0, cost=0, reason=reason)
                found.append(line)
    return found
