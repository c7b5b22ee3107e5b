"""On which day what a term comes to is billed: later, on a day of the month, on a working day.

It stands apart because fees and use are billed on the same days, whatever they come to.
"""

from __future__ import annotations

from datetime import date, timedelta

from fsconsole.rules.daycount import closed_of
from fsconsole.rules.due import Open, next_day, rolled
from fsconsole.values.terms import Term


def billed_on(term: Term, usual: date) -> date:
    """The day on which a period is billed whose usual day is ``usual``: later, on a day of the month, on a working day."""
    day = usual + timedelta(days=term.delay_days)
    if number_ := term.details.get("bill_day"):
        day = next_day(day, int(number_), same=True)
    if (roll := str(term.details.get("bill_roll") or "none")) != "none":
        closed = closed_of(term.details)
        day = rolled(day, roll, Open(closed.holidays, closed.weekend))
    return day
