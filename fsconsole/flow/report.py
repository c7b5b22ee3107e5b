"""The reports in words, as rows and as data: where money leaks, and whether a month is complete.

It stands apart so that the command line and the console say the same figures in the same words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fsconsole.desk import Desk
from fsconsole.errors import UsageError
from fsconsole.flow.dispatch import short
from fsconsole.flow.draft import month_of
from fsconsole.rules.checks.reasons import REASONS
from fsconsole.rules.words import count
from fsconsole.store.queries import reports
from fsconsole.values.money import show, together

#: What a state of an obligation is called, in the order in which they are told.
STATES = {
    "open": "open: neither billed, covered, held nor waived",
    "held": "held, with the reason",
    "fenced": "behind a fence",
    "waived": "waived, with the reason",
    "covered": "covered",
}


@dataclass(frozen=True, slots=True)
class Report:
    """A report: ``data`` as ``--json`` prints it, ``rows`` as ``--csv`` does, ``words`` for people; ``good`` is the status."""

    data: Any
    rows: Sequence[Mapping[str, Any]]
    words: str
    good: bool = True

    def as_csv(self) -> str:
        out = io.StringIO()
        if self.rows:
            writer = csv.DictWriter(out, list(self.rows[0]))
            writer.writeheader()
            # A cell that begins like a formula is a formula to a spreadsheet.
            writer.writerows({name: _plain(cell) for name, cell in row.items()} for row in self.rows)
        return out.getvalue()


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def leakage(desk: Desk, by: str = "cause") -> Report:
    """The leak by cause, client, contract, type or age. Raises UsageError."""
    if by not in reports.BY:
        raise UsageError(f"The leak is not known by {by}.", f"It is by {', '.join(reports.BY)}.")
    store = desk.store
    words = {name: reason.words for name, reason in REASONS.items()}
    found = reports.leakage(store, desk.now, by, names=words)
    totals = {store.currency: 0}
    for row in found:
        totals[row.currency] = totals.get(row.currency, 0) + row.amount
    rows = [
        {
            by: row.name, "pieces": row.pieces, "amount": row.amount, "currency": row.currency, "percent": row.share,
            "oldest_days": row.oldest,
        }
        for row in found
    ]  # fmt: skip
    wide = max((len(row.name) for row in found), default=0)
    lines = [
        f"{row.name:<{wide}}  {show(row.amount, row.currency):>14}  {row.share:>3} %  {count(row.pieces, 'piece'):>11}"
        f"  oldest {count(row.oldest, 'day')}"
        for row in found
    ]
    lines += [f"{'billable and not billed':<{wide}}  {show(total, money):>14}" for money, total in totals.items()]
    total = totals.pop(store.currency)
    data = {"by": by, "currency": store.currency, "total": total, "others": totals, "rows": rows}
    return Report(data, rows, "\n".join(lines))


def month(desk: Desk, text: str = "") -> Report:
    """Whether a month is complete; not good while anything of it is open. The last whole month unless one is named."""
    last = (desk.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    first, end = month_of(text, desk.today) if text else (last, desk.today.replace(day=1))
    found = reports.month(desk.store, desk.now, first, end)
    currency = desk.store.currency
    rows = [
        {
            "state": row.state, "ref": row.ref, "client": row.client, "kind": row.kind, "amount": row.amount,
            "currency": row.currency, "why": row.why, "reason": row.reason, "key": row.key,
        }
        for state in STATES
        for row in found.of(state)
    ]  # fmt: skip
    lines = [headline(found, currency)]
    lines.append(
        f"  billed: {count(found.billed_lines, 'line')}, {billed_words(found, currency)}; {count(found.closed, 'job')} closed"
    )
    lines.append("  a period in arrears counts in the month in which it falls due, not in the one that it covers")
    for state, words in STATES.items():
        some = found.of(state)
        if some:
            lines.append(f"  {words}: {count(len(some), 'line')}, {sums_of(some, currency)}")
            if state != "covered":
                for row in some:
                    ref = short(desk, row.ref)
                    lines.append(f"    {show(row.amount, row.currency):>12}  {ref:9} {row.client}  {row.kind}: {row.why}")
    data = {
        "month": f"{first:%Y-%m}", "complete": found.complete, "currency": currency, "billed_lines": found.billed_lines,
        "billed": found.billed, "closed": found.closed,
        **{state: sum(row.amount for row in found.of(state) if row.currency == currency) for state in STATES},
        "others": _others(found, currency), "rows": rows,
    }  # fmt: skip
    return Report(data, rows, "\n".join(lines), found.complete)


def _others(found: reports.Month, home: str) -> dict[str, dict[str, int]]:
    """By currency other than the company's: what was billed, and each state's sum."""
    sums = {money: {"billed": amount} for money, amount in found.others}
    for row in found.rows:
        if row.currency != home:
            of = sums.setdefault(row.currency, {"billed": 0})
            of[row.state] = of.get(row.state, 0) + row.amount
    return sums


def sums_of(rows: Sequence[reports.Obligation], home: str) -> str:
    """What obligations come to, each currency apart."""
    return together(((row.amount, row.currency) for row in rows), home)


def billed_words(found: reports.Month, home: str) -> str:
    """What was billed of a month, each currency apart."""
    return together([(found.billed, home), *((amount, money) for money, amount in found.others)], home)


def headline(found: reports.Month, currency: str) -> str:
    """A month's verdict in one line."""
    return "".join(verdict(found, currency)) + "."


def verdict(found: reports.Month, currency: str) -> tuple[str, str]:
    """Whether a month is complete, and what that says of it: two pieces of one sentence."""
    name = f"{found.first:%B %Y}"
    if found.complete:
        return f"{name} is complete", ": everything is billed, covered, held with a reason, or waived"
    return f"{name} is not complete", f": {count(len(found.open), 'line')} open, {sums_of(found.open, currency)}"


def over(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=32)).replace(day=1)
