"""A price file's result as people read it at 80 columns: each document with its lines, then years, terms, differences.

It stands apart from price.py because what a salesperson and a clerk ask at a glance is a question of layout alone.

Always: every amount stands beside the sentence that explains it; columns line up whatever the currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from fsconsole.rules.priced import Document, Result
from fsconsole.rules.words import count
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge
from fsconsole.values.money import show

if TYPE_CHECKING:
    from fsconsole.flow.price import PricedFile

WIDTH = 80
#: Where amounts end, and where the words beside them begin.
AMOUNT = 14
#: So many terms are summed by name.
TERMS = 12


def in_words(priced: PricedFile) -> str:
    """The result in words: documents, totals by year and by term, what was issued, what matters, what is wrong."""
    result = priced.result
    parts: list[Iterable[str]] = []
    if result.agreement.terms:
        parts.append(_head(result))
        parts += [_document(document, result.agreement) for document in result.documents]
        parts.append(_beside(result))
        parts.append(_totals(result))
    elif not result.answers and not result.problems:
        parts.append(["There is no [[term]], so nothing is billed; see price --example fixed."])
    if result.agreement.issued:
        parts.append(_difference(result))
    if result.problems:
        told = [f"{one.what}{f', line {one.line}' if one.line else ''}: {one.reason}" for one in result.problems]
        parts.append(_section("Not priced", told))
    for name, found in result.answers.items():
        told = [_named(one.get("name", ""), str(one["says"])) for one in found if "problem" not in one]
        parts.append(_section(name.capitalize(), told) if told else [])
    if result.days:
        ends = {one.day for one in result.days if one.what != "ends"}
        days = [one for one in result.days if one.what != "ends" or one.day not in ends]
        parts.append(_section("Dates", [f"{one.day.isoformat()}  {one.what}: {one.says}" for one in days]))
    if priced.file.notes:
        parts.append(_section("Please look", [str(one) for one in priced.file.notes]))
    if priced.file.expect:
        parts.append(_outcome(priced.unexpected))
    blocks = ["\n".join(lines) for lines in (list(part) for part in parts) if lines]
    return "\n\n".join(blocks)


def _head(result: Result) -> Iterator[str]:
    agreement = result.agreement
    contract = agreement.contract
    name = " · ".join(part for part in (contract.ref, agreement.title(contract.client), contract.name) if part)
    through = f", through {result.through.isoformat()}" if result.through else ""
    yield from _wrapped(f"{name or 'Contract'}, in {agreement.money}{through}")


def _document(document: Document, agreement: Agreement) -> Iterator[str]:
    yield from _wrapped(_titled(document, agreement), hang=12)
    yield from _lines(document.charges, agreement.money)


def _titled(document: Document, agreement: Agreement) -> str:
    totals, money = document.totals, agreement.money
    words = f"{document.on.isoformat() if document.on else 'undated':<12}{show(totals.gross, money)}"
    words += f" = {show(totals.net, money)} + {show(totals.tax, money)} tax" if totals.tax else ""
    words += f", {show(totals.payable, money)} to pay" if totals.payable not in (totals.gross, 0) else ""
    words += f", due {document.due.isoformat()}" if document.due else ""
    other = document.payer if document.payer != agreement.contract.client else None
    return words + (f", to {agreement.title(other)}" if other else "")


def _lines(charges: Iterable[Charge], money: str) -> Iterator[str]:
    shown = [(f"~{show(one.notional, money)}" if one.estimate else show(one.amount, money), one.reason) for one in charges]
    wide = max((AMOUNT, *(len(amount) for amount, _ in shown)))
    for amount, reason in shown:
        first, *rest = wrap(reason, WIDTH - wide - 2, break_long_words=False) or [""]
        yield f"{amount:>{wide}}  {first}"
        yield from (" " * (wide + 2) + line for line in rest)


def _beside(result: Result) -> Iterator[str]:
    """What is on no document: held, covered, or nothing to pay."""
    held = [one for one in result.charges if one.estimate]
    rest = [one for one in result.charges if not one.estimate and (not one.amount or one.covered_by)]
    for title, charges in (("Held for a decision", held), ("Nothing to pay", rest)):
        if charges:
            yield title
            yield from _lines(charges, result.agreement.money)


def _totals(result: Result) -> Iterator[str]:
    """Net, tax and gross by year of billing and in all; and what each term comes to."""
    money, whole = result.agreement.money, result.totals
    years: dict[str, list[Document]] = {}
    for document in result.documents:
        years.setdefault(str(document.on.year) if document.on else "undated", []).append(document)
    rows = [(year, *_sums(found), _documents(len(found))) for year, found in years.items()]
    if len(rows) > 1:
        rows.append(("together", whole.net, whole.tax, whole.gross, _documents(len(result.documents))))
    if not rows:
        rows = [("together", whole.net, whole.tax, whole.gross, "nothing to bill" + _why_nothing(result))]
    taxed = bool(whole.tax or whole.says)
    amounts = [show(one, money) for _, *sums, _ in rows for one in sums] + [show(amount, money) for amount, _ in _by_term(result)]
    wide = max((AMOUNT, *(len(one) + 2 for one in amounts)))
    yield f"{'Billed in':<12}{'net':>{wide}}" + (f"{'tax':>{wide}}{'gross':>{wide}}" if taxed else "")
    for name, net, tax, gross, words in rows:
        sums = f"{show(tax, money):>{wide}}{show(gross, money):>{wide}}" if taxed else ""
        yield f"{name:<12}{show(net, money):>{wide}}{sums}  {words}"
    yield from (f"  {line}" for says in whole.says for line in wrap(says, WIDTH - 2))
    terms = _by_term(result)
    if len(terms) > 1 or len(result.charges) > 1:
        yield from (f"{show(amount, money):>{12 + wide}}  {words}" for amount, words in terms[:TERMS])
        if len(terms) > TERMS:
            rest = sum(amount for amount, _ in terms[TERMS:])
            yield f"{show(rest, money):>{12 + wide}}  {count(len(terms) - TERMS, 'other term')}"


def _why_nothing(result: Result) -> str:
    """Why there is nothing to bill, where the days alone say it."""
    contract = result.agreement.contract
    starts = [day for term in result.agreement.terms if (day := term.start or contract.start)]
    if contract.start and contract.start == contract.end:
        return f": it starts and ends on {contract.start.isoformat()}, so it has no day"
    if starts and result.through and result.through < min(starts):
        return f": it starts on {min(starts).isoformat()}, after the day asked for"
    return ""


def _sums(documents: Sequence[Document]) -> tuple[int, int, int]:
    return (
        sum(one.totals.net for one in documents),
        sum(one.totals.tax for one in documents),
        sum(one.totals.gross for one in documents),
    )


def _documents(number: int) -> str:
    return count(number, "document")


def _by_term(result: Result) -> list[tuple[int, str]]:
    """What each term comes to, before tax, in the order in which terms are listed."""
    sums: dict[str, tuple[int, int]] = {term.name or term.kind: (0, 0) for term in result.agreement.terms}
    names = {term.id: term.name or term.kind for term in result.agreement.terms}
    for charge in result.charges:
        if charge.amount and not charge.covered_by and not charge.estimate:
            name = names.get(charge.term, "other") if charge.term else "other"
            amount, number = sums.get(name, (0, 0))
            sums[name] = amount + charge.amount, number + 1
    return [(amount, f"{name}, {count(number, 'line')}") for name, (amount, number) in sums.items() if number]


def _difference(result: Result) -> Iterator[str]:
    """What is to be issued and credited, as the documents it would stand on."""
    if not result.difference:
        yield "Everything is issued as it should be."
        return
    agreement, money = result.agreement, result.agreement.money
    net = sum(one.amount for one in result.difference)
    tax = sum(one.totals.tax for one in result.to_issue)
    words = f"{show(net, money)}" + (f" + {show(tax, money)} tax = {show(net + tax, money)}" if tax else "")
    yield f"Not issued yet: {words}" if net >= 0 else f"To credit: {words}"
    for document in result.to_issue:
        yield from _wrapped(_titled(document, agreement), hang=12)
        yield from _lines(document.charges, money)


def _section(title: str, sentences: Sequence[str]) -> Iterator[str]:
    yield title
    for sentence in sentences:
        yield from (("  " if number == 0 else "    ") + line for number, line in enumerate(wrap(sentence, WIDTH - 4) or [""]))


def _named(name: object, says: str) -> str:
    return f"{name}: {says}" if name and not says.startswith(str(name)) else says


def _wrapped(words: str, hang: int = 2) -> list[str]:
    return wrap(words, WIDTH, subsequent_indent=" " * hang, break_long_words=False)


def _outcome(unexpected: tuple[str, ...]) -> Iterator[str]:
    if not unexpected:
        yield "As expected."
        return
    yield "Not as expected"
    yield from (f"  {one}" for one in unexpected)
