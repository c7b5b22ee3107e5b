"""Why one line of a draft or a document is what it is: its arithmetic, the facts it rests on, what was billed and decided.

It stands apart because the clerk's question and the client's dispute have one answer, and it is the same on every screen.

Always: everything said stands in the store, or is what the rule that priced the line says of it; nothing is added up here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fsconsole.changes.stamp import ms_of
from fsconsole.errors import Refused
from fsconsole.flow.anew import anew_of
from fsconsole.flow.evidence import approved_now
from fsconsole.flow.gather import Known
from fsconsole.flow.taxes import Taxes
from fsconsole.flow.why_job import Fact, of_job
from fsconsole.rules.orders import kind_in
from fsconsole.rules.words import day, moment
from fsconsole.store import derive
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import money
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.values.bill import Charge, Invoice, IssuedLine
from fsconsole.values.money import show
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Entry, Term

Told = tuple[str, list[Fact]]

#: What is counted, by the kind of a line.
_UNITS = {"labour": " h", "travel": " h", "hours": " h"}
#: What a fence means, in words.
_FENCES = {"locked": "its month is closed", "elsewhere": "billed elsewhere", "waived": "waived", "parked": "parked"}


def why(store: Store, now: datetime, key: str) -> list[Told]:
    """What stands behind a charge, under a title each, the arithmetic first; nothing when it is not owed any more."""
    rows = store.sql(f"SELECT {derive.CHARGE}, order_number, fenced FROM charge_now WHERE key = ?", (key,))
    if not rows:
        return []
    charge = derive.read_charges([row[:-2] for row in rows])[0]
    order, fenced = rows[0][-2:]
    payer = fetch(store, "client", charge.payer)
    known = Known(store)
    line: list[Fact] = [("because", charge.reason, show(charge.amount, charge.currency))]
    line += _quantity(charge)
    line += [("covered by", charge.covered_by, show(charge.notional, charge.currency))] if charge.covered_by else []
    line += [] if charge.covered_by else _tax(known, charge, now.astimezone(store.zone).date())
    line += [("costs us", "", show(charge.cost, charge.currency))] if charge.cost else []
    line += [("for", str(charge.period), "")] if charge.period else []
    line += [("billable", f"from {day(charge.billable_from)}", "")] if charge.billable_from else []
    line += [("payer", payer.name, "")] if payer else []
    line += [("order", order, "")] if order else []
    line += [("fence", _FENCES.get(fenced, fenced), "")] if fenced else []
    found: list[Told] = [("The line", line)]
    if charge.contract and not charge.job:
        two = anew_of(store, [charge.contract], now.astimezone(store.zone).date()).get(key, ())
        found += [("On the invoice", [("as", one.reason, show(one.amount, one.currency)) for one in two])] if two else []
    found += _rests_on(store, known, charge)
    found += _billed(store, charge)
    found += _decided(store, now, charge)
    return found


def why_billed(store: Store, row: bytes) -> list[Told]:
    """The same of one line of an issued document: as it was frozen, what it rests on, and what else was billed under its key."""
    frozen: IssuedLine | None = fetch(store, "invoice_line", row)
    paper: Invoice | None = fetch(store, "invoice", frozen.invoice) if frozen else None
    if frozen is None or paper is None:
        return []
    span = Period(frozen.start, frozen.end) if frozen.start and frozen.end and frozen.start < frozen.end else None
    charge = Charge(
        key=frozen.key, job=frozen.job, contract=frozen.contract, term=frozen.term, payer=paper.client,
        kind=kind_in(frozen.key).replace(" ", "-"), period=span, quantity=frozen.quantity or "1", amount=frozen.amount,
        currency=paper.currency, reason=frozen.text, tax=frozen.tax,
    )  # fmt: skip
    known, client = Known(store), fetch(store, "client", paper.client)
    issued = f"on {day(paper.issued_on)}" if paper.issued_on else ""
    line: list[Fact] = [("because", frozen.text, show(frozen.amount, paper.currency)), *_quantity(charge)]
    line += _tax(known, charge, paper.issued_on) if paper.issued_on else []
    line += [("for", str(span), "")] if span else []
    line += [("issued", f"{paper.kind} {paper.number} {issued}".strip(), "")]
    line += [("payer", client.name, "")] if client else []
    line += [("order", paper.order_number, "")] if paper.order_number else []
    line += [("taken back", str(paper.custom["reason"]), "")] if paper.custom.get("reason") else []
    return [("The line", line), *_rests_on(store, known, charge), *_billed(store, charge)]


def _quantity(charge: Charge) -> list[Fact]:
    if charge.quantity in ("", "1"):
        return []
    return [("quantity", f"{Decimal(charge.quantity):,f}{_UNITS.get(charge.kind, '')}", "")]


def _tax(known: Known, charge: Charge, on: date) -> list[Fact]:
    """The tax of a line by itself; a document's is worked out on the sum of each rate."""
    try:
        taxes = Taxes(known, [charge.contract] if charge.contract else [], on)
        words, tax = taxes.words(charge), taxes.of([charge]).tax
    except Refused as refused:
        return [("tax", str(refused), "")]
    return [("tax", words, show(tax, charge.currency))]


def _rests_on(store: Store, known: Known, charge: Charge) -> list[Told]:
    facts = of_job(store, known, charge) if charge.job else _of_contract(store, known, charge)
    return [("What it rests on", facts)] if facts else []


def _of_contract(store: Store, known: Known, charge: Charge) -> list[Fact]:
    from fsconsole.flow.agreement_changes import changes
    from fsconsole.flow.gather import contract_sheets
    from fsconsole.rules.term_words import span_words, term_words

    agreed: Contract | None = fetch(store, "contract", charge.contract)
    if agreed is None:
        return []
    facts: list[Fact] = [("contract", f"{agreed.ref} {agreed.name}".strip(), "")]
    if agreed.start:
        facts.append(("runs", span_words(agreed.start, agreed.end), ""))
    term: Term | None = fetch(store, "term", charge.term)
    if term is not None:
        facts.append(("term", f"{term.name}: {term_words(term, charge.currency)}".removeprefix(": "), ""))
    if term is not None and term.kind == "per asset" and charge.period:
        for cover in fetch_all(store, "cover", contract=agreed.id):
            asset = fetch(store, "asset", cover.asset)
            if asset is not None and _overlaps(cover.start, cover.end, charge.period):
                facts.append(("asset", f"{asset.title} {span_words(cover.start, cover.end)}".strip(), ""))
    sheet = contract_sheets(store, [agreed.id], known)[0]
    # What changes another term, or a time after this one, is no part of the answer.
    mine = [one for one in sheet.entries if one.term in (None, charge.term) and (_before(one.day, charge) or _cuts(one, charge))]
    ours = [one for one in sheet.clauses if one.term in (None, charge.term) and _before(one.start, charge)]
    told = [one for one in changes(replace(sheet, entries=mine, clauses=ours), charge.currency) if term is not None]
    return facts + [("agreed", f"{words}, from {when}" if when else words, "") for when, words in told]


def _before(on: date | None, charge: Charge) -> bool:
    return on is None or charge.period is None or on < charge.period.end


def _cuts(entry: Entry, charge: Charge) -> bool:
    """Whether it is why a period ends where it does."""
    return charge.period is not None and entry.day == charge.period.end and entry.details.get("what") in ("suspend", "end")


def _overlaps(start: date | None, end: date | None, period: Period) -> bool:
    return (start is None or start < period.end) and (end is None or end > period.start)


def _billed(store: Store, charge: Charge) -> list[Told]:
    rows = store.sql(
        "SELECT i.number, i.issued_on, l.amount, l.text FROM invoice_line l JOIN invoice i ON i.id = l.invoice"
        " WHERE l.key = ? AND l.void = 0 ORDER BY i.issued_on, i.number",
        (charge.key,),
    )
    if not charge.key or not rows:
        return [("Billed before", [("", "nothing of it", "")])]
    told = [
        (number_, f"{day(date.fromisoformat(on))}: {text}" if on else text, show(amount, charge.currency))
        for number_, on, amount, text in rows
    ]
    stands = show(sum(row[2] for row in rows), charge.currency)
    return [("Billed before", [*told, *([("", "in all", stands)] if len(rows) > 1 else [])])]


def _decided(store: Store, now: datetime, charge: Charge) -> list[Told]:
    zone = str(store.zone.key)
    facts: list[Fact] = []
    query = "SELECT approved_by, c_approved FROM decision WHERE key = ? AND approved != ''"
    for by, clock in store.sql(query, (f"charge:{charge.key}",)):
        changed = "" if charge.key in approved_now(store, [charge]) else ", and changed since"
        facts.append(("approved", f"by {by}, {moment(instant(ms_of(clock)), zone)}{changed}", ""))
    for _, case_key, says in money.holding(store, now, [charge.key]):
        facts.append(("held by", says, ""))
        for whom, how, at in store.sql("SELECT whom, how, at FROM chase WHERE key = ? AND void = 0 ORDER BY at", (case_key,)):
            told: Any = instant(at)
            facts.append(("asked", f"{whom} {how} {moment(told, zone) if told else ''}".strip(), ""))
    let_go = store.sql(
        "SELECT d.waived FROM case_charge x JOIN decision d ON d.key = x.case_key WHERE x.charge_key = ? AND d.waived != ''"
        " ORDER BY d.key",
        (charge.key,),
    )
    facts += [("waived", words, "") for (words,) in let_go]
    return [("Decided", facts)] if facts else []
