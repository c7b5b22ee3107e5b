"""What every kind of term that bills by use needs: its fields read, its periods, a price over time, a charge made.

It stands apart so that meters, hours, blocks, visits and labour each say only what is their own.

Always: use is billed after the period it fell in; an amount is rounded once, as the contract rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.billable import payer_of
from fsconsole.rules.life import Piece, slices
from fsconsole.rules.periods import bounds, months_in
from fsconsole.rules.prices import price_steps, stretches
from fsconsole.rules.prorate import rounded, share_of
from fsconsole.rules.tiers import Scale, Tier, checked, plain_text, price_text, units_text
from fsconsole.values.agreement import Agreement, Row, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.money import places
from fsconsole.values.period import Period
from fsconsole.values.terms import Term
from fsconsole.values.work import Id

#: A price that changes is worked out in millionths of a minor unit.
FINE = 1_000_000


def exact(value: Any, default: Fraction | int = 0) -> Fraction:
    """A read number (a Decimal, its text, an int) as a Fraction; ``default`` for what is not said."""
    return Fraction(default) if value is None else Fraction(Decimal(value))


def price_of(value: Any, currency: str) -> Fraction:
    """A price in major units, of any number of decimals, in exact minor units."""
    return exact(value) * int(10 ** places(currency))


def pieces_of(term: Term, agreement: Agreement, horizon: date) -> list[Piece]:
    """The periods of a term that begin by ``horizon``. Raises ValueError where nobody says from when."""
    if bounds(term, agreement.contract)[0] is None:
        raise ValueError("neither the term nor the contract says from when it runs; give from")
    return [piece for piece in slices(term, agreement, horizon) if piece.short != "free"]


def share_of_piece(term: Term, piece: Piece, how: str) -> Fraction:
    """1, or with ``how`` “prorated” the part of full periods that a piece is."""
    if how != "prorated":
        return Fraction(1)
    months = months_in(term)
    return sum((share_of(part.period, part.whole, term.proration, months=months)[0] for part in piece.parts), Fraction(0))


def mine(term: Term, rows: Iterable[Row], *, only: bool = False) -> list[Row]:
    """The rows of a term: those that name it and, unless ``only``, those that name none. Void ones are left out."""
    named = [row for row in rows if not row.get("void")]
    return [row for row in named if row.get("term") == term.name or (not row.get("term") and not only)]


def day_of(row: Row, agreement: Agreement, *names: str) -> date:
    """The local day of a row: of the first of its fields that is said. Raises ValueError where none is."""
    for name in names:
        at = row.get(name)
        if isinstance(at, datetime):
            return agreement.local_day(at)
        if isinstance(at, date):
            return at
    raise ValueError(f"line {row.get('line', '?')}: {names[0]} is missing: the day it happened")


def steps_factor(term: Term, agreement: Agreement, price: Fraction, period: Period) -> tuple[Fraction, str]:
    """What revisions and rises make of a unit price over a period, days at different prices weighed; and the words.

    Minor units. Raises ValueError for a new price where there is no single one to replace.
    """
    revised = [one for one in agreement.revisions if one.what == "price" and one.term in (None, term.id) and not one.void]
    if not price or not (revised or agreement.escalators):
        return price, ""
    fine = replace(
        agreement,
        revisions=tuple(one if one.amount is None else replace(one, amount=one.amount * FINE) for one in agreement.revisions),
        escalators=tuple(replace(one, step=max(one.step, 1)) for one in agreement.escalators),
    )
    steps = price_steps(replace(term, amount=rounded(price * FINE)), fine, period.end)
    cut = list(stretches(period, steps))
    mean = sum((Fraction(step.amount, FINE) * days.days for days, step in cut), Fraction(0)) / period.days
    if len(cut) == 1:
        return mean, ""
    words = ", ".join(f"{days.days} days at {price_text(Fraction(step.amount, FINE), agreement.money)}" for days, step in cut)
    return mean, f"the price changes: {words}"


def scale_over(scale: Scale, term: Term, agreement: Agreement, period: Period) -> tuple[Scale, str]:
    """A scale with what revisions and rises make of it over a period.

    Rises change every price of it; a new price replaces the one there is, and no tiers.
    """
    if not scale.tiers:
        price, words = steps_factor(term, agreement, scale.price, period)
        return replace(scale, price=price), words
    if any(one.what == "price" and one.term in (None, term.id) and not one.void for one in agreement.revisions):
        raise ValueError("a new price does not say which tier it is for; end the term and begin one with the new tiers")
    base = Fraction(10_000)
    mean, words = steps_factor(term, agreement, base, period)
    tiers = tuple(replace(tier, price=tier.price * mean / base, flat=tier.flat * mean / base) for tier in scale.tiers)
    said = words and f"the prices rise by {units_text((mean / base - 1) * 100)}%"
    return replace(scale, tiers=tiers), said


def scale_of(said: Mapping[str, Any], term: Term, currency: str, *, price: Fraction | None = None) -> Scale:
    """How units are priced, from the fields of a term or of one of its meters."""
    tiers = tuple(
        Tier(
            exact(tier["upto"]) if tier.get("upto") is not None else None,
            price_of(tier.get("price"), currency),
            price_of(tier.get("flat"), currency),
            exact(tier.get("size")),
        )
        for tier in said.get("tiers") or ()
    )
    package = said.get("package")
    model = said.get("model") or ("graduated" if tiers else "package" if package is not None else "unit")
    if price is None:
        price = price_of(said["price"], currency) if said.get("price") is not None else Fraction(term.amount)
    if not tiers and said.get("price") is None and not term.amount:
        raise ValueError("there is no price; say price = 0.0042 for a unit, or tiers (a price of 0 says that it is free)")
    return checked(
        Scale(
            model=model,
            price=price,
            tiers=tiers,
            package=exact(package, 1),
            packages=said.get("packages") or "started",
            bound=said.get("bound") or "included",
            flat_at_zero=bool(said.get("flat_at_zero")),
        )
    )


def charge_of(
    term: Term,
    agreement: Agreement,
    period: Period,
    amount: int,
    reason: str,
    *,
    part: str = "",
    kind: str = "",
    quantity: Fraction | int = 1,
    on: date | None = None,
    start: date | None = None,
    payer: Id | None = None,
    held: bool = False,
    notional: int = 0,
    cost: int = 0,
    covered_by: str = "",
    tax: str = "",
) -> Charge:
    """A charge of a term for use in a period, billable when the period is over (or ``on`` a day).

    ``held``: it waits for something; it is worth nothing yet and is never drafted.
    """
    return Charge(
        key=charge_key(term, start or period.start, part),
        contract=agreement.contract.id,
        term=term.id,
        payer=payer or payer_of(None, agreement.contract, agreement.client),
        kind=kind or term.kind,
        period=period,
        quantity=plain_text(Fraction(quantity)),
        amount=0 if held else amount,
        notional=notional,
        cost=cost,
        currency=agreement.money,
        covered_by=covered_by,
        billable_from=on or period.end,
        estimate=held,
        reason=(f"{term.name}: " if term.name else "") + reason,
        tax=tax or term.tax,
    )


def in_minor(value: Fraction, agreement: Agreement) -> int:
    """An exact amount rounded once, as the contract rounds."""
    return rounded(value, agreement.contract.rounds or "half away")


def least_and_most(amount: int, low: int | None, high: int | None, money: str, show: Any) -> tuple[int, str]:
    """An amount between a minimum and a maximum, and what that did in words."""
    if low is not None and amount < low:
        return low, f"; the minimum is {show(low, money)}"
    if high is not None and amount > high:
        return high, f"; at most {show(high, money)}"
    return amount, ""


def minor_of(value: Any) -> int | None:
    """A money field, None where it is not said."""
    return None if value is None else int(value)
