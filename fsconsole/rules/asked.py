"""What [[periods]], [[share]], [[units]] and [[rounding]] ask: one rule of the engine by itself, without a contract.

It stands apart so that a convention can be tried, and a doubt settled, without writing a contract around it.

Always: each answer comes from the rule that prices contracts, never from a second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.amounts import Paid, of_amounts, worth_within
from fsconsole.rules.daycount import Closed, counted, weekend_of
from fsconsole.rules.due import Open, rolled
from fsconsole.rules.life import slices
from fsconsole.rules.periods import Slice, months_in, slices_between
from fsconsole.rules.prorate import counting_of, decimal_words, rounded, worth_of
from fsconsole.rules.rates import number
from fsconsole.rules.tiers import plain_text, price_text, units_text
from fsconsole.rules.usage import exact, scale_of
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.cadence import cadence_of
from fsconsole.values.conventions import COUNTED
from fsconsole.values.holidays import closed_days
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import NO_ID

#: How many periods are listed at most.
MOST = 1000


def _term(row: Row) -> Term:
    """The term that a question is about."""
    cadence = cadence_of(row.get("every", (1, "month")), row.get("first_until", row.get("last_from", row.get("anchor", "start"))))
    return Term(
        id=NO_ID,
        every=cadence.every,
        unit=cadence.unit,
        anchor_day=cadence.day,
        anchor_on=cadence.on,
        month_end=row.get("month_end", "anchor"),
        proration=row.get("prorate", "actual"),
        first=row.get("first", "billed"),
        last=row.get("last", "billed"),
        start=row["from"],
        end=row.get("until"),
        details={**cadence.details, **{name: row[name] for name in (*COUNTED, *ASKED) if name in row}},
    )


#: Conventions of [[periods]] that a term holds among its details.
ASKED = ("short_days", "trial", "trial_anchor", "season")


def period_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[periods]]: each with ``start``, ``end`` (exclusive), ``last``, ``days`` and whether it is ``full``."""
    return [_periods(row) for row in rows]


def _periods(row: Row) -> dict[str, Any]:
    term, most = _term(row), row.get("count", 12 if "until" not in row else MOST)
    if term.end is not None and term.end < row["from"]:
        raise ValueError(f"it ends ({term.end}) before it starts ({row['from']}); correct one of the days")
    if not 0 < most <= MOST:
        raise ValueError(f"count is from 1 to {MOST}")
    found: list[dict[str, Any]] = []
    # A day is enough to see the first period, a longer reach to see as many as are asked for.
    pieces = slices(term, Agreement(contract=Contract(id=NO_ID)), _reach(term, row["from"], most))
    opened = Open(closed_days(row.get("holidays")), weekend_of(row.get("weekend")))
    seen = list(_edged(row, [(one.period, all(part.full for part in one.parts) and len(one.parts) == 1) for one in pieces]))
    for plain, full in seen:
        period = Period(*(rolled(day, row.get("roll", "none"), opened) for day in (plain.start, plain.end)))
        if not period.days:
            continue
        last = date.fromordinal(period.end.toordinal() - 1)
        found.append(
            {
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
                "last": last.isoformat(),
                "days": period.days,
                "full": full,
                "says": f"{period.start.isoformat()} to {last.isoformat()}, {_days(period.days)}" + ("" if full else ", short"),
            }
        )
    found = found[:most]
    return {"name": row.get("name", ""), "periods": found, "says": "; ".join(str(one["says"]) for one in found) or "no period"}


def _edged(row: Row, found: list[tuple[Period, bool]]) -> Iterator[tuple[Period, bool]]:
    """Periods with all before ``first_until`` made one, and all from ``last_from`` on."""
    first, last = row.get("first_until"), row.get("last_from")
    head = [one for one, _ in found if first is not None and one.start < first]
    tail = [one for one, _ in found if last is not None and one.start >= last]
    if head:
        yield Period(head[0].start, min(first or date.max, head[-1].end)), False
    for one, full in found:
        if one not in head and one not in tail:
            yield one, full
    if tail:
        yield Period(tail[0].start, tail[-1].end), len(tail) == 1 and found[-1][1]


def _reach(term: Term, start: date, most: int) -> date:
    """A day on which at least ``most`` periods have begun."""
    if term.end is not None:
        return term.end
    last = start
    for count, one in enumerate(slices_between(term, start, start, None, date.max), 1):
        last = one.period.start
        if count > most:
            break
    return last


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def share_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[share]]: the ``amount`` for the days asked for, ``days``, and each part of it."""
    return [_share(row, agreement) for row in rows]


def _share(row: Row, agreement: Agreement) -> dict[str, Any]:
    said: Row = next(iter(agreement.of("contract")), {})
    if "holidays" in said and row.get("prorate") == "working days":
        row = {"holidays": said["holidays"], **row}
    if row.get("prorate") == "seconds":
        return _by_seconds(row, agreement)
    row = {name: agreement.local_day(value) if isinstance(value, datetime) else value for name, value in row.items()}
    if "until" not in row:
        raise ValueError("until is missing: the first day that is no longer paid (or last_day)")
    money, rounds, term = agreement.money, row.get("rounds", "half away"), _term(row)
    asked = Period(row["from"], row["until"])
    quantity = Fraction(row.get("quantity", Decimal(1)))
    total, whole, words = 0, Fraction(0), []
    for one in _slices(row, term, asked):
        months = months_in(term) if "whole_from" not in row else _whole_months(one.whole)
        each, how = worth_of(
            Fraction(row["amount"]), one.period, one.whole, term.proration,
            months=months, currency=money, counting=counting_of(term.details),
        )  # fmt: skip
        if "{year}" in how:
            how = how.replace("{year}", show(rounded(Fraction(row["amount"] * 12, months), rounds), money))
        unit = row.get("rounding") == "unit"
        amount = rounded(rounded(each, rounds) * quantity if unit else each * quantity, rounds)
        whole += each * quantity
        total += amount
        shown = f"{number(row['quantity'])} × " if "quantity" in row else ""
        words.append(f"{shown}{how + ' of ' if how and how != 'not prorated' else ''}{show(row['amount'], money)}")
    if row.get("rounding") == "period":
        total = rounded(whole, rounds)
    says = (
        f"{' + '.join(words)} = {show(total, money)} for {asked}"
        if words
        else f"no day of {show(row['amount'], money)} = {show(0, money)}"
    )
    return {"name": row.get("name", ""), "amount": total, "days": asked.days, "parts": len(words), "says": says}


def _by_seconds(row: Row, agreement: Agreement) -> dict[str, Any]:
    """A share by the clock, as payment services cut it; a day stands for its first instant in the contract's zone."""
    names = ("from", "until", "whole_from", "whole_until")
    if "until" in row and "whole_from" not in row and "whole_until" not in row:
        row = {**row, **_whole_of(row, agreement)}
    if missing := [name for name in names if name not in row]:
        raise ValueError(f"{missing[0]} is missing: seconds are those of the part over those of the full period")
    said = (row[name] for name in names)
    at = (one if isinstance(one, datetime) else agreement.instant(datetime.combine(one, time())) for one in said)
    start, end, first, last = at
    if not first <= start <= end <= last or first == last:
        raise ValueError("the part is not within the full period; look at from, until, whole_from and whole_until")
    part, whole = int((end - start).total_seconds()), int((last - first).total_seconds())
    money, rounds, quantity = agreement.money, row.get("rounds", "half away"), Fraction(row.get("quantity", Decimal(1)))
    each = Fraction(row["amount"]) * part / whole
    total = rounded(rounded(each, rounds) * quantity if row.get("rounding") == "unit" else each * quantity, rounds)
    shown = f"{number(row['quantity'])} × " if "quantity" in row else ""
    says = f"{shown}{part:,} of {whole:,} seconds of {show(row['amount'], money)} = {show(total, money)}"
    return {"name": row.get("name", ""), "amount": total, "seconds": part, "says": says}


def _whole_of(row: Row, agreement: Agreement) -> dict[str, Any]:
    """The full period, by every and anchor, that holds a part given by the clock."""
    first, until = (agreement.local_day(one) if isinstance(one, datetime) else one for one in (row["from"], row["until"]))
    if isinstance(row["until"], datetime) and row["until"] > agreement.instant(datetime.combine(until, time())):
        until += timedelta(days=1)
    wholes = [one.whole for one in slices_between(_term(row), first, first, max(until, first + timedelta(days=1)), until)]
    if len(wholes) > 1:
        raise ValueError(f"it reaches over {len(wholes)} full periods; ask for the part in each by itself")
    return {"whole_from": wholes[0].start, "whole_until": wholes[0].end}


def _slices(row: Row, term: Term, asked: Period) -> Iterator[Slice]:
    """The full periods that the days asked for are parts of."""
    if ("whole_from" in row) != ("whole_until" in row):
        raise ValueError("say whole_from and whole_until, the full period, or neither")
    if "whole_from" in row:
        yield Slice(asked, Period(row["whole_from"], row["whole_until"]))
        return
    yield from slices_between(term, asked.start, asked.start, asked.end, asked.end)


def _whole_months(whole: Period) -> int:
    """The months of a full period that is given by its days; 0 where it is not of months."""
    months = (whole.end.year - whole.start.year) * 12 + whole.end.month - whole.start.month
    return months if whole.start.day == whole.end.day else 0


def unit_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[units]]: the ``amount``, how many ``units`` were priced, and the arithmetic."""
    return [_units(row, agreement) for row in rows]


def _units(row: Row, agreement: Agreement) -> dict[str, Any]:
    money, rounds = agreement.money, row.get("rounds", "half away")
    amounts = [exact(one) for one in row.get("amounts", ())]
    if ("units" in row) == ("amounts" in row):
        raise ValueError("say units, or amounts one after the other, and not both")
    scale = scale_of(row, Term(id=NO_ID), money)
    units = exact(row["units"]) if "units" in row else sum(amounts, Fraction(0))
    if units >= 0:
        units = max(units, exact(row.get("minimum_units")))
    if (step := row.get("units_step")) is not None:
        if step <= 0:
            raise ValueError("units_step is above nothing, such as 10")
        ways = {"up": "up", "down": "down", "nearest": "half away"}
        units = rounded(units / exact(step), ways[row.get("units_round", "up")]) * exact(step)
    included = exact(row.get("included"))
    over = max(Fraction(0), units - included) if units >= 0 else units
    paid = Paid.of(row, money)
    if "units" in row:
        amounts = [units] if units else []  # asked for alone they are one amount
    value, words = of_amounts(amounts, scale, money, paid, included) if paid.alone else worth_within(over, scale, money)
    if paid.each and not paid.alone:
        count = max(0, len(amounts) - paid.free)
        value, words = value + count * paid.each, f"{words} + {count} × {price_text(paid.each, money)}"
    amount = rounded(value, rounds)
    says = f"{words} = {show(amount, money)}"
    if included and not paid.alone:
        says = f"{units_text(units)} − {units_text(included)} included = {units_text(over)}; {says}"
    for limit, low in ((row.get("minimum"), True), (row.get("maximum"), False)):
        if limit is not None and (amount < limit if low else amount > limit):
            amount = limit
            says += f"; {'the minimum is' if low else 'at most'} {show(limit, money)}"
    return {"name": row.get("name", ""), "units": plain_text(over), "amount": amount, "says": says}


def rounding_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[rounding]]: ``value`` in words, of any number of decimals."""
    return [_rounding(row) for row in rows]


def _rounding(row: Row) -> dict[str, Any]:
    step, way = row.get("step", Decimal("0.01")), row.get("rounds", "half away")
    if step <= 0:
        raise ValueError("step is above nothing, such as 0.05")
    value = rounded(exact(row["amount"]) / exact(step), way) * step
    return {"name": row.get("name", ""), "value": f"{value:f}", "says": f"{row['amount']:f} to {step:f}, {way}, is {value:f}"}


def day_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[days]]: ``days``, ``years`` as a decimal of twelve places, and an ``amount`` where a year's is given."""
    return [_day_count(row, agreement) for row in rows]


def _day_count(row: Row, agreement: Agreement) -> dict[str, Any]:
    if "until" not in row:
        raise ValueError("until is missing: the first day that no longer counts (or last_day)")
    if ("whole_from" in row) != ("whole_until" in row):
        raise ValueError("say whole_from and whole_until, the full period, or neither")
    whole = Period(row["whole_from"], row["whole_until"]) if "whole_from" in row else None
    said: Row = next(iter(agreement.of("contract")), {})
    closed = Closed(closed_days(row.get("holidays", said.get("holidays"))), weekend_of(row.get("weekend")))
    way, start, end = row.get("count", "actual/365"), row["from"], row["until"]
    days, years = counted(
        start, end, way, whole=whole, a_year=row.get("periods_a_year", 1), closed=closed, final=row.get("final")
    )
    shown = decimal_words(Fraction(rounded(years * 10**12), 10**12))
    says = f"{_days(days)} from {start.isoformat()} up to {end.isoformat()} by {way}: {shown} of a year"
    answer: dict[str, Any] = {"name": row.get("name", ""), "days": days, "years": shown}
    if "amount" in row:
        answer["amount"] = rounded(Fraction(row["amount"]) * years, row.get("rounds", "half away"))
        money = agreement.money
        says += f" × {show(row['amount'], money)} = {show(answer['amount'], money)}"
    return {**answer, "says": says}
