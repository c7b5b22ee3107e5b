"""Which payment settles which document: oldest first, named, exact, by due date, in proportion; and what is left over.

It stands apart because cash is put on documents by one walk whatever the order, and every penny of it is told.

Always: what is put on documents and what is left is what was paid; no document and no payment goes below nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

from fsconsole.rules.prorate import rounded
from fsconsole.rules.shares import shared
from fsconsole.values.agreement import Agreement, Row
from fsconsole.values.money import show

HOWS = ("oldest", "newest", "due", "named", "exact", "proportional", "largest", "smallest")
#: Sums of several documents are looked for among so many at most.
SUMS = 14


@dataclass(slots=True)
class _Open:
    """A document, or money to put on documents: what is left of it. All amounts are above nothing."""

    name: str
    left: int
    on: date = date.min
    due: date = date.min
    amount: int = 0
    off: int = 0  # the cash discount that may be taken
    off_until: date = date.min
    held: bool = False
    credit: bool = False
    named: tuple[tuple[str, int | None], ...] = ()


@dataclass(slots=True)
class _Put:
    source: _Open
    document: _Open
    amount: int
    discount: int = 0
    written_off: int = 0
    notes: list[str] = field(default_factory=list)


def allocate_rows(rows: tuple[Row, ...], agreement: Agreement) -> list[dict[str, Any]]:
    """The answers of [[allocate]]: ``allocations``, ``open`` documents, ``unapplied`` money, and the sums of each."""
    return [_Allocation(row, agreement.money).answer() for row in rows]


class _Allocation:
    """One walk: credit notes first or last, as agreed, and each payment by its day."""

    def __init__(self, row: Row, money: str) -> None:
        self.row, self.money = row, money
        self.how = row.get("how", "oldest")
        self.put: list[_Put] = []
        self.notes: list[str] = []
        self.documents = [_document(one, place) for place, one in enumerate(row.get("documents", ()), 1) if one["amount"] >= 0]
        self.credits = [_document(one, place) for place, one in enumerate(row.get("documents", ()), 1) if one["amount"] < 0]
        self.payments = sorted((_payment(one, place) for place, one in enumerate(row.get("payments", ()), 1)), key=_when)
        names = [one.name for one in (*self.documents, *self.credits)]
        if len(names) != len(set(names)):
            raise ValueError("two documents have the same name; give each its own")
        self.refunded = self.kept = 0

    def answer(self) -> dict[str, Any]:
        credit_notes = self.row.get("credit_notes", "first")
        if credit_notes == "first":
            self._credit()
        for payment in self.payments:
            if payment.amount < 0:
                self._refund(payment)
            else:
                self._spend(payment, "named" if payment.named else self.how)
        if credit_notes == "last":
            self._credit()
        self._small()
        return self._told()

    def _credit(self) -> None:
        """Sets credit notes against documents."""
        for credit in sorted(self.credits, key=_when):
            self._spend(credit, "named" if credit.named else ("oldest" if self.how == "named" else self.how))

    def _spend(self, source: _Open, how: str) -> None:
        """Puts money on documents until either is used up."""
        if how == "named":
            self._named(source)
            how = self.row.get("otherwise", "unapplied")
        elif how == "exact":
            found = self._exact(source)
            for document in found:
                self._settle(source, document, source.left)
            how = "unapplied" if found else self.row.get("otherwise", "unapplied")
        if how == "unapplied" or not source.left:
            return
        able = [one for one in self.documents if one.left and not one.held]
        if how == "proportional":
            self._in_proportion(source, able)
            return
        for document in sorted(able, key=_order(how)):
            self._settle(source, document, source.left)

    def _named(self, source: _Open) -> None:
        known = {one.name: one for one in self.documents}
        for name, most in source.named:
            document = known.get(name)
            if document is None:
                names = ", ".join(known) or "none"
                raise ValueError(f"{source.name} names “{name}”, and there is no such document; there are {names}")
            wanted = source.left if most is None else most
            if most is not None and most > document.left:
                self.notes.append(
                    f"{show(most, self.money)} was meant for {name}, which has {show(document.left, self.money)} open"
                )
            self._settle(source, document, min(wanted, source.left))

    def _exact(self, source: _Open) -> list[_Open]:
        """The one document that is paid to the penny, with or without its discount; else the only sum of several."""
        able = sorted((one for one in self.documents if one.left and not one.held), key=_order("oldest"))
        single = [one for one in able if source.left in (one.left, one.left - self._discount(source, one))]
        if single:
            return single[:1]
        near = able[:SUMS]
        for size in range(2, len(near) + 1):
            found = [list(some) for some in combinations(near, size) if sum(one.left for one in some) == source.left]
            if len(found) == 1:
                return found[0]
            if found:
                self.notes.append(f"{source.name} is the sum of documents in {len(found)} ways; name which")
                return []
        return []

    def _in_proportion(self, source: _Open, able: Sequence[_Open]) -> None:
        whole = sum(one.left for one in able)
        if not whole:
            return
        parts = shared(min(source.left, whole), [Fraction(one.left) for one in able], "largest remainder")
        for document, part in zip(able, parts, strict=True):
            self._settle(source, document, part)

    def _discount(self, source: _Open, document: _Open) -> int:
        """What may be taken off: only by a payment in time."""
        if source.credit or source.on > document.off_until:
            return 0
        return min(document.off, document.left)

    def _settle(self, source: _Open, document: _Open, most: int) -> None:
        """Puts at most ``most`` on a document; with its discount where that settles it."""
        able = min(most, source.left)
        off = self._discount(source, document)
        if off and able >= document.left - off:
            amount = document.left - off
        else:
            amount, off = min(able, document.left), 0
            if self.row.get("partial_discount") and document.off and self._discount(source, document) and amount < document.left:
                # A part paid in time earns its part of the discount: 98 of 100 less 2%.
                kept = document.amount - document.off
                off = min(rounded(Fraction(amount * document.off, kept)), document.left - amount) if kept else 0
                document.off -= off
        if amount <= 0 and not off:
            return
        source.left -= amount
        document.left -= amount + off
        self.put.append(_Put(source, document, amount, off))

    def _refund(self, payment: _Open) -> None:
        """Money paid back comes off what is unapplied, the latest first."""
        back = -payment.amount
        for source in reversed(self.payments):
            taken = min(max(source.left, 0), back)
            source.left -= taken
            back -= taken
        self.refunded += -payment.amount - back
        if back:
            self.notes.append(
                f"{show(back, self.money)} of {payment.name} is not there to be paid back; take it off a document first"
            )

    def _small(self) -> None:
        """Writes off what is left of a document where it is as small as agreed, and only if something was paid on it."""
        most = self.row.get("tolerance", 0)
        percent = self.row.get("tolerance_percent")
        for document in self.documents:
            mine = [one for one in self.put if one.document is document]
            allowed = most
            if percent is not None:
                part = rounded(Fraction(document.amount) * Fraction(percent) / 100)
                allowed = min(most, part) if most else part
            if mine and 0 < document.left <= allowed:
                mine[-1].written_off += document.left
                document.left = 0
        spare = self.row.get("tolerance_over", 0)
        for source in self.payments:
            if any(one.source is source for one in self.put) and 0 < source.left <= spare:
                self.kept += source.left
                source.left = 0

    def _told(self) -> dict[str, Any]:
        money = self.money
        unapplied = [one for one in (*self.payments, *self.credits) if one.left]
        still = [one for one in self.documents if one.left]
        paid = sum(one.amount for one in self.payments if one.amount > 0)
        on = sum(one.amount for one in self.put if not one.source.credit)
        credited = sum(one.amount for one in self.put if one.source.credit)
        off, gone = sum(one.discount for one in self.put), sum(one.written_off for one in self.put)
        each = "; ".join(_as_data(one, money)["says"] for one in self.put)
        says = f"{each}: " if each else ""
        says += f"{show(paid, money)} paid, {show(on, money)} of it on documents"
        for value, what in (
            (credited, "set against credit notes"),
            (off, "cash discount"),
            (gone, "written off"),
            (self.kept, "kept as a small difference"),
            (self.refunded, "paid back"),
        ):
            says += f", {show(value, money)} {what}" if value else ""
        left, free = sum(one.left for one in still), sum(one.left for one in unapplied)
        says += f"; {show(left, money)} open" + (f" on {', '.join(one.name for one in still)}" if still else "")
        says += f"; {show(free, money)} unapplied of {', '.join(one.name for one in unapplied)}" if unapplied else ""
        says += "".join(f"; {note}" for note in self.notes)
        return {
            "name": self.row.get("name", ""),
            "allocations": [_as_data(one, money) for one in self.put],
            "open": [{"document": one.name, "amount": one.left, "due": one.due.isoformat()} for one in still],
            "unapplied": [{"payment": one.name, "amount": one.left} for one in unapplied],
            "paid": paid,
            "applied": on,
            "credited": credited,
            "discount": off,
            "written_off": gone,
            "kept": self.kept,
            "refunded": self.refunded,
            "open_total": left,
            "unapplied_total": free,
            "notes": list(self.notes),
            "says": says,
        }


def _as_data(one: _Put, money: str) -> dict[str, Any]:
    says = f"{show(one.amount, money)} of {one.source.name} on {one.document.name}"
    says += f", {show(one.discount, money)} cash discount" if one.discount else ""
    says += f", {show(one.written_off, money)} written off" if one.written_off else ""
    return {
        "payment": one.source.name,
        "document": one.document.name,
        "amount": one.amount,
        "discount": one.discount,
        "written_off": one.written_off,
        "says": says,
    }


def _when(one: _Open) -> tuple[date, str]:
    return one.on, one.name


def _order(how: str) -> Any:
    keys: dict[str, Any] = {
        "oldest": lambda one: (one.on, one.due, one.name),
        "newest": lambda one: (-one.on.toordinal(), one.name),
        "due": lambda one: (one.due, one.on, one.name),
        "largest": lambda one: (-one.left, one.on, one.name),
        "smallest": lambda one: (one.left, one.on, one.name),
    }
    if how not in keys:
        raise ValueError(f"“{how}” is not an order in which documents are paid; use {', '.join(HOWS)}")
    return keys[how]


def _document(row: Row, place: int) -> _Open:
    amount = row["amount"]
    left = abs(amount) - row.get("paid", 0)
    name = row.get("name", "") or f"document {place}"
    if left < 0 or row.get("paid", 0) < 0:
        raise ValueError(f"more is paid on {name} than it comes to")
    on = row.get("on", date.min)
    off, until = row.get("discount", 0), row.get("discount_until", date.min)
    if "discount_percent" in row:
        off = rounded(Fraction(abs(amount)) * Fraction(row["discount_percent"]) / 100)
    if off > abs(amount):
        raise ValueError(f"the cash discount of {name} is more than it comes to")
    if until > date.min and row.get("grace"):
        until += timedelta(days=row["grace"])
    named = tuple((one, None) for one in row.get("for", ()))
    return _Open(name, left, on, row.get("due", on), abs(amount), off, until, row.get("disputed", False), amount < 0, named)


def _payment(row: Row, place: int) -> _Open:
    name = row.get("name", "") or f"payment {place}"
    to: Iterable[Row] = row.get("to", ())
    named = (*((one, None) for one in row.get("for", ())), *((one["document"], one.get("amount")) for one in to))
    if any(most is not None and most < 0 for _, most in named):
        raise ValueError(f"{name} puts less than nothing on a document")
    return _Open(name, max(row["amount"], 0), row.get("on", date.min), amount=row["amount"], named=named)
