"""When a contract ends: renewed by itself or by notice, so many times or for ever, and by which day to cancel.

It stands apart from life.py, because the end of a contract is one question and the pieces of its terms are another.

Always: ends and days of notice are half-open, so that months before a month's end are a month's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fsconsole.rules.daycount import closed_of
from fsconsole.rules.due import Open, rolled
from fsconsole.values.agreement import Agreement
from fsconsole.values.conventions import NOTICE_TO
from fsconsole.values.period import add_months
from fsconsole.values.terms import Contract

#: A contract that renews itself is followed for so many renewals at most.
RENEWALS = 1200


@dataclass(frozen=True, slots=True)
class Ending:
    """When a contract is agreed to end, and what there is to know about it in words."""

    end: date | None
    terms: tuple[date, ...]  # the days on which each term of it ends, as far as followed
    last_cancel: date | None = None  # the last day on which notice still ends it at the end of its term


def _open(contract: Contract) -> Open:
    closed = closed_of({"holidays": contract.details.get("holidays")})
    return Open(closed.holidays, closed.weekend)


def cancel_by(end: date, contract: Contract) -> date:
    """The last day on which notice still counts for a term that ends on (up to, not including) ``end``.

    Both are half-open, so that months before a month's end are a month's end: 1 April less one month is 1 March,
    and 28 February the last day. Working days of notice are counted back from the end. Where the day is no working day
    it is moved as the contract says.
    """
    limit = add_months(end, -contract.notice_months) if contract.notice_months else end
    limit -= timedelta(days=contract.notice_days or 0)
    opened = _open(contract)
    if several := contract.details.get("notice_working_days"):
        limit = opened.after(limit, -int(several))
    day = limit if contract.details.get("notice_day") == "counts" else limit - timedelta(days=1)
    return rolled(day, str(contract.details.get("notice_roll") or "none"), opened)


def noticed_end(day: date, contract: Contract) -> date:
    """The first day no longer agreed when notice of ``day`` ends a contract that has no end of its own.

    Raises ValueError where nobody knows to which days notice may be given.
    """
    after = day if contract.details.get("notice_day") == "counts" else day + timedelta(days=1)
    # Both from the day of notice and from the one after it, so that no short month makes notice short.
    before = add_months(after - timedelta(days=1), contract.notice_months) + timedelta(days=1)
    end = max(add_months(after, contract.notice_months), before) + timedelta(days=contract.notice_days or 0)
    if several := contract.details.get("notice_working_days"):
        end = _open(contract).after(end - timedelta(days=1), int(several)) + timedelta(days=1)
    if earliest := contract.details.get("not_before"):
        end = max(end, earliest if isinstance(earliest, date) else date.fromisoformat(str(earliest)))
    to = str(contract.details.get("notice_to") or "any day")
    if to not in NOTICE_TO:
        raise ValueError(f"“{to}” is not a day to which notice is given; use {', '.join(NOTICE_TO)}")
    if not (months := NOTICE_TO[to]):
        return end
    first = end.replace(day=1)
    first = add_months(first, -((first.month - 1) % months))
    return first if first >= end else add_months(first, months)


def ending(agreement: Agreement, through: date) -> Ending:
    """When the contract ends, renewals and notices considered. ``through`` is how far renewals are followed.

    Renewed by itself it runs on until a notice in time, or so many times as agreed; by notice it needs a renewal each
    time; else it ends when it ends. Without an end of its own it ends when a notice has run.
    """
    contract = agreement.contract
    notices = [one.start for one in agreement.revisions if one.what == "notice" and not one.void and one.start]
    first_notice = min(notices, default=None)
    if contract.end is None:
        if first_notice is None:
            return Ending(None, ())
        end = noticed_end(first_notice, contract)
        return Ending(end, (end,))
    if not contract.renewal_months or contract.renews in ("", "no"):
        return Ending(contract.end, (contract.end,), None)
    most = contract.details.get("renewals")
    ends = [contract.end]
    if contract.renews == "by notice":
        for _ in [one for one in agreement.revisions if one.what == "renew" and not one.void][:most]:
            ends.append(_later(contract, len(ends)))
        return Ending(ends[-1], tuple(ends), cancel_by(ends[-1], contract))
    while len(ends) < RENEWALS:
        if first_notice is not None and first_notice <= cancel_by(ends[-1], contract):
            return Ending(ends[-1], tuple(ends), cancel_by(ends[-1], contract))
        if most is not None and len(ends) > int(most):
            return Ending(ends[-1], tuple(ends), None)
        if ends[-1] > through and first_notice is None:
            break
        ends.append(_later(contract, len(ends)))
    return Ending(None, tuple(ends), cancel_by(ends[-1], contract))


def _later(contract: Contract, renewals: int) -> date:
    # Counted from the first end, so that a short month moves no later one.
    return add_months(contract.end or date.max, contract.renewal_months * renewals)


def notice_words(contract: Contract) -> str:
    """How long notice is: 3 months, 30 days, 10 working days; nothing where none is agreed."""
    working: Any = contract.details.get("notice_working_days")
    sizes = [(contract.notice_months, "month"), (contract.notice_days, "day"), (working, "working day")]
    said = [f"{size} {unit}{'s' if size != 1 else ''}" for size, unit in sizes if size]
    return " and ".join(said)
