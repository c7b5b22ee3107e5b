"""What [[due]] asks: the day a document is to be paid, by instalments where so agreed, and what is taken off in time.

It stands apart from due.py, which knows how terms are written, because here they meet an amount.

Always: instalments sum to the amount.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from fsconsole.rules.daycount import weekend_of
from fsconsole.rules.due import Open, by_way_of, cash_discounts, counted_from, due_by, month_end, postponed, rolled
from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.holidays import closed_days
from fsconsole.values.money import show


def due_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[due]]: ``due``, ``discounts`` with their last day and amounts, ``instalments``."""
    return [_due(row, agreement) for row in rows]


def _due(row: Row, agreement: Agreement) -> dict[str, Any]:
    issued, money = row["issued"], agreement.money
    opened = Open(_holidays(row, agreement), weekend_of(row.get("weekend")))
    payment = _payment(row, agreement)
    due, words = _day(issued, payment, row, opened)
    amount = row.get("amount")
    answer: dict[str, Any] = {"name": row.get("name", ""), "issued": issued.isoformat(), "due": due.isoformat()}
    says = f"due {due.isoformat()}: {words}"
    offered = _discounts(row, payment, opened)
    if offered:
        answer["discounts"] = [_offer(row, percent, until, money) for percent, until in offered]
        says += "".join(f"; {one['says']}" for one in answer["discounts"])
    if "instalments" in row:
        parts = _instalments(row, issued, opened, money)
        answer["instalments"] = parts
        last = max(one["due"] for one in parts)
        answer["due"] = last
        says = "; ".join(one["says"] for one in parts)
    elif amount is not None:
        answer["amount"] = amount
    if paid := row.get("paid_on"):
        late = max(0, (paid - due).days)
        answer["days_late"] = late
        says += f"; paid {paid.isoformat()}, " + (f"{late} days late" if late else "in time")
    return {**answer, "says": says}


def _holidays(row: Row, agreement: Agreement) -> frozenset[date]:
    said: Row = next(iter(agreement.of("contract")), {})
    return closed_days(row.get("holidays", said.get("holidays")))


def _payment(row: Row, agreement: Agreement) -> Any:
    """The terms in words: as they are written, or put together from the fields that say them one by one."""
    said: Row = next(iter(agreement.of("contract")), {})
    steps = []
    if row.get("end_of_month") == "before":
        steps.append("end of month")
    if "months" in row:
        steps.append(f"{row['months']} months")
    if "days" in row:
        steps.append(f"{row['days']} days")
    if "working_days" in row:
        steps.append(f"{row['working_days']} working days")
    if row.get("end_of_month") == "after":
        steps.append("end of month")
    if "day" in row:
        steps.append(
            f"day {row['day']}" + ("" if row.get("day_of", "next such day") == "next such day" else f" of the {row['day_of']}")
        )
    if "working_day" in row:
        steps.append(
            f"{row['working_day']}th working day of the {row.get('day_of', 'next month').replace('next such day', 'next month')}"
        )
    if steps and "payment" in row:
        raise ValueError("say payment in words, or days, months, day and the like, and not both")
    if steps:
        return ", ".join(steps)
    payment = row.get("payment", said.get("payment", agreement.contract.terms_days))
    if payment is None and "instalments" not in row:
        raise ValueError("payment is missing: when it is to be paid, such as 30 days")
    return 0 if payment is None else payment


def _day(issued: date, payment: Any, row: Row, opened: Open) -> tuple[date, str]:
    by = by_way_of(issued, payment, opened) if not row.keys() & {"cutoff", "at_least", "by_day", "postponed", "same_day"} else ""
    day, words = due_by(
        issued,
        payment,
        roll=row.get("roll", "none"),
        holidays=opened.holidays,
        weekend=tuple(opened.weekend),
        same_day=row.get("same_day", "next") == "counts",
        keep_end=row.get("month_end") == "end",
        cutoff=row.get("cutoff", 0),
        at_least=row.get("at_least", 0),
        by_day=[(one["to"], one["payment"]) for one in row.get("by_day", ())],
        away=[postponed(one) for one in row.get("postponed", ())],
    )
    return day, words + (f", by way of {by}" if by else "")


def _discounts(row: Row, payment: Any, opened: Open) -> list[tuple[Decimal, date]]:
    """Percentages with the last day on which each may be taken, the largest first."""
    issued = counted_from(row["issued"], row.get("cutoff", 0))
    found = cash_discounts(payment)[0] if isinstance(payment, str) else []
    days = [(percent, issued + timedelta(days=after)) for percent, after in found]
    for one in row.get("discounts", ()):
        if "days" in one:
            begin = month_end(issued) if one.get("end_of_month") else issued
            until = begin + timedelta(days=one["days"])
        elif "until" in one:
            until = one["until"]
        elif "payment" in one:
            until = due_by(issued, one["payment"], holidays=opened.holidays, weekend=tuple(opened.weekend))[0]
        else:
            raise ValueError("a cash discount says days, until or payment: how long it may be taken")
        days.append((one.get("percent", Decimal(0)), until))
    roll = row.get("roll", "none") if row.get("roll_discount", True) else "none"
    if any(not 0 <= percent <= 100 for percent, _ in days):
        raise ValueError("a cash discount is from 0 to 100 percent")
    return [(percent, rolled(until, roll, opened)) for percent, until in sorted(days, key=lambda one: (one[1], -one[0]))]


def _offer(row: Row, percent: Decimal, until: date, money: str) -> dict[str, Any]:
    """One cash discount with what it takes off, of the gross or of the net with or without its tax."""
    answer: dict[str, Any] = {"percent": f"{percent:f}", "until": until.isoformat()}
    says = f"{number(percent)}% off until {until.isoformat()}"
    amount = row.get("amount")
    if amount is not None:
        net = row.get("net", amount)
        on = row.get("discount_on", "gross")
        base = amount if on == "gross" else net
        off = rounded(Fraction(base) * Fraction(percent) / 100, row.get("rounds", "half away"))
        answer |= {"amount": off, "to_pay": amount - off}
        says += f": {number(percent)}% of {show(base, money)} = {show(off, money)}, {show(amount - off, money)} to pay"
    return {**answer, "says": says}


def _instalments(row: Row, issued: date, opened: Open, money: str) -> list[dict[str, Any]]:
    """Each instalment with its day and amount; the one that says neither percent nor amount, else the last, takes the rest."""
    amount, rows = row.get("amount"), row["instalments"]
    if amount is None:
        raise ValueError("amount is missing: what the instalments are of")
    if not rows:
        raise ValueError("instalments is empty; give at least one")
    sizes: list[int | None] = []
    for one in rows:
        if "amount" in one:
            sizes.append(one["amount"])
        elif "percent" in one:
            sizes.append(rounded(Fraction(amount) * Fraction(one["percent"]) / 100))
        else:
            sizes.append(None)
    if sizes.count(None) > 1:
        raise ValueError("only one instalment may say neither percent nor amount: it takes the rest")
    percents = sum((one["percent"] for one in rows if "percent" in one and "amount" not in one), Decimal(0))
    plain = all("percent" in one and "amount" not in one for one in rows)
    if plain and percents != 100:
        raise ValueError(f"the instalments are {number(percents)}% together, not 100%")
    taker = sizes.index(None) if None in sizes else len(sizes) - 1
    others = sum(size or 0 for place, size in enumerate(sizes) if place != taker)
    if None not in sizes and not plain and sizes[taker] is not None and others + (sizes[taker] or 0) != amount:
        together = show(others + (sizes[taker] or 0), money)
        raise ValueError(f"the instalments are {together} together, not {show(amount, money)}")
    if abs(others) > abs(amount):
        raise ValueError(f"the instalments are more than {show(amount, money)} together")
    found: list[dict[str, Any]] = []
    for place, (one, size) in enumerate(zip(rows, sizes, strict=True)):
        part = amount - others if place == taker or size is None else size
        begin = date.fromisoformat(found[-1]["due"]) if found and row.get("instalments_from") == "the one before" else issued
        day, words = (one["on"], "as agreed") if "on" in one else _day(begin, one.get("payment", 0), row, opened)
        says = f"{show(part, money)} due {day.isoformat()}: {words}"
        found.append({"amount": part, "due": day.isoformat(), "says": says})
    return found
