"""What was agreed: contracts, their priced terms, what they cover, rates, SLA targets, working calendars.

It stands apart because the engine reads these values and nothing else to know what work is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from fsconsole.values.twin import changed
from fsconsole.values.work import Custom, Id

#: Ways to round what an exact amount comes to; a half goes away from zero unless a contract says otherwise.
ROUNDS = (
    "half away", "half even", "up", "down", "half odd", "half down", "half ceiling", "half floor", "ceiling", "floor",
)  # fmt: skip


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
    renewal_months: int = 0  # how long each renewal runs; 0: it ends when it ends
    notice_months: int = 0  # notice in months, beside or instead of days
    renewal_anchor: str = "keep"  # keep: renewed in place; restart: periods begin anew with each renewal
    zones: tuple[tuple[date, str], ...] = ()  # time zones from a day on, where it changed
    correction: str = "net"  # net: one line with the difference; credit and recharge: two lines
    rounds: str = "half away"  # one of ROUNDS
    details: Custom = field(default_factory=dict)  # what else a price file says of a contract; JSON values
    order_scope: tuple[str, ...] = ()  # the terms and kinds of line that the order number is for; empty: all
    grouping: str = ""  # what shares an invoice; empty takes the client's wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One priced promise in a contract."""

    id: Id
    contract: Id | None = None
    kind: str = "fixed"  # fixed, per asset, and what rules/priced.py lists
    name: str = ""
    amount: int = 0  # minor units a period (for per asset: each)
    every: int = 1
    unit: str = "month"  # day, week, month, quarter, year
    timing: str = "advance"  # advance, arrears
    anchor_day: int = 0  # 0 takes the start's own day
    month_end: str = "anchor"  # anchor: re-apply the day; end: keep the distance to the month's end; slide
    proration: str = "actual"  # actual, thirty, actual30, year365, year360, month, none
    lead_days: int = 0  # days before the period from which it may be invoiced, in advance
    start: date | None = None
    end: date | None = None
    asset: Id | None = None
    elsewhere_until: date | None = None
    tax_rate: int | None = None  # hundredths of a percent
    gone: bool = False
    quantity: int = 1000  # thousandths
    per: str = ""  # the price's own period (day, week, month, quarter, year) where it is not the billing period
    split: str = "remainder"  # a price cut into billing periods: remainder (the last takes it), each (rounded alone)
    stub_of: str = "billing period"  # what a short period of such a price is a part of: billing period, price period
    first: str = "billed"  # a short first period: billed, merged (with the next), full, free
    last: str = "billed"  # a short last period: billed, merged (with the one before), full, free
    rounding: str = "line"  # line: each stretch of days at one price; unit: each unit's price; period: once a charge
    anchor_on: date | None = None  # a day on which a period begins; goes before anchor_day
    change: str = "at once"  # a new price or quantity: at once, next period
    credit: str = "immediate"  # on an early end: immediate, period end, term end, none
    suspension: str = "not billed"  # not billed, added at the end, billed
    tax: str = ""  # the tax that applies, by name
    delay_days: int = 0  # days after (before, when negative) its usual day that a period is billed
    details: Custom = field(default_factory=dict)  # what this kind of term says, and conventions seldom used; JSON values
    place: int = 0  # where it stands among the contract's terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A fact: what was agreed to change, from which day. ``term`` None is every term of the contract.

    ``what`` is one of price, quantity, suspend, resume, transfer, end, notice, renew.
    """

    id: Id
    contract: Id | None = None
    term: Id | None = None
    what: str = "price"
    start: date | None = None
    end: date | None = None  # suspend: the first day that counts again, where it is known
    amount: int | None = None
    quantity: int | None = None  # thousandths
    client: Id | None = None  # transfer: who pays from that day on
    how: str = ""  # goes before the term's own change, credit or suspension
    reason: str = ""
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalator:
    """How prices rise by agreement: by a percentage, or with a published index."""

    id: Id
    contract: Id | None = None
    term: Id | None = None  # None: every term
    start: date | None = None  # the first day of a new price; then every ``months``
    end: date | None = None
    months: int = 12
    percent: Decimal | None = None
    index: str = ""
    base: Decimal | None = None  # the index value that the price stands for
    base_month: date | None = None  # or the month it is taken from
    lag_months: int = 0  # the index of how many months before the day
    floor: Decimal | None = None  # percent, per step
    cap: Decimal | None = None
    against: str = "base"  # base: index / base index; last: index / index of the last step
    compound: bool = True  # a percentage on the price before; else on the first price
    notice_days: int = 0
    notified: tuple[date, ...] | None = None  # None: notice is taken as given in time
    catch_up: bool = False  # late notice: the months forgotten are charged; else from the notice on
    step: int = 1  # the new price is rounded to a multiple of so many minor units
    void: bool = False
    amount: int | None = None  # a rise by so many minor units, instead of a percentage or an index
    share: Decimal | None = None  # so many percent of the index's move are passed on; None: all
    plus: Decimal | None = None  # percentage points on top of the index's move
    threshold: Decimal | None = None  # percent: an index that moved less changes nothing
    index_places: int | None = None  # index over base index is rounded to so many decimals
    average_months: int = 1  # the index is the mean of so many months, the last of them named by the lag
    parts: tuple[tuple[str, Decimal, Decimal | None], ...] = ()  # several indexes: name, percent of the price, base
    cap_unused: str = "lost"  # what a step leaves of its cap: one of CAP_UNUSED
    cap_most: Decimal | None = None  # percentage points: no more than so many are carried
    first_rise: str = "full"  # where the term began within the time before it: one of FIRST_RISES
    rises_from: str = "rounded price"  # what the next step rises from: one of RISES_FROM
    coefficient_places: int | None = None  # what the price is multiplied by is rounded to so many decimals
    index_rounds: str = "half away"  # how the two are rounded: one of ROUNDS


#: Kinds of term whose lines stand against those of others: they bear the tax of what they stand against unless they name one.
AGAINST = ("sla", "availability", "retention", "deposit", "ceiling")
#: What a step of prices leaves of its cap: it is lost, its percentage points come on top of later caps, or later prices may
#: be as high as if every step had risen by the cap (compounded on one another, or added up on the first price).
CAP_UNUSED = ("lost", "carried", "compounded", "added up")
#: A step rises from the price that the last one was rounded to, or from what it was before it was rounded.
RISES_FROM = ("rounded price", "exact price")
#: The first rise of a term that began within the time before it: in full, its part by days or by whole months, or none.
FIRST_RISES = ("full", "by days", "by months", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexValue:
    """A published index in a month (its first day)."""

    name: str
    month: date
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A reduction, valid by the days of service. Percentages go one after the other, before amounts."""

    id: Id
    contract: Id | None = None
    term: Id | None = None
    name: str = ""
    percent: Decimal | None = None
    amount: int | None = None  # minor units a period
    start: date | None = None
    end: date | None = None
    periods: int | None = None  # only the first so many
    short_period: str = "whole"  # an amount in a short period: whole, or prorated
    amount_from: int | None = None  # only off a charge of so many minor units, or more
    quantity_from: Decimal | None = None  # only off a charge for so many units, or more
    at_most: int | None = None  # minor units a period
    in_all: int | None = None  # minor units over all periods
    together: bool = False  # an amount off all terms of a period together, instead of off each
    void: bool = False


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
    amount: int | None = None  # this asset's own price a period, where it is not the term's
    term: Id | None = None  # the only per-asset term that counts it; None: each
    place: int = 0


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
class Clause:
    """What a contract says beside its terms: ``kind`` is a section of a price file, ``details`` its row as JSON values."""

    id: Id
    contract: Id | None = None
    kind: str = ""  # escalator, discount
    term: Id | None = None
    name: str = ""  # of an escalator the index it follows
    start: date | None = None
    end: date | None = None
    details: Custom = field(default_factory=dict)
    place: int = 0
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A fact: what happened under a contract on a day. ``kind`` and ``details`` as in a price file."""

    id: Id
    contract: Id | None = None
    kind: str = ""  # revision, usage, block, visit, labour, part, sla, pause, claim
    term: Id | None = None
    asset: Id | None = None
    job: Id | None = None
    client: Id | None = None  # a transfer: who pays from then on
    name: str = ""
    day: date | None = None
    at: datetime | None = None
    details: Custom = field(default_factory=dict)
    place: int = 0
    void: bool = False
    stamp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What holds for every contract from a day on: an index's value in a month, a tax rate, a holiday."""

    id: Id
    kind: str = ""  # index, rate, holiday
    name: str = ""
    start: date | None = None
    value: str = ""  # a decimal; of a holiday what it is called
    details: Custom = field(default_factory=dict)
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


#: What a contract and a term say since later versions, and the defaults: a table that was never told so holds nothing.
_LATER_CONTRACT: dict[str, Any] = {"correction": "net", "rounds": "half away", "renewal_anchor": "keep"}
_LATER: dict[str, Any] = {
    "quantity": 1000, "split": "remainder", "stub_of": "billing period", "first": "billed", "last": "billed",
    "rounding": "line", "change": "at once", "credit": "immediate", "suspension": "not billed",
}  # fmt: skip


def filled(term: Term) -> Term:
    """A term as its table holds it, with the defaults of what was never written."""
    blank = {name: default for name, default in _LATER.items() if getattr(term, name) in (None, "")}
    return changed(term, **blank) if blank else term


def whole(contract: Contract) -> Contract:
    """A contract as its table holds it, with the defaults of what was never written, and its zones as days and names."""
    blank: dict[str, Any] = {name: default for name, default in _LATER_CONTRACT.items() if not getattr(contract, name)}
    if contract.zones:
        zones = (tuple(one) for one in contract.zones)
        blank["zones"] = tuple((date.fromisoformat(start) if isinstance(start, str) else start, zone) for start, zone in zones)
    return changed(contract, **blank) if blank else contract


#: A percentage as a factor: ``percent(2000)`` of hundredths is Decimal("0.20").
def percent(hundredths: int) -> Decimal:
    return Decimal(hundredths) / Decimal(10_000)
