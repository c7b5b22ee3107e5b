"""A difference as two lines: what was billed, credited, and what is due, charged anew.

It stands apart because a price file and the document that is issued show a correction alike.

Always: the two lines sum to the difference; the credit bears the tax at which it was billed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fsconsole.values.bill import Charge, Invoice, IssuedLine
from fsconsole.values.money import show
from fsconsole.values.work import Id


def in_two(rest: Charge, due: Charge | None, issued: Iterable[IssuedLine], documents: Mapping[Id, Invoice]) -> list[Charge]:
    """What remains of a charge as a credit of what stands billed under its key and as the charge that is due.

    ``issued`` may hold lines of other keys. What was never billed, or comes to nothing, is left as it is.
    """

    def void(line: IssuedLine) -> bool:
        paper = documents.get(line.invoice) if line.invoice else None
        return line.void or bool(paper and paper.void)

    lines = [line for line in issued if line.key == rest.key and not void(line)]
    billed = sum(line.amount for line in lines)
    if not billed:
        return [rest]
    taxes = {line.tax for line in lines}
    number = next((paper.number for line in lines if line.invoice and (paper := documents.get(line.invoice))), "")
    on = f" on {number}" if number else ""
    of = f" for {rest.period}" if rest.period else ""
    credit = replace(
        rest,
        amount=-billed,
        tax=taxes.pop() if len(taxes) == 1 else rest.tax,
        reason=f"{show(-billed, rest.currency)}: what was billed{on}{of} is credited",
    )
    return [credit, due] if due is not None and due.amount else [credit]
