"""Settles what changed: where each job stands, what it is worth, what is not billed and why it cannot go out.

It stands apart because every act, import and arriving frame ends here, and nothing else writes the caches.

Always: settling twice changes nothing; only what rests on a change is derived again; no rule is told what day it is
(a derived row carries the instant from which it holds, and queries filter by the clock).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from fsconsole.changes.stamp import site_of
from fsconsole.flow import evidence, right
from fsconsole.flow.again import come_round, holds_through, stamp
from fsconsole.flow.contradicting import STOPS, contradiction, parked, worth_unpriced
from fsconsole.flow.gather import ContractSheet, JobSheet, Known, contacts_of, contract_sheets, grouped, job_sheets
from fsconsole.flow.trails import settle_trail
from fsconsole.rules import job as folding
from fsconsole.rules import sla
from fsconsole.rules.checks import cases as cases_of
from fsconsole.rules.coverage import Coverage, coverage
from fsconsole.rules.draft import Priced, difference, fence, price_job, reach
from fsconsole.rules.facts import ClientFacts, ContractFacts, Fenced, JobFacts, TechnicianFacts
from fsconsole.rules.job import Fold
from fsconsole.rules.orders import in_scope, kind_in, order_of
from fsconsole.rules.yearly import yearly
from fsconsole.store import derive
from fsconsole.store.bulk import roomy
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.values.agreement import Agreement
from fsconsole.values.bill import Charge, ExceptionCase
from fsconsole.values.terms import Contract
from fsconsole.values.twin import changed
from fsconsole.values.work import Column, Id, State

CHUNK = 200
#: With more than so many waiting the store is given room, and so many are taken up at once.
MANY, MORE = 2_000, 1_000
#: How far ahead contract periods are derived; ``again`` says when they are derived anew.
AHEAD = timedelta(days=400)
DONE = (Column.COMPLETE, Column.SIGNED_OFF)


def settle(store: Store, now: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Derives again whatever waits; returns how many jobs, contracts, clients and technicians that was."""
    if store.readonly:
        return 0
    come_round(store, now)
    if not store.one("SELECT 1 FROM dirty LIMIT 1"):
        return 0
    _trails_from_elsewhere(store, now)
    with store.writing() as conn:
        derive.spread(conn)
    total = derive.waiting(store)
    if total <= MANY:
        return _settled(store, now, total, progress, CHUNK)
    with roomy(store, derived=True):
        return _settled(store, now, total, progress, MORE)


def _settled(
    store: Store, now: datetime, total: int, progress: Callable[[int, int], None] | None, some: int
) -> int:
    """Takes up what waits, kind by kind, ``some`` of them in each transaction."""
    done, seen = 0, store.data_version()
    known = Known(store)
    steps: tuple[tuple[int, Callable[[Store, list[bytes], Known, datetime], None]], ...] = (
        (derive.SEARCH, _search),
        (derive.JOB, _jobs),
        (derive.CONTRACT, _contracts),
        (derive.CLIENT, _clients),
        (derive.TECHNICIAN, _technicians),
        (derive.ROW, _rows),
        (derive.SITE, _sites),
    )
    for what, step in steps:
        while True:
            with store.writing() as conn:
                rows = derive.take(conn, what, some)
                if not rows:
                    break
                if (version := store.data_version()) != seen:
                    # Another console changed a price or a policy meanwhile: what it marked for that is derived by it.
                    known, seen = Known(store), version
                step(store, rows, known, now)
            done += len(rows)
            if progress:
                progress(done, max(total, done))
    return done


def _trails_from_elsewhere(store: Store, now: datetime) -> None:
    """Stays and positions from pieces of trail whose fixes another site has sent."""
    rows = store.sql(
        "SELECT DISTINCT p.technician, p.day FROM dirty d JOIN trail_piece p ON p.id = d.row"
        " JOIN blob b ON b.digest = p.digest AND b.published = 2 WHERE d.kind = 40 AND p.technician IS NOT NULL"
    )
    for technician, day in rows:
        settle_trail(store, technician, date.fromisoformat(day), now)


def _search(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    derive.index_words(store.raw, rows)


# --- jobs -------------------------------------------------------------------------------------------------------------


def _jobs(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    sheets = job_sheets(store, rows, known)
    sites = _sites_of(store, rows)
    decided = _decided(store, sheets)
    presences = evidence.presences(store, sheets, known)
    cards, charges, cases = [], [], []
    for sheet in sheets:
        if sheet.job.gone or sheet.job.merged_into:
            continue
        site = sites.get(sheet.job.id, 0)
        try:
            card, owed, found = _job(sheet, known, site, decided, presences.get(sheet.job.id, ()), now)
        except STOPS as error:
            # One contradiction parks one job, never the run: the error becomes a case with the words of the fault.
            found = [contradiction(error, "job", sheet.job.id, ref=sheet.job.ref, job=sheet.job.id, client=sheet.client)]
            card = _card(sheet, known, folding.column(sheet.job, sheet.folds), site, (None, ""), 0, False, False, "contradictory")
            owed = []
        cards.append(card)
        charges += owed
        cases += [(sheet.job.id, case) for case in found]
    conn = store.raw
    derive.put_jobs(store, rows, cards)
    derive.put_charges(store, "job", rows, charges)
    derive.put_cases(store, rows, cases)
    derive.mark(conn, derive.CLIENT, {one.id for sheet in sheets for one in (sheet.client, sheet.payer) if one})
    derive.mark(conn, derive.ROW, evidence.namesakes(store, rows))
    derive.mark(conn, derive.TECHNICIAN, {f.visit.technician for sheet in sheets for f in sheet.folds if f.visit.technician})


def job_charges(sheet: JobSheet, known: Known) -> tuple[Priced, list[Charge], list[Fenced]]:
    """(everything the job is worth, what is free to be drafted, what is behind a fence)."""
    whole = price_job(sheet.work)
    off = sheet.job.written_off or sheet.job.cancelled
    return whole, *_job_rest(sheet, known, whole.charges, written_off=[sheet.job.id] if off else [])


def _job_rest(
    sheet: JobSheet, known: Known, priced: list[Charge], *, written_off: list[Id]
) -> tuple[list[Charge], list[Fenced]]:
    """What of a job's charges is not billed: what is free to be drafted, and what is behind a fence."""
    owed = right.credits(sheet.strays, job=sheet.job.id, contract=None, codes=known.sites)
    rest = difference([*priced, *owed], sheet.issued, invoices=sheet.invoices, written_off=written_off, currency=known.currency)
    until = sheet.job.elsewhere_until
    cut = known.latest.cut_over
    done = max((charge.billable_from for charge in priced if charge.billable_from), default=None)
    if until is None and cut is not None and done is not None and done < cut:
        # The cut-over settles whole jobs: one that ran across it was never billed in the old system.
        until = cut
    return fence(rest, {sheet.job.id: until} if until else {}, known.latest.locked_until, issued=sheet.issued)


def _given_up(sheet: JobSheet, known: Known, priced: list[Charge], left: Collection[str]) -> list[Charge]:
    """What a job that was written off or cancelled would have billed here, without the keys ``left``."""
    if not (sheet.job.written_off or sheet.job.cancelled):
        return []
    worked = [replace(one, estimate=False) for one in priced if not one.key.endswith(":planned")]
    free, behind = _job_rest(sheet, known, worked, written_off=[])
    rest = [*free, *(one.charge for one in behind if one.fence == "locked")]
    return [one for one in rest if one.amount > 0 and one.key not in left]


def _job(
    sheet: JobSheet, known: Known, site: int, decided: set[str], presence: tuple[object, ...], now: datetime
) -> tuple[tuple[object, ...], list[tuple[Charge, bytes | None, bytes | None, str, str]], list[ExceptionCase]]:
    job, folds = sheet.job, sheet.folds
    column = folding.column(job, folds)
    if job.finished_on and _behind_us(sheet, known):
        # History: finished and billed in the old system. Nothing can be owed on it, so nothing is priced.
        return _card(sheet, known, Column.CLOSED, site, (None, ""), 0, False, False, ""), [], []
    whole, free, behind = job_charges(sheet, known)
    priced = whole.charges
    estimates = [charge for charge in priced if charge.estimate and not job.cancelled]
    facts = JobFacts(
        job=job,
        column=column,
        client=sheet.client,
        payer=sheet.payer or sheet.client,
        location=sheet.location,
        asset=sheet.asset,
        contract=sheet.contract,
        contracts=tuple(sheet.work.contracts),
        visits=tuple(folds),
        events=tuple(sheet.events),
        cards=tuple(sheet.cards),
        sign_offs=tuple(sheet.sign_offs),
        labour=tuple(sheet.labour),
        parts=tuple(sheet.parts),
        charges=(*free, *estimates, *(c for c in priced if c.covered_by and not c.estimate)),
        fenced=tuple(behind),
        presence=presence,  # type: ignore[arg-type]
        offered=sheet.offered,
        covers=tuple(sheet.work.covers),
        issued=tuple(sheet.issued),
        invoices=tuple(sheet.invoices),
        held=known.held.get(job.ref, ""),
        charged=sheet.work.charged,
        unpriced=tuple(whole.unpriced),
        coverage=_coverage_when_done(sheet, known),
        rates=tuple(known.rates),
        technicians=known.technicians,
        policies=known.policies,
        currency=known.currency,
        timezone=known.timezone,
        series=known.series,
    )
    gone, locked = evidence.let_go_before(known.store, facts), [one.charge for one in behind]
    if gone:
        behind = [one for one in behind if one.charge.key not in gone]
        facts = changed(facts, fenced=tuple(behind))
    cases = [] if job.cancelled else cases_of(facts)
    open_cases = [case for case in cases if case.key not in decided]
    gone |= evidence.waived_in(known.store, cases)
    behind = [one for one in behind if one.charge.key not in gone]
    owed = [charge for charge in free if charge.amount and charge.key not in gone]
    if column in DONE and not owed and not behind and not open_cases and (priced or sheet.issued or job.written_off):
        column = Column.CLOSED
    # A visit in vain is owed from its day, though the job goes on.
    shown = [*estimates, *owed] if column not in (*DONE, Column.CLOSED) else owed
    covered = [charge for charge in priced if charge.covered_by]
    value = sum(charge.amount for charge in shown)
    contract = sheet.contract or next((c for c in sheet.work.contracts for one in covered if one.contract == c.id), None)
    promise: tuple[datetime | None, str] = (None, "")
    if column not in (*DONE, Column.CLOSED):
        agreed = contract or _covering(sheet, priced)
        calendar = known.calendar(agreed.calendar if agreed else "", job.reported_at.year if job.reported_at else now.year)
        pauses = sla.pauses_of(folds, known.latest)
        respond, restore = sla.targets(job, agreed, calendar, pauses)
        promise = sla.next_promise(job, column, folds, respond, restore, known.timezone)
    worst = max(open_cases, key=lambda case: (not case.credit, case.value), default=None)
    stuck = evidence.stuck_words(worst) if worst else ""
    card = _card(
        sheet, known, column, site, promise, value, column not in (*DONE, Column.CLOSED), bool(covered) and not value, stuck
    )
    client = sheet.client.id if sheet.client else None
    location = sheet.location.id if sheet.location else None
    # What is billed and covered since has two rows under one key: the credit that is owed stands.
    worth_nothing = [] if column is Column.CLOSED else [c for c in covered if not c.amount]
    told = [(c, "") for c in [*worth_nothing, *shown]]
    told += [(one.charge, one.fence) for one in behind]
    told += [(one, "waived") for one in (*free, *locked) if one.key in gone and one.amount]
    told += [(one, "waived") for one in _given_up(sheet, known, priced, {one.key for one, _ in told})]
    rows = [(c, client, location, how, job.order_number or order_of(contract, c.kind, None, {})) for c, how in told]
    return card, list({row[0].key: row for row in rows}.values()), cases


def _coverage_when_done(sheet: JobSheet, known: Known) -> Coverage | None:
    at = sla.completed(sheet.folds)
    if at is None:
        return None
    work = sheet.work
    return coverage(
        sheet.job,
        at,
        client=sheet.client.id if sheet.client else None,
        asset=sheet.asset,
        contracts=work.contracts,
        covers=work.covers,
        timezone=known.timezone,
        charged=work.charged,
    )


def _behind_us(sheet: JobSheet, known: Known) -> bool:
    finished, until = sheet.job.finished_on, sheet.job.elsewhere_until or known.latest.cut_over
    if sheet.folds or sheet.issued:
        return False
    nothing = not sheet.labour and not sheet.parts
    return finished is not None and ((until is not None and finished < until) or (nothing and until is None))


def _covering(sheet: JobSheet, priced: Iterable[Charge]) -> Contract | None:
    ids = {charge.contract for charge in priced if charge.contract}
    return next((contract for contract in sheet.work.contracts if contract.id in ids), None)


def _card(
    sheet: JobSheet,
    known: Known,
    column: Column,
    site: int,
    promise: tuple[datetime | None, str],
    value: int,
    estimate: bool,
    covered: bool,
    stuck: str,
) -> tuple[object, ...]:
    job, client, location, asset = sheet.job, sheet.client, sheet.location, sheet.asset
    lead = folding.leading(sheet.folds)
    shown = lead if lead and lead.state is not State.ENDED else None
    technician = known.technicians.get(shown.visit.technician) if shown and shown.visit.technician else None
    code = (technician.name.split()[0] if technician.name else technician.code) if technician else ""
    since = (lead.since if lead else None) or job.reported_at
    if job.finished_on and not lead:
        since = datetime.combine(job.finished_on, datetime.min.time(), known.store.zone)
    words = " ".join(
        (
            job.ref, job.title, client.name if client else "", location.name if location else "",
            location.postcode if location else "", code, technician.name if technician else "", job.order_number,
            job.client_job, job.kind, asset.serial if asset else "", stuck,
        )
    ).lower()  # fmt: skip
    number = job.ref.rpartition("-")[2]
    row: tuple[object, ...] = (
        job.id, job.ref, int(number) if number.isascii() and number.isdigit() and len(number) < 18 else 0, column.value,
        shown.visit.id if shown else None, technician.id if technician else None, code, shown.told if shown else "",
        client.id if client else None, client.name if client else "", location.id if location else None,
        location.name if location else "", location.postcode if location else "", location.area if location else "",
        asset.id if asset else None, job.contract, job.title, job.kind, job.priority, job.order_number,
        _ms(job.reported_at), _ms(promise[0]), promise[1], _ms(since),
        _ms(shown.visit.booked_from if shown else None), _ms(shown.visit.booked_until if shown else None),
        value, int(estimate), int(covered), stuck, site, job.skill,
        location.lat if location else None, location.lon if location else None, words,
    )  # fmt: skip
    return (*row, zlib.crc32(repr(row).encode()))


def _ms(at: datetime | None) -> int | None:
    return None if at is None else ms(at)


def _sites_of(store: Store, rows: list[bytes]) -> dict[bytes, int]:
    marks = ",".join("?" * len(rows))
    return {row: site_of(stamp) for row, stamp in store.sql(f"SELECT id, c_ref FROM job WHERE id IN ({marks})", rows) if stamp}


def _decided(store: Store, sheets: list[JobSheet]) -> set[str]:
    """Keys of cases of these jobs that someone waived."""
    return {
        row[0]
        for row in store.sql(
            f"SELECT x.key FROM decision x JOIN case_now c ON c.key = x.key WHERE x.waived != '' AND c.value <= x.waived_value"
            f" AND c.job IN ({','.join('?' * len(sheets))})",
            [sheet.job.id for sheet in sheets],
        )
    }


# --- contracts, clients, technicians ----------------------------------------------------------------------------------


def price_sheet(sheet: ContractSheet, known: Known, horizon: date) -> tuple[Agreement, Priced]:
    """A contract as the rules of price read it, and everything it comes to by the horizon."""
    from fsconsole.flow.agreed import agreed  # the engine is loaded where it is needed: a console opens without it
    from fsconsole.rules.priced import charges_of

    agreement, wrong = agreed(sheet, known)
    agreement = changed(agreement, as_of=horizon - AHEAD)
    said = [f"{'.'.join(str(part) for part in place if not isinstance(part, int))}: {why}" for place, _, why in wrong]
    return agreement, charges_of(agreement, reach(horizon, sheet.issued), said)


def contract_charges(sheet: ContractSheet, known: Known, horizon: date) -> tuple[Priced, list[Charge], list[Fenced]]:
    """(every period's charges up to the horizon, those free to be drafted, those behind a fence)."""
    agreement, whole = price_sheet(sheet, known, horizon)
    return whole, *contract_rest(sheet, known, agreement, whole)


def contract_rest(sheet: ContractSheet, known: Known, agreement: Agreement, whole: Priced) -> tuple[list[Charge], list[Fenced]]:
    """What of a contract's charges is not billed: what is free to be drafted, and what is behind a fence."""
    contract = sheet.contract
    owed = right.credits(sheet.strays, job=None, contract=contract.id, codes=known.sites)
    issued = sheet.issued
    if whole.unpriced:
        # One contradiction parks one contract: what was billed for a term that cannot be priced now is not credited.
        due = {charge.key for charge in whole.charges}
        issued = [line for line in issued if line.key in due]
    rest = difference([*whole.charges, *owed], issued, invoices=sheet.invoices, currency=agreement.money)
    until = {term.id: term.elsewhere_until for term in sheet.terms if term.elsewhere_until}
    elsewhere = contract.elsewhere_until or known.latest.cut_over
    if elsewhere:
        until[contract.id] = elsewhere
    return fence(rest, until, known.latest.locked_until, issued=sheet.issued)


def _dues(charges: Iterable[Charge], agreement: Agreement) -> dict[str, date]:
    """By key, when an invoice of the day on which a charge may be billed is to be paid."""
    from fsconsole.rules.totals import due_on

    by_day: dict[date, date | None] = {}
    for charge in charges:
        if charge.billable_from and charge.billable_from not in by_day:
            by_day[charge.billable_from] = due_on(charge.billable_from, agreement)[0]
    found = {charge.key: by_day.get(charge.billable_from) for charge in charges if charge.billable_from}
    return {key: day for key, day in found.items() if day is not None}


def _contracts(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    horizon = (now + AHEAD).date()
    charges, cases = [], []
    dues: dict[str, date] = {}
    states: list[tuple[object, ...]] = []
    for sheet in contract_sheets(store, rows, known):
        contract = sheet.contract
        if contract.gone or contract.merged_into:
            continue
        try:
            agreement, whole = price_sheet(sheet, known, horizon)
            free, behind = contract_rest(sheet, known, agreement, whole)
            dues |= _dues(free, agreement)
            unsure = parked(sheet, known, agreement, whole, horizon)
        except STOPS as error:
            cases.append((contract.id, contradiction(error, "contract", contract.id, ref=contract.ref, sheet=sheet)))
            states.append((contract.id, horizon.isoformat(), None, None, 0, "contradictory"))
            continue
        client = sheet.client.id if sheet.client else None
        held = [charge for charge in whole.charges if charge.estimate]
        names = {term.id: term.name for term in sheet.terms}
        charges += [(charge, client, None, "", order_of(contract, charge.kind, charge.term, names)) for charge in held]
        spent = sum(
            line.amount for line in sheet.issued
            if not line.void and in_scope(contract, kind_in(line.key), names.get(line.term, "") if line.term else "")
        )  # fmt: skip
        facts = ContractFacts(
            contract=contract,
            client=sheet.client,
            payer=sheet.payer or sheet.client,
            terms=tuple(sheet.terms),
            covers=tuple(sheet.covers),
            assets=tuple({asset.id: asset for asset in sheet.assets.values()}.values()),
            charges=tuple(free),
            issued=tuple(sheet.issued),
            on_order=spent if contract.order_number else None,
            invoices=tuple(sheet.invoices),
            held=known.held.get(contract.ref, ""),
            through=horizon,
            agreement=agreement,
            priced=tuple(whole.charges),
            fenced=tuple(behind),
            offered=sheet.offered,
            unpriced=tuple(whole.unpriced),
            parked=tuple(unsure),
            worth_more=worth_unpriced(sheet, whole, unsure),
            policies=known.policies,
            currency=known.currency,
            timezone=known.timezone,
            series=known.series,
        )
        locked = [one.charge for one in behind]
        if let_go := evidence.let_go_before(store, facts):
            facts = changed(facts, fenced=tuple(one for one in behind if one.charge.key not in let_go))
        try:
            mine = list(cases_of(facts))
        except STOPS as error:
            mine = [contradiction(error, "contract", contract.id, ref=contract.ref, sheet=sheet)]
        cases += [(contract.id, case) for case in mine]
        waived = let_go | evidence.waived_in(store, mine)
        fences = {one.charge.key: one.fence for one in behind}
        for some, how in ((locked, fences), (free, {}), (unsure, dict.fromkeys((c.key for c in unsure), "parked"))):
            for c in some:
                stands = "waived" if c.key in waived else how.get(c.key, "")
                charges.append((c, client, None, stands, order_of(contract, c.kind, c.term, names)))
        ahead = [c for c in free if c.amount and c.billable_from and c.billable_from > now.date()]
        first = min((c.billable_from for c in ahead if c.billable_from), default=None)
        nearest = [c for c in ahead if c.billable_from == first]
        year = yearly(contract, sheet.terms, whole.charges, now.date())
        start = first.isoformat() if first else None
        ahead_says = (sum(c.amount for c in nearest) if nearest else None, year, "; ".join(c.reason for c in nearest))
        states.append((contract.id, holds_through(whole.charges, horizon).isoformat(), start, *ahead_says))
    conn = store.raw
    derive.put_charges(store, "contract", rows, charges, dues)
    derive.put_cases(store, rows, cases)
    conn.executemany("DELETE FROM contract_now WHERE contract = ?", [(row,) for row in rows])
    conn.executemany(
        "INSERT INTO contract_now (contract, through, next_start, next_amount, year_amount, says) VALUES (?,?,?,?,?,?)", states
    )
    clients = store.sql(f"SELECT DISTINCT client FROM contract WHERE id IN ({','.join('?' * len(rows))})", rows)
    derive.mark(conn, derive.CLIENT, [row[0] for row in clients])


def _clients(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    clients = fetch_many(store, "client", rows)
    contacts = contacts_of(store, rows)
    assets = grouped(store, "asset", "client", rows)
    contracts = grouped(store, "contract", "client", rows)
    ids = [one.id for some in contracts.values() for one in some]
    terms, covers = grouped(store, "term", "contract", ids), grouped(store, "cover", "contract", ids)
    marks = ",".join("?" * len(rows))
    owed: dict[bytes, list[Charge]] = {}
    query = f"SELECT {derive.CHARGE} FROM charge_now WHERE payer IN ({marks}) AND fenced = '' AND covered_by = ''"
    for charge in derive.read_charges(store.sql(query, rows)):
        owed.setdefault(charge.payer or b"", []).append(charge)
    # What was approved is asked of charges where anything must be.
    asks = known.latest.approve_above or known.latest.approve_margin
    more = evidence.Paper(store, rows, [charge for some in owed.values() for charge in some] if asks else [])
    cases = []
    for client in clients.values():
        if client.gone or client.merged_into:
            continue
        theirs = contracts.get(client.id, [])
        facts = ClientFacts(
            client=client,
            contacts=tuple(contacts.get(client.id, [])),
            assets=tuple(assets.get(client.id, [])),
            contracts=tuple(theirs),
            terms=tuple(term for contract in theirs for term in terms.get(contract.id, [])),
            covers=tuple(cover for contract in theirs for cover in covers.get(contract.id, [])),
            charges=tuple(owed.get(client.id, [])),
            **more.of(client.id),
            policies=known.policies,
            currency=known.currency,
            timezone=known.timezone,
            series=known.series,
        )
        cases += [(client.id, case) for case in cases_of(facts)]
    derive.put_cases(store, rows, cases)


def _technicians(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    marks = ",".join("?" * len(rows))
    visits = fetch_all(
        store,
        "visit",
        f"technician IN ({marks}) AND job IN (SELECT job FROM job_now WHERE technician IN ({marks}) AND column_ != 'closed')",
        [*rows, *rows],
    )
    events = grouped(store, "event", "visit", [visit.id for visit in visits])
    refs: dict[Id, str] = {
        Id(row): ref
        for row, ref in store.sql(f"SELECT job, ref FROM job_now WHERE technician IN ({marks}) AND column_ != 'closed'", rows)
    }
    went: dict[bytes | None, list[Fold]] = {}
    for visit in visits:
        went.setdefault(visit.technician, []).append(folding.fold(visit, events.get(visit.id, [])))
    cases = []
    for row in rows:
        technician = known.technicians.get(Id(row))
        if technician is None or technician.gone:
            continue
        facts = TechnicianFacts(
            technician=technician,
            visits=tuple(went.get(row, ())),
            refs=refs,
            taken=evidence.taken_from(store, technician.id),
            currency=known.currency,
            timezone=known.timezone,
            series=known.series,
        )
        cases += [(technician.id, case) for case in cases_of(facts)]
    derive.put_cases(store, [_about(row) for row in rows], [(_about(source), case) for source, case in cases])


def _rows(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    facts = evidence.contested_rows(store, rows, known)
    cases = [(_about(one.thing), case) for one in facts for case in cases_of(one)]
    derive.put_cases(store, [_about(row) for row in rows], cases)


def _sites(store: Store, rows: list[bytes], known: Known, now: datetime) -> None:
    cases = [(_about(one.site), case) for one in evidence.series_of(store, rows) for case in cases_of(one)]
    derive.put_cases(store, [_about(row) for row in rows], cases)


def _about(row: bytes) -> bytes:
    """The source of cases about a row itself, apart from those about the work on it."""
    return row + b"*"


def rebuild(store: Store, now: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Throws the caches away and derives everything again."""
    from fsconsole.store.caches import CACHE_TABLES

    with store.writing() as conn:
        for table in CACHE_TABLES:
            if table not in ("stay_now", "position_now"):
                conn.execute(f"DELETE FROM {table}")
        for what, table in (
            (derive.JOB, "job"),
            (derive.CONTRACT, "contract"),
            (derive.CLIENT, "client"),
            (derive.TECHNICIAN, "technician"),
            (derive.SITE, "site"),
        ):
            conn.execute(f"INSERT OR IGNORE INTO dirty (kind, row) SELECT {what}, id FROM {table}")
        for table in ("client", "location", "contact", "asset", "technician", "job", "contract"):
            conn.execute(f"INSERT OR IGNORE INTO dirty (kind, row) SELECT {derive.SEARCH}, id FROM {table}")
        conn.execute(f"INSERT OR IGNORE INTO dirty (kind, row) SELECT {derive.ROW}, row FROM contested")
        stamp(store)
    return settle(store, now, progress)


__all__ = ["contract_charges", "job_charges", "rebuild", "settle"]
