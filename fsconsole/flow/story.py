"""A job's whole story: its visits and trail, card, labour, parts, what it is worth and why, cases, notes, who did what.

It stands apart because the job screen, its detail beside a list and its proof are told from this one value,
and what a job is worth is computed here from the facts, not read from a cache.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.flow.evidence import said
from fsconsole.flow.gather import JobSheet, Known, job_sheets
from fsconsole.flow.settle import job_charges
from fsconsole.rules import sla
from fsconsole.rules.coverage import coverage
from fsconsole.rules.job import Fold
from fsconsole.rules.rates import clock
from fsconsole.store.history import entries
from fsconsole.store.opening import Store
from fsconsole.store.queries import board, exceptions, jobs, money, people
from fsconsole.values.bill import Charge
from fsconsole.values.terms import Contract
from fsconsole.values.work import Asset, Card, Client, Contact, Job, Labour, Location, PartUsed, SignOff, State

#: Columns that tell a reader nothing: links between rows that the line already belongs to.
SILENT = frozenset({"visit", "job", "about", "key", "invoice", "gone", "void", "custom", "ref"})


class VisitStory(NamedTuple):
    """One visit with where it stands; ``stays`` are the trail's stops at the place that day, ``trail`` their minutes."""

    visit: bytes
    number: int
    technician: bytes | None
    code: str
    name: str
    state: str
    outcome: str
    told: str
    booked_from: datetime | None
    booked_until: datetime | None
    released: datetime | None
    departed: datetime | None
    arrived: datetime | None
    left: datetime | None
    completed: datetime | None
    signed: datetime | None
    eta: date | None
    on_site: int  # minutes
    waited: int  # minutes for parts
    trail: int | None  # minutes on site by the trail; None where there is no trail of that day
    stays: tuple[people.StayRow, ...]
    misfits: tuple[str, ...]


class ChargeLine(NamedTuple):
    """One charge as it stands: worth ``amount``, of it ``billed``, and ``rest`` still to bill (or, below nought, to credit)."""

    key: str
    kind: str
    amount: int
    billed: int
    rest: int
    notional: int
    cost: int
    currency: str
    covered_by: str
    estimate: bool
    fence: str
    reason: str
    held_by: str  # the open case that holds it, in words


class Told(NamedTuple):
    """One act as it touched the thing: who, where, when, what was typed, and what it wrote."""

    at: datetime
    site: str
    by: str
    typed: str
    wrote: tuple[str, ...]
    act: bytes


class Story(NamedTuple):
    """A job whole. Values are as in ``values``; instants aware in UTC, money in minor units."""

    job: Job
    card: board.CardRow | None
    client: Client | None
    location: Location | None
    asset: Asset | None
    contract: Contract | None  # chosen on the job, or the one that covers it
    contacts: tuple[Contact, ...]
    covered: str  # who bears the work, in words
    respond_by: datetime | None
    restore_by: datetime | None
    visits: tuple[VisitStory, ...]
    cards: tuple[Card, ...]
    sign_offs: tuple[SignOff, ...]
    labour: tuple[Labour, ...]
    parts: tuple[PartUsed, ...]
    charges: tuple[ChargeLine, ...]
    amount: int
    notional: int
    rest: int
    cases: tuple[exceptions.CaseRow, ...]
    files: tuple[jobs.FileRow, ...]
    notes: tuple[jobs.NoteRow, ...]
    earlier: tuple[jobs.JobRow, ...]  # the same asset or place within the policy's repeat days
    history: tuple[Told, ...]  # the newest first


def story(store: Store, job: bytes, now: datetime, *, history: bool = True) -> Story | None:
    """The story of a job; None when there is no such job. ``history`` False leaves the audit trail out."""
    known = Known(store)
    sheets = job_sheets(store, [job], known)
    if not sheets:
        return None
    sheet = sheets[0]
    about, client = sheet.job, sheet.client
    when = min((f.arrived for f in sheet.folds if f.arrived), default=about.reported_at or now)
    borne = coverage(
        about,
        when,
        client=client.id if client else None,
        asset=sheet.asset,
        contracts=sheet.work.contracts,
        covers=sheet.work.covers,
        timezone=known.timezone,
    )
    contract = sheet.contract or next((one for one in sheet.work.contracts if one.id == borne.contract), None)
    respond, restore = targets(sheet, contract, known, now)
    lines = charge_lines(store, sheet, known, now)
    since = (about.reported_at or now) - timedelta(days=known.policies.on(now.date()).repeat_days)
    return Story(
        job=about,
        card=board.card(store, job),
        client=client,
        location=sheet.location,
        asset=sheet.asset,
        contract=contract,
        contacts=tuple(contacts_at(store, client, about)),
        covered=borne.reason,
        respond_by=respond,
        restore_by=restore,
        visits=tuple(_visit(store, sheet, fold, known) for fold in sheet.folds if not fold.visit.gone),
        cards=tuple(one for one in sheet.cards if not one.void),
        sign_offs=tuple(one for one in sheet.sign_offs if not one.void),
        labour=tuple(sorted((one for one in sheet.labour if not one.void), key=lambda e: (e.start or now, e.id))),
        parts=tuple(sorted((one for one in sheet.parts if not one.void), key=lambda e: (e.at or now, e.id))),
        charges=tuple(lines),
        amount=sum(line.amount for line in lines),
        notional=sum(line.notional for line in lines if line.covered_by),
        rest=sum(line.rest for line in lines if not line.estimate),
        cases=tuple(exceptions.cases_about(store, now, job)),
        files=tuple(jobs.files(store, job)),
        notes=tuple(jobs.notes(store, job)),
        earlier=tuple(jobs.recent(store, since, asset=about.asset, location=about.location, but=job)),
        history=tuple(told(store, jobs.rows_of(store, job))) if history else (),
    )


def contacts_at(store: Store, client: Client | None, job: Job) -> list[Contact]:
    from fsconsole.flow.gather import contacts_of

    if client is None:
        return []
    people_there = contacts_of(store, [client.id]).get(client.id, [])
    return sorted(people_there, key=lambda one: (one.location != job.location, one.role, one.name))


def targets(sheet: JobSheet, contract: Contract | None, known: Known, now: datetime) -> tuple[datetime | None, datetime | None]:
    """(respond by, restore by) of a job under a contract."""
    year = sheet.job.reported_at.year if sheet.job.reported_at else now.year
    calendar = known.calendar(contract.calendar if contract else "", year)
    try:
        return sla.targets(sheet.job, contract, calendar, sla.pauses_of(sheet.folds, known.latest))
    except ValueError:  # a calendar that never opens: a policy to mend, not a job without a story
        return None, None


def charge_lines(store: Store, sheet: JobSheet, known: Known, now: datetime) -> list[ChargeLine]:
    """Every charge of a job with what is billed and what is left of it, also those only an invoice knows."""
    whole, free, behind = job_charges(sheet, known)
    rest = {charge.key: charge for charge in free}
    fences = {one.charge.key: one for one in behind}
    void = {one.id for one in sheet.invoices if one.void}
    billed: dict[str, int] = {}
    for line in sheet.issued:
        if line.key and not line.void and line.invoice not in void:
            billed[line.key] = billed.get(line.key, 0) + line.amount
    everything: dict[str, Charge] = {charge.key: charge for charge in whole.charges}
    for charge in (*free, *(one.charge for one in behind)):
        everything.setdefault(charge.key, charge)
    held = {row[0]: row[2] for row in money.holding(store, now, list(everything))} if everything else {}
    known_keys = {charge.key for charge in whole.charges}
    lines = []
    for key, charge in everything.items():
        fence = fences.get(key)
        left = rest[key].amount if key in rest else fence.charge.amount if fence else 0
        lines.append(
            ChargeLine(
                key=key, kind=charge.kind, amount=charge.amount if key in known_keys else 0, billed=billed.get(key, 0), rest=left,
                notional=charge.notional, cost=charge.cost, currency=charge.currency, covered_by=charge.covered_by,
                estimate=charge.estimate, fence=f"{fence.fence} until {fence.until}" if fence else "", reason=charge.reason,
                held_by=held.get(key, ""),
            )
        )  # fmt: skip
    return lines


def _visit(store: Store, sheet: JobSheet, fold: Fold, known: Known) -> VisitStory:
    visit = fold.visit
    technician = known.technicians.get(visit.technician) if visit.technician else None
    stays: list[people.StayRow] = []
    trail: int | None = None
    if fold.arrived and visit.technician and sheet.location:
        day = fold.arrived.astimezone(store.zone).date()
        on_day = people.stays(store, day, visit.technician)
        stays = [stay for stay in on_day if stay.location == sheet.location.id]
        if on_day:
            trail = sum(stay.minutes for stay in stays)
    end = None if fold.state is State.ON_SITE else fold.left or fold.completed
    return VisitStory(
        visit=visit.id, number=visit.number, technician=visit.technician, code=technician.code if technician else "",
        name=technician.name if technician else "", state=fold.state.value, outcome=fold.outcome.value if fold.outcome else "",
        told=fold.told, booked_from=visit.booked_from, booked_until=visit.booked_until, released=fold.released,
        departed=fold.departed, arrived=fold.arrived, left=end, completed=fold.completed, signed=fold.signed, eta=fold.eta,
        on_site=_minutes(fold.spans), waited=_minutes(fold.waits), trail=trail, stays=tuple(stays),
        misfits=tuple(f"{event.what.value} does not fit" for event in fold.misfits),
    )  # fmt: skip


def _minutes(spans: tuple[object, ...]) -> int:
    total = timedelta()
    for span in spans:
        start, end = getattr(span, "start", None), getattr(span, "end", None)
        if start and end:
            total += end - start
    return int(total.total_seconds() // 60)


def told(store: Store, rows: list[bytes], limit: int = 1000) -> list[Told]:
    """The audit trail of some rows in words, one line for each act, the newest first."""
    lines: dict[int, Told] = {}
    for entry in entries(store, rows, limit=limit):
        wrote = [
            f"{name.replace('_', ' ')} {_words(store, name, value)}"
            for name, value in entry.wrote.items()
            if name not in SILENT and value not in (None, "", (), {}, 0, False)
        ]
        gone = entry.wrote.get("gone") or entry.wrote.get("void")
        head = f"{'took back ' if gone else ''}{entry.kind.replace('_', ' ')}"
        words = f"{head}: {', '.join(wrote)}" if wrote else head
        line = lines.get(entry.stamp)
        if line is None:
            lines[entry.stamp] = Told(entry.at, entry.site, entry.by, typed(store, entry.verb), (words,), entry.act)
        else:
            lines[entry.stamp] = line._replace(wrote=(*line.wrote, words))
    return [lines[stamp] for stamp in sorted(lines, reverse=True)]


def _words(store: Store, name: str, value: object) -> str:
    if name == "minutes" and isinstance(value, int):
        return clock(value)
    if isinstance(value, tuple | list):
        return ", ".join(str(one) for one in value)
    return said(store, value)


def typed(store: Store, verb: str) -> str:
    """What was typed; for an undo what was taken back, for a redo what was done again."""
    head, _, rest = verb.partition(" ")
    if head not in ("undo", "redo") or len(rest) != 32:
        return verb
    row = store.one("SELECT verb FROM log WHERE act = ? ORDER BY n LIMIT 1", (bytes.fromhex(rest),))
    if row is None:
        return head
    words = typed(store, str(row[0]))
    return f"redo of {words.removeprefix('undo of ')}" if head == "redo" else f"undo of “{words}”"
