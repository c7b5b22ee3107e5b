"""A contract in words: its terms, what it covers, its promises, and every period with what became of it.

It stands apart because the contract screen, the offer and the dispute are told from this one value, computed
from the facts as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.flow.agreement_changes import MeterLine, changes, meters
from fsconsole.flow.contradicting import STOPS
from fsconsole.flow.gather import ContractSheet, Known, contract_sheets
from fsconsole.flow.settle import AHEAD, contract_charges
from fsconsole.flow.story import Told, told
from fsconsole.rules.rates import clock
from fsconsole.rules.term_words import term_words
from fsconsole.rules.words import count, day, listed
from fsconsole.store.opening import Store
from fsconsole.store.queries import exceptions, jobs, money
from fsconsole.values.bill import Charge, in_order, rests_on
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client, Id


class TermLine(NamedTuple):
    """One term in words: ``£290.00 an asset and quarter, in advance, by days``."""

    term: bytes
    name: str
    words: str
    elsewhere_until: date | None


class CoverLine(NamedTuple):
    """One cover: what it names, what is included, and from when until when (first day no longer)."""

    cover: bytes
    asset: bytes | None
    location: bytes | None
    name: str
    includes: str
    start: date | None
    end: date | None
    holds: bool


class PeriodLine(NamedTuple):
    """One period of a term. ``state`` is open (not due yet), billable, held, waived, locked, fenced (billed elsewhere in
    part), elsewhere, billed, credit, superseded (billed, credited, and nothing calls for it any more) or covered.

    Worth ``amount``, of it ``billed`` on the documents ``numbers``, ``rest`` to bill. ``why`` says what holds it.
    """

    key: str
    start: date | None
    end: date | None
    period: str
    term: str
    amount: int
    billed: int
    rest: int
    state: str
    numbers: str
    billable_from: date | None
    reason: str
    why: str


class Agreement(NamedTuple):
    """A contract whole. Days are dates, money minor units in ``currency``."""

    contract: Contract
    client: Client | None
    payer: str
    currency: str
    runs: str  # 1 Apr 2025 → 31 Mar 2026, renews itself
    promises: str  # somebody on site within 4 h, working again within 8 h (office hours)
    terms: tuple[TermLine, ...]
    covers: tuple[CoverLine, ...]
    periods: tuple[PeriodLine, ...]
    unbilled: int
    billed: int
    year: int
    order: str
    cases: tuple[exceptions.CaseRow, ...]
    jobs: tuple[jobs.JobRow, ...]
    covered_worth: int  # notional worth of open and finished work it covers and that is still on the board
    history: tuple[Told, ...]
    meters: tuple[MeterLine, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()  # (day, what) of revisions, rises and discounts, the latest first


def agreement(store: Store, contract: bytes, now: datetime, *, history: bool = True) -> Agreement | None:
    """A contract whole; None when there is none."""
    known = Known(store)
    sheets = contract_sheets(store, [contract], known)
    if not sheets:
        return None
    sheet = sheets[0]
    agreed, today = sheet.contract, now.astimezone(store.zone).date()
    currency = agreed.currency or (sheet.client.currency if sheet.client else "") or known.currency
    try:
        lines = periods_of(store, sheet, known, now)
    except STOPS:
        lines = []  # it contradicts itself: its case says how, and nothing of it can be priced
    payer = store.one("SELECT name FROM client WHERE id = ?", (agreed.payer,)) if agreed.payer else None
    spent = sum(line.billed for line in lines)
    order = agreed.order_number
    if order and agreed.order_ceiling is not None:
        order += f", {show(max(0, agreed.order_ceiling - spent), currency)} of {show(agreed.order_ceiling, currency)} left"
    if order and agreed.order_scope:
        order += f", for {listed(agreed.order_scope)} alone"
    if order and agreed.order_until:
        order += f", until {day(agreed.order_until - timedelta(days=1))}"
    worth = store.one("SELECT coalesce(sum(notional), 0) FROM charge_now WHERE contract = ? AND covered_by != ''", (contract,))
    year = store.one("SELECT year_amount FROM contract_now WHERE contract = ?", (contract,))
    rows = [contract, *(term.id for term in sheet.terms), *(cover.id for cover in sheet.covers)]
    return Agreement(
        contract=agreed,
        client=sheet.client,
        payer=payer[0] if payer else sheet.client.name if sheet.client else "",
        currency=currency,
        runs=_runs(agreed),
        promises=_promises(agreed),
        terms=tuple(TermLine(term.id, term.name, term_words(term, currency), term.elsewhere_until) for term in sheet.terms),
        covers=tuple(_covers(store, sheet, today)),
        periods=tuple(lines),
        unbilled=sum(line.rest for line in lines if line.state in ("billable", "held", "credit")),
        billed=spent,
        year=year[0] if year else 0,
        order=order,
        cases=tuple(exceptions.cases_about(store, now, contract)),
        jobs=tuple(jobs.jobs_of(store, contract=contract, limit=20)),
        covered_worth=worth[0] if worth else 0,
        history=tuple(told(store, rows)) if history else (),
        meters=tuple(meters(sheet, waiting(sheet, lines))),
        changes=tuple(changes(sheet, currency)),
    )


def periods_of(store: Store, sheet: ContractSheet, known: Known, now: datetime) -> list[PeriodLine]:
    """Every period of the contract's terms, with what was billed for it, up to the next that falls due."""
    today = now.astimezone(store.zone).date()
    whole, free, behind = contract_charges(sheet, known, (now + AHEAD).date())
    rest, fenced = {c.key: c for c in free}, {one.charge.key: one for one in behind}
    documents = {invoice.id: invoice for invoice in sheet.invoices}
    billed: dict[str, int] = {}
    numbers: dict[str, list[str]] = {}
    for issued in sheet.issued:
        document = documents.get(issued.invoice or Id(b""))
        if issued.key and not issued.void and not (document and document.void):
            billed[issued.key] = billed.get(issued.key, 0) + issued.amount
            numbers.setdefault(issued.key, []).extend([document.number] if document else [])
    priced = {charge.key: charge for charge in whole.charges}
    charges = dict(priced)
    for charge in (*free, *(one.charge for one in behind)):
        charges.setdefault(charge.key, charge)
    held = {row[0]: row[2] for row in money.holding(store, now, list(charges))} if len(charges) < 20_000 else {}
    names = {term.id: term.name or term.kind for term in sheet.terms}
    rows = store.sql("SELECT key FROM charge_now WHERE contract = ? AND fenced = 'waived'", (sheet.contract.id,))
    waived = {row[0] for row in rows}
    lines = _superseded(sheet, priced, billed, numbers, names)
    for key, charge in charges.items():
        left = rest.get(key)
        state, why = "billed" if billed.get(key) else "elsewhere" if charge.amount else "covered", ""
        if key in waived:
            state = "waived"
        elif key in fenced:
            fence = fenced[key]
            state = "fenced" if fence.fence == "elsewhere" else "locked"
            why = f"{'billed elsewhere' if fence.fence == 'elsewhere' else 'locked'} until {day(fence.until)}"
        elif charge.estimate:
            late = charge.billable_from is not None and charge.billable_from <= today
            state, why = ("held", "it waits for what is missing") if late else ("open", "")
        elif state == "covered" and charge.billable_from is not None and charge.billable_from > today:
            state = "open"  # nothing yet: what is used until then is still to come
        elif left is not None:
            due = left.billable_from is None or left.billable_from <= today
            state, why = ("held", held[key]) if due and key in held else ("billable" if due else "open", "")
            base = rest.get(rests_on(key))
            if due and left.amount < 0 and (base is None or base.amount <= 0):
                # What is only taken off a line that is still to be billed goes with it; of anything else it is owed.
                state, why = "credit", ""
        lines.append(
            PeriodLine(
                key=key, start=charge.period.start if charge.period else None, end=charge.period.end if charge.period else None,
                period=str(charge.period) if charge.period else "", term=names.get(charge.term or Id(b""), ""),
                amount=priced[key].amount if key in priced else 0, billed=billed.get(key, 0),
                rest=left.amount if left else fenced[key].charge.amount if key in fenced else 0, state=state,
                numbers=", ".join(dict.fromkeys(numbers.get(key, ()))), billable_from=charge.billable_from, reason=charge.reason,
                why=why,
            )
        )  # fmt: skip
    lines = in_order(sorted(lines, key=lambda line: (line.start or date.max, line.term, line.key)), lambda line: line.key)
    # Of what is not due yet the next period of each term is news, the year behind it is not.
    seen: set[str] = set()
    shown = []
    for line in lines:
        if line.state == "open":
            if line.term in seen:
                continue
            seen.add(line.term)
        shown.append(line)
    return shown


def waiting(sheet: ContractSheet, lines: Iterable[PeriodLine]) -> dict[str, list[str]]:
    """By meter term, the periods for which a reading is missing."""
    metered = {term.name or term.kind for term in sheet.terms if term.kind == "meter"}
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.state == "held" and line.term in metered and line.period not in found.get(line.term, ()):
            found.setdefault(line.term, []).append(line.period)
    return found


def _superseded(
    sheet: ContractSheet,
    priced: Mapping[str, Charge],
    billed: Mapping[str, int],
    numbers: Mapping[str, list[str]],
    names: Mapping[Id, str],
) -> list[PeriodLine]:
    """What was billed and credited whole, and no fact calls for any more."""
    found: dict[str, PeriodLine] = {}
    for line in sheet.issued:
        gone = line.key and line.key not in priced and billed.get(line.key) == 0
        if gone and line.start and line.end and line.start < line.end:
            period, on = str(Period(line.start, line.end)), ", ".join(dict.fromkeys(numbers.get(line.key, ())))
            of = next((name for term, name in names.items() if line.key.startswith(term.hex())), "")
            found[line.key] = PeriodLine(
                line.key, line.start, line.end, period, of, 0, 0, 0, "superseded", on, line.start, line.text, ""
            )
    return list(found.values())


def _runs(contract: Contract) -> str:
    first = day(contract.start) if contract.start else "?"
    last = day(contract.end - timedelta(days=1)) if contract.end else "no end"
    renews = {"itself": ", renews itself", "by notice": ", renews by notice", "no": ", does not renew"}.get(contract.renews, "")
    notice = f", {count(contract.notice_days, 'day')} of notice" if contract.notice_days else ""
    return f"{first} → {last}{renews}{notice}"


def _promises(contract: Contract) -> str:
    found = []
    if contract.respond_minutes is not None:
        found.append(f"somebody on site within {clock(contract.respond_minutes)}")
    if contract.restore_minutes is not None:
        found.append(f"working again within {clock(contract.restore_minutes)}")
    if not found:
        return ""
    return f"{listed(found)}, in {contract.calendar or 'office'} hours"


def _covers(store: Store, sheet: ContractSheet, today: date) -> list[CoverLine]:
    found = []
    for cover in sheet.covers:
        name = "everything of the client"
        if cover.asset:
            asset = sheet.assets.get(cover.asset)
            name = asset.title if asset else "an asset"
        elif cover.location:
            row = store.one("SELECT name, postcode FROM location WHERE id = ?", (cover.location,))
            name = f"all at {row[0]} {row[1]}".strip() if row else "a location"
        inside = [
            word for word, given in (("labour", cover.labour), ("parts", cover.parts), ("call-out", cover.call_out)) if given
        ]
        holds = (cover.start is None or cover.start <= today) and (cover.end is None or today < cover.end)
        found.append(
            CoverLine(
                cover.id,
                cover.asset,
                cover.location,
                name,
                listed(inside) if inside else "nothing",
                cover.start,
                cover.end,
                holds,
            )
        )
    return sorted(found, key=lambda line: (not line.holds, line.name, line.cover))
