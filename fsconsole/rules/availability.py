"""Availability missed, as money: outages to a percentage of the period's time, that to a step of a ladder of credits.

It stands apart from penalty, where each call has a clock of its own: here a whole period has one figure.

Always: a minute that two outages share is counted once; what is excluded is neither down nor taken off the time promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, takewhile

from fsconsole.rules.clock import Clock, clock_of, pause
from fsconsole.rules.life import Piece, slices
from fsconsole.rules.penalty import based_on, by_tax, capped_at, fees_billed
from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import clock as spoken
from fsconsole.rules.rates import number
from fsconsole.rules.usage import charge_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.period import Interval, Period, without
from fsconsole.values.terms import Term

#: Decimals to which an availability is shown; it is compared exactly.
SHOWN = Decimal("0.0001")


def availability_credits(term: Term, agreement: Agreement, horizon: date) -> list[Charge]:
    """One charge below nothing for each period whose availability is below the ladder's first step.

    Rows: [[outage]]. 45 minutes of 31 days are 99.8991%: below 99.9, so 10% of 1,200.00 is 120.00. The time promised is
    that of ``hours``, else day and night. Raises ValueError where the ladder is empty or climbs wrongly, or where an outage
    ends before it starts.
    """
    ladder = _ladder(term)
    clock = clock_of(term.details, agreement)
    found: list[Charge] = []
    for piece in slices(term, agreement, horizon):
        promised, down, told = _time(term, agreement, clock, piece.period)
        if told and promised:
            up = Fraction(100 * (promised - down), promised)
            shown = number(Decimal(up.numerator * 10_000 // up.denominator) * SHOWN)
            head = f"{shown}% available in {piece.period}, down {spoken(-(-down // 60))} ({'; '.join(told)})"
            found += _credited(term, agreement, piece, ladder, up, head)
    return found


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder: below so many percent of the time, so many percent of the base."""

    below: Decimal
    percent: Decimal


def _ladder(term: Term) -> list[Rung]:
    """The steps, the lowest first."""
    said = term.details.get("ladder") or ()
    ladder = sorted((Rung(Decimal(str(one["below"])), Decimal(str(one["percent"]))) for one in said), key=lambda one: one.below)
    if not ladder:
        raise ValueError("it says no steps: give ladder = [{ below = 99.9, percent = 10 }]")
    if any(lower.percent < higher.percent for lower, higher in pairwise(ladder)):
        raise ValueError("its ladder credits less where availability is lower; look at its steps")
    return ladder


def _credited(
    term: Term, agreement: Agreement, piece: Piece, ladder: Sequence[Rung], up: Fraction, head: str
) -> Iterator[Charge]:
    """What a period's availability credits, by the tax of what it credits; nothing, and why, where it is high enough."""
    money, period = agreement.money, piece.period
    rung = next((one for one in ladder if up < Fraction(one.below)), None)
    if rung is None:
        words = f"{head}: not below {number(ladder[-1].below)}%"
        yield charge_of(term, agreement, period, 0, words, kind="availability", payer=piece.payer)
        return
    bases = fees_billed(term, agreement, period)
    base = max(Fraction(0), sum(bases.values(), Fraction(0)))
    full = base * Fraction(rung.percent) / 100
    amount, cap = capped_at(term, base, full, money)
    based = based_on(term, agreement, base, period)
    says = f"{head}: below {number(rung.below)}%, {number(rung.percent)}% of {based} = {show(rounded(full), money)}{cap}"
    several = not term.tax and len([one for one in bases.values() if one > 0]) > 1
    for tax, part in by_tax(term, bases, rounded(amount, agreement.contract.rounds)):
        words = says + (f"; {show(part, money)} of it at tax {tax}" if several else "")
        yield charge_of(
            term, agreement, period, -part, words, kind="availability", part=tax if several else "", tax=tax, payer=piece.payer
        )


def _time(term: Term, agreement: Agreement, clock: Clock, period: Period) -> tuple[int, int, list[str]]:
    """Seconds promised in a period, seconds down of them, and each outage in words."""
    start, end = (agreement.instant(datetime.combine(day, time())) for day in (period.start, period.end))
    whole = Interval(start, end)
    spans = [open_ for span in takewhile(lambda one: one.start < end, clock.windows(start)) if (open_ := span.overlap(whole))]
    least = int(term.details.get("least", 0)) * 60
    cuts: list[Interval] = []
    told: list[str] = []
    for row, outage in _outages(term, agreement, end):
        here = outage.overlap(whole)
        if here is None:
            continue
        if reason := row.get("excluded"):
            told.append(f"{row['name']} excluded: {reason}")
        elif outage.seconds < least:
            told.append(f"{row['name']} shorter than {spoken(least // 60)}")
        else:
            cuts.append(here)
            told.append(f"{row['name']} {spoken(-(-_seconds(spans, [here]) // 60))}")
    return sum(one.seconds for one in spans), _seconds(spans, cuts), told


def _seconds(spans: list[Interval], cuts: list[Interval]) -> int:
    return sum(one.seconds for one in spans) - sum(one.seconds for one in without(spans, cuts))


def _outages(term: Term, agreement: Agreement, end: datetime) -> Iterator[tuple[Row, Interval]]:
    for row in sorted(agreement.of("outage"), key=lambda one: (one["from"], one["name"])):
        if row.get("void") or row.get("term", term.name) != term.name:
            continue
        span = pause(row)
        yield row, Interval(span.start, span.end or max(end, span.start))
