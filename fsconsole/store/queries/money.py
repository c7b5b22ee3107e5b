"""Money: drafts by payer and order number, issued documents with their lines, payments, what a client owes.

Always: a draft is a difference, read from the derived charges; nothing here was decided by anybody.
"""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import AWAKE, DUE, HOLDS, today_of
from fsconsole.store.queries.narrow import narrowed
from fsconsole.store.queries.worth import BRINGS
from fsconsole.values.bill import in_order, rests_on


class DraftRow(NamedTuple):
    """What would stand on one invoice now. ``held`` is the part of ``amount`` with an open exception case.

    ``split`` is the location, contract or job that it is for alone, where the client or contract wants that.
    """

    payer: bytes | None
    name: str
    order_number: str
    currency: str
    amount: int
    lines: int
    oldest: str | None
    held: int
    jobs: int
    split: bytes | None = None
    split_ref: str = ""
    orders: str = ""  # every order number that its lines bear, where several share it

    @property
    def on_order(self) -> str:
        """Its order number, or all of those on it; empty where there is none."""
        return self.order_number or self.orders

    @property
    def draft(self) -> DraftKey:
        return DraftKey(self.payer, self.order_number, self.currency, self.split)


class DraftKey(NamedTuple):
    """What makes lines stand on one draft: payer, order number, currency, and the location, contract or job it is for alone."""

    payer: bytes | None
    order_number: str
    currency: str
    split: bytes | None = None

    @property
    def text(self) -> str:
        return "|".join(((self.payer or b"").hex(), self.order_number, self.currency, (self.split or b"").hex()))


class ChargeRow(NamedTuple):
    """One charge with its reason. ``case_says`` is why it cannot go out, if an open case holds it."""

    key: str
    kind: str
    ref: str
    job: bytes | None
    contract: bytes | None
    start: str | None
    end: str | None
    quantity: str
    amount: int
    notional: int
    cost: int
    currency: str
    covered_by: str
    billable_from: str | None
    estimate: bool
    fenced: str
    reason: str
    order_number: str
    case_key: str
    case_says: str


class InvoiceRow(NamedTuple):
    """One issued document. ``open`` is what is still to be paid; days as YYYY-MM-DD; credit notes are below nought.

    ``against``: the number of the credit note that credits it whole, or of the document that this one credits.
    """

    invoice: bytes
    number: str
    kind: str
    client_id: bytes | None
    client: str
    issued_on: str | None
    due_on: str | None
    currency: str
    net: int
    tax: int
    gross: int
    open: int
    order_number: str
    origin: str
    lines: int
    void: bool
    against: str = ""

    @property
    def done(self) -> str:
        """Why nothing is open of it, in a word."""
        return "paid" if not self.against else "set off" if self.kind == "credit note" else "credited"


class LineRow(NamedTuple):
    """One line of an issued document, with the reference of its job or contract and the kind that its key names."""

    line: bytes
    key: str
    ref: str
    amount: int
    text: str
    start: str | None
    end: str | None
    job: bytes | None = None
    contract: bytes | None = None

    @property
    def kind(self) -> str:
        return self.key.split(":")[1] if self.key.count(":") else ""


class PaymentRow(NamedTuple):
    """Money in."""

    payment: bytes
    client: str
    number: str
    amount: int
    currency: str
    day: str | None
    reference: str


class Balance(NamedTuple):
    """What a client owes: open on invoices, of it past its day, and not yet billed; minor units of ``currency``.

    ``others``: the same in each other currency in which something stands.
    """

    open: int
    overdue: int
    unbilled: int
    currency: str = ""
    others: tuple[Balance, ...] = ()


#: Cases that ask for nothing but the invoice itself, or that are about something beside what is billed now.
NO_HOLD = (
    "('contract_period_unbilled', 'credit_not_rebilled', 'notice_near', 'time_written_down', 'parts_not_billed', 'cash_unapplied',"
    " 'series_gap', 'sla_missed', 'disputed', 'visit_minimum', 'escalator_due', 'hours_gone', 'release_due')"
)
#: The keys of charges that an open case holds. Parameters: now, now (ms), today.
HELD = f"SELECT x.charge_key FROM case_charge x JOIN case_now c ON c.key = x.case_key LEFT JOIN decision d ON d.key = c.key WHERE {HOLDS} AND {AWAKE} AND c.reason NOT IN {NO_HOLD}"
_PAID = "coalesce((SELECT sum(p.amount) FROM payment p WHERE p.client IS {0}.client AND p.invoice = {0}.id AND p.void = 0), 0)"
#: The credit notes that credit a document ``i`` whole, found by the keys of its lines; and what a credit note ``i`` credits.
_NOTES = (
    "FROM invoice n WHERE n.kind = 'credit note' AND n.void = 0 AND json_extract(n.custom, '$.credits') = i.number AND n.id IN"
    " (SELECT b.invoice FROM invoice_line l JOIN invoice_line b ON b.key = l.key WHERE l.invoice = i.id AND l.key != '')"
)
_CREDITS = "FROM invoice o WHERE o.number = json_extract(i.custom, '$.credits') AND o.void = 0 AND o.client IS i.client"
#: Imported documents say themselves what is open; ours are open until they are paid, or credited: a credit note that
#: knows its document is set off against what is open there, and only the rest of it is owed.
OPEN_AMOUNT = (
    "CASE WHEN i.void THEN 0 WHEN i.origin != 'ours' AND i.open_amount IS NOT NULL THEN i.open_amount ELSE (SELECT CASE"
    f" WHEN rest > 0 AND i.kind != 'credit note' THEN max(0, rest + coalesce((SELECT sum(n.gross) {_NOTES}), 0))"
    " WHEN rest < 0 AND i.kind = 'credit note' THEN rest + min(-rest,"
    f" coalesce((SELECT max(0, o.gross - {_PAID.format('o')}) {_CREDITS}), 0))"
    f" ELSE rest END FROM (SELECT i.gross - {_PAID.format('i')} AS rest)) END"
)
_AGAINST = (
    f"CASE WHEN i.origin != 'ours' THEN '' WHEN i.kind = 'credit note' THEN coalesce((SELECT o.number {_CREDITS}), '')"
    f" ELSE coalesce((SELECT max(n.number) {_NOTES}), '') END"
)


#: What shares a document, as the contract or else the payer wants it: payer, order, location, contract, job.
_WISH = "coalesce(nullif(k.grouping, ''), nullif(c.grouping, ''), 'order')"
ORDER = f"CASE {_WISH} WHEN 'payer' THEN '' ELSE n.order_number END"
SPLIT = f"CASE {_WISH} WHEN 'location' THEN n.location WHEN 'contract' THEN n.contract WHEN 'job' THEN coalesce(n.job, n.contract) END"
DRAFTED = "charge_now n LEFT JOIN client c ON c.id = n.payer LEFT JOIN contract k ON k.id = n.contract"


def drafts(
    store: Store, now: datetime, words: str = "", *, payer: bytes | None = None, offset: int = 0, limit: int = 200
) -> list[DraftRow]:
    """What could be invoiced today, one row for each invoice it would make, the largest first."""
    clause, params = _draft_where(words, payer)
    today, at = today_of(store, now), ms(now)
    rows = store.sql(
        f"WITH held AS MATERIALIZED ({HELD}) SELECT n.payer, coalesce(c.name, '') AS name, {ORDER} AS ordered, n.currency, sum(n.amount) AS amount,"
        f" count(*), min(n.billable_from), coalesce(sum(CASE WHEN n.key IN held THEN {BRINGS} END), 0), count(DISTINCT n.job),"
        f" {SPLIT} AS split, group_concat(DISTINCT nullif(n.order_number, '')) FROM {DRAFTED} WHERE {DUE} AND n.amount != 0{clause}"
        " GROUP BY n.payer, ordered, n.currency, split ORDER BY amount DESC, name LIMIT ? OFFSET ?",
        [at, at, today, today, *params, limit, offset],
    )
    refs = _refs_of(store, [row[9] for row in rows if row[9]])
    return [DraftRow._make((*row[:10], refs.get(row[9], ""), ", ".join(sorted((row[10] or "").split(","))))) for row in rows]


def _refs_of(store: Store, ids: list[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for kind in ("location", "contract", "job") if ids else ():
        for begin in range(0, len(ids), 500):
            some = ids[begin : begin + 500]
            found.update(store.sql(f'SELECT id, ref FROM "{kind}" WHERE id IN ({",".join("?" * len(some))})', some))
    return found


def count_drafts(store: Store, now: datetime, words: str = "", *, payer: bytes | None = None) -> int:
    """How many invoices that would be."""
    clause, params = _draft_where(words, payer)
    return int(
        store.sql(
            f"SELECT count(*) FROM (SELECT {ORDER} AS ordered, {SPLIT} AS split FROM {DRAFTED} WHERE {DUE} AND n.amount != 0{clause}"
            " GROUP BY n.payer, ordered, n.currency, split)",
            [today_of(store, now), *params],
        )[0][0]
    )


def draft_lines(
    store: Store, now: datetime, payer: bytes | None, order_number: str, currency: str = "", split: bytes | None = None
) -> list[ChargeRow]:
    """The charges of one draft, in the order of their days."""
    return _charges(
        store,
        now,
        f"{DUE} AND n.amount != 0 AND n.payer IS ? AND {ORDER} = ? AND n.currency = ? AND {SPLIT} IS ?",
        [today_of(store, now), payer, order_number, currency or store.currency, split],
    )


def charges_of(store: Store, now: datetime, *, job: bytes | None = None, contract: bytes | None = None) -> list[ChargeRow]:
    """What is derived for a job, or for a contract's own terms: estimates, covered work, what is not billed."""
    if job is not None:
        return _charges(store, now, "n.job = ?", [job])
    return _charges(store, now, "n.contract = ? AND n.job IS NULL", [contract])


def _charges(store: Store, now: datetime, where: str, params: list[Any]) -> list[ChargeRow]:
    held: dict[str, tuple[str, str]] = {}
    rows = store.sql(
        "SELECT n.key, n.kind, coalesce(j.ref, k.ref, ''), n.job, n.contract, n.start, n.end, n.quantity, n.amount, n.notional, n.cost,"
        " n.currency, n.covered_by, n.billable_from, n.estimate, n.fenced, n.reason, n.order_number FROM charge_now n LEFT JOIN job j ON j.id = n.job"
        f" LEFT JOIN contract k ON k.id = n.contract LEFT JOIN client c ON c.id = n.payer WHERE {where} ORDER BY n.start IS NULL, n.start, n.key",
        params,
    )
    for begin in range(0, len(rows), 500):
        keys = [row[0] for row in rows[begin : begin + 500]]
        held.update((row[0], (row[1], row[2])) for row in holding(store, now, keys))
    # What is only taken off a line goes where that line goes.
    held.update({row[0]: held[line] for row in rows if row[8] < 0 and row[0] not in held and (line := rests_on(row[0])) in held})
    return [ChargeRow._make((*row, *held.get(row[0], ("", ""))))._replace(estimate=bool(row[14])) for row in in_order(rows, itemgetter(0))]


def holding(store: Store, now: datetime, charges: list[str]) -> list[tuple[str, str, str]]:
    """(charge key, case key, what is wrong) for each open case that holds one of these charges, the dearest last."""
    today, at = today_of(store, now), ms(now)
    return [
        (row[0], row[1], row[2])
        for row in store.sql(
            "SELECT x.charge_key, c.key, c.says FROM case_charge x JOIN case_now c ON c.key = x.case_key LEFT JOIN decision d ON d.key = c.key"
            f" WHERE x.charge_key IN ({','.join('?' * len(charges))}) AND {HOLDS} AND {AWAKE} AND c.reason NOT IN {NO_HOLD} ORDER BY c.value",
            [*charges, at, at, today],
        )
    ]


def invoices(
    store: Store, words: str = "", *, client: bytes | None = None, open_only: bool = False, offset: int = 0, limit: int = 200
) -> list[InvoiceRow]:
    """Issued documents, the newest first."""
    clause, params = _invoice_where(words, client, open_only)
    rows = store.sql(
        "SELECT i.id, i.number, i.kind, i.client, coalesce(c.name, ''), i.issued_on, i.due_on, i.currency, i.net, i.tax, i.gross,"
        f" {OPEN_AMOUNT}, i.order_number, i.origin, (SELECT count(*) FROM invoice_line l WHERE l.invoice = i.id AND l.void = 0), i.void,"
        f" {_AGAINST}"
        f" FROM invoice i LEFT JOIN client c ON c.id = i.client WHERE {clause} ORDER BY i.issued_on DESC, i.number DESC LIMIT ? OFFSET ?",
        [*params, limit, offset],
    )
    return [InvoiceRow(*row)._replace(void=bool(row[15])) for row in rows]


def count_invoices(store: Store, words: str = "", *, client: bytes | None = None, open_only: bool = False) -> int:
    """How many there are on all pages."""
    clause, params = _invoice_where(words, client, open_only)
    return int(store.sql(f"SELECT count(*) FROM invoice i LEFT JOIN client c ON c.id = i.client WHERE {clause}", params)[0][0])


def invoice_lines(store: Store, invoice: bytes) -> list[LineRow]:
    """The lines of one document."""
    rows = store.sql(
        "SELECT l.id, l.key, coalesce(j.ref, k.ref, ''), l.amount, l.text, l.start, l.end, l.job, l.contract FROM invoice_line l LEFT JOIN job j ON j.id = l.job"
        " LEFT JOIN contract k ON k.id = l.contract WHERE l.invoice = ? AND l.void = 0 ORDER BY l.start, l.key, l.id",
        (invoice,),
    )
    return [LineRow(*row) for row in in_order(rows, itemgetter(1))]


def billed_by_key(store: Store, keys: list[str]) -> dict[str, int]:
    """What stands billed under each key on all documents together, credits taken off; void ones do not count."""
    wanted = sorted({key for key in keys if key})
    found: dict[str, int] = {}
    for begin in range(0, len(wanted), 500):
        some = wanted[begin : begin + 500]
        found.update(
            (row[0], row[1])
            for row in store.sql(
                "SELECT l.key, sum(l.amount) FROM invoice_line l JOIN invoice i ON i.id = l.invoice AND i.void = 0"
                f" WHERE l.void = 0 AND l.key IN ({','.join('?' * len(some))}) GROUP BY l.key",
                some,
            )
        )
    return found


def waived_worth(store: Store, keys: list[str]) -> dict[str, int]:
    """By key, what a waived charge was worth when it was last derived; minor units."""
    found: dict[str, int] = {}
    for begin in range(0, len(keys), 500):
        some = keys[begin : begin + 500]
        marks = ",".join("?" * len(some))
        rows = store.sql(f"SELECT key, amount FROM charge_now WHERE fenced = 'waived' AND key IN ({marks})", some)
        found.update((row[0], row[1]) for row in rows)
    return found


def payments(store: Store, *, client: bytes | None = None, offset: int = 0, limit: int = 200) -> list[PaymentRow]:
    """Money that came in, the newest first."""
    mine = " AND p.client = ?" if client is not None else ""
    rows = store.sql(
        "SELECT p.id, coalesce(c.name, ''), coalesce(i.number, ''), p.amount, p.currency, p.day, p.reference FROM payment p"
        f" LEFT JOIN client c ON c.id = p.client LEFT JOIN invoice i ON i.id = p.invoice WHERE p.void = 0{mine} ORDER BY p.day DESC, p.id LIMIT ? OFFSET ?",
        [*([client] if client is not None else []), limit, offset],
    )
    return [PaymentRow(*row) for row in rows]


def balance(store: Store, client: bytes, now: datetime) -> Balance:
    """What a client owes, on paper and not yet on paper."""
    today, home = today_of(store, now), store.currency
    papers = store.sql(
        f"SELECT m, coalesce(sum(o), 0), coalesce(sum(CASE WHEN d < ? AND o > 0 THEN o END), 0) FROM (SELECT {OPEN_AMOUNT} AS o,"
        " i.due_on AS d, coalesce(nullif(i.currency, ''), ?) AS m FROM invoice i WHERE i.client = ?) GROUP BY m",
        (today, home, client),
    )
    due = store.sql(
        f"SELECT coalesce(nullif(currency, ''), ?) AS m, sum(amount) FROM charge_now WHERE payer = ? AND {DUE} GROUP BY m",
        (home, client, today),
    )
    on_paper, unbilled = {row[0]: row[1:] for row in papers}, dict(due)
    found = [
        Balance._make((*on_paper.get(money, (0, 0)), unbilled.get(money, 0), money, ()))
        for money in (home, *sorted((set(on_paper) | set(unbilled)) - {home}))
    ]
    return found[0]._replace(others=tuple(one for one in found[1:] if any(one[:3])))


#: What drafts and documents may be narrowed by.
DRAFT_FIELDS = {"payer": "c.name", "client": "c.name", "order": "n.order_number"}
INVOICE_FIELDS = {"number": "i.number", "client": "c.name", "order": "i.order_number", "kind": "i.kind", "issued": "i.issued_on"}


def _draft_where(words: str, payer: bytes | None) -> tuple[str, list[Any]]:
    clause = ""
    params: list[Any] = []
    if payer is not None:
        clause += " AND n.payer = ?"
        params.append(payer)
    said = "lower(coalesce(c.name, '') || ' ' || n.order_number || ' ' || coalesce(c.ref, ''))"
    narrow, values = narrowed(words, said, DRAFT_FIELDS)
    return clause + "".join(f" AND {test}" for test in narrow), [*params, *values]


def _invoice_where(words: str, client: bytes | None, open_only: bool) -> tuple[str, list[Any]]:
    tests: list[str] = ["i.stamp < 4611686018427387904"]
    params: list[Any] = []
    if client is not None:
        tests.append("i.client = ?")
        params.append(client)
    if open_only:
        # Of all documents at once the few that were credited are found first; of a page or a client they are looked for.
        few = "i.number NOT IN (SELECT json_extract(w.custom, '$.credits') FROM invoice w WHERE w.kind = 'credit note' AND w.custom LIKE '%credits%')"
        tests.append(f"({OPEN_AMOUNT.replace('(SELECT CASE', f'(SELECT CASE WHEN rest > 0 AND {few} THEN rest', 1)}) != 0")
    said = "lower(i.number || ' ' || coalesce(c.name, '') || ' ' || i.order_number || ' ' || i.kind)"
    narrow, values = narrowed(words, said, INVOICE_FIELDS)
    return " AND ".join([*tests, *narrow]), [*params, *values]
