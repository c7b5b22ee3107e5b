"""Corrections that stand on a document as two lines, a credit and a new charge, where a contract agreed on that.

It stands apart so that what is reviewed shows the same two lines that are issued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from fsconsole.flow import settle
from fsconsole.flow.contradicting import STOPS
from fsconsole.flow.gather import ContractSheet, Known, contract_sheets
from fsconsole.rules.billable import Priced
from fsconsole.rules.corrected import in_two
from fsconsole.store.opening import Store
from fsconsole.values.bill import Charge

#: How a contract says it.
AGREED = "credit and recharge"


def anew(sheet: ContractSheet, whole: Priced, free: Iterable[Charge]) -> dict[str, list[Charge]]:
    """By key, the lines in whose place a free charge stands on a document; nothing where the net is billed."""
    if sheet.contract.correction != AGREED:
        return {}
    owed, papers = {one.key: one for one in whole.charges}, {one.id: one for one in sheet.invoices}
    return {one.key: in_two(one, owed.get(one.key), sheet.issued, papers) for one in free}


def anew_of(store: Store, contracts: Collection[bytes], through: date) -> dict[str, list[Charge]]:
    """The same of some contracts, by the keys that go out as two lines; most contracts are only asked whether they agreed."""
    marks = ",".join("?" * len(contracts))
    wish = f"SELECT id FROM contract WHERE correction = ? AND id IN ({marks})"
    rows = [row[0] for row in store.sql(wish, [AGREED, *contracts])] if contracts else []
    found: dict[str, list[Charge]] = {}
    if not rows:
        return found
    known = Known(store)
    for sheet in contract_sheets(store, rows, known):
        try:
            whole, free, _ = settle.contract_charges(sheet, known, through + timedelta(days=settle.AHEAD.days))
        except STOPS:
            continue  # it contradicts itself: its exception says so, and nothing of it goes out
        found |= {key: lines for key, lines in anew(sheet, whole, free).items() if len(lines) > 1}
    return found
