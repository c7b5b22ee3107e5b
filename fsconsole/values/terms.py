"""What was agreed: contracts, their priced terms, what they cover, rates, SLA targets, working calendars.

It stands apart because the engine reads these values and nothing else to know what work is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from fsconsole.values.work import Custom, Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """The agreement with a client."""

    id: Id
    ref: str = ""
    client: Id | None = None
    payer: Id | None = None
    name: str = ""
    kind: str = ""  # care, maintenance, rental, time and materials ...
    start: date | None = None
    end: date | None = None  # first day no longer agreed; None runs on
    timezone: str = ""
    currency: str = ""
    order_number: str = ""
    order_ceiling: int | None = None
    order_until: date | None = None
    order_required: bool = False
    respond_minutes: int | None = None  # working minutes from report to arrival
    restore_minutes: int | None = None  # working minutes from report to working again
    calendar: str = ""  # the working calendar's name; empty takes "office"
    renews: str = ""  # itself, by notice, no
    notice_days: int | None = None
    includes: str = ""  # what is included, in words
    sign_off_kinds: tuple[str, ...] = ()  # which kinds of sign-off may bill; empty takes the policy
    terms_days: int | None = None
    elsewhere_until: date | None = None  # periods before this day were billed in the old system
    custom: Custom = field(default_factory=dict)
    merged_into: Id | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One priced promise in a contract."""

    id: Id
    contract: Id | None = None
    kind: str = "fixed"  # fixed, per asset
    name: str = ""
    amount: int = 0  # minor units a period (for per asset: each)
    every: int = 1
    unit: str = "month"  # week, month, year
    timing: str = "advance"  # advance, arrears
    anchor_day: int = 0  # 0 takes the start's own day
    month_end: str = "anchor"  # anchor: re-apply the day; end: keep the distance to the month's end
    proration: str = "actual"  # actual, thirty, year365, none
    lead_days: int = 0  # days before the period from which it may be invoiced, in advance
    start: date | None = None
    end: date | None = None
    asset: Id | None = None
    elsewhere_until: date | None = None
    tax_rate: int | None = None  # hundredths of a percent
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What is covered for which asset or location, and when."""

    id: Id
    contract: Id | None = None
    asset: Id | None = None
    location: Id | None = None
    start: date | None = None
    end: date | None = None
    labour: bool = True
    parts: bool = False
    call_out: bool = True
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A price for work from a day on. ``contract`` wins over ``client`` wins over neither."""

    id: Id
    contract: Id | None = None
    client: Id | None = None
    kind: str = "labour"  # labour, travel, call-out, no access, abort
    skill: str = ""  # empty: any
    amount: int = 0  # minor units an hour; for call-out, no access and abort each time
    minimum_minutes: int = 0
    step_minutes: int = 15
    start: date | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A company-wide decision, dated. ``value`` is any plain value; names are listed in rules/policy."""

    id: Id
    name: str = ""
    start: date | None = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours: for each weekday (Monday is 0) the open spans of local time, and closed days."""

    timezone: str
    hours: Mapping[int, tuple[tuple[time, time], ...]]
    closed: frozenset[date] = frozenset()


#: A percentage as a factor: ``percent(2000)`` of hundredths is Decimal("0.20").
def percent(hundredths: int) -> Decimal:
    return Decimal(hundredths) / Decimal(10_000)
