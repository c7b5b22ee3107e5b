"""Issues what is billable and credits what was billed: numbered, frozen, never edited.

It stands apart because a document has one writer, one number and one moment.

Always: a number is taken in the transaction that issues, so none is skipped and none comes twice; what is frozen
is the difference computed in that same transaction, so two clerks cannot bill one thing twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fsconsole.changes.stamp import site_of
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import right, settle
from fsconsole.flow.acting import guard
from fsconsole.flow.anew import anew as lines_anew
from fsconsole.flow.dispatch import short
from fsconsole.flow.gather import Known, contract_sheets, job_sheets
from fsconsole.flow.numbers import series, take_number
from fsconsole.flow.payable import payable
from fsconsole.flow.right import must_hold
from fsconsole.flow.taxes import Taxes
from fsconsole.rules.draft import group
from fsconsole.rules.facts import Fenced
from fsconsole.rules.orders import in_scope
from fsconsole.rules.words import count, day, listed
from fsconsole.store.bulk import roomy
from fsconsole.store.many import ids_in
from fsconsole.store.opening import Store
from fsconsole.store.queries import exceptions as cases
from fsconsole.store.queries import money
from fsconsole.store.record import save
from fsconsole.store.rows import fetch_all, fetch_many
from fsconsole.store.tables import Put, put
from fsconsole.values.bill import Charge, Draft, Invoice, IssuedLine, rests_on
from fsconsole.values.money import show
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client, Id, Job

#: So many documents are issued in one transaction; with more than a few of those the store is given room.
TOGETHER, FEW = 100, 4
Thing = Job | Contract
#: The two ways in which something is given back, said alike wherever one is tried that does not fit.
CREDITS = (
    "A whole document of ours is taken back with: credit NUMBER WHY. What is no longer due of any document, an imported one"
    " too, is owed back by the line and goes out with: bill JOB or bill CONTRACT."
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One document to be issued: its draft, whom it goes to, and what it comes to."""

    draft: Draft
    payer: Client | None
    net: int
    tax: int
    gross: int
    due: date
    why_due: str = ""  # the rule of payment in words, where it is more than so many days

    @property
    def kind(self) -> str:
        return "credit note" if self.net < 0 else "invoice"


def issue(desk: Desk, thing: Thing | money.DraftRow, through: date | None = None) -> Done:
    """Issues what is billable by a day (today unless given): one document for each payer, order number and currency.

    Of a draft goes out what stands on it and nothing holds; what is held stays behind, and is said.

    With ``!!`` what an open case holds and what belongs to a closed month goes out as well, and what was waived where
    there is nothing else. Raises Refused when nothing is billable, and when another site bills it.
    """
    if isinstance(thing, money.DraftRow):
        return _issue_draft(desk, thing)
    must_hold(desk, thing)
    through = through or desk.today
    store = desk.store
    settle.settle(store, desk.now)
    if desk.dry:
        papers = _papers(desk, [thing], through)
        return Done("would issue " + listed(_said(paper) for paper in papers), ref=thing.ref, row=thing.id, dry=True)
    act = desk.act()
    with store.writing() as conn:
        must_hold(desk, thing)  # another console may have handed it over meanwhile
        papers = _papers(desk, [thing], through)
        numbers = [_issue(desk, conn, paper, act) for paper in papers]
    settle.settle(store, desk.now)
    words = "; ".join(f"{number}: {_said(paper)}" for number, paper in zip(numbers, papers, strict=True))
    return Done(words, ref=numbers[0], row=thing.id, act=act.id)


def _issue_draft(desk: Desk, draft: money.DraftRow) -> Done:
    store = desk.store
    settle.settle(store, desk.now)
    if desk.dry:
        papers, rest = _papers_of_draft(desk, draft)
        return Done("would issue " + listed(_said(paper) for paper in papers) + rest, row=draft.payer or b"", dry=True)
    act = desk.act()
    with store.writing() as conn:
        papers, rest = _papers_of_draft(desk, draft)
        numbers = [_issue(desk, conn, paper, act) for paper in papers]
    settle.settle(store, desk.now)
    words = "; ".join(f"{number}: {_said(paper)}" for number, paper in zip(numbers, papers, strict=True))
    return Done(words + rest, ref=numbers[0], row=draft.payer or b"", act=act.id)


def _papers_of_draft(desk: Desk, draft: money.DraftRow) -> tuple[list[Paper], str]:
    """The documents of what is free on a draft (one, but for what a contract wants apart), and what stays behind in words."""
    store, known = desk.store, Known(desk.store)
    lines = {line.key: line for line in money.draft_lines(store, desk.now, *draft.draft)}
    things: list[Thing] = [*fetch_many(store, "job", list({one.job for one in lines.values() if one.job})).values()]
    alone = {one.contract for one in lines.values() if one.contract and not one.job}
    things += fetch_many(store, "contract", list(alone)).values()
    mine = right.mine(store, things)
    if not mine:
        raise Refused(f"The draft for {draft.name} is billed by another site.", "It is issued there.")
    due = _sorted_out(desk, mine, desk.today, known)
    free = [charge for charge in due.free if charge.key in lines]
    held = [(charge, why) for charge, why in due.held if charge.key in lines]
    reasons = "; ".join(dict.fromkeys(why for _, why in held))
    if held and (desk.override or not free):
        guard(desk, f"All of the draft for {draft.name} is held: {reasons}.", _way_out(desk, held[0][0]))
        free += [charge for charge, _ in held]
        held = []
    if not free:
        raise Refused(f"Nothing of the draft for {draft.name} is left to bill.", "What is billed, covered or not due is on none.")
    rest = f"; {_summed([charge for charge, _ in held])} stays behind: {reasons}" if held else ""
    return _drawn_up(desk, mine, due.lines(free), known), rest


def credit(desk: Desk, invoice: str, words: str) -> Done:
    """Takes what is left of an issued invoice back with a credit note of its lines, so that what is due is drafted again.

    What a later document gave back of the same lines is not given back again. Raises Refused when there is no such
    invoice of ours, when nothing of it is left, or when another site issued it.
    """
    store = desk.store
    found = invoice_meant(desk, invoice)
    lines: list[IssuedLine] = fetch_all(store, "invoice_line", invoice=found.id, order="key, id")
    if found.kind == "credit note":
        raise Refused(f"{found.number} is a credit note itself.", "Issue what is due anew: bill JOB or bill CONTRACT")
    if found.origin != "ours" or not lines:
        why = f"{found.number} was issued by the old system."
        raise Refused(why, f"The document itself is taken back there. {CREDITS}")
    stamp = store.one("SELECT stamp FROM invoice WHERE id = ?", (found.id,))
    if stamp and site_of(stamp[0]) != store.site:
        raise Refused(f"{found.number} was issued at {_code(store, site_of(stamp[0]))}.", "It is credited where it was issued.")
    if desk.dry:
        return Done(_credit_of(desk, found, lines).words(words), ref=found.number, row=found.id, dry=True)
    act = desk.act()
    with store.writing() as conn:
        # What is left is read within the transaction that gives it back.
        back = _credit_of(desk, found, lines)
        number, row = take_number(store, conn, desk.override), desk.ids()
        puts = [
            put("invoice", row, number=number, kind="credit note", client=found.client, issued_on=desk.today, due_on=desk.today,
                currency=found.currency, net=-back.net, tax=-back.tax, gross=-back.gross, order_number=found.order_number,
                origin="ours", custom={"credits": found.number, "reason": words})
        ]  # fmt: skip
        puts += [
            put("invoice_line", desk.ids(), invoice=row, key=line.key, job=line.job, contract=line.contract, amount=-amount,
                text=f"credit of {found.number}: {line.text}", start=line.start, end=line.end, tax=line.tax, term=line.term,
                quantity=line.quantity)
            for line, amount in back.parts
        ]  # fmt: skip
        save(store, act, puts, desk.now)
    settle.settle(store, desk.now)
    return Done(f"{number}: {back.words(words)}", ref=number, row=row, act=act.id)


@dataclass(frozen=True, slots=True)
class Back:
    """What a credit note gives back of a document: its lines with what is left of each, net and tax in minor units."""

    paper: Invoice
    parts: tuple[tuple[IssuedLine, int], ...]
    net: int
    tax: int
    gross: int

    def words(self, why: str) -> str:
        money_ = self.paper.currency
        rest = "" if self.gross == self.paper.gross else f" (what is left of {show(self.paper.gross, money_)})"
        return f"{show(self.gross, money_)} of {self.paper.number}{rest} credited: {why}"


def _credit_of(desk: Desk, found: Invoice, lines: list[IssuedLine]) -> Back:
    """What may still be given back of a document. Raises Refused when nothing is left of it."""
    store = desk.store
    notes = fetch_all(store, "invoice", "kind = 'credit note' AND void = 0 AND client IS ?", [found.client])
    before = [one.number for one in notes if one.custom.get("credits") == found.number]
    if before:
        raise Refused(f"{found.number} was credited with {before[0]}.", "There is nothing left to credit.")
    parts = left_of([line for line in lines if not line.void], money.billed_by_key(store, [line.key for line in lines]))
    left = sum(amount for _, amount in parts)
    if not parts or (left <= 0 < found.net):
        raise Refused(
            f"There is nothing left of {found.number} to credit: all of it was credited line by line.",
            f"See it with: find {found.number}",
        )
    if left == sum(line.amount for line in lines if not line.void):
        return Back(found, tuple(parts), found.net, found.tax, found.gross)
    contracts = [line.contract for line, _ in parts if line.contract]
    taxes = Taxes(Known(store), contracts, found.issued_on or desk.today)
    back = taxes.of(
        Charge(key=line.key, amount=amount, currency=found.currency, tax=line.tax, contract=line.contract, term=line.term,
               quantity=line.quantity)
        for line, amount in parts
    )
    tax = min(back.tax, found.tax) if found.tax >= 0 else max(back.tax, found.tax)
    return Back(found, tuple(parts), back.net, tax, back.gross - back.tax + tax)


def left_of(lines: list[IssuedLine], billed: Mapping[str, int]) -> list[tuple[IssuedLine, int]]:
    """What is left of each line of a document, given what stands billed under each key on all documents together.

    A line gives back no more than its key still has; a line that took something off is taken back whole where
    its document would otherwise give back more than it came to. Lines without a key stand for themselves.
    """
    standing = dict(billed)

    def parts(whole: bool) -> list[tuple[IssuedLine, int]]:
        rest, found = dict(standing), []
        for line in sorted(lines, key=lambda one: one.amount < 0):
            left = rest.get(line.key, 0)
            if not line.key or (line.amount < 0 and (whole or left > 0)):
                amount = line.amount
            else:
                amount = min(line.amount, max(left, 0)) if line.amount > 0 else max(line.amount, min(left, 0))
            rest[line.key] = left - amount
            if amount:
                found.append((line, amount))
        return found

    lenient = parts(whole=False)
    total = sum(line.amount for line in lines)
    return parts(whole=True) if sum(amount for _, amount in lenient) > total > 0 else lenient


def bill_all(
    desk: Desk, through: date, issue: bool = False, progress: Callable[[int, int | None], None] | None = None
) -> list[dict[str, Any]]:
    """Drafts for everything billable by a day that this site bills and no open case holds, as plain rows; issued on request.

    Each: client, order_number, currency, amount, number ('' for a draft), kind, lines of ref, kind, amount, reason;
    held: what an open case keeps back, with its reason. Some documents at a time are issued in one transaction: a run that
    is stopped leaves whole documents and no gap behind, and the next one bills the rest.
    """
    settle.settle(desk.store, desk.now)
    papers = _with_something(desk, through)
    rows: list[dict[str, Any]] = []
    with roomy(desk.store) if len(papers) > FEW * TOGETHER else nullcontext():
        for first in range(0, len(papers), TOGETHER):
            rows += _billed(desk, papers[first : first + TOGETHER], through, issue and not desk.dry)
            if progress:
                progress(min(first + TOGETHER, len(papers)), len(papers))
    if issue:
        settle.settle(desk.store, desk.now)
    return rows


def _billed(desk: Desk, papers: list[list[bytes]], through: date, issue: bool) -> list[dict[str, Any]]:
    """What stands on some documents (ids of jobs and contracts) as plain rows, issued or drafted, and what of it is held."""
    store = desk.store
    place = {row: number for number, some in enumerate(papers) for row in some}
    with store.writing() if issue else nullcontext() as conn:
        known = Known(store)
        things: list[Thing] = [one for kind in ("job", "contract") for one in fetch_many(store, kind, list(place)).values()]
        # What is worked out within the transaction that issues is what is issued.
        mine = right.mine(store, things) if issue else things
        due = _sorted_out(desk, mine, through, known)
        kept: dict[int, list[tuple[Charge, str]]] = {}
        for charge, why in due.held:
            kept.setdefault(place.get(charge.job or charge.contract or Id(b""), -1), []).append((charge, why))
        drawn_up = _drawn_up(desk, mine, due.lines(due.free), known, alone=False) if due.free else []
        shown = _Shown(store, due.held, drawn_up)
        rows = [shown.held(some) for _, some in sorted(kept.items())]
        for paper in drawn_up:
            number = ""
            if conn:
                number = _issue(desk, conn, paper, desk.act(desk.words or f"bill --through {through} --issue"))
            rows.append(shown.paper(paper, number))
    return rows


def invoice_meant(desk: Desk, text: str) -> Invoice:
    """The document of a number; ours may be typed as ``I0001`` or ``1``. Raises Refused."""
    tail = text.upper().removeprefix("I")
    tries = [text, text.upper(), f"{desk.store.code}-{text.upper()}"]
    if tail.isascii() and tail.isdigit():
        tries += [f"{desk.store.code}-I{int(tail):04d}", f"{series(desk.store.raw, desk.store.code)}{int(tail):04d}"]
    found: list[Invoice] = fetch_all(desk.store, "invoice", f"number IN ({','.join('?' * len(tries))})", tries)
    if not found:
        raise Refused(f"There is no invoice “{text}”.", "Numbers stand in the money screen, such as LDN-I0001.")
    return found[0]


# --- what goes on it --------------------------------------------------------------------------------------------------


def _code(store: Store, site: int) -> str:
    row = store.one("SELECT code FROM site WHERE number = ?", (site,))
    return str(row[0]) if row else f"site {site}"


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is billable by a day: free to go out, held by an open case (with its words), of a closed month, waived."""

    free: list[Charge]
    held: list[tuple[Charge, str]]
    closed: list[Charge]
    waived: list[Charge]
    anew: Mapping[str, list[Charge]] = field(default_factory=dict)  # by key: a credit and a new charge, where one is agreed

    def lines(self, charges: Iterable[Charge]) -> list[Charge]:
        """Charges as they stand on a document."""
        return [line for charge in charges for line in self.anew.get(charge.key, [charge])]


def _papers(desk: Desk, things: list[Thing], through: date) -> list[Paper]:
    due = _sorted_out(desk, things, through)
    free, ref = list(due.free), things[0].ref
    if due.held:
        reasons = list(dict.fromkeys(why for _, why in due.held))
        guard(desk, f"{ref} cannot go out: {'; '.join(reasons[:3])}.", _way_out(desk, due.held[0][0]))
        free += [charge for charge, _ in due.held]
    if due.closed and (desk.override or not free):
        said = f"{_summed(due.closed)} of {ref} {'belongs' if len(due.closed) == 1 else 'belong'} to a month that is closed."
        guard(desk, said, "An owner may unlock the month; or it goes out now, in the open month.")
        free += due.closed
    if due.waived and not free:
        said = f"What {ref} has to bill was waived: {_summed(due.waived)}."
        guard(desk, said, f"To take that back: free {short(desk, ref)}.")
        free += due.waived
    if not free:
        estimate = desk.store.one("SELECT 1 FROM charge_now WHERE job = ? AND estimate = 1 LIMIT 1", (things[0].id,))
        why = f"{ref} is not done yet." if estimate else f"Nothing of {ref} is billable by {day(through)}."
        instead = f"What is billed, covered or not due yet does not go out. {CREDITS}"
        raise Refused(why, "Complete it first." if estimate else instead)
    return _drawn_up(desk, things, due.lines(free))


def _summed(charges: list[Charge]) -> str:
    total = show(sum(charge.amount for charge in charges), charges[0].currency)
    return f"{count(len(charges), 'line')}, {total}"


def _way_out(desk: Desk, charge: Charge) -> str:
    """What would clear the case that holds a charge."""
    from fsconsole.flow.exception import name_of, step_line, step_words

    held = money.holding(desk.store, desk.now, [charge.key])
    one = cases.case(desk.store, held[-1][1], desk.now) if held else None
    if one is None:
        return "Clear it first."
    waive = f"waive {name_of(desk, one)} WHY."
    if not one.step_verb:
        return f"Clear it, or waive it: {waive}"
    line, words = step_line(desk, one).strip(), step_words(one)
    words = f"{words[:1].upper()}{words[1:]}"
    if line.startswith("waive "):
        return f"{words}: {waive}"
    return f"{words}: {line}, or waive it: {waive}"


def _sorted_out(desk: Desk, things: list[Thing], through: date, known: Known | None = None) -> Sorted:
    """What may go out and what may not, computed from the facts as they are."""
    store = desk.store
    known = known or Known(store)
    due: list[Charge] = []
    behind: list[Fenced] = []
    for sheet in job_sheets(store, [thing.id for thing in things if isinstance(thing, Job)], known, priced_only=True):
        _, free, fenced = settle.job_charges(sheet, known)
        due, behind = due + free, behind + fenced
    anew: dict[str, list[Charge]] = {}
    for agreed in contract_sheets(store, [thing.id for thing in things if isinstance(thing, Contract)], known):
        # Well past the day, so that a period that may be billed ahead of its start is among them.
        whole, free, fenced = settle.contract_charges(agreed, known, through + timedelta(days=settle.AHEAD.days))
        due, behind = due + free, behind + fenced
        anew |= lines_anew(agreed, whole, free)
    due = _owed(due, through)
    closed = _owed([one.charge for one in behind if one.fence == "locked"], through)
    let_go = money.waived_worth(store, [charge.key for charge in (*due, *closed)])
    # What has grown beyond what was waived is not waived any more.
    waived = [charge for charge in (*due, *closed) if charge.amount <= let_go.get(charge.key, charge.amount - 1)]
    gone = {charge.key for charge in waived}
    due, closed = [one for one in due if one.key not in gone], [one for one in closed if one.key not in gone]
    owed_to_us = {charge.key: charge.amount for charge in due}
    why = {key: says for key, _, says in money.holding(store, desk.now, list(owed_to_us))} if due else {}
    # What we owe is never held back; what is only taken off a line goes where that line goes.
    why = {key: says for key, says in why.items() if owed_to_us[key] > 0}
    why |= {one.key: why[at] for one in due if one.amount < 0 and (at := rests_on(one.key)) in why}
    held = [(charge, why[charge.key]) for charge in due if charge.key in why]
    kept = {charge.key for charge, _ in held}
    return Sorted([charge for charge in due if charge.key not in kept], held, closed, waived, anew)


def _owed(charges: list[Charge], through: date) -> list[Charge]:
    return [
        charge
        for charge in charges
        if charge.amount and not charge.estimate and not charge.covered_by
        and (charge.billable_from is None or charge.billable_from <= through)
    ]  # fmt: skip


def _drawn_up(
    desk: Desk, things: list[Thing], charges: list[Charge], known: Known | None = None, alone: bool = True
) -> list[Paper]:
    store = desk.store
    known = known or Known(store)
    policies = known.policies.on(desk.today)
    orders: dict[Id, str] = {thing.id: thing.order_number for thing in things if thing.order_number}
    contracts = {thing.id: thing for thing in things if isinstance(thing, Contract)}
    others = {one.contract for one in charges if one.contract and one.contract not in contracts}
    contracts |= fetch_many(store, "contract", list(others))  # type: ignore[arg-type]
    orders.update({row: one.order_number for row, one in contracts.items() if one.order_number and row not in orders})
    taxes = Taxes(known, contracts, desk.today)
    papers: list[Paper] = []
    small: list[str] = []
    wishes: dict[Id, str] = {row: one.grouping for row, one in contracts.items() if one.grouping}
    payers: dict[bytes, Client] = fetch_many(store, "client", list({charge.payer for charge in charges if charge.payer}))
    wishes.update({one.id: one.grouping for one in payers.values() if one.grouping and one.id not in wishes})
    jobs = {charge.job for charge in charges if charge.job} if "location" in wishes.values() else set()
    places: dict[Id, Id] = {one.id: one.location for one in fetch_many(store, "job", list(jobs)).values() if one.location}
    for draft in group(charges, orders, wishes=wishes, locations=places, beside=_beside(store, charges, contracts)):
        payer = payers.get(draft.payer or b"")
        if (least := _least(draft, contracts, desk)) and 0 < draft.amount < least:
            small.append(f"{show(draft.amount, draft.currency)} is less than the {show(least, draft.currency)} agreed")
            continue
        comes_to = taxes.of(draft.charges)
        agreed = dict.fromkeys(c.contract for c in draft.charges if c.contract in contracts)
        due, why = payable(desk.today, [contracts[row] for row in agreed if row], payer, policies.terms_days)
        # What we owe is owed at once, whichever way it is credited.
        due, why = (desk.today, "") if draft.amount < 0 else (due, why)
        papers.append(Paper(draft, payer, *comes_to, due, why))
    if small and not papers and alone:
        guard(desk, f"It does not go out by itself: {'; '.join(small)}.", "It goes with what is billed next.")
    return papers


def _least(draft: Draft, contracts: Mapping[Id, Contract], desk: Desk) -> int:
    """What a document must come to, as the contracts of all its lines agreed; nothing once one of them has ended."""
    agreed = [contracts.get(one.contract) if one.contract else None for one in draft.charges]
    if desk.override or any(one is None or (one.end and one.end <= desk.today) for one in agreed):
        return 0
    return min((int(one.details.get("minimum_bill") or 0) for one in agreed if one), default=0)


def _beside(store: Store, charges: list[Charge], contracts: Mapping[Id, Contract]) -> frozenset[str]:
    """Keys of the charges that their contract's order number is not for."""
    scoped = {row: one for row, one in contracts.items() if one.order_scope}
    if not scoped:
        return frozenset()
    names = {term.id: term.name for row in scoped for term in fetch_all(store, "term", contract=row)}
    return frozenset(
        one.key for one in charges
        if one.contract in scoped and not in_scope(scoped[one.contract], one.kind, names.get(one.term, "") if one.term else "")
    )  # fmt: skip


def _issue(desk: Desk, conn: sqlite3.Connection, paper: Paper, act: Any) -> str:
    number, row, draft = take_number(desk.store, conn, desk.override), desk.ids(), paper.draft
    puts: list[Put] = [
        put("invoice", row, number=number, kind=paper.kind, client=draft.payer, issued_on=desk.today, due_on=paper.due,
            currency=draft.currency, net=paper.net, tax=paper.tax, gross=paper.gross, order_number=draft.order_number,
            origin="ours", custom={"override": desk.override} if desk.override else {})
    ]  # fmt: skip
    for charge in draft.charges:
        first, end = (charge.period.start, charge.period.end) if charge.period else (None, None)
        puts.append(
            put("invoice_line", desk.ids(), invoice=row, key=charge.key, job=charge.job, contract=charge.contract,
                amount=charge.amount, text=charge.reason, start=first, end=end, tax=charge.tax, term=charge.term,
                quantity=charge.quantity)
        )  # fmt: skip
    save(desk.store, act, puts, desk.now)
    return number


def _said(paper: Paper) -> str:
    money_, who = paper.draft.currency, paper.payer.name if paper.payer else "nobody named"
    lines = count(len(paper.draft.charges), "line")
    total = f"{show(paper.net, money_)} + {show(paper.tax, money_)} tax = {show(paper.gross, money_)}"
    order = f", order {paper.draft.order_number}" if paper.draft.order_number else ""
    why = f" ({paper.why_due})" if paper.why_due else ""
    return f"{'a credit note' if paper.net < 0 else 'an invoice'} to {who}, {lines}, {total}{order}, due {day(paper.due)}{why}"


def _with_something(desk: Desk, through: date) -> list[list[bytes]]:
    """The ids of what has something to bill, gathered so that what goes on one document is together."""
    store = desk.store
    rows = store.sql(
        f"SELECT DISTINCT n.payer, {money.ORDER} AS ordered, n.currency, {money.SPLIT} AS split, n.job,"
        f" CASE WHEN n.job IS NULL THEN n.contract END FROM {money.DRAFTED}"
        f" WHERE {cases.DUE} AND n.amount != 0 ORDER BY n.payer, ordered, n.currency, split",
        (through.isoformat(),),
    )
    here = right.held_here(store, "job", list({row[4] for row in rows if row[4]}))
    here |= right.held_here(store, "contract", list({row[5] for row in rows if row[5]}))
    papers: dict[tuple[Any, ...], list[bytes]] = {}
    seen: set[bytes] = set()
    for *paper, job, contract in rows:
        thing = job or contract
        if thing in here and thing not in seen:
            seen.add(thing)
            papers.setdefault(tuple(paper), []).append(thing)
    return list(papers.values())


class _Shown:
    """Documents as plain rows; what their lines are called is asked of many at once."""

    def __init__(self, store: Store, held: Iterable[tuple[Charge, str]], papers: Iterable[Paper]) -> None:
        behind = [charge for charge, _ in held]
        charges = [*behind, *(charge for paper in papers for charge in paper.draft.charges)]
        self.refs = {row: ref for kind in ("job", "contract") for row, ref in _refs(store, kind, charges)}
        self.payers: dict[bytes, Client] = fetch_many(store, "client", list({one.payer for one in charges if one.payer}))
        query = "SELECT key, order_number FROM charge_now WHERE key IN"
        self.orders: dict[str, str] = dict(ids_in(store, query, [charge.key for charge in behind]))

    def held(self, some: Sequence[tuple[Charge, str]]) -> dict[str, Any]:
        """What stays behind of one document, with the reasons."""
        charges = [charge for charge, _ in some]
        why = list(dict.fromkeys(why for _, why in some))
        return self._row(charges, self.orders.get(charges[0].key, ""), "held", why)

    def paper(self, paper: Paper, number: str) -> dict[str, Any]:
        return self._row(paper.draft.charges, paper.draft.order_number, number, [])

    def _row(self, charges: Sequence[Charge], order: str, number: str, held: list[str]) -> dict[str, Any]:
        payer = self.payers.get(charges[0].payer or b"")
        lines = [
            {"key": c.key, "ref": self.refs.get(c.job or c.contract or b"", ""), "kind": c.kind, "amount": c.amount,
             "reason": c.reason}
            for c in charges
        ]  # fmt: skip
        amount = sum(charge.amount for charge in charges)
        return {
            "client": payer.name if payer else "",
            "order_number": order,
            "currency": charges[0].currency,
            "amount": amount,
            "kind": "credit note" if amount < 0 else "invoice",
            "number": number,
            "lines": lines,
            "held": held,
        }


def _refs(store: Store, kind: str, charges: Iterable[Charge]) -> list[tuple[bytes, str]]:
    ids = list({row for charge in charges if (row := getattr(charge, kind))})
    return [(row, ref) for row, ref in ids_in(store, f'SELECT id, ref FROM "{kind}" WHERE id IN', ids)]
