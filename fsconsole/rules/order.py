"""What is left on a client's order as it is drawn down: invoices use it up, credits give back, drafts do neither.

It stands apart because a ceiling is asked about at quote, job and invoice alike, and each must hear the same figure.

Always: what is used is never below nothing; what is over is said, never silently cut.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fsconsole.rules.words import day as on_day
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show


def order_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[order]]: ``used``, ``left``, ``to_bill``, ``over``, and each event with what was left after it."""
    return [_order(row, agreement) for row in rows]


def _order(row: Row, agreement: Agreement) -> dict[str, Any]:
    money, ceiling, until = agreement.money, row["ceiling"], row.get("until")
    if ceiling < 0 or row.get("used", 0) < 0:
        raise ValueError("an order's ceiling and what is used of it are not below nothing")
    used, coming, late, told = row.get("used", 0), row.get("to_bill", 0), [], []
    events = sorted(enumerate(row.get("events", ()), 1), key=lambda one: (one[1].get("on", date.min), one[0]))
    for place, one in events:
        what, amount = one.get("what", "invoice"), one["amount"]
        name = one.get("name", "") or f"{what} {place}"
        if amount < 0:
            raise ValueError(f"{name} is below nothing; a credit is written above it, as what = “credit”")
        if until is not None and one.get("on", date.min) >= until and what != "credit":
            late.append(name)
        if what == "credit":
            used = max(0, used - amount)
        elif what == "invoice":
            used += amount
        else:
            coming += amount
        says = f"{name} {show(amount, money)}: {show(used, money)} used"
        told.append({"name": name, "what": what, "amount": amount, "used": used, "left": max(0, ceiling - used), "says": says})
    allowed = ceiling + row.get("over_allowed", 0)
    over = max(0, used + coming - ceiling)
    blocked = used + coming > allowed
    number = f"order {row['number']}: " if row.get("number") else ""
    says = f"{number}{show(ceiling, money)} ordered, {show(used, money)} used, {show(coming, money)} to bill: "
    says += f"{show(over, money)} over" if over else f"{show(ceiling - used - coming, money)} left"
    says += f", within the {show(row['over_allowed'], money)} allowed" if over and not blocked else ""
    says += f"; after it ended on {on_day(until)}: {', '.join(late)}" if late and until else ""
    return {
        "name": row.get("name", ""),
        "ceiling": ceiling,
        "used": used,
        "left": max(0, ceiling - used),
        "to_bill": coming,
        "over": over,
        "may_bill": max(0, min(coming, allowed - used)),
        "blocked": blocked,
        "late": len(late),
        "events": told,
        "says": says,
    }
