"""Availability missed, as money: outages to a percentage of the period's time, that to a step of a ladder of credits.

It stands apart from penalty, where each call has a clock of its own: here a whole period has one figure.

Always: a minute that two outages share is counted once; what is excluded is neither down nor taken off the time promised.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, takewhile

from fsconsole.rules.clock import Clock, clock_of, pause
from fsconsole.rules.life import Piece, slices
from fsconsole.rules.penalty import PART, based_on, by_tax, capped_at, claim_of, fees_billed
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
        promised, down, told, counted = _time(term, agreement, clock, piece.period)
        if told and promised:
            up = Fraction(100 * (promised - down), promised)
            shown = number(Decimal(up.numerator * 10_000 // up.denominator) * SHOWN)
            head = f"{shown}% available in {piece.period}, down {spoken(-(-down // 60))} ({'; '.join(told)})"
            state = _claimed(term, agreement, piece, counted, horizon)
            found += _credited(term, agreement, piece, ladder, up, head, state)
    return found


def undecided(term: Term, agreement: Agreement, horizon: date) -> list[str]:
    """The outages of periods whose credit waits for a claim or a decision, by name in their order."""
    clock = clock_of(term.details, agreement)
    found: dict[str, None] = {}
    for piece in slices(term, agreement, horizon):
        counted = _time(term, agreement, clock, piece.period)[3]
        if _claimed(term, agreement, piece, counted, horizon)[0] == "undecided":
            found.update((str(row["name"]), None) for row, _ in counted)
    return list(found)


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
    term: Term,
    agreement: Agreement,
    piece: Piece,
    ladder: Sequence[Rung],
    up: Fraction,
    head: str,
    state: tuple[str, str, date | None],
) -> Iterator[Charge]:
    """What a period's availability credits, by the tax of what it credits; nothing, and why, where none is due.

    Where a claim is still open, or nobody has decided, a held charge says what it would be.
    """
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
    ruled, why, turns = state
    if ruled == "undecided":
        would = rounded(amount, agreement.contract.rounds)
        words = f"undecided, so nothing is drafted: {says}; {why}"
        yield charge_of(
            term, agreement, period, 0, words, kind="availability", part=PART, notional=-would, payer=piece.payer, held=True,
            turns=(turns,) if turns else (),
        )  # fmt: skip
        return
    if ruled != "counts":
        yield charge_of(term, agreement, period, 0, f"{says}; {why}: nothing", kind="availability", payer=piece.payer)
        return
    says += f"; {why}" if why else ""
    several = not term.tax and len([one for one in bases.values() if one > 0]) > 1
    for tax, part in by_tax(term, bases, rounded(amount, agreement.contract.rounds)):
        words = says + (f"; {show(part, money)} of it at tax {tax}" if several else "")
        yield charge_of(
            term, agreement, period, -part, words, kind="availability", part=tax if several else "", tax=tax, payer=piece.payer
        )


def _claimed(
    term: Term, agreement: Agreement, piece: Piece, counted: Sequence[tuple[Row, Interval]], horizon: date
) -> tuple[str, str, date | None]:
    """Whether a period's credit is due: by itself, decided, or claimed with any outage of it within its days. And why, and
    from which day it is too late.
    """
    if not counted or any(row.get("decided") == "credit" for row, _ in counted):
        return "counts", "", None
    claims = [row["claimed"] for row, _ in counted if row.get("claimed")]
    since = piece.period.end - timedelta(days=1)
    if term.details.get("claim_from", "period end") == "breach":
        since = min(since, max(agreement.local_day(outage.end or outage.start) for _, outage in counted))
    return claim_of(term.details, min(claims, default=None), since, agreement.as_of or horizon)


def _time(
    term: Term, agreement: Agreement, clock: Clock, period: Period
) -> tuple[int, int, list[str], list[tuple[Row, Interval]]]:
    """Seconds promised in a period, seconds down of them, each outage in words, and those that count."""
    start, end = (agreement.instant(datetime.combine(day, time())) for day in (period.start, period.end))
    whole = Interval(start, end)
    spans = [open_ for span in takewhile(lambda one: one.start < end, clock.windows(start)) if (open_ := span.overlap(whole))]
    least = int(term.details.get("least", 0)) * 60
    cuts: list[Interval] = []
    told: list[str] = []
    counted: list[tuple[Row, Interval]] = []
    for row, outage in _outages(term, agreement, end):
        here = outage.overlap(whole)
        if here is None:
            continue
        if reason := row.get("excluded"):
            told.append(f"{row['name']} excluded: {reason}")
        elif row.get("decided") == "waived":
            told.append(f"{row['name']} waived" + (f": {row['reason']}" if row.get("reason") else ""))
        elif outage.seconds < least:
            told.append(f"{row['name']} shorter than {spoken(least // 60)}")
        else:
            cuts.append(here)
            counted.append((row, outage))
            told.append(f"{row['name']} {spoken(-(-_seconds(spans, [here]) // 60))}")
    return sum(one.seconds for one in spans), _seconds(spans, cuts), told, counted


def _seconds(spans: list[Interval], cuts: list[Interval]) -> int:
    return sum(one.seconds for one in spans) - sum(one.seconds for one in without(spans, cuts))


def _outages(term: Term, agreement: Agreement, end: datetime) -> Iterator[tuple[Row, Interval]]:
    for row in sorted(agreement.of("outage"), key=lambda one: (one["from"], one["name"])):
        if row.get("void") or row.get("term", term.name) != term.name:
            continue
        span = pause(row)
        yield row, Interval(span.start, span.end or max(end, span.start))
