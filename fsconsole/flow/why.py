"""Why one line of a draft is what it is: its arithmetic, the facts it rests on, what was billed and what was decided.

It stands apart because the clerk's question and the client's dispute have one answer, and it is the same on every screen.

Always: everything said stands in the store; nothing is computed again here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fsconsole.flow.evidence import approved_now
from fsconsole.rules import job as folding
from fsconsole.rules.rates import clock, number
from fsconsole.rules.words import called, day, hhmm, moment
from fsconsole.store import derive
from fsconsole.store.instants import instant
from fsconsole.store.opening import Store
from fsconsole.store.queries import money
from fsconsole.store.rows import fetch, fetch_all
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Technician

#: (label, words, amount as shown) of each fact.
Fact = tuple[str, str, str]
Told = tuple[str, list[Fact]]


def why(store: Store, now: datetime, key: str) -> list[Told]:
    """What stands behind a charge, under a title each, the arithmetic first; nothing when it is not owed any more."""
    rows = store.sql(f"SELECT {derive.CHARGE}, order_number, fenced FROM charge_now WHERE key = ?", (key,))
    if not rows:
        return []
    charge = derive.read_charges([row[:-2] for row in rows])[0]
    order, fenced = rows[0][-2:]
    payer = fetch(store, "client", charge.payer)
    line: list[Fact] = [("because", charge.reason, show(charge.amount, charge.currency))]
    line += [("quantity", charge.quantity, "")] if charge.quantity != "1" else []
    line += [("covered by", charge.covered_by, show(charge.notional, charge.currency))] if charge.covered_by else []
    line += [("costs us", "", show(charge.cost, charge.currency))] if charge.cost else []
    line += [("for", str(charge.period), "")] if charge.period else []
    line += [("billable", f"from {day(charge.billable_from)}", "")] if charge.billable_from else []
    line += [("payer", payer.name, "")] if payer else []
    line += [("order", order, "")] if order else []
    line += [("fence", fenced, "")] if fenced else []
    found: list[Told] = [("The line", line)]
    found += _of_job(store, charge) if charge.job else _of_contract(store, charge)
    found += _billed(store, charge)
    found += _decided(store, now, charge)
    return found


def _of_job(store: Store, charge: Charge) -> list[Told]:
    job = fetch(store, "job", charge.job)
    if job is None:
        return []
    zone = str(store.zone.key)
    technicians: dict[bytes, Technician] = {}

    def who(row: bytes | None) -> str:
        if row and row not in technicians and (one := fetch(store, "technician", row)):
            technicians[row] = one
        return called(technicians.get(row or b"")) if row in technicians else ""

    facts: list[Fact] = [("job", f"{job.ref} {job.title}", "")]
    if job.reported_at:
        by = f" by {job.reported_by}" if job.reported_by else ""
        facts.append(("reported", moment(job.reported_at, zone) + by, ""))
    for visit in sorted(fetch_all(store, "visit", job=job.id), key=lambda one: one.number):
        fold = folding.fold(visit, fetch_all(store, "event", visit=visit.id))
        spans = [f"{hhmm(one.start, zone)}–{hhmm(one.end, zone) if one.end else 'now'}" for one in fold.spans]
        on = f"{day(fold.arrived.astimezone(store.zone).date())} {', '.join(spans)}" if fold.arrived else fold.state.value
        facts.append((f"visit {visit.number}", f"{who(visit.technician)} {on}".strip(), ""))
    if charge.kind in ("labour", "travel"):
        for entry in fetch_all(store, "labour", job=job.id):
            if entry.kind == charge.kind:
                at = f", {moment(entry.start, zone)}" if entry.start else ""
                note = f": {entry.note}" if entry.note else ""
                facts.append((entry.kind, f"{who(entry.technician)} {clock(entry.minutes)}{at}{note}".strip(), ""))
    if charge.kind == "part":
        for used in fetch_all(store, "part_used", job=job.id):
            part = fetch(store, "part", used.part)
            name = used.name or (f"{part.code} {part.name}" if part else "part")
            each = used.price if used.price is not None else part.price if part else None
            price = f" at {show(each, charge.currency)} each" if each is not None else ""
            facts.append(("part", f"{number(Decimal(used.quantity) / 1000)} × {name}{price}", ""))
    for card in fetch_all(store, "card", job=job.id):
        facts.append(("card", " ".join(word for word in (card.found, card.done) if word) or "in", ""))
    for sign in fetch_all(store, "sign_off", job=job.id):
        facts.append(("signed off", " ".join(word for word in (sign.how, sign.name, sign.reason) if word), ""))
    if charge.contract and (agreed := fetch(store, "contract", charge.contract)):
        facts.append(("contract", f"{agreed.ref} {agreed.name}".strip(), ""))
    return [("What it rests on", facts)]


def _of_contract(store: Store, charge: Charge) -> list[Told]:
    from fsconsole.rules.term_words import term_words

    agreed: Contract | None = fetch(store, "contract", charge.contract)
    if agreed is None:
        return []
    facts: list[Fact] = [("contract", f"{agreed.ref} {agreed.name}".strip(), "")]
    if agreed.start:
        facts.append(("runs", f"from {day(agreed.start)}" + (f" to {day(agreed.end)}" if agreed.end else ""), ""))
    term: Term | None = fetch(store, "term", charge.term)
    if term is not None:
        facts.append(("term", f"{term.name}: {term_words(term, charge.currency)}".removeprefix(": "), ""))
        if term.kind == "per asset" and charge.period:
            for cover in fetch_all(store, "cover", contract=agreed.id):
                asset = fetch(store, "asset", cover.asset)
                there = _overlaps(cover.start, cover.end, charge.period.start, charge.period.end)
                if asset is not None and there:
                    until = f", until {day(cover.end)}" if cover.end else ""
                    since = f" from {day(cover.start)}" if cover.start else ""
                    facts.append(("asset", f"{asset.title}{since}{until}", ""))
    for clause in fetch_all(store, "clause", contract=agreed.id):
        if clause.kind in ("escalator", "discount"):
            said = ", ".join(f"{name} {value}" for name, value in sorted(clause.details.items()))
            facts.append((clause.kind, f"{clause.name} {said}".strip(), ""))
    return [("What it rests on", facts)]


def _overlaps(start: date | None, end: date | None, first: date, last: date) -> bool:
    return (start is None or start < last) and (end is None or end > first)


def _billed(store: Store, charge: Charge) -> list[Told]:
    rows = store.sql(
        "SELECT i.number, i.issued_on, l.amount, l.text FROM invoice_line l JOIN invoice i ON i.id = l.invoice"
        " WHERE l.key = ? AND l.void = 0 ORDER BY i.issued_on, i.number",
        (charge.key,),
    )
    if not rows:
        return [("Billed before", [("", "nothing of it", "")])]
    return [("Billed before", [(number_, f"{on}: {text}", show(amount, charge.currency)) for number_, on, amount, text in rows])]


def _decided(store: Store, now: datetime, charge: Charge) -> list[Told]:
    facts: list[Fact] = []
    for row in store.sql("SELECT approved_by FROM decision WHERE key = ? AND approved != ''", (f"charge:{charge.key}",)):
        stands = charge.key in approved_now(store, [charge])
        facts.append(("approved", f"by {row[0]}" if stands else f"by {row[0]}, and changed since", ""))
    for _, case_key, says in money.holding(store, now, [charge.key]):
        facts.append(("held by", says, ""))
        for whom, how, at in store.sql("SELECT whom, how, at FROM chase WHERE key = ? AND void = 0 ORDER BY at", (case_key,)):
            told: Any = instant(at)
            facts.append(("chased", f"{whom} {how} {moment(told, str(store.zone.key)) if told else ''}".strip(), ""))
    return [("Decided", facts)] if facts else []
