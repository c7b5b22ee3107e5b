"""What every kind of term that bills by use needs: its fields read, its periods, a price over time, a charge made.

It stands apart so that meters, hours, blocks, visits and labour each say only what is their own.

Always: use is billed after the period it fell in; an amount is rounded once, as the contract rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.bill_day import billed_on
from fsconsole.rules.billable import payer_of
from fsconsole.rules.discount import discounted, taken_off
from fsconsole.rules.life import Piece, slices
from fsconsole.rules.periods import MONTHS, bounds, months_in
from fsconsole.rules.prices import price_steps, stretches
from fsconsole.rules.prorate import counting_of, rounded, share_of
from fsconsole.rules.tiers import Scale, Tier, checked, plain_text, price_text, units_text
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row, charge_key
from fsconsole.values.bill import Charge
from fsconsole.values.money import places, show
from fsconsole.values.period import Period, add_months
from fsconsole.values.terms import Term
from fsconsole.values.work import Id

#: A price that changes is worked out in millionths of a minor unit.
FINE = 1_000_000


def exact(value: Any, default: Fraction | int = 0) -> Fraction:
    """A read number (a Decimal, its text, an int) as a Fraction; ``default`` for what is not said."""
    if isinstance(value, Fraction):
        return value
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
    months, counting = months_in(term), counting_of(term.details)
    parts = (share_of(part.period, part.whole, term.proration, months=months, counting=counting)[0] for part in piece.parts)
    return sum(parts, Fraction(0))


#: Which kinds of term count the rows of a section. A row that names no term is for the only one that does.
COUNTED_BY = {
    "reading": ("meter",),
    "usage": ("meter",),
    "labour": ("hours", "block", "time"),
    "visit": ("visits",),
    "part": ("time",),
    "block": ("block",),
}
#: Further kinds that count such rows where they are named.
NAMED_BY = {"block": ("hours", "meter"), "visit": ("time",)}


def mine(term: Term, agreement: Agreement, section: str) -> list[Row]:
    """The rows of a section that a term counts: those that name it, and those that name none. Void ones are left out.

    Raises ValueError for a row without a term where several terms would count it: that would bill it twice.
    """
    rows = [row for row in agreement.of(section) if not row.get("void") and row.get("term", "") in ("", term.name)]
    if term.kind in NAMED_BY.get(section, ()) and term.kind != "time":
        return [row for row in rows if row.get("term")]
    free = next((row for row in rows if not row.get("term")), None)
    if free is not None and (rival := _rival(term, agreement, section)) is not None:
        names = f"“{term.name}” or “{rival.name}”"
        raise ValueError(f"line {free.get('line', '?')}: say which term this {section} is for, {names}; both would count it")
    return rows


def uncounted(agreement: Agreement) -> list[tuple[str, str]]:
    """Rows of use that no term counts, each with its line: work that nothing would bill and nobody would miss."""
    kinds = {term.kind for term in agreement.terms if not term.gone}
    names = {term.name: term.kind for term in agreement.terms if not term.gone}
    found: list[tuple[str, str]] = []
    for section, by in COUNTED_BY.items():
        for row in agreement.of(section):
            name, place = str(row.get("term") or ""), f"{section}, line {row.get('line', '?')}"
            counted = ", ".join((*by, *NAMED_BY.get(section, ())))
            if row.get("void") or (section == "visit" and ("time" in kinds or not name)):
                continue
            if name and names.get(name) not in (*by, *NAMED_BY.get(section, ())):
                what = f"“{name}” is no term that counts it" if name in names else f"there is no term “{name}”"
                found.append((place, f"{what}; it needs one of kind {counted}"))
            elif not name and not kinds & set(by):
                others = [one.name for one in agreement.terms if one.kind in NAMED_BY.get(section, ()) and not one.gone]
                say = f"say which it is for: term = “{others[0]}”" if others else f"it needs one of kind {counted}"
                found.append((place, f"no term counts it; {say}"))
    return found


def _rival(term: Term, agreement: Agreement, section: str) -> Term | None:
    """Another term that counts the same rows on some of the same days."""
    kinds = COUNTED_BY[section]
    if term.kind not in kinds:
        return None
    first, last = bounds(term, agreement.contract)
    for other in agreement.terms:
        if other.id == term.id or other.gone or other.kind not in kinds or _counts(other) != _counts(term):
            continue
        start, end = bounds(other, agreement.contract)
        if (first or date.min) < (end or date.max) and (start or date.min) < (last or date.max):
            return other
    return None


def _counts(term: Term) -> tuple[Any, ...]:
    """What tells the rows of one meter term from another's: the meter and the asset that it names."""
    if term.kind != "meter":
        return ()
    return term.asset, term.details.get("meter"), tuple(each.get("name") for each in term.details.get("meters") or ())


def outside(term: Term, agreement: Agreement, section: str, pieces: Sequence[Piece], horizon: date, *names: str) -> list[Charge]:
    """A held charge for each row that names the term and lies on no day of it: it is neither billed nor forgotten."""
    found: list[Charge] = []
    for row in mine(term, agreement, section):
        day = day_of(row, agreement, *names)
        if row.get("term") and day <= horizon and not any(day in piece.period for piece in pieces):
            span = Period(day, day + timedelta(days=1))
            words = f"{section} on {on_day(day)} is outside the days of the term: held for a decision"
            part = f"outside:{section}" + (f":{len(found)}" if any(one.period == span for one in found) else "")
            found.append(charge_of(term, agreement, span, 0, words, part=part, held=True, quantity=0))
    return found


def granted(term: Term, agreement: Agreement, pieces: Sequence[Piece], amount: Fraction) -> tuple[list[Fraction], list[int]]:
    """What each period is given of an included amount, and for how many later periods it lasts.

    With ``included_every`` it is given once for so long a time from the term's start: a year's 1,200 of a term billed
    by the month lasts from its first month to its twelfth.
    """
    said = term.details
    if amount < 0:
        raise ValueError(f"what is included cannot be below nothing ({plain_text(amount)})")
    shares = [share_of_piece(term, piece, str(said.get("short_period") or "whole")) for piece in pieces]
    lives = int(said.get("carry") or 0)
    if said.get("included_every") is None:
        return [amount * share for share in shares], [lives] * len(pieces)
    count, unit = said["included_every"]
    if unit not in MONTHS:
        raise ValueError("included_every is counted in months or years")
    origin = bounds(term, agreement.contract)[0] or pieces[0].period.start
    months = int(count) * MONTHS[unit]
    turns: list[int] = []
    for piece in pieces:
        turn = turns[-1] if turns else 0
        while add_months(origin, months * (turn + 1)) <= piece.period.start:
            turn += 1
        turns.append(turn)
    own = [amount if number == 0 or turns[number - 1] != turn else Fraction(0) for number, turn in enumerate(turns)]
    lasts = [sum(1 for later in turns[number + 1 :] if later == turn) + lives for number, turn in enumerate(turns)]
    return own, lasts


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
    tiers = tuple(replace(
            tier, price=tier.price * mean / base, flat=tier.flat * mean / base,
            most=None if tier.most is None else tier.most * mean / base,
        )
        for tier in scale.tiers)
    said = words and f"the prices rise by {units_text((mean / base - 1) * 100)}%"
    return replace(scale, tiers=tiers), said


def scale_of(said: Mapping[str, Any], term: Term, currency: str, *, price: Fraction | None = None) -> Scale:
    """How units are priced, from the fields of a term or of one of its meters."""
    tiers = tuple(
        Tier(
            exact(tier["upto"]) if tier.get("upto") is not None else None,
            price_of(tier.get("price"), currency) + price_of(exact(tier.get("percent")) / 100, currency),
            price_of(tier.get("flat"), currency),
            exact(tier.get("size")),
            price_of(tier["maximum"], currency) if tier.get("maximum") is not None else None,
        )
        for tier in said.get("tiers") or ()
    )
    package = said.get("package")
    model = said.get("model") or ("graduated" if tiers else "package" if package is not None else "unit")
    if said.get("percent") is not None:
        # Units are amounts of money in major units then.
        price = price_of(Fraction(Decimal(said["percent"])) / 100, currency)
    elif price is None:
        price = price_of(said["price"], currency) if said.get("price") is not None else Fraction(term.amount)
    if not tiers and said.get("price") is None and said.get("percent") is None and not term.amount:
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
            below=said.get("below_nothing") or "credited",
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
    turns: tuple[date, ...] = (),
) -> Charge:
    """A charge of a term for use in a period, billable when the period is over, on the term's own day (or ``on`` a day).

    ``held``: it waits for something, a part of it no longer from each of the days ``turns``; it is worth nothing yet and
    is never drafted.
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
        billable_from=on or billed_on(term, period.end),
        estimate=held,
        reason=(f"{term.name}: " if term.name else "") + reason,
        tax=tax or term.tax,
        turns=turns,
    )


def reduced(charges: Sequence[Charge], term: Term, agreement: Agreement, pieces: Sequence[Piece]) -> list[Charge]:
    """Charges of a term that has several a period, less its discounts: percentages of each, amounts once a period.

    An amount stands on a line of its own and never takes off more than the period came to.
    """
    amounts = [
        one
        for one in agreement.discounts
        if one.amount is not None and not one.void and not one.together and one.term in (None, term.id)
    ]
    percents = tuple(one for one in agreement.discounts if one.amount is None)
    found = discounted(charges, term, replace(agreement, discounts=percents))
    for discount in sorted({one.id: one for one in amounts}.values(), key=lambda one: (one.start or date.min, one.id)):
        used, spent = 0, dict[bytes, int]()
        for piece in pieces:
            total = sum(one.amount for one in found if one.period and one.period.start in piece.period)
            day = piece.period.start
            held = (discount.start is None or day >= discount.start) and (discount.end is None or day < discount.end)
            if not held or total <= 0 or (discount.periods is not None and used >= discount.periods):
                continue
            used += 1
            off, said = taken_off(discount, total, total, share_of_piece(term, piece, "prorated"), spent, agreement.money)
            if not off:
                continue
            part = f"discount:{discount.id.hex()}"
            reason = f"{said} of {show(total, agreement.money)} for {piece.period}"
            found.append(charge_of(term, agreement, piece.period, -off, reason, part=part, kind="discount", payer=piece.payer))
    return found


def in_minor(value: Fraction, agreement: Agreement) -> int:
    """An exact amount rounded once, as the contract rounds."""
    return rounded(value, agreement.contract.rounds or "half away")


def least_and_most(amount: int, low: int | None, high: int | None, money: str) -> tuple[int, str]:
    """An amount between a minimum and a maximum, and what that did in words."""
    if low is not None and amount < low:
        return low, f"; the minimum is {show(low, money)}"
    if high is not None and amount > high:
        return high, f"; at most {show(high, money)}"
    return amount, ""


def minor_of(value: Any) -> int | None:
    """A money field, None where it is not said."""
    return None if value is None else int(value)
