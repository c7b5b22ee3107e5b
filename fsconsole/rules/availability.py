"""Availability missed, as money: outages to a percentage of the period's time, that to a step of a ladder of credits; or a
credit for each half-hour down, for each outage, for each tenth of a percent below the target.

It stands apart from penalty, where each call has a clock of its own: here a whole period has one figure.

Always: a minute that two outages share is counted once, unless each outage is credited by itself; what is excluded is not
down, and is taken off the time promised only where the term says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, takewhile
from typing import Any

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
    """One charge below nothing for each period whose availability is below the ladder's first step, or that had what is
    credited each time.

    Rows: [[outage]]. 45 minutes of 31 days are 99.8991%: below 99.9, so 10% of 1,200.00 is 120.00. The time promised is
    that of ``hours``, else day and night. Raises ValueError where the ladder is empty or climbs wrongly, or where an outage
    ends before it starts.
    """
    rate = _each(term) if any(term.details.get(one) is not None for one in EACH) else _ladder(term)
    if term.details.get("period_days") is not None and term.details.get("hours"):
        raise ValueError("period_days counts day and night; leave out hours, or period_days")
    clock = clock_of(term.details, agreement)
    found: list[Charge] = []
    for piece in slices(term, agreement, horizon):
        seen = _time(term, agreement, clock, piece.period)
        if seen.told and seen.promised:
            up = Fraction(100 * (seen.promised - seen.down), seen.promised)
            shown = number(Decimal(up.numerator * 10_000 // up.denominator) * SHOWN)
            head = f"{shown}% available in {piece.period}, down {spoken(-(-seen.down // 60))} ({'; '.join(seen.told)})"
            state = _claimed(term, agreement, piece, seen.counted, horizon)
            found += _credited(term, agreement, piece, rate, seen, up, head, state)
    return found


def undecided(term: Term, agreement: Agreement, horizon: date) -> list[str]:
    """The outages of periods whose credit waits for a claim or a decision, by name in their order."""
    clock = clock_of(term.details, agreement)
    found: dict[str, None] = {}
    for piece in slices(term, agreement, horizon):
        counted = _time(term, agreement, clock, piece.period).counted
        if _claimed(term, agreement, piece, counted, horizon)[0] == "undecided":
            found.update((str(row["name"]), None) for row, _ in counted)
    return list(found)


#: A credit for each of these; the fields of one term.
EACH = ("each_minutes", "each_below")
#: How many there are in so much: those that are full, those begun, the nearest number, or exactly.
COUNTS: dict[str, Callable[[Fraction], Fraction]] = {
    "full": lambda much: Fraction(much // 1),
    "begun": lambda much: Fraction(-(-much // 1)),
    "nearest": lambda much: Fraction((much + Fraction(1, 2)) // 1),
    "exact": lambda much: much,
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a period had: the time promised and down, in seconds, each outage in words, and those that count."""

    promised: int
    down: int
    alone: tuple[int, ...]  # seconds down of each outage, also those that others share
    told: list[str]
    counted: list[tuple[Row, Interval]]
    days: Fraction


@dataclass(frozen=True, slots=True)
class Each:
    """A credit for each so many minutes down, or for each part of a percent below the target."""

    said: Mapping[str, Any]

    def of(self, up: Fraction, seen: _Seen, base: Fraction, money: str) -> tuple[Fraction, str, str] | None:
        """How much, for what, and how it is reckoned; None where there is nothing to count."""
        said = self.said
        count = COUNTS[str(said.get("each_counts", "full"))]
        if said.get("each_below") is not None:
            target, step = Decimal(str(said["target"])), Decimal(str(said["each_below"]))
            short = max(Fraction(0), Fraction(target) - up)
            units, unit = count(short / Fraction(step)), f"{number(step)}% below {number(target)}%"
        else:
            free = int(said.get("free_minutes", 0)) * 60
            size = int(said["each_minutes"]) * 60
            many = seen.alone if said.get("each_of") == "outage" else (seen.down,)
            units = sum((count(Fraction(max(0, one - free), size)) for one in many), Fraction(0))
            unit = spoken(size // 60) + (f" beyond {spoken(free // 60)}" if free else "")
        if not units:
            return None
        amount, words = Fraction(0), []
        if said.get("each_percent") is not None:
            percent = Decimal(str(said["each_percent"]))
            amount += base * Fraction(percent) / 100 * units
            words.append(f"{number(percent)}%")
        if said.get("each_amount") is not None:
            amount += int(said["each_amount"]) * units
            words.append(show(int(said["each_amount"]), money))
        if said.get("each_days") is not None:
            days = Decimal(str(said["each_days"]))
            amount += base * Fraction(days) / seen.days * units
            one, whole = number(days), number(Decimal(rounded(seen.days * 100)) / 100)
            words.append(f"{one} of {whole} days")
        shown = number(Decimal(rounded(units * 10_000)) / 10_000)
        return amount, f"{shown} × {unit}", " + ".join(words)

    def none(self) -> str:
        """Why nothing is credited."""
        if self.said.get("each_below") is not None:
            return f"not {number(Decimal(str(self.said['each_below'])))}% below {number(Decimal(str(self.said['target'])))}%"
        return f"not {spoken(int(self.said['each_minutes']))}"


def _each(term: Term) -> Each:
    """What is credited each time. Raises ValueError where it is said in two ways, or not how much."""
    said = term.details
    if said.get("ladder"):
        raise ValueError("it credits by a ladder and for each time, too; give one of them")
    if all(said.get(one) is not None for one in EACH):
        raise ValueError("it credits for each_minutes and for each_below, too; give one of them")
    if all(said.get(one) is None for one in ("each_percent", "each_amount", "each_days")):
        raise ValueError("it says no rate: give each_percent, each_amount or each_days")
    if said.get("each_below") is not None and said.get("target") is None:
        raise ValueError("each_below needs the percentage that is promised: give target = 99.9")
    if any(said.get(one) is not None and Decimal(str(said[one])) <= 0 for one in EACH):
        raise ValueError("each_minutes and each_below are above nothing")
    return Each(said)


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
        raise ValueError("it says no steps: give ladder = [{ below = 99.9, percent = 10 }], or each_minutes, or each_below")
    if any(lower.percent < higher.percent for lower, higher in pairwise(ladder)):
        raise ValueError("its ladder credits less where availability is lower; look at its steps")
    return ladder


def _credited(
    term: Term,
    agreement: Agreement,
    piece: Piece,
    rate: Each | Sequence[Rung],
    seen: _Seen,
    up: Fraction,
    head: str,
    state: tuple[str, str, date | None],
) -> Iterator[Charge]:
    """What a period's availability credits, by the tax of what it credits; nothing, and why, where none is due.

    Where a claim is still open, or nobody has decided, a held charge says what it would be.
    """
    money, period = agreement.money, piece.period
    bases = fees_billed(term, agreement, period)
    base = max(Fraction(0), sum(bases.values(), Fraction(0)))
    due = rate.of(up, seen, base, money) if isinstance(rate, Each) else _step(rate, up, base)
    if due is None:
        words = f"{head}: " + (rate.none() if isinstance(rate, Each) else f"not below {number(rate[-1].below)}%")
        yield charge_of(term, agreement, period, 0, words, kind="availability", payer=piece.payer)
        return
    full, what, share = due
    amount, cap = capped_at(term, base, full, money)
    based = based_on(term, agreement, base, period)
    says = f"{head}: {what}, {share} of {based} = {show(rounded(full), money)}{cap}"
    least = int(term.details.get("least_credit", 0))
    if 0 < amount < least:
        words = f"{says}; less than {show(least, money)}: nothing"
        yield charge_of(term, agreement, period, 0, words, kind="availability", payer=piece.payer)
        return
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


def _step(ladder: Sequence[Rung], up: Fraction, base: Fraction) -> tuple[Fraction, str, str] | None:
    """The lowest step that is reached: how much of the base, and in words."""
    rung = next((one for one in ladder if up < Fraction(one.below)), None)
    if rung is None:
        return None
    return base * Fraction(rung.percent) / 100, f"below {number(rung.below)}%", f"{number(rung.percent)}%"


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


def _time(term: Term, agreement: Agreement, clock: Clock, period: Period) -> _Seen:
    """What a period had of its outages."""
    start, end = (agreement.instant(datetime.combine(day, time())) for day in (period.start, period.end))
    whole = Interval(start, end)
    spans = [open_ for span in takewhile(lambda one: one.start < end, clock.windows(start)) if (open_ := span.overlap(whole))]
    least = int(term.details.get("least", 0)) * 60
    cuts: list[Interval] = []
    kept: list[Interval] = []
    told: list[str] = []
    counted: list[tuple[Row, Interval]] = []
    for row, outage in _outages(term, agreement, end):
        here = outage.overlap(whole)
        if here is None:
            continue
        if reason := row.get("excluded"):
            told.append(f"{row['name']} excluded: {reason}")
            kept.append(here)
        elif row.get("decided") == "waived":
            told.append(f"{row['name']} waived" + (f": {row['reason']}" if row.get("reason") else ""))
        elif outage.seconds < least:
            told.append(f"{row['name']} shorter than {spoken(least // 60)}")
        else:
            cuts.append(here)
            counted.append((row, outage))
            told.append(f"{row['name']} {spoken(-(-_seconds(spans, [here]) // 60))}")
    off = _seconds(spans, kept) if term.details.get("excluded_time") == "not promised" else 0
    fixed = term.details.get("period_days")
    days = Fraction(Decimal(str(fixed))) if fixed is not None else Fraction((period.end - period.start).days)
    promised = sum(one.seconds for one in spans) if fixed is None else int(days * 86_400)
    down = _seconds(list(without(spans, kept)) if off else spans, cuts)
    alone = tuple(_seconds(spans, [one]) for one in cuts)
    return _Seen(promised - off, min(down, promised - off), alone, told, counted, days)


def _seconds(spans: list[Interval], cuts: list[Interval]) -> int:
    return sum(one.seconds for one in spans) - sum(one.seconds for one in without(spans, cuts))


def _outages(term: Term, agreement: Agreement, end: datetime) -> Iterator[tuple[Row, Interval]]:
    for row in sorted(agreement.of("outage"), key=lambda one: (one["from"], one["name"])):
        if row.get("void") or row.get("term", term.name) != term.name:
            continue
        span = pause(row)
        yield row, Interval(span.start, span.end or max(end, span.start))
