"""What is missing to an agreed minimum of other terms, period by period or over the whole term.

It stands apart because it rests on what the others came to.

Always: a short period owes its part of the commitment and never more than all of it; what is held counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def committed(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The true-up of each period: commitment × its part of a full period − what the named terms came to.

    10,000.00 committed and 100.00 billed is 9,900.00. With ``over`` “term” the amount is for the whole term of the
    contract. Raises ValueError in words.
    """
    pieces = pieces_of(term, agreement, horizon)
    names = tuple(term.details.get("of") or ())
    unknown = [name for name in names if agreement.term(name) is None]
    if unknown:
        known = ", ".join(one.name for one in agreement.terms)
        raise ValueError(f"there is no term “{unknown[0]}” to count; there are {known}")
    ids = {one.id for one in agreement.terms if one.id != term.id and (not names or one.name in names)}
    counted = [charge for charge in agreement.charges if charge.term in ids and not charge.estimate and not charge.covered_by]
    if (term.details.get("over") or "period") == "term":
        return _over_term(term, agreement, horizon, pieces, counted)
    steps = price_steps(term, agreement, max((piece.period.end for piece in pieces), default=horizon))
    found, ahead = [], 0
    carried = term.details.get("beyond") == "carried" and not term.details.get("maximum")
    for piece in pieces:
        owed, words = Fraction(0), []
        for part in piece.parts:
            for days, step in stretches(part.period, steps):
                share, how = share_of(days, part.whole, term.proration, months=months_in(term))
                owed += step.amount * min(share, Fraction(1))
                words.append(show(step.amount, agreement.money) + (f" × {how}" if how and "{year}" not in how else ""))
        found.append(_true_up(term, agreement, piece.period, owed, " + ".join(words), counted, piece, ahead))
        if carried:
            fees = in_minor(sum((_within(charge, piece.period, term) for charge in counted), Fraction(0)), agreement)
            ahead = max(0, ahead + fees - in_minor(owed, agreement))
    return found


def _over_term(
    term: Term, agreement: Agreement, horizon: date, pieces: Sequence[Piece], counted: Sequence[Charge]
) -> list[Charge]:
    if not pieces:
        return []
    ends = [day for day in ending(agreement, horizon).terms if pieces[0].period.start < day <= pieces[-1].period.end]
    if not ends and term.end is not None:
        ends = [term.end]
    found, start, words = [], pieces[0].period.start, show(term.amount, agreement.money)
    for end in ends:
        whole = Period(start, end)
        found.append(_true_up(term, agreement, whole, Fraction(term.amount), words, counted, pieces[-1]))
        start = end
    return found


def _true_up(
    term: Term, agreement: Agreement, period: Period, owed: Fraction, words: str, counted: Sequence[Charge], piece: Piece,
    ahead: int = 0,
) -> Charge:
    money = agreement.money
    least = in_minor(owed, agreement)
    fees = in_minor(sum((_within(charge, period, term) for charge in counted), Fraction(0)), agreement)
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
    return charge_of(term, agreement, period, amount, f"{what} {said}{rest} for {period}", payer=piece.payer)


def _within(charge: Charge, period: Period, term: Term) -> Fraction:
    """What of a charge belongs to a period: all of one that begins in it, or its days' part."""
    span = charge.period
    if span is None:
        return Fraction(charge.amount) if charge.billable_from is not None and charge.billable_from in period else Fraction(0)
    if (term.details.get("attribute") or "begins") == "begins" or not span.days:
        return Fraction(charge.amount) if span.start in period else Fraction(0)
    common = span.overlap(period)
    return Fraction(charge.amount * common.days, span.days) if common is not None else Fraction(0)
