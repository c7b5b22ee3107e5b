"""Money that came in, put where it belongs.

It stands apart because a payment is a fact: to put it on a document it is taken back and recorded again, in one act.
"""

from __future__ import annotations

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import guard, record
from fsconsole.flow.invoice import invoice_meant
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import put, void
from fsconsole.values.bill import Payment
from fsconsole.values.money import show

#: The least of an id that names a payment.
LEAST = 6


def apply(desk: Desk, payment: str, invoice: str) -> Done:
    """Puts a payment that stands nowhere on a document. Raises Refused; ``!!`` puts it on another client's."""
    store = desk.store
    said = payment.strip().lower()
    rows: list[Payment] = [one for one in fetch_all(store, "payment", "invoice IS NULL") if one.amount > 0]
    found = [one for one in rows if len(said) >= LEAST and one.id.hex().startswith(said)]
    found = found or [one for one in rows if said and said == one.reference.strip().lower()]
    if len(found) != 1:
        what = f"{len(found)} payments are called" if found else "There is no payment without a document called"
        raise Refused(f"{what} “{payment}”.", "Take it from its exception: the suggested step names it.")
    one, paper = found[0], invoice_meant(desk, invoice)
    money = one.currency or store.currency
    if paper.client != one.client:
        guard(desk, f"{paper.number} is another client's than the payment of {show(one.amount, money)}.", "Check the number.")
    if paper.currency and paper.currency != money:
        raise Refused(f"{paper.number} is in {paper.currency}, the payment in {money}.", "Choose a document in that currency.")
    puts = [
        void("payment", one.id),
        put("payment", desk.ids(), client=paper.client, invoice=paper.id, amount=one.amount, currency=one.currency, day=one.day,
            reference=one.reference),
    ]  # fmt: skip
    return record(desk, puts, f"{show(one.amount, money)} is on {paper.number}", ref=paper.number, row=paper.id)
