"""Billable less billed, by key: what is to be drafted, what a fence holds back, and on whose invoice it goes.

It stands apart because this one subtraction replaces every pointer to a next billing date: a late card, a
backdated end, a voided invoice and a corrected reading are each a new difference.

Always: issue what was drafted, and the next difference is empty. Covered lines and estimates are never
drafted. Nothing here asks what day it is: ``Charge.billable_from`` tells, and whoever shows drafts filters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from fsconsole.rules.billable import JobWork, Priced, Unpriced, job_charges, price_job
from fsconsole.rules.facts import Fenced
from fsconsole.rules.held import assets_on
from fsconsole.rules.recurring import contract_charges, price_contract
from fsconsole.values.bill import Charge, Draft, Invoice, IssuedLine
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.work import Id

__all__ = [
    "JobWork",
    "Priced",
    "Unpriced",
    "assets_on",
    "contract_charges",
    "difference",
    "fence",
    "group",
    "job_charges",
    "price_contract",
    "price_job",
    "reach",
]


def reach(horizon: date, issued: Iterable[IssuedLine]) -> date:
    """How far charges must be computed so that no period issued ahead is missing from them."""
    return max([horizon, *(line.start for line in issued if line.start is not None and not line.void)])


def difference(
    charges: Iterable[Charge],
    issued: Iterable[IssuedLine],
    *,
    invoices: Iterable[Invoice] = (),
    written_off: Collection[Id] = (),
    currency: str = "GBP",
) -> list[Charge]:
    """Billable less billed: what remains of each charge, and as credits what was billed and is not due.

    ``charges`` and ``issued`` are about the same jobs or contracts. What is fully billed disappears; what is
    billed in part leaves the rest; what is billed too high, or under a key that no charge has any more,
    leaves a negative charge, owed to whom it was billed (where several were, to one after the other). Void lines
    and lines of void ``invoices`` (which also tell the payer and currency of a credit) do not count, so a voided
    document gives its period back. Lines without a key (imported ones) are about nothing here. Estimates are left
    out, and what was billed under their keys is left alone until the job is complete. Of ``written_off`` jobs
    only credits remain.
    """
    documents = {invoice.id: invoice for invoice in invoices}
    lines: dict[str, list[IssuedLine]] = {}
    for line in {line.id: line for line in issued}.values():
        document = documents.get(line.invoice) if line.invoice else None
        if line.key and not line.void and not (document and document.void):
            lines.setdefault(line.key, []).append(line)
    due = {charge.key: charge for charge in charges}
    found: list[Charge] = []
    for key, charge in due.items():
        billed = sum(line.amount for line in lines.get(key, ()))
        rest = charge.amount - billed
        if charge.estimate or not rest or (rest > 0 and charge.job in written_off):
            continue
        one = _rest(charge, billed, bool(lines.get(key)))
        found.append(_owed(one, lines.get(key, []), documents))
    for key, billed_lines in lines.items():
        if key not in due and (left := sum(line.amount for line in billed_lines)):
            found.append(_owed(_undue(key, billed_lines, left, documents, currency), billed_lines, documents))
    return sorted(found, key=lambda charge: charge.key)


def _rest(charge: Charge, billed: int, touched: bool) -> Charge:
    rest, money = charge.amount - billed, charge.currency
    if not touched or (not billed and rest > 0):
        return charge  # what was billed and credited whole is billed anew, and said as at first
    if rest < 0:
        due = f"{show(charge.amount, money)} is due" if charge.amount else "nothing is to be paid"
        words = f"{show(-rest, money)} to credit: {show(billed, money)} was billed, {due}; {charge.reason}"
    else:
        words = f"{show(rest, money)} more: {show(billed, money)} was billed; {charge.reason}"
    # Notional value and cost belong to the charge, not to a correction of its bill.
    return replace(charge, amount=rest, quantity="1", covered_by="", notional=0, cost=0, reason=words)


def _owed(credit: Charge, lines: list[IssuedLine], documents: Mapping[Id, Invoice]) -> Charge:
    """A credit for whom was billed, whoever pays now; of several the one who was billed most, and no more than that."""
    billed: dict[Id | None, int] = {}
    for line in lines:
        document = documents.get(line.invoice) if line.invoice else None
        payer = document.client if document else None
        billed[payer] = billed.get(payer, 0) + line.amount
    if credit.amount >= 0 or not set(billed) - {None}:
        return credit
    payer = max(billed, key=lambda one: (billed[one], one or b""))
    if payer is None or (payer == credit.payer and -credit.amount <= billed[payer]):
        return credit
    back = min(-credit.amount, billed[payer])
    return replace(credit, payer=payer, amount=-back)


def _undue(key: str, lines: list[IssuedLine], billed: int, documents: Mapping[Id, Invoice], currency: str) -> Charge:
    """The credit (or, after too large a credit note, the charge) for what no fact calls for any more."""
    # The line with the greatest id stands for all: arbitrary, but the same everywhere.
    line = max(lines, key=lambda each: (each.amount, each.id))
    document = documents.get(line.invoice) if line.invoice else None
    money = (document.currency if document else "") or currency
    number = f" on {document.number}" if document and document.number else ""
    what = f" as “{line.text}”" if line.text else ""
    starts_and_ends = line.start is not None and line.end is not None and line.start <= line.end
    kind = key.split(":")[1] if key.count(":") >= 2 else "fixed"
    return Charge(
        key=key,
        job=line.job,
        contract=line.contract,
        payer=document.client if document else None,
        kind="fixed" if kind == "per-asset" else kind,
        period=Period(line.start, line.end) if starts_and_ends and line.start and line.end else None,
        amount=-billed,
        currency=money,
        billable_from=line.start,
        reason=f"{show(-billed, money)}: {show(billed, money)} was billed{number}{what}, and nothing calls for it any more",
    )


def fence(
    charges: Iterable[Charge],
    elsewhere_until: Mapping[Id, date],
    locked_until: date | None,
    *,
    issued: Iterable[IssuedLine] = (),
) -> tuple[list[Charge], list[Fenced]]:
    """Differences that may be drafted, and those behind a fence, each of which a person decides on.

    ``elsewhere_until`` is by id of job, term or contract (a charge of a job asks for its job alone; a term
    goes before its contract): days before it were billed in the old system. A charge wholly before it is
    settled and comes back in neither list, unless it is a credit or stands on one of our ``issued`` lines;
    one that the day cuts in two is behind the fence. ``locked_until`` is the first open day of the books:
    what became due before it is behind. Advance fees are due when their period starts, arrears when it ends,
    jobs when they were done.
    """
    ours = {line.key for line in issued if not line.void}
    free: list[Charge] = []
    behind: list[Fenced] = []
    for charge in charges:
        until = _elsewhere(charge, elsewhere_until)
        span = _days_of(charge)
        if until is not None and span is not None and span.start < until:
            if span.end > until or charge.amount < 0 or charge.key in ours:
                behind.append(Fenced(charge=charge, fence="elsewhere", until=until))
            continue
        due = _due(charge, span)
        if locked_until is not None and due is not None and due < locked_until:
            behind.append(Fenced(charge=charge, fence="locked", until=locked_until))
        else:
            free.append(charge)
    return free, behind


def _elsewhere(charge: Charge, until: Mapping[Id, date]) -> date | None:
    if charge.job is not None:
        return until.get(charge.job)
    for thing in (charge.term, charge.contract):
        if thing is not None and thing in until:
            return until[thing]
    return None


def _days_of(charge: Charge) -> Period | None:
    if charge.period is not None:
        return charge.period
    day = charge.billable_from
    return Period(day, day + timedelta(days=1)) if day is not None else None


def _due(charge: Charge, span: Period | None) -> date | None:
    # Not before the period itself: a fee billable two weeks ahead is due in the month it is for.
    day = charge.billable_from
    return max(day, span.start) if day and span else day or (span.start if span else None)


def group(
    charges: Iterable[Charge],
    order_numbers: Mapping[Id, str],
    *,
    wishes: Mapping[Id, str] | None = None,
    locations: Mapping[Id, Id] | None = None,
    beside: Collection[str] = (),
) -> list[Draft]:
    """One draft for each payer, order number and currency; ``order_numbers`` by id of job, else of contract.

    ``beside``: keys of charges that their contract's order is not for. Where several orders share a draft each line says its own.

    ``wishes``, by id of contract or payer, the contract's first, group otherwise: ``payer`` puts all order numbers on
    one, ``location`` (``locations`` by job), ``contract`` and ``job`` make one for each of them. Covered lines and
    estimates are left out, and so is what comes to nothing.
    """
    sorted_out: dict[tuple[Id | None, str, str, Id | None], list[Charge]] = {}
    numbers: dict[tuple[Id | None, str, str, Id | None], dict[str, str]] = {}
    for charge in charges:
        if charge.estimate or charge.covered_by or not charge.amount:
            continue
        order = ""
        for thing in (charge.job, None if charge.key in beside else charge.contract):
            order = order or (order_numbers.get(thing, "") if thing is not None else "")
        wish = _wish(charge, wishes or {})
        split: Id | None = None
        if wish == "location":
            split = (locations or {}).get(charge.job) if charge.job else None
        elif wish in ("contract", "job"):
            split = charge.contract if wish == "contract" else charge.job or charge.contract
        place = (charge.payer, "" if wish == "payer" else order, charge.currency, split)
        sorted_out.setdefault(place, []).append(charge)
        numbers.setdefault(place, {})[charge.key] = order
    drafts = []
    for place, lines in sorted(
        sorted_out.items(), key=lambda item: (item[0][0] or b"", item[0][1], item[0][2], item[0][3] or b"")
    ):
        payer, order, money, _ = place
        # A document names one order at most: several on one leave it to the lines.
        of_line, several = numbers[place], set(numbers[place].values())
        only = next(iter(several)) if len(several) == 1 else ""
        if len(several) > 1:
            lines = [_on_order(line, of_line[line.key]) for line in lines]
            lines.sort(key=lambda line: (of_line[line.key] == "", of_line[line.key], *_place(line)))
        else:
            lines.sort(key=_place)
        drafts.append(Draft(payer=payer, order_number=order or only, currency=money, charges=tuple(lines)))
    return drafts


def _on_order(line: Charge, order: str) -> Charge:
    """A line that says on which of the client's orders it is; its key and digest are those of the charge."""
    return replace(line, reason=f"{line.reason} [{f'order {order}' if order else 'no order'}]")


def _wish(charge: Charge, wishes: Mapping[Id, str]) -> str:
    return next((wish for thing in (charge.contract, charge.payer) if thing is not None and (wish := wishes.get(thing))), "order")


def _place(charge: Charge) -> tuple[date, str]:
    """Where a line stands on its draft: by day, then by key."""
    return (charge.period.start if charge.period else date.max), charge.key
