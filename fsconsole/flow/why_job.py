"""What a line of a job rests on: the visit, the time or part recorded, the card, whose price it is, who bears it.

It stands apart from why.py because a job's lines rest on what happened, and a contract's on what was agreed.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal

from fsconsole.flow.gather import JobSheet, Known, job_sheets
from fsconsole.rules.billable import JobWork, rate_meant
from fsconsole.rules.coverage import coverage
from fsconsole.rules.rates import clock, number
from fsconsole.rules.words import called, day, hhmm, moment
from fsconsole.store.opening import Store
from fsconsole.values.bill import Charge
from fsconsole.values.money import show
from fsconsole.values.terms import Rate
from fsconsole.values.work import Labour, PartUsed, Technician

#: (label, words, amount as shown) of each fact.
Fact = tuple[str, str, str]


def of_job(store: Store, known: Known, charge: Charge) -> list[Fact]:
    """The facts of a job that one line of it rests on, in the order in which they happened; the price and its owner last."""
    sheets = job_sheets(store, [charge.job], known) if charge.job else []
    if not sheets:
        return []
    sheet, zone = sheets[0], str(store.zone.key)
    job, visit, who = sheet.job, *_named(charge)
    facts: list[Fact] = [("job", f"{job.ref} {job.title}", "")]
    if job.reported_at:
        by = f" by {job.reported_by.removeprefix('by ')}" if job.reported_by else ""
        facts.append(("reported", moment(job.reported_at, zone) + by, ""))
    for fold in sheet.folds:
        spans = [f"{hhmm(one.start, zone)}–{hhmm(one.end, zone) if one.end else 'now'}" for one in fold.spans]
        on = f"{day(fold.arrived.astimezone(store.zone).date())} {', '.join(spans)}" if fold.arrived else fold.state.value
        name = called(known.technicians.get(fold.visit.technician)) if fold.visit.technician else ""
        facts.append((f"visit {fold.visit.number}", f"{name} {on}".strip(), ""))
    technician = next((one for row, one in known.technicians.items() if row.hex() == who), None)
    if charge.kind in ("labour", "travel"):
        mine = [one for one in sheet.labour if one.kind == charge.kind and not one.void]
        mine = [one for one in mine if _hex(one.visit) == visit and _hex(one.technician) == who] or mine
        facts += [_time(store, known, one) for one in mine]
    if charge.kind == "part":
        facts += [_part(sheet, one, charge.currency) for one in sheet.parts if one.id.hex() == visit and not one.void]
    else:
        facts += _price(sheet.work, charge, technician)
    facts += [("card", " ".join(word for word in (one.found, one.done) if word) or "in", "") for one in sheet.cards]
    signs = ((one.how, one.name, one.reason) for one in sheet.sign_offs)
    facts += [("signed off", " ".join(word for word in said if word), "") for said in signs]
    return [*facts, ("cover", _cover(store, sheet.work, charge), "")]


def _named(charge: Charge) -> tuple[str, str]:
    """The visit (or the part used) and the technician that a line's key names, as they stand in it."""
    parts = [*charge.key.split(":"), "", "", "", ""]
    return parts[2], parts[3]


def _hex(row: bytes | None) -> str:
    return row.hex() if row else "-"


def _time(store: Store, known: Known, entry: Labour) -> Fact:
    # Of history that came in by file only the day is known.
    at = ""
    if entry.start:
        at = moment(entry.start, str(store.zone.key)) if entry.visit else day(entry.start.astimezone(store.zone).date())
    name = called(known.technicians.get(entry.technician)) if entry.technician else ""
    told = f"{name} {clock(entry.minutes)}" + (f", {at}" if at else "") + (f": {entry.note}" if entry.note else "")
    return (entry.kind, told.strip(), "")


def _part(sheet: JobSheet, used: PartUsed, currency: str) -> Fact:
    part = sheet.work.catalogue.get(used.part) if used.part else None
    name = f"{part.code} {part.name}" if part and not used.name else used.name or "part"
    each, whose = used.price, "as given on the job"
    if each is None:
        each, whose = (part.price if part else None), "the list price"
    price = f" at {show(each, currency)} each, {whose}" if each is not None else ""
    return ("part", f"{number(Decimal(used.quantity) / 1000)} × {name}{price}", "")


def _price(work: JobWork, charge: Charge, technician: Technician | None) -> list[Fact]:
    """Whose price a line has, from when, for what, and how its time is rounded."""
    if charge.period is None:
        return []
    kind = charge.kind.replace("-", " ") if charge.kind != "call-out" else charge.kind
    rate = rate_meant(work, kind, charge.period.start, charge.contract, technician)
    if rate is None and kind in ("no access", "abort"):
        rate = rate_meant(work, "call-out", charge.period.start, charge.contract)
    if rate is None:
        return []
    hourly = kind in ("labour", "travel")
    words = f"{show(rate.amount, charge.currency)}{' an hour' if hourly else ''}, {_whose(work, rate, technician)}"
    words += f", for {rate.skill}" if rate.skill else ""
    words += f", from {day(rate.start)}" if rate.start else ""
    words += f"; at least {clock(rate.minimum_minutes)}" if hourly and rate.minimum_minutes else ""
    words += f"; in steps of {clock(rate.step_minutes)}" if hourly and rate.step_minutes > 1 else ""
    return [("price", words, "")]


def _whose(work: JobWork, rate: Rate, technician: Technician | None) -> str:
    if rate.contract is not None:
        ref = next((one.ref for one in work.contracts if one.id == rate.contract), "")
        return f"agreed in contract {ref}".strip()
    if rate.client is not None:
        return f"{work.client.name}'s own price" if work.client else "the client's own price"
    if technician is not None and rate.id == technician.id:
        return f"{called(technician)}'s own rate"
    return "our price for everybody"


def _cover(store: Store, work: JobWork, charge: Charge) -> str:
    """Who bears it, in words."""
    on = charge.period.start if charge.period else None
    at = datetime.combine(on, time(12), store.zone) if on else work.job.reported_at
    if at is None:
        return ""
    return coverage(
        work.job, at, client=work.client.id if work.client else work.job.client, asset=work.asset, contracts=work.contracts,
        covers=work.covers, timezone=work.timezone, charged=work.charged,
    ).reason  # fmt: skip
