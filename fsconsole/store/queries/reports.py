"""Two figures a company closes its books by: where money leaks, and whether a month is complete.

It stands apart because both look over everything at once; the screens of one thing never do.

Always: every piece of the leak is counted once, under one cause; a month's obligation has one state, and what is
neither billed, covered, held nor waived is listed as open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries.ageing import STEPS
from fsconsole.store.queries.exceptions import AWAKE, DUE, HOLDS, OFF, WAIVED, today_of
from fsconsole.store.queries.money import NO_HOLD
from fsconsole.store.queries.worth import BRINGS, worths
from fsconsole.values.bill import rests_on

#: What the leak may be shown by.
BY = ("cause", "client", "contract", "type", "age")
#: What stands as cause where nothing holds a charge.
READY = "ready to bill"


class Leak(NamedTuple):
    """One piece that could have been billed and is not. ``cause`` is a reason of the checks, or nothing holds it."""

    cause: str
    client: str
    contract: str
    type: str
    days: int
    amount: int
    currency: str


class LeakRow(NamedTuple):
    """The leak of one cause, client, contract, type or age, in one currency. Money in minor units; ``oldest`` in days."""

    name: str
    pieces: int
    amount: int
    oldest: int
    share: int  # percent of all in this currency
    currency: str


class Obligation(NamedTuple):
    """One thing a month owed somebody. ``state``: billed, covered, held, waived, fenced or open; ``why`` in words."""

    state: str
    ref: str
    client: str
    kind: str
    amount: int
    why: str
    reason: str
    key: str
    job: bytes | None
    contract: bytes | None
    currency: str
    case: str = ""  # the key of the case that holds it


class Month(NamedTuple):
    """A month whole: ``rows`` without what was billed, of which stand the number of lines and the sum; ``others`` is what
    was billed in other currencies than the company's.
    """

    first: date
    end: date
    rows: tuple[Obligation, ...]
    billed_lines: int
    billed: int
    closed: int
    others: tuple[tuple[str, int], ...] = ()

    @property
    def open(self) -> list[Obligation]:
        return [row for row in self.rows if row.state == "open"]

    @property
    def held(self) -> list[Obligation]:
        return [row for row in self.rows if row.state == "held"]

    def of(self, state: str) -> list[Obligation]:
        return [row for row in self.rows if row.state == state]

    @property
    def complete(self) -> bool:
        return not self.open


_HOLDING = (
    "SELECT x.charge_key, c.reason, c.says, c.key FROM case_charge x JOIN case_now c ON c.key = x.case_key"
    f" LEFT JOIN decision d ON d.key = c.key WHERE {HOLDS} AND {AWAKE} AND c.reason NOT IN {NO_HOLD} ORDER BY c.value, c.key"
)


#: Cases whose value nobody owes for a month: a renewal ahead, equipment without a contract, what was billed already.
_NOT_OWED = ("notice_near", "asset_uncovered", "disputed")
#: By key of a charge that was let go: the words of whoever waived its case.
_LET_GO = (
    "SELECT x.charge_key, d.waived FROM case_charge x JOIN decision d ON d.key = x.case_key WHERE d.waived != '' ORDER BY d.key"
)


def leaks(store: Store, now: datetime) -> list[Leak]:
    """Every piece of the leak: what is due and not billed, and what cases are worth beyond the charges they hold."""
    today, at = today_of(store, now), ms(now)
    cause = {row[0]: row[1] for row in store.sql(_HOLDING, (at, at, today))}
    rows = store.sql(
        # What is taken off a line that is not billed either stands with that line; what we owe otherwise is no leak.
        "SELECT n.key, coalesce(c.name, p.name, ''), coalesce(k.ref, ''), n.kind, n.billable_from, n.amount, n.currency FROM charge_now n"
        " LEFT JOIN client c ON c.id = n.client LEFT JOIN client p ON p.id = n.payer LEFT JOIN contract k ON k.id = n.contract"
        f" WHERE ({DUE} OR (n.fenced = 'parked' AND n.billable_from <= ?)) AND (n.amount > 0 OR {OFF})",
        (today, today),
    )
    found = [
        Leak(cause.get(key, READY), client, contract or "no contract", kind, _days(start, today), amount, money or store.currency)
        for key, client, contract, kind, start, amount, money in rows
    ]
    beyond = store.sql(
        "SELECT c.key, c.reason, coalesce(l.name, ''), coalesce(k.ref, ''), c.since, max(0, c.value) - min(max(0, c.value), coalesce((SELECT"
        f" sum({BRINGS}) FROM case_charge x JOIN charge_now n ON n.key = x.charge_key WHERE x.case_key = c.key AND n.fenced != 'locked'), 0))"
        " AS rest FROM case_now c LEFT JOIN decision d ON d.key = c.key LEFT JOIN client l ON l.id = c.client"
        f" LEFT JOIN contract k ON k.id = c.contract WHERE {HOLDS} AND {AWAKE} AND c.credit = 0 AND rest > 0",
        (at, at, today),
    )
    known = worths(store, today)
    found += [
        Leak(
            reason, client, contract or "no contract", "not recorded", max(0, (at - (since or at)) // 86_400_000), rest,
            known[key].currency if key in known else store.currency,
        )
        for key, reason, client, contract, since, rest in beyond
    ]  # fmt: skip
    return found


def leakage(store: Store, now: datetime, by: str = "cause", *, names: dict[str, str] | None = None) -> list[LeakRow]:
    """The leak by one of ``BY``, the largest first (ages in their order), the company's own currency before others.

    ``names`` puts reasons into words.
    """
    pieces: dict[tuple[str, str], list[Leak]] = {}
    totals: dict[str, int] = {}
    for one in leaks(store, now):
        pieces.setdefault((_name(one, by, names or {}), one.currency), []).append(one)
        totals[one.currency] = totals.get(one.currency, 0) + one.amount
    rows = [
        LeakRow(
            name, len(some), amount, max(one.days for one in some), amount * 100 // totals[money] if totals[money] else 0, money
        )
        for (name, money), some in pieces.items()
        for amount in [sum(one.amount for one in some)]
    ]
    order = [words for _, words in STEPS]
    rows.sort(key=lambda row: (order.index(row.name) if by == "age" else -row.amount, row.name))
    return sorted(rows, key=lambda row: (row.currency != store.currency, row.currency))


def _name(one: Leak, by: str, names: dict[str, str]) -> str:
    if by == "cause":
        return names.get(one.cause, one.cause)
    if by == "age":
        return next(words for first, words in reversed(STEPS) if one.days >= first)
    return {"client": one.client or "nobody yet", "contract": one.contract, "type": one.type}[by]


def _days(start: str | None, today: str) -> int:
    return (date.fromisoformat(today) - date.fromisoformat(start)).days if start else 0


#: The day on which a charge belongs to a month: when it may be billed, but not before its own period begins.
_ON = "coalesce(CASE WHEN n.job IS NULL THEN max(n.billable_from, n.start) END, n.billable_from, n.start)"


#: The same day of a line that was billed: a period in arrears falls due when it is over.
_BILLED_ON = "CASE WHEN l.job IS NULL AND t.timing = 'arrears' THEN coalesce(l.end, l.start) ELSE l.start END"


def month(store: Store, now: datetime, first: date, end: date) -> Month:
    """What became of every obligation that fell due, or was worked, from a day up to (not including) another.

    A period in advance belongs to the month it begins in, one in arrears to the month after it, in which it falls due:
    the month that a lock closes it with.
    """
    today, at = today_of(store, now), ms(now)
    span = (first.isoformat(), end.isoformat())
    holding = {row[0]: (row[1], row[2], row[3]) for row in store.sql(_HOLDING, (at, at, today))}
    rows = store.sql(
        "SELECT n.key, coalesce(j.ref, k.ref, ''), coalesce(c.name, ''), n.kind, n.amount, n.notional, n.covered_by, n.estimate,"
        " n.fenced, n.reason, n.job, n.contract, coalesce(w.column_, ''), n.currency,"
        " coalesce('written off: ' || nullif(j.written_off, ''), 'cancelled: ' || nullif(j.cancelled, ''), '') FROM charge_now n LEFT JOIN job j ON j.id = n.job"
        " LEFT JOIN contract k ON k.id = n.contract LEFT JOIN client c ON c.id = n.client LEFT JOIN job_now w ON w.job = n.job"
        f" WHERE {_ON} >= ? AND {_ON} < ? AND NOT (n.estimate = 1 AND n.job IS NOT NULL AND n.key LIKE '%:planned')"
        f" AND (n.amount != 0 OR n.covered_by != '' OR n.estimate = 1) ORDER BY {_ON}, n.key",
        span,
    )
    # What was held when its month was closed is held as long as that lasts, though its case asks about the fence now.
    kept = {
        row[0]: (row[1], row[2], row[3])
        for row in store.sql(
            "SELECT coalesce(c.job, c.contract), c.reason, c.says, c.key FROM case_now c LEFT JOIN decision d ON d.key = c.key"
            f" WHERE {HOLDS} AND {AWAKE} AND c.reason != 'behind_fence' AND c.reason NOT IN {NO_HOLD}",
            (at, at, today),
        )
    }
    hands = store.sql("SELECT substr(key, 6), held FROM decision WHERE key >= 'hold:' AND key < 'hold;' AND held != ''")
    by_hand = {ref: ("held_back", f"held back: {words}", "") for ref, words in hands}
    closed_with = {
        row[0]: ("held", row[1], "")
        for row in store.sql("SELECT substr(key, 6), held FROM decision WHERE key >= 'kept:' AND key < 'kept;' AND held != ''")
    }
    let_go = dict(store.sql(_LET_GO))
    for row in rows:
        why = by_hand.get(row[1]) or kept.get(row[10] or row[11]) or closed_with.get(row[0])
        if row[8] == "locked" and why:
            holding[row[0]] = why
    for row in rows:
        # What is only taken off a line goes where that line goes.
        if row[4] < 0 and row[0] not in holding and (line := rests_on(row[0])) in holding:
            holding[row[0]] = holding[line]
    found = [_obligation(row, holding, let_go) for row in rows]
    found += _cases(store, at, today, first, end, {one.key for one in found})
    billed = store.sql(
        "SELECT coalesce(nullif(i.currency, ''), ?) AS money, count(*), coalesce(sum(l.amount), 0) FROM invoice_line l"
        f" JOIN invoice i ON i.id = l.invoice AND i.void = 0 LEFT JOIN term t ON t.id = l.term WHERE l.void = 0 AND {_BILLED_ON} >= ?"
        f" AND {_BILLED_ON} < ? GROUP BY money ORDER BY money",
        (store.currency, *span),
    )
    sums = {money: amount for money, _, amount in billed}
    lines, home = sum(row[1] for row in billed), sums.pop(store.currency, 0)
    days = [int(datetime.combine(day, datetime.min.time(), store.zone).timestamp() * 1000) for day in (first, end)]
    closed = store.sql("SELECT count(*) FROM job_now WHERE column_ = 'closed' AND since >= ? AND since < ?", days)[0][0]
    return Month(first, end, tuple(found), lines, home, closed, tuple(sums.items()))


def _obligation(row: Sequence[object], holding: dict[str, tuple[str, str, str]], let_go: dict[str, str]) -> Obligation:
    """A charge of a month as an obligation; ``holding`` (reason, words, case) and ``let_go`` (words) by its key."""
    key, ref, client, kind, amount, notional, covered, estimate, fenced, says, job, contract, column, money, off = row
    reason, held, case = holding.get(str(key), ("", "", ""))
    state, why = "open", "nothing holds it, and it was not billed"
    if covered:
        state, why, amount = "covered", f"covered by {covered}", notional
    elif fenced == "locked" and held and reason != "behind_fence":
        state, why = "held", held
    elif fenced == "locked":
        # A closed month is no reason: it is owed, nobody let it go, and it can go out in the open month.
        reason, why = "behind_fence", "behind the fence: its month is closed; it goes out with bill and !!, or waive it"
    elif fenced == "parked":
        reason, why = "contradiction", held or "it contradicts itself, and cannot be priced"
    elif fenced:
        given_up = str(off) or let_go.get(str(key), "") or "waived"
        state, why = ("waived", given_up) if fenced == "waived" else ("fenced", "billed elsewhere")
    elif held:
        state, why = "held", held
    elif estimate:
        state, why = "held", f"the job is {column}" if job else str(says)
        reason = "not finished" if job else "held"
    return Obligation(
        state, str(ref), str(client), str(kind), int(str(amount)), why, reason, str(key),
        job if isinstance(job, bytes) else None, contract if isinstance(contract, bytes) else None, str(money),
        case if state in ("held", "open") else "",
    )  # fmt: skip


def _cases(store: Store, at: int, today: str, first: date, end: date, known: set[str]) -> list[Obligation]:
    """Cases of the month that hold no charge of it: hours nobody recorded, contracts that contradict themselves."""
    begins, ends = (ms(datetime.combine(day, datetime.min.time(), store.zone)) for day in (first, end))
    rows = store.sql(
        "SELECT c.key, coalesce(j.ref, k.ref, ''), coalesce(l.name, ''), c.reason, c.value, c.says, c.job, c.contract,"
        f" {WAIVED}, coalesce(d.waived, ''),"
        " (SELECT group_concat(x.charge_key, char(10)) FROM case_charge x WHERE x.case_key = c.key),"
        f" (SELECT sum({BRINGS}) FROM case_charge x JOIN charge_now n ON n.key = x.charge_key WHERE x.case_key = c.key)"
        " FROM case_now c LEFT JOIN decision d ON d.key = c.key LEFT JOIN job j ON j.id = c.job LEFT JOIN contract k ON k.id = c.contract"
        " LEFT JOIN client l ON l.id = c.client WHERE c.credit = 0 AND (c.until IS NULL OR c.until > ?)"
        " AND ((c.since >= ? AND c.since < ? AND c.value > 0) OR c.reason = 'contradiction') ORDER BY c.value DESC, c.key",
        (at, begins, ends),
    )
    found, known_ = [], worths(store, today)
    for key, ref, client, reason, value, says, job, contract, waived, why, charges, told in rows:
        if reason != "contradiction" and (reason in _NOT_OWED or (told or 0) >= value):
            continue  # what its charges say stands in the months that they fall due in
        if any(each in known for each in (charges or "").split("\n")) or (
            charges and (reason in NO_HOLD or reason == "contradiction")
        ):
            continue
        # What contradicts itself is held by nobody: until it is mended nobody knows what the month is owed.
        state = "waived" if waived else "open" if reason == "contradiction" else "held"
        money = known_[key].currency if key in known_ else store.currency
        found.append(
            Obligation(state, ref, client, "not recorded", value, why if waived else says, reason, key, job, contract, money, key)
        )
    return found


def months(store: Store, now: datetime, count: int = 12) -> list[date]:
    """The first days of this month and of those before it, the newest first."""
    first = now.astimezone(store.zone).date().replace(day=1)
    found = [first]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
