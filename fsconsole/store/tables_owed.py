"""What is owed, declared: documents, their lines, payments, decisions on cases, and who bills what.

It stands apart from tables.py, which names all of them, because money has one writer and facts that are never edited.
"""

from __future__ import annotations

from fsconsole.store.declare import Row, described, fact
from fsconsole.store.fields import Count, Day, Instant, Link, Mapped, Whole, Word

__all__ = ["Chase", "Decision", "Handover", "Invoice", "InvoiceLine", "Payment", "Withdrawal"]


@fact(60)
class Invoice(Row):
    """An issued invoice or credit note."""

    number = Word(1, index=True)
    kind_ = Word(2, column_name="kind")
    client = Link(3, index=True)
    issued_on = Day(4)
    due_on = Day(5)
    currency = Word(6)
    net = Count(7)
    tax = Count(8)
    gross = Count(9)
    open_amount = Whole(10)
    order_number = Word(11)
    origin = Word(12)
    custom = Mapped(13)


@fact(61)
class InvoiceLine(Row):
    """A line that stands on an issued document."""

    invoice = Link(1, index=True)
    key = Word(2, index=True)
    job = Link(3, index=True)
    contract = Link(4, index=True)
    amount = Count(5)
    text = Word(6)
    start = Day(7)
    end = Day(8)
    tax = Word(9)
    term = Link(10)
    quantity = Word(11)


@fact(62)
class Payment(Row):
    """Money in."""

    client = Link(1, index=True)
    invoice = Link(2)
    amount = Count(3)
    currency = Word(4)
    day = Day(5)
    reference = Word(6)


@described(63)
class Decision(Row):
    """What people decided about a case."""

    key = Word(1, index=True)
    owner = Word(2)
    snoozed_until = Day(3)
    waived = Word(4)
    waived_value = Count(5)
    approved = Word(6)  # the digest of what was approved; anything else asks again
    approved_by = Word(7)
    held = Word(8)  # why a person holds it back, or disputes it; empty lets it go


@fact(64)
class Chase(Row):
    """Someone was chased about a case."""

    key = Word(1, index=True)
    whom = Word(2)
    how = Word(3)
    at = Instant(4)


@fact(65)
class Handover(Row):
    """A billing right is passed from site to site; ``follows`` is the tenure or offer that this is about, none the first."""

    thing = Link(1, index=True)
    what = Word(2)  # offer, accept, decline
    to = Count(3)
    follows = Link(4)
    at = Instant(5)


@fact(66)
class Withdrawal(Row):
    """An owner takes a billing right from a site; what that site wrote up to ``through``, a stamp of its own, still counts."""

    thing = Link(1, index=True)
    follows = Link(2)
    site = Count(3)
    through = Count(4)
    why = Word(5)
    at = Instant(6)
