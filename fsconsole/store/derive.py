"""The caches: what must be derived again, and writing what was derived.

It stands apart so that flow/settle only thinks, and every cache is written in one place.

Always: a cache row can be thrown away; deriving it again from the facts gives it back.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from fsconsole.store.instants import ms
from fsconsole.store.many import ids_in
from fsconsole.store.opening import Store
from fsconsole.values.bill import Charge, ExceptionCase
from fsconsole.values.period import Period
from fsconsole.values.twin import twin_of

Row = tuple[Any, ...]
_JSON = json.JSONEncoder(ensure_ascii=False).encode

#: What is derived, numbered above every kind of row so that both can wait in ``dirty``.
JOB, CONTRACT, CLIENT, TECHNICIAN, ROW, SEARCH, SITE = 100_001, 100_002, 100_003, 100_004, 100_005, 100_006, 100_007
#: Jobs on which work was written, while marks are spread: each is looked up once, however much was.
WORKED = 100_008

_PASSED = (
    (JOB, "SELECT j.id FROM d JOIN {0} h ON h.id = d.row JOIN job j ON j.id = h.thing"),
    (CONTRACT, "SELECT c.id FROM d JOIN {0} h ON h.id = d.row JOIN contract c ON c.id = h.thing"),
)

#: The contracts whose terms may count the work of some jobs ``j``: hours, blocks, time and materials, visits, calls.
_COUNTED = (
    "SELECT t.contract FROM {jobs} JOIN contract c ON c.id = j.contract OR c.client = j.client"
    " JOIN term t ON t.contract = c.id AND t.gone = 0 AND t.kind IN ('hours', 'block', 'time', 'visits', 'sla')"
)


def _counting(jobs: str) -> tuple[int, str]:
    return CONTRACT, _COUNTED.format(jobs=jobs)


#: For each kind of row, what must be derived again when one changes: (what, SELECT of ids over ``d``, the dirty rows).
_FOLLOWS: dict[int, tuple[tuple[int, str], ...]] = {
    1: (
        # Whose right falls to whom changes with the sites; only what is spoken of already can have changed by it.
        (JOB, "SELECT job FROM case_now WHERE reason IN ('billed_without_right', 'right_offered') AND thing_kind = 'job'"),
        (CONTRACT, "SELECT contract FROM case_now WHERE reason IN ('billed_without_right', 'right_offered') AND thing_kind = 'contract'"),
    ),
    3: (
        (JOB, "SELECT job FROM job_now WHERE column_ != 'closed'"),
        (CONTRACT, "SELECT id FROM contract WHERE gone = 0"),
        (CLIENT, "SELECT id FROM client WHERE gone = 0"),
    ),
    10: (
        (JOB, "SELECT j.job FROM d JOIN job_now j ON j.client = d.row WHERE j.column_ != 'closed'"),
        (CONTRACT, "SELECT c.id FROM d JOIN contract c ON c.client = d.row"),
        (CLIENT, "SELECT row FROM d"),
        (SEARCH, "SELECT row FROM d"),
    ),
    11: (
        (JOB, "SELECT j.job FROM d JOIN job_now j ON j.location = d.row WHERE j.column_ != 'closed'"),
        (SEARCH, "SELECT row FROM d"),
    ),
    12: (
        (CLIENT, "SELECT c.client FROM d JOIN contact c ON c.id = d.row WHERE c.client IS NOT NULL"),
        (SEARCH, "SELECT row FROM d"),
    ),
    13: (
        (JOB, "SELECT j.job FROM d JOIN job_now j ON j.asset = d.row WHERE j.column_ != 'closed'"),
        (CONTRACT, "SELECT c.contract FROM d JOIN cover c ON c.asset = d.row"),
        (CONTRACT, "SELECT c.contract FROM d JOIN asset a ON a.id = d.row JOIN cover c ON c.location = a.location"),
        (CONTRACT, "SELECT t.contract FROM d JOIN term t ON t.asset = d.row"),
        (CLIENT, "SELECT a.client FROM d JOIN asset a ON a.id = d.row WHERE a.client IS NOT NULL"),
        # And the client it stood with before it moved, which found a case about it.
        (CLIENT, "SELECT c.source FROM d JOIN case_now c ON c.thing = d.row WHERE c.thing_kind = 'asset' AND length(c.source) = 16"),
        (SEARCH, "SELECT row FROM d"),
    ),
    20: (
        (JOB, "SELECT j.job FROM d JOIN job_now j ON j.technician = d.row WHERE j.column_ != 'closed'"),
        (TECHNICIAN, "SELECT row FROM d"),
        (SEARCH, "SELECT row FROM d"),
    ),
    23: ((JOB, "SELECT u.job FROM d JOIN part_used u ON u.part = d.row"),),
    30: (
        (JOB, "SELECT row FROM d"),
        (SEARCH, "SELECT row FROM d"),
        _counting("d JOIN job j ON j.id = d.row"),
        # And the contract that it was under before it was moved to another, or to another client.
        _counting("d JOIN job_now j ON j.job = d.row"),
    ),
    31: ((WORKED, "SELECT v.job FROM d JOIN visit v ON v.id = d.row WHERE v.job IS NOT NULL"),),
    32: ((WORKED, "SELECT DISTINCT v.job FROM d JOIN event e ON e.id = d.row JOIN visit v ON v.id = e.visit WHERE v.job IS NOT NULL"),),
    33: ((WORKED, "SELECT t.job FROM d JOIN labour t ON t.id = d.row WHERE t.job IS NOT NULL"),),
    34: ((WORKED, "SELECT t.job FROM d JOIN part_used t ON t.id = d.row WHERE t.job IS NOT NULL"),),
    WORKED: ((JOB, "SELECT row FROM d"), _counting("d JOIN job j ON j.id = d.row")),
    35: ((JOB, "SELECT t.job FROM d JOIN card t ON t.id = d.row WHERE t.job IS NOT NULL"),),
    36: ((JOB, "SELECT t.job FROM d JOIN sign_off t ON t.id = d.row WHERE t.job IS NOT NULL"),),
    38: (
        # A meter read counts for every contract that the asset is on.
        (CONTRACT, "SELECT r.contract FROM d JOIN reading r ON r.id = d.row WHERE r.contract IS NOT NULL"),
        (CONTRACT, "SELECT c.contract FROM d JOIN reading r ON r.id = d.row JOIN cover c ON c.asset = r.asset"),
        (CONTRACT, "SELECT t.contract FROM d JOIN reading r ON r.id = d.row JOIN term t ON t.asset = r.asset"),
        (
            CONTRACT,
            "SELECT c.contract FROM d JOIN reading r ON r.id = d.row JOIN asset a ON a.id = r.asset JOIN cover c ON c.location = a.location",
        ),
    ),
    40: (
        (
            JOB,
            # Those whose time on site the piece may speak for or against, finished or not: a trail may arrive late.
            "SELECT v.job FROM d JOIN trail_piece p ON p.id = d.row JOIN visit v ON v.technician = p.technician"
            " WHERE v.job IS NOT NULL AND EXISTS"
            " (SELECT 1 FROM event e WHERE e.visit = v.id AND e.what = 'arrive' AND e.at <= p.end)"
            " AND NOT EXISTS (SELECT 1 FROM event e WHERE e.visit = v.id AND e.at < p.start AND e.what IN"
            " ('complete', 'wait parts', 'return needed', 'no access', 'abort', 'take off'))",
        ),
    ),
    41: ((JOB, "SELECT a.about FROM d JOIN attachment a ON a.id = d.row JOIN job j ON j.id = a.about"),),
    50: (
        (CONTRACT, "SELECT row FROM d"),
        (
            JOB,
            "SELECT j.job FROM d JOIN contract c ON c.id = d.row JOIN job_now j ON j.client = c.client WHERE j.column_ != 'closed'",
        ),
        (SEARCH, "SELECT row FROM d"),
    ),
    51: (
        (CONTRACT, "SELECT t.contract FROM d JOIN term t ON t.id = d.row WHERE t.contract IS NOT NULL"),
        (
            # What a term counts is no longer billed by the job, and the other way about.
            JOB,
            "SELECT j.id FROM d JOIN term t ON t.id = d.row AND t.kind IN ('hours', 'block', 'time', 'visits')"
            " JOIN contract c ON c.id = t.contract JOIN job j ON j.contract = c.id OR j.client = c.client"
            " WHERE j.finished_on IS NULL OR j.finished_on >= c.start",
        ),
    ),
    52: (
        (CONTRACT, "SELECT t.contract FROM d JOIN cover t ON t.id = d.row WHERE t.contract IS NOT NULL"),
        (
            JOB,
            "SELECT j.job FROM d JOIN cover t ON t.id = d.row JOIN contract c ON c.id = t.contract"
            " JOIN job_now j ON j.client = c.client WHERE j.column_ != 'closed'",
        ),
    ),
    53: (
        (
            JOB,
            "SELECT j.job FROM d JOIN rate r ON r.id = d.row JOIN job_now j ON j.client = r.client WHERE j.column_ != 'closed'",
        ),
        (
            JOB,
            "SELECT j.job FROM d JOIN rate r ON r.id = d.row JOIN contract c ON c.id = r.contract"
            " JOIN job_now j ON j.client = c.client WHERE j.column_ != 'closed'",
        ),
        (
            JOB,
            "SELECT job FROM job_now WHERE column_ != 'closed' AND EXISTS"
            " (SELECT 1 FROM d JOIN rate r ON r.id = d.row WHERE r.client IS NULL AND r.contract IS NULL)",
        ),
    ),
    54: ((CONTRACT, "SELECT t.contract FROM d JOIN clause t ON t.id = d.row WHERE t.contract IS NOT NULL"),),
    55: (
        (CONTRACT, "SELECT t.contract FROM d JOIN entry t ON t.id = d.row WHERE t.contract IS NOT NULL"),
        (JOB, "SELECT t.job FROM d JOIN entry t ON t.id = d.row WHERE t.job IS NOT NULL"),
    ),
    56: (
        # An index is for the contracts that follow it, a holiday for those that promise or work by the clock.
        (
            CONTRACT,
            "SELECT c.contract FROM d JOIN published p ON p.id = d.row JOIN clause c ON c.name = p.name AND c.kind = 'escalator'"
            " WHERE p.kind = 'index'",
        ),
        (
            CONTRACT,
            "SELECT c.contract FROM clause c WHERE c.kind = 'escalator' AND instr(c.name, ', ') > 0 AND EXISTS (SELECT 1 FROM d"
            " JOIN published p ON p.id = d.row WHERE p.kind = 'index' AND instr(', ' || c.name || ',', ', ' || p.name || ',') > 0)",
        ),
        (
            CONTRACT,
            "SELECT t.contract FROM term t WHERE t.kind IN ('sla', 'hours', 'block', 'time') AND t.contract IS NOT NULL AND EXISTS"
            " (SELECT 1 FROM d JOIN published p ON p.id = d.row WHERE p.kind = 'holiday')",
        ),
        (
            JOB,
            "SELECT job FROM job_now WHERE column_ != 'closed' AND EXISTS"
            " (SELECT 1 FROM d JOIN published p ON p.id = d.row WHERE p.kind = 'holiday')",
        ),
    ),
    39: ((TECHNICIAN, "SELECT s.technician FROM d JOIN stock s ON s.id = d.row WHERE s.technician IS NOT NULL"),),
    60: (
        (CLIENT, "SELECT i.client FROM d JOIN invoice i ON i.id = d.row WHERE i.client IS NOT NULL"),
        (SITE, "SELECT id FROM site"),
        (JOB, "SELECT l.job FROM d JOIN invoice_line l ON l.invoice = d.row WHERE l.job IS NOT NULL"),
        (CONTRACT, "SELECT l.contract FROM d JOIN invoice_line l ON l.invoice = d.row WHERE l.contract IS NOT NULL"),
    ),
    61: (
        (JOB, "SELECT l.job FROM d JOIN invoice_line l ON l.id = d.row WHERE l.job IS NOT NULL"),
        (CONTRACT, "SELECT l.contract FROM d JOIN invoice_line l ON l.id = d.row WHERE l.contract IS NOT NULL"),
    ),
    65: tuple((what, query.format("handover")) for what, query in _PASSED),
    66: tuple((what, query.format("withdrawal")) for what, query in _PASSED),
    62: ((CLIENT, "SELECT p.client FROM d JOIN payment p ON p.id = d.row WHERE p.client IS NOT NULL"),),
    63: (
        (JOB, "SELECT c.job FROM d JOIN decision x ON x.id = d.row JOIN case_now c ON c.key = x.key WHERE c.job IS NOT NULL"),
        (
            CONTRACT,
            "SELECT c.contract FROM d JOIN decision x ON x.id = d.row JOIN case_now c ON c.key = x.key"
            " WHERE c.job IS NULL AND c.contract IS NOT NULL",
        ),
        # A charge approved, a thing held back by its reference, a document disputed by its number.
        (
            CLIENT,
            "SELECT n.payer FROM d JOIN decision x ON x.id = d.row AND x.key >= 'charge:' AND x.key < 'charge;'"
            " JOIN charge_now n ON n.key = substr(x.key, 8) WHERE n.payer IS NOT NULL",
        ),
        (JOB, "SELECT j.id FROM d JOIN decision x ON x.id = d.row AND x.key LIKE 'hold:%' JOIN job j ON j.ref = substr(x.key, 6)"),
        # That the client pays for what was covered: the contract that counted it is worked out again as well.
        (JOB, "SELECT j.id FROM d JOIN decision x ON x.id = d.row AND x.key LIKE 'uncovered:%' JOIN job j ON j.ref = substr(x.key, 11)"),
        _counting("d JOIN decision x ON x.id = d.row AND x.key LIKE 'uncovered:%' JOIN job j ON j.ref = substr(x.key, 11)"),
        (
            CONTRACT,
            "SELECT k.id FROM d JOIN decision x ON x.id = d.row AND x.key LIKE 'hold:%' JOIN contract k ON k.ref = substr(x.key, 6)",
        ),
        (
            CLIENT,
            "SELECT i.client FROM d JOIN decision x ON x.id = d.row AND x.key LIKE 'dispute:%' JOIN invoice i"
            " ON i.number = substr(x.key, 9, CASE WHEN instr(substr(x.key, 9), ':') THEN instr(substr(x.key, 9), ':') - 1 ELSE 99 END)"
            " WHERE i.client IS NOT NULL",
        ),
    ),
}


def spread(conn: sqlite3.Connection) -> None:
    """Replaces the marks of changed rows by marks of what must be derived again."""
    kinds = [row[0] for row in conn.execute("SELECT DISTINCT kind FROM dirty WHERE kind < 100000").fetchall()]
    for kind in (*kinds, WORKED):
        for what, query in _FOLLOWS.get(kind, ()):
            conn.execute(
                f"INSERT OR IGNORE INTO dirty (kind, row) WITH d AS (SELECT row FROM dirty WHERE kind = {kind}) "
                f"SELECT {what}, x.* FROM ({query}) x"
            )
        if kind in (10, 11, 20):
            _rename(conn, kind)
        conn.execute("DELETE FROM dirty WHERE kind = ?", (kind,))


def _rename(conn: sqlite3.Connection, kind: int) -> None:
    """Names shown on closed cards follow without deriving those jobs again."""
    column, name, table = {
        10: ("client", "client_name", "client"),
        11: ("location", "location_name", "location"),
        20: ("technician", "tech_code", "technician"),
    }[kind]
    source = "code" if kind == 20 else "name"
    conn.execute(
        f"UPDATE job_now SET {name} = (SELECT {source} FROM {table} x WHERE x.id = job_now.{column})"
        f" WHERE column_ = 'closed' AND {column} IN (SELECT row FROM dirty WHERE kind = {kind})"
    )


def take(conn: sqlite3.Connection, what: int, limit: int) -> list[bytes]:
    """Ids waiting to be derived; their marks are gone with the caller's transaction."""
    rows = [row[0] for row in conn.execute("SELECT row FROM dirty WHERE kind = ? LIMIT ?", (what, limit))]
    conn.executemany("DELETE FROM dirty WHERE kind = ? AND row = ?", [(what, row) for row in rows])
    return rows


def mark(conn: sqlite3.Connection, what: int, rows: Iterable[bytes]) -> None:
    conn.executemany("INSERT OR IGNORE INTO dirty (kind, row) VALUES (?, ?)", [(what, row) for row in rows if row])


def waiting(store: Store) -> int:
    """How many marks wait."""
    return int((store.one("SELECT count(*) FROM dirty") or (0,))[0])


# --- writing ----------------------------------------------------------------------------------------------------------

JOB_NOW = (
    "job", "ref", "number", "column_", "visit", "technician", "tech_code", "told", "client", "client_name", "location",
    "location_name", "postcode", "area", "asset", "contract", "title", "kind", "priority", "order_number", "reported_at", "due_at",
    "due_what", "since", "booked_from", "booked_until", "value", "estimate", "covered", "stuck", "site", "skill", "lat", "lon",
    "words", "version",
)  # fmt: skip
CHARGE_NOW = (
    "key", "job", "contract", "term", "payer", "client", "location", "kind", "start", "end", "quantity", "amount", "notional", "cost",
    "currency", "covered_by", "billable_from", "estimate", "reason", "fenced", "order_number", "tax", "due",
)  # fmt: skip
CASE_NOW = (
    "key", "reason", "thing", "thing_kind", "job", "contract", "client", "says", "value", "credit", "since", "until", "waits_for",
    "step_verb", "step_words", "evidence", "source",
)  # fmt: skip


def _put(store: Store, table: str, columns: Sequence[str], about: str, things: Sequence[bytes], rows: Iterable[Row]) -> None:
    """Replaces what a cache holds about some things (their ids stand in the column ``about``) by rows that begin with their key.

    What is there already is left alone: a row's indexes cost more to write than the row to read.
    """
    conn, names, key = store.raw, ", ".join(columns), columns[0]
    there: dict[Any, Row] = {}
    for row in ids_in(store, f"SELECT {names} FROM {table} WHERE {about} IN", things):
        there[row[0]] = row
    wanted = {row[0]: row for row in rows}
    conn.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(one,) for one in there if one not in wanted])
    conn.executemany(
        f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})",
        [row for one, row in wanted.items() if there.get(one) != row],
    )


def put_jobs(store: Store, jobs: Sequence[bytes], rows: Sequence[Row]) -> None:
    """Replaces the cards of some jobs."""
    _put(store, "job_now", JOB_NOW, "job", jobs, rows)


def put_charges(
    store: Store,
    column: str,
    things: Sequence[bytes],
    charges: Iterable[tuple[Charge, bytes | None, bytes | None, str, str]],
    due: Mapping[str, date] | None = None,
) -> None:
    """Replaces the charges of jobs (or contracts): (charge, client, location, fence, order number) each.

    ``due``: by key, when an invoice of the day on which the charge may be billed is to be paid.
    """
    dues = due or {}
    rows = (
        (
            c.key, c.job, c.contract, c.term, c.payer, client, location, c.kind,
            c.period.start.isoformat() if c.period else None, c.period.end.isoformat() if c.period else None,
            c.quantity, c.amount, c.notional, c.cost, c.currency, c.covered_by,
            c.billable_from.isoformat() if c.billable_from else None, int(c.estimate), c.reason, fenced, order,
            c.tax, dues[c.key].isoformat() if c.key in dues else None,
        )
        for c, client, location, fenced, order in charges
    )  # fmt: skip
    _put(store, "charge_now", CHARGE_NOW, "job IS NULL AND contract" if column == "contract" else column, things, rows)


def put_cases(store: Store, sources: Sequence[bytes], cases: Iterable[tuple[bytes, ExceptionCase]]) -> None:
    """Replaces the cases that were found from the given things."""
    conn, found = store.raw, list(cases)
    about = "SELECT x.case_key, x.charge_key FROM case_now c JOIN case_charge x ON x.case_key = c.key WHERE c.source IN"
    there = set(ids_in(store, about, sources))
    wanted = dict.fromkeys((c.key, key) for _, c in found for key in c.charges)
    conn.executemany("DELETE FROM case_charge WHERE case_key = ? AND charge_key = ?", there - wanted.keys())
    conn.executemany(
        "INSERT OR IGNORE INTO case_charge (case_key, charge_key) VALUES (?, ?)", [pair for pair in wanted if pair not in there]
    )
    rows = (
        (
            c.key, c.reason, c.thing, c.thing_kind, c.job, c.contract, c.client, c.says, c.value, int(c.credit),
            ms(c.since) if c.since else None, ms(c.until) if c.until else None, c.waits_for,
            c.step.verb if c.step else "", c.step.words if c.step else "", _JSON(c.evidence), source,
        )
        for source, c in found
    )  # fmt: skip
    _put(store, "case_now", CASE_NOW, "source", sources, rows)


def read_charges(rows: Iterable[Sequence[Any]]) -> list[Charge]:
    """Charges from rows of ``CHARGE``."""
    found: list[Any] = []
    for key, job, contract, term, payer, kind, start, end, *amounts, billable_from, estimate, reason, tax in rows:
        period = Period(date.fromisoformat(start), date.fromisoformat(end)) if start and end else None
        day = date.fromisoformat(billable_from) if billable_from else None
        charge = _Charge(key, job, contract, term, payer, kind, period, *amounts, day, bool(estimate), reason, tax)
        charge.__class__ = Charge
        found.append(charge)
    return found


CHARGE = (
    "key, job, contract, term, payer, kind, start, end, quantity, amount, notional, cost, currency, covered_by, billable_from,"
    " estimate, reason, tax"
)

#: A charge as it is read, with its period in the place of its two days.
_Charge = twin_of(
    Charge,
    ["key", "job", "contract", "term", "payer", "kind", "period", "quantity", "amount", "notional", "cost", "currency", "covered_by",
     "billable_from", "estimate", "reason", "tax"],
)  # fmt: skip

_SEARCH = {
    "client": "ref || ' ' || name || ' ' || phone || ' ' || email || ' ' || address || ' ' || postcode || ' ' || custom",
    "location": "ref || ' ' || name || ' ' || address || ' ' || postcode || ' ' || replace(postcode, ' ', '') || ' ' || phone || ' ' || custom",
    "contact": "name || ' ' || phone || ' ' || replace(phone, ' ', '') || ' ' || email",
    "asset": "ref || ' ' || maker || ' ' || model || ' ' || kind || ' ' || serial || ' ' || custom",
    "technician": "code || ' ' || name || ' ' || phone",
    "job": "ref || ' ' || client_job || ' ' || order_number || ' ' || title || ' ' || details || ' ' || custom",
    "contract": "ref || ' ' || name || ' ' || order_number || ' ' || custom",
}


def index_words(conn: sqlite3.Connection, rows: Sequence[bytes]) -> None:
    """Writes what a caller may say about each row into the full-text index."""
    for table, words in _SEARCH.items():
        for start in range(0, len(rows), 500):
            some = rows[start : start + 500]
            marks = ",".join("?" * len(some))
            gone = "" if table == "contact" else " AND merged_into IS NULL" if table not in ("technician",) else ""
            found = conn.execute(f'SELECT id, {words} FROM "{table}" WHERE id IN ({marks}) AND gone = 0{gone}', some).fetchall()
            stale = [
                row[0]
                for row in conn.execute(
                    f'SELECT s.n FROM search_row s JOIN "{table}" t ON t.id = s.row WHERE s.row IN ({marks})', some
                ).fetchall()
            ]
            conn.executemany("DELETE FROM search WHERE rowid = ?", [(n,) for n in stale])
            (last,) = conn.execute("SELECT coalesce(max(n), 0) FROM search_row").fetchone() if found else (0,)
            numbered = [(last + 1 + index, row, text) for index, (row, text) in enumerate(found)]
            conn.executemany(
                "INSERT INTO search (rowid, words, kind, row) VALUES (?, ?, ?, ?)",
                [(n, text, table, row) for n, row, text in numbered],
            )
            conn.executemany("INSERT OR REPLACE INTO search_row (row, n) VALUES (?, ?)", [(row, n) for n, row, _ in numbered])
