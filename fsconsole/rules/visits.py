"""What visits come to: those included, those beyond them, and those promised and not made.

It stands apart because a visit that was not made is worth money too, in one direction or the other.

Always: a visit is counted once, in the period of its local day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from fsconsole.rules.discount import discounted
from fsconsole.rules.pools import drawn
from fsconsole.rules.renewal import ending
from fsconsole.rules.tiers import price_text, units_text
from fsconsole.rules.usage import (
    charge_of,
    day_of,
    exact,
    granted,
    in_minor,
    mine,
    minor_of,
    outside,
    pieces_of,
    price_of,
    share_of_piece,
    steps_factor,
)
from fsconsole.rules.words import count
from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Term

#: Outcomes of a visit that count where the term names none: somebody came.
COUNTS = ("done", "no access")


def visited(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """The charges of a visits term: visits beyond those included, and the value of those promised and not made.

    A shortfall of a period stands in the charge of that period; of the whole term, in one of its own at its end.
    Raises ValueError in words.
    """
    said = term.details
    pieces = pieces_of(term, agreement, horizon)
    days = _days(term, agreement)
    made = [[day for day in days if day in piece.period] for piece in pieces]
    short = str(said.get("short_period") or "whole")
    shares = [share_of_piece(term, piece, short) for piece in pieces]
    own, lives = granted(term, agreement, pieces, exact(said.get("included")))
    draw = str(said.get("draw") or "own first")
    pool = drawn(own, [Fraction(len(each)) for each in made], lives, None, draw)
    price = price_of(said["price"], agreement.money) if said.get("price") is not None else Fraction(term.amount)
    if any(each.over for each in pool) and said.get("price") is None and not term.amount and said.get("included") is not None:
        raise ValueError("there were more visits than are included; say price = 120.00 for each further one")
    by_period = said.get("minimum") is not None and (said.get("over") or "period") == "period"
    found: list[Charge] = []
    for piece, period, there, share in zip(pieces, pool, made, shares, strict=True):
        each, why = steps_factor(term, agreement, price, piece.period)
        over = period.over if said.get("included") is not None or price else Fraction(0)
        amount = in_minor(over * each, agreement)
        words = f"{count(len(there), 'visit')} made"
        if said.get("included") is not None:
            carried = f" + {units_text(period.carried)} carried" if period.carried else ""
            words += f", {units_text(period.own)}{carried} included"
        if over:
            words += f": {units_text(over)} × {price_text(each, agreement.money)} = {show(amount, agreement.money)}"
        words += f" ({why})" if why else ""
        if by_period:
            missed, more = _shortfall(term, agreement, exact(said["minimum"]) * share, len(there))
            amount += missed
            words += more
        listed = f" ({', '.join(on_day(day) for day in there)})" if there else ""
        reason = f"{words} for {piece.period}{listed}"
        found.append(charge_of(term, agreement, piece.period, amount, reason, quantity=period.over, payer=piece.payer))
    if said.get("minimum") is not None and not by_period and pieces:
        found += _of_the_term(term, agreement, horizon, Period(pieces[0].period.start, pieces[-1].period.end), days)
    found += outside(term, agreement, "visit", pieces, horizon, "on", "from")
    return discounted(found, term, agreement)


def _days(term: Term, agreement: Agreement) -> list[date]:
    counts = tuple(term.details.get("counts") or COUNTS)
    rows = [row for row in mine(term, agreement, "visit") if str(row.get("outcome") or "done") in counts]
    return sorted(day_of(row, agreement, "on", "from") for row in rows)


def _shortfall(term: Term, agreement: Agreement, promised: Fraction, made: int) -> tuple[int, str]:
    """What visits not made are worth (below nothing: we owe it), and why."""
    value = minor_of(term.details.get("shortfall"))
    if value is None:
        raise ValueError("visits are promised; say what one that is not made is worth: shortfall = 90.00")
    missing = max(Fraction(0), promised - made)
    if not missing:
        return 0, f"; {units_text(promised)} promised"
    charged = (term.details.get("shortfall_is") or "credited") == "charged"
    amount = in_minor(missing * value, agreement) * (1 if charged else -1)
    money = agreement.money
    arithmetic = f"{units_text(promised)} − {made} = {units_text(missing)} × {show(value, money)} = {show(abs(amount), money)}"
    return amount, f"; {units_text(promised)} promised: {arithmetic} {'charged' if charged else 'credited'}"


def _of_the_term(term: Term, agreement: Agreement, horizon: date, seen: Period, days: Sequence[date]) -> list[Charge]:
    """The shortfall over each term of the contract (each renewal by itself), once that term is within the periods seen."""
    ends = [day for day in ending(agreement, horizon).terms if seen.start < day <= seen.end]
    if not ends and term.end is not None:
        ends = [term.end]
    found, start = [], seen.start
    for end in ends:
        whole = Period(start, end)
        made = sum(1 for day in days if day in whole)
        amount, words = _shortfall(term, agreement, exact(term.details["minimum"]), made)
        reason = f"{count(made, 'visit')} made{words} for {whole}"
        found.append(charge_of(term, agreement, whole, amount, reason, part="shortfall", quantity=made))
        start = end
    return found
