"""What a contract would bill, from a file and without a store; and why.

It stands apart because nothing is recorded: the file is read, the rules price it, and what they say is shown.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from textwrap import wrap
from typing import Any

from fsconsole.errors import BadInput, UsageError
from fsconsole.flow.price_checks import wrong_alone
from fsconsole.flow.price_fields import fields
from fsconsole.flow.price_words import in_words
from fsconsole.inbox.terms_file import TermsFile, read_terms
from fsconsole.places import shipped
from fsconsole.rules.expected import mismatches
from fsconsole.rules.priced import Document, Result, price
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.work import Reject

__all__ = ["PricedFile", "as_data", "example", "examples", "examples_in_words", "fields", "in_words", "price_bytes", "price_file"]


@dataclass(frozen=True, slots=True)
class PricedFile:
    """A price file's result, and where it is not what the file expects."""

    file: TermsFile
    result: Result
    unexpected: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Nothing unexpected; and nothing unpriced, unless the file says what it expects."""
        return not self.unexpected and (bool(self.file.expect) or not self.result.problems)


def price_file(path: Path, through: date | None = None) -> PricedFile:
    """Reads and prices a file, or what is piped in where it is “-”. Raises BadInput with every line that is wrong."""
    if str(path) == "-":
        return price_bytes(sys.stdin.buffer.read(), "stdin", through)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"it cannot be read: {error.strerror}", file=str(path)) from None
    return price_bytes(data, path.name, through)


def price_bytes(data: bytes, name: str = "terms.toml", through: date | None = None) -> PricedFile:
    """Prices the bytes of a price file; ``name`` is what errors call it."""
    read, rejects = read_terms(data, name, wrong_alone)
    if rejects or read is None:
        raise _bad(rejects)
    if not read.rows:
        instead = "A price file has a [[term]] at least; see price --example"
        raise BadInput("there is nothing in it to price.", file=name, line=1, instead=instead)
    result = _with_lines(price(read.agreement, through or read.through), read)
    told = {**as_data(result), "notes": [str(one) for one in read.notes]} if read.expect else {}
    found = mismatches(read.expect, told, read.agreement.money) if read.expect else []
    return PricedFile(read, result, tuple(found))


def _with_lines(result: Result, read: TermsFile) -> Result:
    """The result with the line of the file at which each term that cannot be priced is written."""
    lines = {row.get("name") or row.get("kind") or "fixed": int(row.get("line", 0)) for row in read.rows.get("term", ())}
    return replace(result, problems=tuple(replace(one, line=one.line or lines.get(one.what, 0)) for one in result.problems))


def _bad(rejects: list[Reject]) -> BadInput:
    first, *rest = sorted(rejects, key=lambda one: one.line)
    more = "".join(f"\n{one}" for one in rest)
    value = f" “{first.value}”" if first.value else ""
    return BadInput(
        f"{value.strip() + ': ' if value else ''}{first.reason}{more}", file=first.file, line=first.line, field=first.field
    )


def examples() -> dict[str, str]:
    """The example files by what they show, in words."""
    folder = shipped("fixtures") / "price" / "examples"
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}


def examples_in_words() -> str:
    """The names of the examples, each with the sentence it begins with, at 80 columns."""
    lines = []
    for name, text in examples().items():
        head = takewhile(lambda line: line.startswith("#"), text.splitlines())
        told = " ".join(line.removeprefix("#").strip() for line in head)
        first, *rest = wrap(told, 80 - 18)
        lines += [f"{name:<18}{first}", *(" " * 18 + line for line in rest)]
    return "\n".join(lines)


def example(kind: str) -> str:
    """The text of one example. Raises UsageError that lists what there is."""
    known = examples()
    name = kind.strip().lower().replace(" ", "-").replace("_", "-")
    if name not in known:
        raise UsageError(f"There is no example of “{kind}”.", f"There are {', '.join(known)}.")
    return known[name]


# --- as data ----------------------------------------------------------------------------------------------------------


def as_data(result: Result) -> dict[str, Any]:
    """The result as ``--json`` prints it: money in minor units, days and instants in ISO 8601, ``end`` exclusive."""
    agreement = result.agreement
    contract = agreement.contract
    return {
        "contract": {
            "ref": contract.ref,
            "name": contract.name,
            "client": agreement.title(contract.client),
            "currency": agreement.money,
            "start": _iso(contract.start),
            "end": _iso(contract.end),
            "timezone": contract.timezone,
            "through": _iso(result.through),
        },
        "charges": [_charge(one, agreement) for one in result.charges],
        "documents": [_document(one, agreement) for one in result.documents],
        "net": result.totals.net,
        "tax": result.totals.tax,
        "gross": result.totals.gross,
        "tax_says": list(result.totals.says),
        "difference": [_charge(one, agreement) for one in result.difference],
        "difference_net": sum(one.amount for one in result.difference),
        "difference_tax": sum(one.totals.tax for one in result.to_issue),
        "difference_gross": sum(one.totals.gross for one in result.to_issue),
        "to_issue": [_document(one, agreement) for one in result.to_issue],
        "dates": [{"what": one.what, "day": one.day.isoformat(), "says": one.says} for one in result.days],
        "problems": [{"what": one.what, "reason": one.reason, "line": one.line or None} for one in result.problems],
        "answers": {name: [dict(one) for one in found] for name, found in result.answers.items()},
    }


def _charge(charge: Charge, agreement: Agreement) -> dict[str, Any]:
    return {
        "key": charge.key,
        "term": agreement.title(charge.term),
        "kind": charge.kind,
        "start": _iso(charge.period.start) if charge.period else None,
        "end": _iso(charge.period.end) if charge.period else None,
        "quantity": charge.quantity,
        "amount": charge.amount,
        "currency": charge.currency,
        "billable_from": _iso(charge.billable_from),
        "payer": agreement.title(charge.payer),
        "tax": charge.tax,
        "covered_by": charge.covered_by,
        "notional": charge.notional,
        "estimate": charge.estimate,
        "reason": charge.reason,
    }


def _document(document: Document, agreement: Agreement) -> dict[str, Any]:
    return {
        "on": _iso(document.on),
        "due": _iso(document.due),
        "due_says": document.due_says,
        "payer": agreement.title(document.payer),
        "net": document.totals.net,
        "tax": document.totals.tax,
        "gross": document.totals.gross,
        "tax_says": list(document.totals.says),
        "charges": [charge.key for charge in document.charges],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
