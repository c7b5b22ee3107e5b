"""What is owed for paying late: interest by the day on what was open, simple unless agreed, and fixed compensation by bands.

It stands apart because interest is worked out on the open balance as payments come in, never on what was billed.

Always: it is a document of its own, never a line added to an issued one; no interest for days on which nothing was open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from fsconsole.rules.prorate import rounded
from fsconsole.rules.rates import number
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import places, show
from fsconsole.values.period import add_months

#: Fixed compensation by the size of the debt in major units: the UK act of 1998 (section 5A), directive 2011/7/EU.
COMPENSATION = {"none": (), "uk": ((1000, 40), (10_000, 70), (None, 100)), "eu": ((None, 40),)}


def interest_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[interest]]: ``interest``, ``compensation``, ``fee``, ``total``, and each stretch of days."""
    return [_interest(row, agreement) for row in rows]


def half_year_day(day: date) -> date:
    """The day whose base rate the UK act takes for a debt that becomes late on ``day``: 30 June or 31 December before."""
    return date(day.year, 6, 30) if day.month > 6 else date(day.year - 1, 12, 31)


def _interest(row: Row, agreement: Agreement) -> dict[str, Any]:
    money, amount, due, to = agreement.money, row["amount"], row["due"], row["to"]
    if amount < 0:
        raise ValueError("nothing is owed on a credit; give the amount of an invoice")
    if not row.get("month_days", 30):
        raise ValueError("month_days is 0; a month has days, 30 unless said")
    first = due + timedelta(days=1 + row.get("grace", 0))
    counted = due if row.get("from_day", "due") == "due" else first - timedelta(days=1)
    # With days of grace nothing is owed within them; after them the days count from the due day unless said otherwise.
    late = to >= first
    stretches = list(_stretches(row, counted, to)) if late else []
    exact, shown_total = Fraction(0), 0
    told: list[dict[str, Any]] = []
    added, since = Fraction(0), Fraction(0)  # interest that bears interest itself, and what came to be since
    turns = set(_turns(row, counted, to))
    settled = 0  # what of the payments went to interest
    for start, end, open_, (percent, says) in stretches:
        if row.get("payments_settle") == "interest first":
            for paid in (one["amount"] for one in row.get("payments", ()) if one["on"] == start and start > counted):
                settled += min(paid, rounded(exact, row.get("rounds", "half away")) - settled)
            open_ += settled
            if open_ <= 0:
                continue
        if start in turns:
            added, since = added + since, Fraction(0)
        open_ += rounded(added, row.get("rounds", "half away"))
        part, words = _part(row, open_, percent, start, end)
        exact += part
        since += part
        shown = rounded(part, row.get("rounds", "half away"))
        shown_total += shown
        words += f" at {number(percent)}%{says} on {show(open_, money)} = {show(shown, money)}"
        first_day = (start + timedelta(days=1)).isoformat()
        told.append(
            {
                "start": first_day,
                "days": (end - start).days,
                "open": open_,
                "percent": f"{percent:f}",
                "amount": shown,
                "says": words,
            }
        )
    rounds = row.get("rounds", "half away")
    interest = rounded(exact, rounds) if row.get("round_each", "total") == "total" else shown_total
    if "minimum" in row and late and 0 < interest < row["minimum"]:
        interest = row["minimum"]
    most = [row["maximum"]] if "maximum" in row else []
    if "maximum_percent" in row:
        most.append(rounded(Fraction(amount) * Fraction(row["maximum_percent"]) / 100, rounds))
    capped = min([interest, *most])
    left = amount - sum(one["amount"] for one in row.get("payments", ()) if one["on"] <= due)
    fixed = _compensation(row, left, money) if late and left > 0 else 0
    fee = _fee(row, left, 1 + len(_turns(row, counted, to, "fee_every"))) if late and left > 0 else 0
    days = max(0, (to - due).days) if late else 0
    says = "; ".join(one["says"] for one in told) or f"nothing is late by {to.isoformat()}"
    if fee and not interest and not fixed:
        says = f"{days} {'day' if days == 1 else 'days'} late on {show(left, money)}"
    if capped < interest:
        says += f", {show(interest, money)} in all, at most {show(capped, money)}"
        interest = capped
    if interest or fixed or fee:
        parts = [f"interest {show(interest, money)}"] if interest or fixed else []
        parts += [f"compensation {show(fixed, money)}"] if fixed else []
        parts += [f"fee {show(fee, money)}{_fees(row, money)}"] if fee else []
        says += f": {' + '.join(parts)}"
        says += f" = {show(interest + fixed + fee, money)}" if len(parts) > 1 else ""
        says += ", as a debit note of its own, without tax"
    return {
        "name": row.get("name", ""),
        "days": days,
        "interest": interest,
        "compensation": fixed,
        "fee": fee,
        "total": interest + fixed + fee,
        "open": max(0, amount + settled - sum(one["amount"] for one in row.get("payments", ()) if one["on"] <= to)),
        "document": "debit note",
        "stretches": told,
        "says": says,
    }


def _fee(row: Row, left: int, times: int) -> int:
    """What being late costs beside interest: 5% of 1,000.00 and 29.00, the greater, at most 40.00: 40.00."""
    part = rounded(Fraction(left) * Fraction(row.get("fee_percent", 0)) / 100, row.get("rounds", "half away"))
    fixed: int = row.get("fee", 0)
    how = row.get("fee_is", "both")
    if how != "both" and not ("fee" in row and "fee_percent" in row):
        raise ValueError(f"fee_is “{how}” compares a fee and a fee_percent; give both")
    one = max(part, fixed) if how == "the greater" else min(part, fixed) if how == "the lesser" else part + fixed
    fee = row.get("fee_first", 0) + one * times
    fee = max(fee, int(row.get("fee_minimum", 0))) if fee else 0
    return min(fee, int(row.get("fee_maximum", fee)))


def _fees(row: Row, money: str) -> str:
    """How a fee is agreed, in words: (£30.00 or 5%, the greater)."""
    first = [f"{show(row['fee_first'], money)} once"] if row.get("fee_first") else []
    both = [show(row["fee"], money)] if row.get("fee") else []
    both += [f"{number(row['fee_percent'])}%"] if row.get("fee_percent") else []
    one = row.get("fee_is", "both") != "both"
    words = [*first, f" {'or' if one else 'and'} ".join(both), row["fee_is"] if one else ""]
    if "fee_every" in row:
        times, unit = row["fee_every"]
        words.append(f"each {unit} begun" if times == 1 else f"each {times} {unit}s begun")
    words.append(f"at least {show(row['fee_minimum'], money)}" if "fee_minimum" in row else "")
    words.append(f"at most {show(row['fee_maximum'], money)}" if "fee_maximum" in row else "")
    return f" ({', '.join(filter(None, words))})"


def _stretches(row: Row, due: date, to: date) -> Iterable[tuple[date, date, int, tuple[Any, str]]]:
    """Days (after the first, up to and with the second) with what was open on them and their rate."""
    payments = sorted(row.get("payments", ()), key=lambda one: one["on"])
    if any(one["amount"] < 0 for one in payments):
        raise ValueError("a payment is above nothing")
    rates = sorted(row.get("rates", ()), key=lambda one: one["from"])
    edges = {due, to, *(one["on"] for one in payments if due < one["on"] < to), *_turns(row, due, to)}
    if rates and row.get("rate_holds", "half year") == "changes":
        # A rate holds from its own day on, that day included.
        edges |= {one["from"] - timedelta(days=1) for one in rates if due < one["from"] - timedelta(days=1) < to}
    marks = sorted(edges)
    for start, end in pairwise(marks):
        open_ = row["amount"] - sum(one["amount"] for one in payments if one["on"] <= start)
        if open_ > 0 or row.get("payments_settle") == "interest first":
            yield start, end, open_, _rate(row, rates, due, start)


def _turns(row: Row, due: date, to: date, named: str = "compound_every") -> list[date]:
    """The days after which interest of the days before bears interest itself, or after which a fee is due again."""
    if named not in row:
        return []
    count, unit = row[named]
    months = {"month": 1, "year": 12}.get(unit, 0) * count
    days = {"day": 1, "week": 7}.get(unit, 0) * count
    if not months and not days:
        raise ValueError(f"{named} is counted in days, weeks, months or years")
    found: list[date] = []
    number_ = 1
    while (day := add_months(due, months * number_) if months else due + timedelta(days=days * number_)) < to:
        found.append(day)
        number_ += 1
    return found


def _rate(row: Row, rates: list[Row], due: date, start: date) -> tuple[Any, str]:
    """The percentage, and how it came about: said, or the base rate in force plus what is over it."""
    if "percent" in row:
        return row["percent"], ""
    fees, rated = ("fee", "fee_percent", "fee_first"), ("base", "over", "rates")
    if any(one in row for one in fees) and not any(one in row for one in rated):
        return Decimal(0), ""
    base = row.get("base")
    says = ""
    if rates:
        day = (
            half_year_day(due + timedelta(days=1))
            if row.get("rate_holds", "half year") == "half year"
            else start + timedelta(days=1)
        )
        known = [one for one in rates if one["from"] <= day]
        if not known:
            raise ValueError(f"there is no base rate for {day.isoformat()}; add one to rates")
        base, says = known[-1]["percent"], f" of {day.isoformat()}"
    if base is None:
        raise ValueError("say percent, or base (and over, 8 unless said), or rates")
    over = row.get("over", 8)
    return base + over, f" ({number(base)}% base{says} + {over}%)"


def _part(row: Row, open_: int, percent: Any, start: date, end: date) -> tuple[Fraction, str]:
    """The exact interest of a stretch: by the year in days, or by the month in days or whole months."""
    days, rate = (end - start).days, Fraction(percent) / 100 * open_
    told = f"{days} day" + ("" if days == 1 else "s")
    if row.get("per", "year") == "month":
        if row.get("months", "days") == "days":
            return rate * days / row.get("month_days", 30), f"{told} at 1/{row.get('month_days', 30)} of a month"
        full = 0
        while add_months(start, full + 1) <= end:
            full += 1
        if row["months"] == "begun" and add_months(start, full) < end:
            full += 1
        return rate * full, f"{full} month" + ("" if full == 1 else "s") + ("" if row["months"] == "full" else " begun")
    basis = row.get("basis", "365")
    if basis == "actual":
        parts, day = Fraction(0), start
        while day < end:
            # A year's days are those of the year the day is in; the first day counted is the one after ``start``.
            year = (day + timedelta(days=1)).year
            last = min(end, date(year, 12, 31))
            parts += Fraction((last - day).days, (date(year + 1, 1, 1) - date(year, 1, 1)).days)
            day = last
        return rate * parts, told
    return rate * days / int(basis), f"{told}/{basis}"


def _compensation(row: Row, amount: int, money: str) -> int:
    """The fixed sum for a debt of that size: that of the law named, or of bands."""
    scale = 10 ** places(money)
    bands: list[tuple[int | None, int]] = [
        (None if below is None else below * scale, fixed * scale)
        for below, fixed in COMPENSATION[row.get("compensation", "none")]
    ]
    if row.get("bands"):
        bands = [(one.get("below"), one["amount"]) for one in row["bands"]]
    return next((fixed for below, fixed in bands if below is None or amount < below), 0)
