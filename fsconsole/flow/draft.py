"""Drafts under a person's eyes: what changed since they looked, what they approve, hold back or group otherwise; months closed.

It stands apart because a draft is derived and these decisions are not: each is a change under what it is about.

Always: what is approved is each line as it stands, by its digest; a line that changes asks for approval anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding
from fsconsole.flow.acting import guard, record
from fsconsole.flow.dispatch import short
from fsconsole.flow.evidence import LET_GO, approved_now, digest_of
from fsconsole.flow.exception import decision_id
from fsconsole.flow.gather import Known
from fsconsole.flow.taxes import Sum, Taxes
from fsconsole.rules.checks.reasons import worth
from fsconsole.rules.policy import Policies
from fsconsole.rules.words import count, day
from fsconsole.store import derive
from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries import money
from fsconsole.store.queries.exceptions import DUE
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import Put, put
from fsconsole.values.bill import Charge
from fsconsole.values.money import show, together
from fsconsole.values.terms import Contract
from fsconsole.values.work import Client, Job

#: What may share an invoice, by what is typed.
GROUPINGS = {
    "payer": "everything on one invoice",
    "order": "an invoice for each order number",
    "location": "an invoice for each location",
    "contract": "an invoice for each contract",
    "job": "an invoice for each job",
}


# --- which draft ------------------------------------------------------------------------------------------------------


def name_of(desk: Desk, one: money.DraftRow) -> str:
    """How a draft is typed: ``K2``, ``K2/4500777``, ``K2/L12``."""
    row = desk.store.one("SELECT ref FROM client WHERE id = ?", (one.payer,)) if one.payer else None
    head = short(desk, row[0]) if row and row[0] else "nobody"
    parts = [head, *([one.order_number] if one.order_number else []), *([short(desk, one.split_ref)] if one.split_ref else [])]
    return "/".join(parts)


def draft_meant(desk: Desk, text: str) -> money.DraftRow:
    """The draft that ``K2``, ``K2/4500777`` or ``K2/L12`` means. Raises Refused that lists them."""
    head, _, rest = text.strip().partition("/")
    client = finding.client(desk, head)
    found = money.drafts(desk.store, desk.now, payer=client.id)
    named = {name_of(desk, one): one for one in found}
    if not found:
        raise Refused(
            f"There is nothing to invoice {client.name} for today.", "What is billed, covered or not due is on no draft."
        )
    wanted = [one for name, one in named.items() if name.lower() == text.strip().lower()]
    if not wanted and rest:
        wanted = [one for one in found if rest.lower() in (one.order_number.lower(), short(desk, one.split_ref).lower())]
    if not wanted and not rest and len(found) == 1:
        wanted = found
    if len(wanted) != 1:
        raise Refused(f"{client.name} has {count(len(found), 'draft')}: {', '.join(sorted(named))}.", "Name one of them.")
    return wanted[0]


def charges_meant(desk: Desk, text: str) -> tuple[str, list[Charge]]:
    """(name, the lines due today) of a draft, a job or a contract."""
    store = desk.store
    head = text.strip().split("/")[0]
    things = [row for kind in ("job", "contract") for row in finding.ids_of(desk, kind, head)] if "/" not in text else []
    if things:
        name, asked = head, (things[0], things[0], desk.today.isoformat())
        query = f"SELECT key FROM charge_now WHERE (job = ? OR (contract = ? AND job IS NULL)) AND amount != 0 AND {DUE}"
        keys = [row[0] for row in store.sql(query, asked)]
    else:
        draft = draft_meant(desk, text)
        name = f"{name_of(desk, draft)} {draft.name}"
        keys = [one.key for one in money.draft_lines(store, desk.now, *draft.draft)]
    if not keys:
        raise Refused(f"Nothing of {head} is to be invoiced today.", "What is billed, covered or not due is on no draft.")
    return name, charges_by_key(store, keys)


def charges_by_key(store: Store, keys: Sequence[str]) -> list[Charge]:
    """The charges of these keys, as they are derived now."""
    found: list[Charge] = []
    for begin in range(0, len(keys), 500):
        some = keys[begin : begin + 500]
        marks = ",".join("?" * len(some))
        found += derive.read_charges(
            store.sql(f"SELECT {derive.CHARGE} FROM charge_now WHERE key IN ({marks}) ORDER BY key", some)
        )
    return found


def approved_of(store: Store, now: datetime, drafts: Sequence[money.DraftRow]) -> dict[money.DraftKey, tuple[int, int]]:
    """By draft, how many of its lines are approved as they stand, and how many want to be: those that ask for money."""
    found: dict[money.DraftKey, tuple[int, int]] = {}
    payers = list({one.payer for one in drafts if one.payer})
    some = store.sql(
        "SELECT DISTINCT n.payer FROM charge_now n JOIN decision d ON d.key = 'charge:' || n.key AND d.approved != ''"
        f" WHERE n.payer IN ({','.join('?' * len(payers))})",
        payers,
    )
    theirs = {row[0] for row in some}
    for one in drafts:
        if one.payer not in theirs:
            continue
        keys = [line.key for line in money.draft_lines(store, now, *one.draft) if line.amount > 0]
        found[one.draft] = (len(approved_now(store, charges_by_key(store, keys))), len(keys))
    return found


def approved_words(many: tuple[int, int] | None) -> str:
    """``approved``, ``2 of 5`` approved, nothing where no line is."""
    approved, wanted = many or (0, 0)
    return "" if not approved else "approved" if approved == wanted else f"{approved} of {wanted}"


def comes_to(store: Store, charges: Sequence[Charge], today: date) -> Sum | None:
    """Net, tax and gross of lines as they would stand on one document today; None where a tax is not known."""
    try:
        return Taxes(Known(store), {one.contract for one in charges if one.contract}, today).of(charges)
    except Refused:
        return None


# --- decisions --------------------------------------------------------------------------------------------------------


def approve(desk: Desk, draft: str) -> Done:
    """Approves the lines of a draft, a job or a contract as they stand; a line that changes later asks again."""
    name, charges = charges_meant(desk, draft)
    owed = [charge for charge in charges if charge.amount > 0]
    known = approved_now(desk.store, owed)
    fresh = [charge for charge in owed if charge.key not in known]
    if not fresh:
        raise Refused(f"{name} is approved as it stands.", "There is nothing to do; bill it when nothing else holds it.")
    puts = [
        put("decision", decision_id(f"charge:{c.key}"), key=f"charge:{c.key}", approved=digest_of(c), approved_by=desk.by)
        for c in fresh
    ]
    total = show(worth(charges), owed[0].currency)
    before = f", {len(known)} were before" if known else ""
    return record(desk, puts, f"{name}: {count(len(fresh), 'line')} approved{before}, {total} in all", ref=draft)


def hold(desk: Desk, thing: Job | Contract, words: str) -> Done:
    """Holds back everything billable of a job or contract, with the reason, until ``free``."""
    held = _held(desk.store, thing.ref)
    if held == words:
        raise Refused(f"{thing.ref} is held back already: {held}.", f"To let it go: free {short(desk, thing.ref)}")
    puts = [put("decision", decision_id(f"hold:{thing.ref}"), key=f"hold:{thing.ref}", held=words)]
    return record(desk, puts, f"{thing.ref} is held back: {words}", ref=thing.ref, row=thing.id)


def free(desk: Desk, thing: Job | Contract) -> Done:
    """Lets go what was held back; what was waived is to be billed again."""
    held = _held(desk.store, thing.ref)
    marks = ",".join("?" * len(LET_GO))
    waived = desk.store.sql(
        "SELECT d.key, d.waived FROM decision d JOIN case_now c ON c.key = d.key WHERE d.waived != '' AND c.thing = ?"
        f" AND c.reason IN ({marks}) ORDER BY d.key",
        (thing.id, *LET_GO),
    )
    if not held and not waived:
        raise Refused(f"Nobody holds {thing.ref} back, and nothing of it is waived.", "There is nothing to do.")
    puts = [put("decision", decision_id(f"hold:{thing.ref}"), key=f"hold:{thing.ref}", held="")] if held else []
    puts += [put("decision", decision_id(key), key=key, waived="", waived_value=0) for key, _ in waived]
    why = [f"it was held back: {held}"] if held else []
    why += [f"it was waived: {words}" for words in dict.fromkeys(row[1] for row in waived)]
    return record(desk, puts, f"{thing.ref} may go out ({'; '.join(why)})", ref=thing.ref, row=thing.id)


def _held(store: Store, ref: str) -> str:
    row = store.one("SELECT held FROM decision WHERE key = ?", (f"hold:{ref}",))
    return str(row[0]) if row and row[0] else ""


def grouping(desk: Desk, client: Client, by: str) -> Done:
    """What shares an invoice of a client: payer, order, location, contract or job."""
    word = by.strip().lower()
    if word not in GROUPINGS:
        raise UsageError(f"“{by}” is no way to group drafts.", f"There are {', '.join(GROUPINGS)}.")
    now = client.grouping or "order"
    if now == word:
        raise Refused(f"{client.name} has {GROUPINGS[word]} already.", "There is nothing to do.")
    return record(
        desk, [put("client", client.id, grouping=word)], f"{client.name}: {GROUPINGS[word]}", ref=client.ref, row=client.id
    )


# --- months -----------------------------------------------------------------------------------------------------------


def month_of(text: str, today: date) -> tuple[date, date]:
    """The first day of a month and of the next: ``2026-02``, ``feb``. Raises UsageError."""
    word = text.strip().lower()
    names = [date(2000, number, 1).strftime("%b").lower() for number in range(1, 13)]
    try:
        if word[:3] in names and word.isalpha():
            number = names.index(word[:3]) + 1
            first = date(today.year - (number > today.month), number, 1)
        else:
            first = date.fromisoformat(f"{word}-01")
    except ValueError:
        raise UsageError(f"“{text}” is not a month.", "Write it like 2026-02 or feb.") from None
    return first, (first + timedelta(days=32)).replace(day=1)


def lock(desk: Desk, month: str) -> Done:
    """Closes the books up to the end of a month, once every obligation of it is billed, covered, held or waived.

    Raises Refused with what is open (``!!`` overrides), for a month that is not over, and for one closed before.
    """
    from fsconsole.store.queries import reports

    first, end = month_of(month, desk.today)
    if end > desk.today:
        raise Refused(f"{first:%B %Y} is not over.", f"Close it from {day(end)} on.")
    now = Policies(fetch_all(desk.store, "policy")).latest.locked_until
    if now and now >= end:
        raise Refused(f"The books are closed for all days before {day(now)} already.", "There is nothing to do.")
    found = reports.month(desk.store, desk.now, first, end)
    if found.open:
        worth = together([(row.amount, row.currency) for row in found.open], desk.store.currency)
        guard(
            desk,
            f"{first:%B %Y} is not complete: {count(len(found.open), 'obligation')} open, {worth}.",
            f"See them with: report month {first:%Y-%m}. Bill, hold or waive them first.",
        )
    worth = together([(row.amount, row.currency) for row in found.held], desk.store.currency)
    held = f"; {count(len(found.held), 'line')} held, {worth}"
    # Behind the fence the cases ask about the fence alone: why each line was held is written down as the month is closed.
    kept = [(f"kept:{row.key}", row.why) for row in found.held if row.case and row.case != row.key]
    puts = [_locked_until(desk, end), *(put("decision", decision_id(key), key=key, held=why) for key, why in kept)]
    return record(desk, puts, f"the books are closed for all days before {day(end)}" + (held if found.held else ""))


def unlock(desk: Desk, month: str) -> Done:
    """Opens the books again from the first day of a month. What was issued meanwhile stays as it is.

    Raises Refused where that month is open, and without ``!!`` and a reason.
    """
    first, _ = month_of(month, desk.today)
    now = Policies(fetch_all(desk.store, "policy")).latest.locked_until
    if not now or now <= first:
        raise Refused(f"{first:%B %Y} is open.", "There is nothing to do.")
    guard(desk, f"The books are closed for all days before {day(now)}, and somebody rests on that.", "Agree it with them first.")
    return record(desk, [_locked_until(desk, first)], f"the books are open again from {day(first)} on")


def _locked_until(desk: Desk, until: date) -> Put:
    same = [one for one in fetch_all(desk.store, "policy", name="locked_until") if one.start == desk.today]
    row = max((one.id for one in same), default=None) or desk.ids()
    return put("policy", row, name="locked_until", start=desk.today, value=until.isoformat())


# --- looking ----------------------------------------------------------------------------------------------------------


class Change(NamedTuple):
    """What became of a line since a person last looked: ``new``, ``was £45.00``, ``said otherwise``, ``gone``."""

    key: str
    words: str
    amount: int


class Look(NamedTuple):
    """What a person last saw of a draft, and what changed since; ``at`` None: they never looked."""

    at: datetime | None
    changes: tuple[Change, ...]

    @property
    def by_key(self) -> dict[str, Change]:
        return {one.key: one for one in self.changes}


def since_looked(store: Store, by: str, draft: money.DraftKey, lines: Iterable[money.ChargeRow]) -> Look:
    """What changed in a draft since a person of this site last looked at it; everything is old on the first look."""
    row = store.one("SELECT at, lines FROM looked WHERE by_ = ? AND draft = ?", (by, draft.text))
    if row is None:
        return Look(None, ())
    from fsconsole.store.instants import instant

    seen: dict[str, list[object]] = json.loads(row[1])
    found, now = [], {}
    for line in lines:
        now[line.key] = line
        before = seen.get(line.key)
        if before is None:
            found.append(Change(line.key, "new", line.amount))
        elif before[0] != line.amount:
            found.append(Change(line.key, f"was {show(int(str(before[0])), line.currency)}", line.amount))
        elif before[1] != line.reason:
            found.append(Change(line.key, "said otherwise", line.amount))
    found += [Change(key, "gone", int(str(said[0]))) for key, said in sorted(seen.items()) if key not in now]
    return Look(instant(row[0]), tuple(found))


def look(store: Store, by: str, draft: money.DraftKey, lines: Iterable[money.ChargeRow], now: datetime) -> None:
    """Keeps what a person saw of a draft. It is theirs alone and enters no log."""
    if store.readonly:
        return
    told = json.dumps({line.key: [line.amount, line.reason] for line in lines}, ensure_ascii=False)
    with store.writing() as conn:
        conn.execute("INSERT OR REPLACE INTO looked (by_, draft, at, lines) VALUES (?, ?, ?, ?)", (by, draft.text, ms(now), told))
