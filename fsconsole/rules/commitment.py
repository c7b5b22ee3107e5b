"""What is missing to an agreed minimum of other terms, period by period or over the whole term.

It stands apart because it rests on what the others came to.

Always: a short period owes its part of the commitment and never more than all of it; what is held counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from fsconsole.rules.life import Piece
from fsconsole.rules.periods import months_in
from fsconsole.rules.prices import price_steps, stretches
from fsconsole.rules.prorate import share_of
from fsconsole.rules.renewal import ending
from fsconsole.rules.usage import charge_of, in_minor, pieces_of
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term

#: How charges count towards a commitment: by their days, or in the order in which it names their terms.
ORDERS = ("by day", "as named")
#: A charge, and how much of it (exact minor units) counts.
Counted = tuple[Charge, Fraction]


def committed(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The true-up of each period: commitment × its part of a full period − what the named terms came to.

    10,000.00 committed and 100.00 billed is 9,900.00. With ``over`` “term” the amount is for the whole term of the
    contract. Other commitments count where they are named, such as a minimum of each month in one of the year; ``after``
    names those towards which a charge counts first. Raises ValueError in words.
    """
    counted = _counted(term, agreement, horizon, (term.name,))
    found, ahead = [], 0
    carried = term.details.get("beyond") == "carried" and not term.details.get("maximum")
    for span in _spans(term, agreement, horizon):
        found.append(_true_up(term, agreement, span, counted, ahead))
        if carried and term.details.get("over") != "term":
            fees = in_minor(_fees(counted, span.period, term), agreement)
            ahead = max(0, ahead + fees - in_minor(span.owed, agreement))
    return found


def in_turn(terms: Sequence[Term]) -> list[Term]:
    """Terms so that a commitment comes after those that it names; others stay where they are."""
    found: list[Term] = []

    def add(term: Term, before: tuple[str, ...]) -> None:
        for other in terms:
            if other.name in _named(term) and other.name not in before:
                add(other, (*before, other.name))
        if term not in found:
            found.append(term)

    for term in terms:
        add(term, (term.name,))
    return found


def _named(term: Term) -> tuple[str, ...]:
    return (*(term.details.get("of") or ()), *(term.details.get("after") or ())) if term.kind == "commitment" else ()


def _counted(term: Term, agreement: Agreement, horizon: date, before: tuple[str, ...]) -> list[Counted]:
    """The charges that count towards a commitment, in their order, less what counts towards those that it comes after."""
    names = tuple(term.details.get("of") or ())
    after = tuple(term.details.get("after") or ())
    for name in (*names, *after):
        other = agreement.term(name)
        if other is None:
            known = ", ".join(one.name for one in agreement.terms)
            raise ValueError(f"there is no term “{name}” to count; there are {known}")
        if other.kind == "commitment" and name in before:
            raise ValueError(f"it counts itself, by way of {' and '.join(f'“{one}”' for one in before)}; name others")
        if other.kind == "commitment":
            _counted(other, agreement, horizon, (*before, name))
    ids = {
        one.id: names.index(one.name) if one.name in names else len(names)
        for one in agreement.terms
        if one.id != term.id and (one.name in names if names else one.kind != "commitment")
    }
    found = [
        (charge, Fraction(charge.amount))
        for charge in agreement.charges
        if charge.term in ids and not charge.estimate and not charge.covered_by
    ]
    order = str(term.details.get("order") or ORDERS[0])
    if order not in ORDERS:
        raise ValueError(f"“{order}” is not an order of charges; use {', '.join(ORDERS)}")

    def place(one: Counted) -> tuple[int, date, int, str]:
        charge = one[0]
        number = ids[charge.term] if charge.term else 0
        day = charge.period.start if charge.period else charge.billable_from or date.max
        return (number if order == "as named" else 0), day, number, charge.key

    found.sort(key=place)
    for name in after:
        first = agreement.term(name)
        if first is None or first.kind != "commitment":
            raise ValueError(f"“{name}” is no commitment; after names those towards which charges count first")
        if first.details.get("beyond") == "carried" or first.details.get("maximum"):
            raise ValueError(f"“{name}” leaves nothing to count here: it is a most, or carries what goes beyond it")
        left = _left(first, agreement, horizon)
        found = [(charge, left.get(charge.key, amount)) for charge, amount in found]
    return found


def _left(term: Term, agreement: Agreement, horizon: date) -> dict[str, Fraction]:
    """By charge, what of it goes beyond a commitment and counts elsewhere."""
    counted = _counted(term, agreement, horizon, (term.name,))
    left = {charge.key: amount for charge, amount in counted}
    for span in _spans(term, agreement, horizon):
        for charge, _, taken in _drawn(counted, span, term):
            left[charge.key] -= taken
    return left


def _drawn(counted: Sequence[Counted], span: _Span, term: Term) -> Iterator[tuple[Charge, Fraction, Fraction]]:
    """(charge, what of it belongs to the span, what of that counts towards it), in order, until the commitment is met."""
    room = span.owed
    for charge, amount in counted:
        part = _within(charge, amount, span.period, term)
        taken = min(part, max(Fraction(0), room)) if part > 0 else part
        room -= taken
        if part:
            yield charge, part, taken


@dataclass(frozen=True, slots=True)
class _Span:
    """The days of one true-up: what is committed for them (exact minor units) and its words."""

    period: Period
    owed: Fraction
    words: str
    piece: Piece


def _spans(term: Term, agreement: Agreement, horizon: date) -> Iterator[_Span]:
    pieces = pieces_of(term, agreement, horizon)
    if (term.details.get("over") or "period") == "term":
        yield from _of_the_term(term, agreement, horizon, pieces)
        return
    steps = price_steps(term, agreement, max((piece.period.end for piece in pieces), default=horizon))
    for piece in pieces:
        owed, words = Fraction(0), []
        for part in piece.parts:
            for days, step in stretches(part.period, steps):
                share, how = share_of(days, part.whole, term.proration, months=months_in(term))
                owed += step.amount * min(share, Fraction(1))
                words.append(show(step.amount, agreement.money) + (f" × {how}" if how and "{year}" not in how else ""))
        yield _Span(piece.period, owed, " + ".join(words), piece)


def _of_the_term(term: Term, agreement: Agreement, horizon: date, pieces: Sequence[Piece]) -> Iterator[_Span]:
    if not pieces:
        return
    ends = [day for day in ending(agreement, horizon).terms if pieces[0].period.start < day <= pieces[-1].period.end]
    if not ends and term.end is not None:
        ends = [term.end]
    start = pieces[0].period.start
    for end in ends:
        yield _Span(Period(start, end), Fraction(term.amount), show(term.amount, agreement.money), pieces[-1])
        start = end


def _fees(counted: Sequence[Counted], period: Period, term: Term) -> Fraction:
    return sum((_within(charge, amount, period, term) for charge, amount in counted), Fraction(0))


def _true_up(term: Term, agreement: Agreement, span: _Span, counted: Sequence[Counted], ahead: int) -> Charge:
    money, period, words = agreement.money, span.period, span.words
    least = in_minor(span.owed, agreement)
    fees = in_minor(_fees(counted, period, term), agreement)
    if term.details.get("maximum"):
        amount = min(0, least - fees)
        rest = f"{show(fees, money)} of at most {show(least, money)}" + (f": {show(amount, money)}" if amount else "")
    else:
        amount = max(0, least - fees - ahead)
        before = f" − {show(ahead, money)} carried" if ahead else ""
        rest = f"{show(least, money)} − {show(fees, money)}{before} = {show(amount, money)}"
        met = f"{show(fees, money)} and {show(ahead, money)} carried" if ahead else show(fees, money)
        rest = rest if amount else f"{show(least, money)} is met by {met}"
    said = "" if words == show(least, money) else f"{words} = {show(least, money)}; "
    what = "at most" if term.details.get("maximum") else "committed"
    by = _by_term(term, agreement, span, counted) if term.details.get("order") == "as named" else ""
    return charge_of(term, agreement, period, amount, f"{what} {said}{rest} for {period}{by}", payer=span.piece.payer)


def _by_term(term: Term, agreement: Agreement, span: _Span, counted: Sequence[Counted]) -> str:
    """What each term counted towards a commitment, in the order in which it names them."""
    parts: dict[str, tuple[Fraction, Fraction]] = {}
    for charge, part, taken in _drawn(counted, span, term):
        name = agreement.title(charge.term) if charge.term else ""
        whole, used = parts.get(name, (Fraction(0), Fraction(0)))
        parts[name] = whole + part, used + taken
    money, words = agreement.money, []
    for name, (whole, used) in parts.items():
        of = f" of {show(in_minor(whole, agreement), money)}" if used != whole else ""
        words.append(f"{name} {show(in_minor(used, agreement), money)}{of}")
    return f"; {', '.join(words)}" if words else ""


def _within(charge: Charge, amount: Fraction, period: Period, term: Term) -> Fraction:
    """What of an amount of a charge belongs to a period: all of one that begins in it, or its days' part."""
    span = charge.period
    if span is None:
        return amount if charge.billable_from is not None and charge.billable_from in period else Fraction(0)
    if (term.details.get("attribute") or "begins") == "begins" or not span.days:
        return amount if span.start in period else Fraction(0)
    common = span.overlap(period)
    return amount * common.days / span.days if common is not None else Fraction(0)
