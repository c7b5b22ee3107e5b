"""The day by which a document is to be paid, and why.

It stands apart because the same agreement decides it for what is issued, for what a draft promises and for a price file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from fsconsole.errors import Refused
from fsconsole.inbox.terms_json import read_back
from fsconsole.inbox.terms_known import SECTIONS
from fsconsole.rules.totals import due_on
from fsconsole.rules.words import day
from fsconsole.values.agreement import Agreement
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client


def payable(issued: date, contracts: Iterable[Contract], payer: Client | None, usual: int) -> tuple[date, str]:
    """(the last day to pay what is issued on a day, the rule in words; empty where it is so many days).

    The rule of the first contract that has one (``payment`` of its price file: ``end of month + 30``, ``day 31`` ...), else
    the days of the first contract that says them, else the payer's, else ``usual``. Raises Refused for a rule that
    cannot be read.
    """
    agreed = list(contracts)
    for one in agreed:
        said = read_back(one.details, SECTIONS["contract"].fields)
        if said.get("payment") in (None, ""):
            continue
        agreement = Agreement(contract=replace(one, terms_days=None), rows={"contract": (said,)})
        try:
            found, why = due_on(issued, agreement)
        except ValueError as wrong:
            instead = "Mend “payment” in its price file and import that again."
            raise Refused(f"{one.ref} cannot be billed: {wrong}.", instead) from None
        if found is not None:
            plain = found == issued + timedelta(days=_days(said["payment"]))
            return found, "" if plain else why.replace(issued.isoformat(), day(issued))
    known = next((each.terms_days for each in (*agreed, payer) if each and each.terms_days is not None), usual)
    return issued + timedelta(days=known), ""


def _days(payment: object) -> int:
    """The days of a rule that says nothing else; -1 where it says more."""
    head, _, tail = str(payment).strip().partition(" ")
    return int(head) if head.isdigit() and tail in ("", "day", "days") else -1
