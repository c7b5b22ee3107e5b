"""What contradicts itself: the case about it, and what a contract that cannot be priced was last worth.

It stands apart because one contradiction parks one job or one contract, and what is parked is still money.

Always: what is parked is on no draft; its worth stands in a case, in the leak and in the month until it is mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fsconsole.flow.gather import ContractSheet, Known
from fsconsole.rules.billable import Priced
from fsconsole.rules.draft import difference, fence
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge, ExceptionCase, Step
from fsconsole.values.work import Client, Id

#: What stops the rules where facts contradict themselves: anything else is a fault of the program.
STOPS = (ValueError, ArithmeticError, LookupError, TypeError)


def parked(sheet: ContractSheet, known: Known, agreement: Agreement, whole: Priced, horizon: date) -> list[Charge]:
    """What is not billed of the terms that cannot be priced, as they last could be; credits and what is fenced left out."""
    if not whole.unpriced:
        return []
    from fsconsole.rules.draft import reach
    from fsconsole.rules.parked import as_it_was  # the engine is loaded where it is needed

    before = as_it_was(agreement, whole, reach(horizon, sheet.issued))
    keys = {charge.key for charge in before}
    issued = [line for line in sheet.issued if line.key in keys]
    rest = difference(before, issued, invoices=sheet.invoices, currency=agreement.money)
    until = {term.id: term.elsewhere_until for term in sheet.terms if term.elsewhere_until}
    elsewhere = sheet.contract.elsewhere_until or known.latest.cut_over
    if elsewhere:
        until[sheet.contract.id] = elsewhere
    return [charge for charge in fence(rest, until, None, issued=sheet.issued)[0] if charge.amount > 0]


def worth_unpriced(sheet: ContractSheet, whole: Priced, found: Sequence[Charge]) -> int:
    """A year's worth, in minor units, of the terms that cannot be priced and never could."""
    if not whole.unpriced:
        return 0
    from fsconsole.rules.parked import without_charges, years_worth

    billed = {line.key.partition(":")[0] for line in sheet.issued if not line.void}
    some = [term for term in without_charges(sheet.terms, whole, found) if not found or term.id.hex() not in billed]
    return years_worth(some, sheet.issued)


def in_words(error: Exception) -> str:
    """What an error says, if our rules said it in a sentence; what Python says of its own workings helps nobody."""
    said = str(error)
    foreign = any(word in said for word in ("<class", "unpack", "literal", "isoformat"))
    return said if isinstance(error, ValueError) and " " in said and not foreign else "a figure or a day of it cannot be read"


def contradiction(
    error: Exception,
    kind: str,
    thing: Id,
    *,
    ref: str,
    job: Id | None = None,
    client: Client | None = None,
    sheet: ContractSheet | None = None,
) -> ExceptionCase:
    """The case of a job, or of a contract (``sheet``) worth a year of its terms, that stopped the rules with an error."""
    payer, value = client, 0
    if sheet is not None:
        from fsconsole.rules.parked import years_worth

        payer, value = sheet.client, years_worth([term for term in sheet.terms if not term.gone], sheet.issued)
    return ExceptionCase(
        key=f"contradiction:{thing.hex()}",
        reason="contradiction",
        thing=thing,
        thing_kind=kind,
        job=job,
        contract=sheet.contract.id if sheet else None,
        client=payer.id if payer else None,
        says=f"what stands about this {kind} contradicts itself: {in_words(error)}",
        value=value,
        step=Step(verb=f"find {ref}", words="look at it") if ref else None,
        evidence=(f"it alone is parked; everything else goes on ({type(error).__name__})",),
    )
