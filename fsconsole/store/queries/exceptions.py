"""The open exception cases, what was decided about them, and the figures that stand on top of every screen.

It stands apart because "what is not being billed, and why" is asked by every screen once a second.

Always: each charge with an open case counts once in what is at risk, from the day it may be billed; what is snoozed
or waived does not count; what we owe stands apart, and so does each currency.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries.narrow import narrowed
from fsconsole.store.queries.worth import BRINGS, TABLE, Sums, as_table, foreign, worths

SORTS = {
    "value": "c.value DESC, c.key DESC",
    "age": "c.since IS NULL, c.since, c.key",
    "newest": "c.since DESC, c.key",
    "reason": "c.reason, c.value DESC, c.key",
    "owner": "coalesce(d.owner, '') = '', d.owner, c.value DESC, c.key",
    "waits": "c.waits_for = '', c.waits_for, c.value DESC, c.key",
    "client": "client_name, c.value DESC, c.key",
}

#: Waived at what it is worth now or more. What equipment on no contract would bring is an estimate, and no reason to ask again.
WAIVED = "(coalesce(d.waived, '') != '' AND (c.value <= d.waived_value OR c.reason = 'asset_uncovered'))"
#: A case that has begun, has not ended by itself and was not waived at this worth. Parameters: now, now (ms).
HOLDS = f"(c.since IS NULL OR c.since <= ?) AND (c.until IS NULL OR c.until > ?) AND NOT {WAIVED}"
#: And is not snoozed. Parameter: today.
AWAKE = "(d.snoozed_until IS NULL OR d.snoozed_until <= ?)"
#: Charges that may be drafted now: not planned, not covered, behind no fence, due. Parameter: today.
DUE = "estimate = 0 AND fenced = '' AND covered_by = '' AND (billable_from <= ? OR billable_from IS NULL)"
#: A charge ``n`` that is only taken off a line that is not billed either: what it takes off is brought in less, not owed.
OFF = (
    "(n.amount < 0 AND EXISTS (SELECT 1 FROM charge_now b WHERE b.key = rests_on(n.key) AND b.amount > 0 AND b.estimate = 0"
    " AND b.fenced = '' AND b.covered_by = ''))"
)
_BROUGHT = f"CASE WHEN n.amount > 0 OR {OFF} THEN n.amount ELSE 0 END"
_OWED = f"CASE WHEN n.amount > 0 OR {OFF} THEN 0 ELSE -n.amount END"


class CaseRow(NamedTuple):
    """One exception case. Instants and ages are ms, money minor units, ``snoozed_until`` a day as YYYY-MM-DD.

    ``ref`` is that of its job, contract, client or asset; ``words`` what it is about beside that.
    A ``step_verb`` that ends in a space still wants words. ``value`` counts what may be billed by now, in ``currency``;
    ``whole`` all that the case will ever hold up.
    """

    key: str
    reason: str
    says: str
    value: int
    credit: bool
    since: int | None
    until: int | None
    age: int | None
    ref: str
    client: str
    owner: str
    waits_for: str
    chased: int
    chased_at: int | None
    step_verb: str
    step_words: str
    evidence: tuple[str, ...]
    snoozed_until: str | None
    waived: str
    waived_value: int
    thing: bytes
    thing_kind: str
    job: bytes | None
    contract: bytes | None
    client_id: bytes | None
    currency: str
    whole: int

    @property
    def asked(self) -> bool:
        """Whether it waits for somebody who was asked already."""
        return bool(self.chased) and self.step_verb.startswith("chase ")


class CauseRow(NamedTuple):
    """The open cases of one reason in one currency. Money in minor units, ``oldest`` in ms since the oldest began;
    ``nobodys`` have no owner.
    """

    reason: str
    cases: int
    value: int
    credit: int
    oldest: int | None
    nobodys: int
    currency: str


class Figures(NamedTuple):
    """The top line: promises late and soon (jobs), money in minor units of the company's currency, ``oldest_days`` since
    the oldest was billable; ``others`` what stands in other currencies.
    """

    late: int
    soon: int
    at_risk: int
    exceptions: int
    unbilled: int
    oldest_days: int
    credits: int
    others: tuple[Sums, ...] = ()


_ROW = (
    "SELECT c.key, c.reason, c.says, c.value, c.credit, c.since, c.until, coalesce(j.ref, k.ref, i.number, l.ref, a.ref, t.code, s.code, '') AS ref,"
    " coalesce(l.name, '') AS client_name, coalesce(d.owner, ''), c.waits_for,"
    " (SELECT count(*) FROM chase h WHERE h.key = c.key AND h.void = 0) AS chased,"
    " (SELECT max(h.at) FROM chase h WHERE h.key = c.key AND h.void = 0), c.step_verb, c.step_words, c.evidence,"
    " d.snoozed_until, coalesce(d.waived, ''), coalesce(d.waived_value, 0), c.thing, c.thing_kind, c.job, c.contract, c.client"
)
#: What a case may be narrowed by.
FIELDS = {
    "client": "l.name", "owner": "d.owner", "waits": "c.waits_for", "ref": "coalesce(j.ref, k.ref, l.ref, a.ref, t.code)",
    "reason": "c.reason", "step": "c.step_words", "says": "c.says",
}  # fmt: skip
_SAID = (
    "lower(c.says || ' ' || c.reason || ' ' || c.waits_for || ' ' || coalesce(d.owner, '') || ' ' || coalesce(j.ref, '')"
    " || ' ' || coalesce(k.ref, '') || ' ' || coalesce(l.name, ''))"
)
_CLIENT = "coalesce(l.name, '') AS client_name"
_FROM = (
    " FROM case_now c LEFT JOIN decision d ON d.key = c.key LEFT JOIN job j ON j.id = c.job LEFT JOIN contract k ON k.id = c.contract"
    " LEFT JOIN client l ON l.id = c.client LEFT JOIN asset a ON a.id = c.thing LEFT JOIN technician t ON t.id = c.thing"
    " LEFT JOIN invoice i ON i.id = c.thing LEFT JOIN site s ON s.id = c.thing"
)


def open_cases(
    store: Store,
    now: datetime,
    *,
    owner: str | None = None,
    words: str = "",
    sort: str = "value",
    offset: int = 0,
    limit: int = 200,
    snoozed: bool = False,
) -> list[CaseRow]:
    """One page of what is open. ``owner``: only theirs and nobody's; ``snoozed``: those hidden until a day as well."""
    if not words and not worths(store, today_of(store, now)):
        # All are worth what they will ever be, so the page is read in the order of an index.
        clause, params = _clause(store, now, owner, words, snoozed)
        rows = store.sql(f"{_ROW}{_FROM} WHERE {clause} ORDER BY {SORTS[sort]} LIMIT ? OFFSET ?", [*params, limit, offset])
        return [_case(store, row, now) for row in rows]
    found: dict[str, CaseRow] = {}
    page = _keys(store, now, owner, words, snoozed, sort)[offset : offset + limit]
    for begin in range(0, len(page), 500):
        some = page[begin : begin + 500]
        rows = store.sql(f"{_ROW}{_FROM} WHERE c.key IN ({','.join('?' * len(some))})", some)
        found.update((row[0], _case(store, row, now)) for row in rows)
    return [found[key] for key in page if key in found]


def _keys(store: Store, now: datetime, owner: str | None, words: str, snoozed: bool, sort: str) -> list[str]:
    """The open cases under a filter, in order: looked through once, then kept for count, place and pages until something is
    written or the minute is over."""

    def look() -> list[str]:
        clause, params = _clause(store, now, owner, words, snoozed)
        today = today_of(store, now)
        less = worths(store, today)
        if not less:
            return [row[0] for row in store.sql(f"SELECT c.key, {_CLIENT}{_FROM} WHERE {clause} ORDER BY {SORTS[sort]}", params)]
        order = SORTS[sort].replace("c.value", "coalesce(w.value, c.value)")
        return [
            row[0]
            for row in store.sql(
                f"WITH {TABLE} SELECT c.key, {_CLIENT}{_FROM} LEFT JOIN w ON w.key = c.key WHERE {clause} ORDER BY {order}",
                [as_table(less), *params],
            )
        ]

    return store.kept(("cases", ms(now) // 60_000, owner, words, snoozed, sort), look)


def count_cases(
    store: Store, now: datetime, *, owner: str | None = None, words: str = "", snoozed: bool = False, sort: str = "value"
) -> int:
    """How many rows ``open_cases`` has on all its pages; cheapest under the ``sort`` in which they are shown."""
    return len(_keys(store, now, owner, words, snoozed, sort))


def causes(store: Store, now: datetime, *, owner: str | None = None, words: str = "", snoozed: bool = False) -> list[CauseRow]:
    """What is open by its reason and currency, the company's own currency first, the dearest first. Each case counts with
    what it is worth, as in the list.
    """
    clause, params = _clause(store, now, owner, words, snoozed)
    rows = store.sql(
        f"WITH {TABLE} SELECT c.reason, count(*), coalesce(sum(CASE WHEN c.credit = 0 THEN max(0, coalesce(w.value, c.value)) END), 0) AS worth,"
        " coalesce(sum(CASE WHEN c.credit = 1 THEN max(0, c.value) END), 0), min(c.since), sum(coalesce(d.owner, '') = ''),"
        " coalesce(w.currency, ?) AS money"
        f"{_FROM} LEFT JOIN w ON w.key = c.key WHERE {clause} GROUP BY c.reason, money ORDER BY money != ?, money, worth DESC, c.reason",
        [as_table(worths(store, today_of(store, now))), store.currency, *params, store.currency],
    )
    at = ms(now)
    return [CauseRow(*row)._replace(oldest=None if row[4] is None else max(0, at - row[4])) for row in rows]


def place(store: Store, now: datetime, key: str, **asked: Any) -> int | None:
    """How many rows stand before a case under the same filter and sort; None when it is not among them."""
    keys = _keys(
        store, now, asked.get("owner"), asked.get("words", ""), asked.get("snoozed", False), asked.get("sort", "value")
    )  # fmt: skip
    return keys.index(key) if key in keys else None


def case(store: Store, key: str, now: datetime) -> CaseRow | None:
    """One case, whatever was decided about it; None when the facts no longer give it."""
    row = store.one(f"{_ROW}{_FROM} WHERE c.key = ?", (key,))
    return _case(store, row, now) if row else None


def cases_about(store: Store, now: datetime, thing: bytes, *, snoozed: bool = True) -> list[CaseRow]:
    """Open cases of a job, a contract, a client, an asset or a technician, the dearest first."""
    clause, params = _clause(store, now, None, "", snoozed)
    # Two indexed looks instead of an OR over the whole table.
    rows = store.sql(
        f"{_ROW}{_FROM} WHERE c.key IN (SELECT key FROM case_now WHERE thing = ? UNION SELECT key FROM case_now WHERE job = ?)"
        f" AND {clause} ORDER BY {SORTS['value']}",
        [thing, thing, *params],
    )
    return sorted((_case(store, row, now) for row in rows), key=lambda one: one.value, reverse=True)


def decided(store: Store, now: datetime, limit: int = 200) -> list[CaseRow]:
    """Cases that were waived or are snoozed, newest decision first: where a decision is taken back."""
    today = today_of(store, now)
    rows = store.sql(
        f"{_ROW}{_FROM} WHERE {WAIVED} OR d.snoozed_until > ? ORDER BY d.c_waived DESC LIMIT ?",
        (today, limit),
    )
    return [_case(store, row, now) for row in rows]


def owners(store: Store) -> list[str]:
    """Everyone a case may be given to: people of this workspace and whoever owns one."""
    rows = store.sql(
        "SELECT name FROM person WHERE gone = 0 AND name != '' UNION SELECT owner FROM decision WHERE owner != '' ORDER BY 1"
    )
    return [row[0] for row in rows]


def figures(store: Store, now: datetime) -> Figures:
    """What stands on top of every screen."""
    today, at = today_of(store, now), ms(now)
    soon_by = at + 60_000 * int(in_force(store, "soon_minutes", today, 60))
    late, soon = _promises(store, at, soon_by)
    begun = "(c.since IS NULL OR c.since <= :at) AND (c.until IS NULL OR c.until > :at)"
    sums = "count(*), coalesce(sum(CASE WHEN c.credit = 1 THEN max(0, c.value) END), 0), coalesce(sum(CASE WHEN c.credit = 0 THEN max(0, c.value) END), 0)"
    params = {"at": at, "today": today}
    # The sums of all cases are kept; those that have not begun, are over or that a decision hides are few, and taken off.
    hides = f"({WAIVED} OR d.snoozed_until > :today)"
    kept = {credit: (cases, value) for credit, cases, value in store.sql("SELECT credit, cases, value FROM case_sum")}
    (due_, due_worth), (owing, credits_) = kept.get(0, (0, 0)), kept.get(1, (0, 0))
    away = store.sql(
        f"WITH a AS (SELECT key, credit, value FROM case_now WHERE since > :at UNION SELECT key, credit, value FROM case_now WHERE until <= :at)"
        f" SELECT {sums} FROM a c", params
    )[0]  # fmt: skip
    every = (due_ + owing - away[0], credits_ - away[1], due_worth - away[2])
    hidden = store.sql(f"SELECT {sums} FROM decision d JOIN case_now c ON c.key = d.key WHERE {hides} AND {begun}", params)[0]
    open_, credits, worth = (all_ - some for all_, some in zip(every, hidden, strict=True))
    abroad = {key: one.currency for key, one in worths(store, today).items() if one.currency != store.currency}
    rows = store.sql(
        # The most of its charges that a case may count, and each charge with an open case once.
        f"WITH h AS MATERIALIZED (SELECT c.key, c.value, n.key AS charge, {BRINGS} AS amount, n.currency AS money,"
        " (n.estimate = 0 AND (n.billable_from IS NULL OR n.billable_from <= :today)) AS due"
        " FROM case_charge x CROSS JOIN case_now c ON c.key = x.case_key JOIN charge_now n ON n.key = x.charge_key"
        f" LEFT JOIN decision d ON d.key = c.key WHERE c.credit = 0 AND n.amount != 0 AND {begun} AND coalesce(NOT {hides}, 1))"
        " SELECT money, sum(amount), 0 FROM (SELECT DISTINCT money, charge, amount FROM h WHERE due) GROUP BY money UNION ALL"
        " SELECT money, 0, sum(max(0, value) - max(0, value - total)) FROM (SELECT money, value, sum(amount) AS total FROM h GROUP BY key)"
        " GROUP BY money",
        params,
    )
    risk = {store.currency: worth}
    owe = {store.currency: credits}
    if abroad:
        for key, credit, value in store.sql(
            "SELECT c.key, c.credit, max(0, c.value) FROM json_each(:keys) e CROSS JOIN case_now c ON c.key = e.value"
            f" LEFT JOIN decision d ON d.key = c.key WHERE {begun} AND coalesce(NOT {hides}, 1)",
            params | {"keys": json.dumps(list(abroad))},
        ):
            sums_ = owe if credit else risk
            sums_[store.currency] -= value
            sums_[abroad[key]] = sums_.get(abroad[key], 0) + value
    for money, held, within in rows:
        # Beside the charges they hold, cases are worth what goes beyond those: hours nobody recorded, work nobody priced.
        risk[money or store.currency] = risk.get(money or store.currency, 0) + held - within
    unbilled, owed, oldest = _due(store, today)
    if owed:
        # A case about a credit that is on a draft is that credit, and no second one.
        for money, twice in store.sql(
            "SELECT money, sum(min(value, amount)) FROM (SELECT n.currency AS money, max(0, c.value) AS value, sum(-n.amount) AS amount"
            " FROM charge_now n JOIN case_charge x ON x.charge_key = n.key JOIN case_now c ON c.key = x.case_key AND c.credit = 1"
            f" LEFT JOIN decision d ON d.key = c.key WHERE {DUE.replace('?', ':today')} AND n.amount < 0 AND {begun}"
            f" AND coalesce(NOT {hides}, 1) GROUP BY c.key) GROUP BY money",
            params,
        ):
            owe[money or store.currency] = owe.get(money or store.currency, 0) - twice
    billable = _due_abroad(store, today)
    unbilled -= sum(one[0] for one in billable.values())
    owed -= sum(one[1] for one in billable.values())
    others = tuple(
        Sums(money, risk.get(money, 0), *(billable.get(money, (0, 0))[:1]), owe.get(money, 0) + billable.get(money, (0, 0))[1])
        for money in sorted((set(risk) | set(owe) | set(billable)) - {store.currency})
    )
    days = (date.fromisoformat(today) - date.fromisoformat(oldest)).days if oldest else 0
    home = store.currency
    return Figures(late, soon, risk[home], open_, unbilled, max(0, days), owed + owe[home], tuple(one for one in others if any(one[1:])))


def _due_abroad(store: Store, today: str) -> dict[str, tuple[int, int]]:
    """By currency other than the company's: (what may be billed by today, what we owe on it)."""
    if not foreign(store):
        return {}
    rows = store.sql(
        f"SELECT currency, sum({_BROUGHT}), sum({_OWED}) FROM charge_now n WHERE {DUE} AND currency NOT IN ('', ?)"
        " GROUP BY currency",
        (today, store.currency),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _promises(store: Store, at: int, soon_by: int) -> tuple[int, int]:
    marks = ",".join("?" * len(_OPEN))
    row = store.sql(
        f"SELECT coalesce(sum(due_at <= ?), 0), coalesce(sum(due_at > ?), 0) FROM job_now WHERE column_ IN ({marks}) AND due_at <= ?"
        " AND due_what IN ('respond', 'restore', 'window')",
        (at, at, *_OPEN, soon_by),
    )[0]
    return int(row[0]), int(row[1])


_OPEN = ("logged", "scheduled", "dispatched", "en route", "on site", "waiting parts", "parked")


def _due(store: Store, today: str) -> tuple[int, int, str | None]:
    """(what may be billed by today, what we owe on it, the day of the oldest)."""
    total, owed, oldest = 0, 0, None
    for test, params in (("billable_from <= ?", (today,)), ("billable_from IS NULL", ())):
        row = store.sql(
            f"SELECT coalesce(sum({_BROUGHT}), 0), coalesce(sum({_OWED}), 0), min(CASE WHEN amount > 0 THEN billable_from END)"
            f" FROM charge_now n WHERE estimate = 0 AND fenced = '' AND covered_by = '' AND {test}",
            params,
        )[0]
        total, owed, oldest = total + row[0], owed + row[1], oldest or row[2]
    return total, owed, oldest


def today_of(store: Store, now: datetime) -> str:
    """The local day at this site, as YYYY-MM-DD."""
    return now.astimezone(store.zone).date().isoformat()


def in_force(store: Store, name: str, today: str, default: Any) -> Any:
    """A policy's value as stored, on a day; the default where nobody decided or what was decided is of another type."""
    row = store.one(
        "SELECT value FROM policy WHERE name = ? AND (start IS NULL OR start <= ?) ORDER BY start DESC, id DESC LIMIT 1",
        (name, today),
    )
    if row is None:
        return default
    value = json.loads(row[0])
    if isinstance(default, int) and not isinstance(default, bool):
        return int(value) if str(value).strip().isdigit() else default
    return value if isinstance(value, type(default)) else default


def _clause(store: Store, now: datetime, owner: str | None, words: str, snoozed: bool) -> tuple[str, list[Any]]:
    tests = [HOLDS]
    params: list[Any] = [ms(now), ms(now)]
    if not snoozed:
        tests.append(AWAKE)
        params.append(today_of(store, now))
    if owner is not None:
        tests.append("coalesce(d.owner, '') IN (?, '')")
        params.append(owner)
    narrow, values = narrowed(words, _SAID, FIELDS)
    return " AND ".join([*tests, *narrow]), [*params, *values]


def _case(store: Store, row: tuple[Any, ...], now: datetime) -> CaseRow:
    (
        key, reason, says, value, credit, since, until, ref, client, owner, waits_for, chased, chased_at, step_verb, step_words,
        evidence, snoozed_until, waived, waived_value, thing, thing_kind, job, contract, client_id,
    ) = row  # fmt: skip
    less = worths(store, today_of(store, now)).get(key)
    by_now, currency = less or (value, store.currency)
    return CaseRow(
        key, reason, says, by_now, bool(credit), since, until, None if since is None else max(0, ms(now) - since), ref, client, owner,
        waits_for, chased, chased_at, step_verb, step_words, tuple(json.loads(evidence or "[]")), snoozed_until, waived, waived_value,
        thing, thing_kind, job, contract, client_id, currency, value,
    )  # fmt: skip
