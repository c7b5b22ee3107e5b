"""What is owed: charges, drafts, the cases that hold them up, issued lines, invoices, payments.

Billable − billed = leak: a charge is a piece of the billable side, an issued line of the billed side,
a draft their difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from fsconsole.values.period import Period
from fsconsole.values.work import Custom, Id

T = TypeVar("T")


def rests_on(key: str) -> str:
    """The key of the charge that another one takes something off; empty where it stands by itself.

    A retention, a deposit or a ceiling ends in that key; what is taken off several together has ``:discount:ID`` behind it.
    """
    parts = key.split(":", 3)
    of = parts[3] if len(parts) == 4 and parts[3].count(":") >= 2 else ""
    line, mark, tail = of.rpartition(":discount:")
    return line if mark and ":" not in tail else of


def in_order(lines: Iterable[T], key: Callable[[T], str]) -> list[T]:
    """Lines as they come, and what is only taken off one of them right behind it."""
    every = list(lines)
    off: dict[str, list[T]] = {}
    first: list[T] = []
    there = {key(line) for line in every}
    for line in every:
        of = rests_on(key(line))
        (off.setdefault(of, []) if of and of in there else first).append(line)

    def with_off(line: T) -> Iterator[T]:
        yield line
        for each in off.pop(key(line), ()):
            yield from with_off(each)

    return [each for line in first for each in with_off(line)] if off else every


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One priced line with its reason in words.

    ``key`` is what it is about (line, kind, period): the same facts give the same key at every site, and
    what was issued under a key is subtracted under it.
    """

    key: str
    job: Id | None = None
    contract: Id | None = None
    term: Id | None = None
    payer: Id | None = None
    kind: str = "labour"  # labour travel part call-out fixed no-access abort
    period: Period | None = None
    quantity: str = "1"
    amount: int = 0  # net, minor units; what may be invoiced
    notional: int = 0  # what covered work would have cost the client
    cost: int = 0
    currency: str = "GBP"
    covered_by: str = ""  # contract, warranty, goodwill; empty when billable
    billable_from: date | None = None
    estimate: bool = False
    reason: str = ""
    tax: str = ""  # the tax that applies, by name; empty takes the contract's
    turns: tuple[date, ...] = ()  # the first days on which a part of it stands otherwise by the calendar alone


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLine:
    """A line that stands on an issued invoice (or, negative, on a credit note)."""

    id: Id
    invoice: Id | None = None
    key: str = ""
    job: Id | None = None
    contract: Id | None = None
    amount: int = 0
    text: str = ""
    start: date | None = None
    end: date | None = None
    void: bool = False
    tax: str = ""
    term: Id | None = None
    quantity: str = ""
    stamp: int = 0  # when and by which site it was recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """What a site billed of a job or contract without holding the right, by key of the charge; ``amount`` as it stands now."""

    key: str
    amount: int
    site: int
    numbers: tuple[str, ...] = ()
    text: str = ""
    payer: Id | None = None
    on: date | None = None
    currency: str = "GBP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An issued invoice or credit note. ``open_amount`` is known for imported ones."""

    id: Id
    number: str = ""
    kind: str = "invoice"  # invoice, credit note
    client: Id | None = None
    issued_on: date | None = None
    due_on: date | None = None
    currency: str = ""
    net: int = 0
    tax: int = 0
    gross: int = 0
    open_amount: int | None = None
    order_number: str = ""
    origin: str = ""  # imported, ours
    custom: Custom = field(default_factory=dict)
    void: bool = False
    stamp: int = 0  # when and by which site it was recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A fact: money in, for a document or not yet for any."""

    id: Id
    client: Id | None = None
    invoice: Id | None = None
    amount: int = 0
    currency: str = ""
    day: date | None = None
    reference: str = ""
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What would stand on one invoice: the charges of one payer and order number not yet billed."""

    payer: Id | None
    order_number: str
    charges: tuple[Charge, ...]
    currency: str = "GBP"

    @property
    def amount(self) -> int:
        return sum(charge.amount for charge in self.charges)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The suggested next step of a case: a verb as typed at the prompt, and its words."""

    verb: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionCase:
    """Why a charge cannot go out, or why a promise is about to be broken.

    One open row per ``reason`` and ``thing``; ``key`` is both. It holds from ``since`` until ``until``
    (instants; None: for as long as the facts are as they are).
    """

    key: str
    reason: str
    thing: Id
    thing_kind: str  # job, contract, client, asset, technician, row
    job: Id | None = None
    contract: Id | None = None
    client: Id | None = None
    says: str = ""
    value: int = 0
    credit: bool = False  # something we owe: stands apart from what is at risk
    charges: tuple[str, ...] = ()  # keys of the charges it holds up
    since: datetime | None = None
    until: datetime | None = None
    waits_for: str = ""
    step: Step | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people decided about a case."""

    id: Id
    key: str = ""
    owner: str = ""
    snoozed_until: date | None = None
    waived: str = ""  # the reason
    waived_value: int = 0  # what it was worth then: a larger difference opens it again
    approved: str = ""  # the digest of what was approved; anything else asks again
    approved_by: str = ""
    held: str = ""  # why a person holds it back, or the client disputes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """A fact: someone was chased about a case."""

    id: Id
    key: str = ""
    whom: str = ""
    how: str = ""
    at: datetime | None = None
    void: bool = False
