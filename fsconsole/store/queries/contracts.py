"""Contracts as a list: what each is worth a year, what comes next, what is billable and not billed.

It stands apart because it reads the derived periods; one contract whole, with reasons, is flow/agreement.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import AWAKE, DUE, HOLDS, today_of
from fsconsole.store.queries.narrow import narrowed


class ContractRow(NamedTuple):
    """One contract in a list. Days as YYYY-MM-DD (``end`` the first day no longer agreed), money in minor units of ``currency``.

    ``next_start`` is from when the next period may be billed; ``year`` what it comes to in
    a year: fees from today on, what is metered or counted of the last twelve months.
    """

    contract: bytes
    ref: str
    client_id: bytes | None
    client: str
    name: str
    kind: str
    start: str | None
    end: str | None
    order_number: str
    next_start: str | None
    next_amount: int | None
    next_words: str
    unbilled: int
    fenced: int
    year: int
    covers: int
    cases: int
    open_jobs: int
    currency: str


SORTS = {
    "ref": "length(k.ref), k.ref, k.id",
    "client": "client_name, k.ref, k.id",
    "unbilled": "unbilled DESC, k.ref, k.id",
    "next": "w.next_start IS NULL, w.next_start, k.ref, k.id",
    "year": "w.year_amount DESC, k.ref, k.id",
    "end": "k.end IS NULL, k.end, k.ref, k.id",
}


def contracts(
    store: Store,
    now: datetime,
    words: str = "",
    *,
    client: bytes | None = None,
    sort: str = "client",
    offset: int = 0,
    limit: int = 200,
) -> list[ContractRow]:
    """One page of contracts."""
    clause, params = _where(words, client)
    today = today_of(store, now)
    rows = store.sql(
        "SELECT k.id, k.ref, k.client, coalesce(c.name, '') AS client_name, k.name, k.kind, k.start, k.end, k.order_number,"
        " w.next_start, w.next_amount, coalesce(w.says, ''),"
        f" (SELECT coalesce(sum(amount), 0) FROM charge_now WHERE contract = k.id AND job IS NULL AND {DUE}) AS unbilled,"
        " (SELECT coalesce(sum(amount), 0) FROM charge_now WHERE contract = k.id AND job IS NULL AND fenced != ''),"
        " coalesce(w.year_amount, 0), (SELECT count(*) FROM cover v WHERE v.contract = k.id AND v.gone = 0 AND (v.end IS NULL OR v.end > ?)),"
        " (SELECT count(*) FROM case_now c2 LEFT JOIN decision d ON d.key = c2.key WHERE c2.thing = k.id"
        f" AND {HOLDS.replace('c.', 'c2.')} AND {AWAKE}),"
        " (SELECT count(*) FROM job j JOIN job_now n ON n.job = j.id WHERE j.contract = k.id AND n.column_ != 'closed'),"
        " coalesce(nullif(k.currency, ''), nullif(c.currency, ''), ?)"
        f" FROM contract k LEFT JOIN client c ON c.id = k.client LEFT JOIN contract_now w ON w.contract = k.id WHERE {clause}"
        f" ORDER BY {SORTS[sort]} LIMIT ? OFFSET ?",
        [today, today, ms(now), ms(now), today, store.currency, *params, limit, offset],
    )
    return [ContractRow(*row) for row in rows]


def count_contracts(store: Store, words: str = "", *, client: bytes | None = None) -> int:
    """How many there are on all pages."""
    clause, params = _where(words, client)
    return int(store.sql(f"SELECT count(*) FROM contract k LEFT JOIN client c ON c.id = k.client WHERE {clause}", params)[0][0])


#: What a contract may be narrowed by.
FIELDS = {"client": "c.name", "ref": "k.ref", "name": "k.name", "kind": "k.kind", "order": "k.order_number"}


def _where(words: str, client: bytes | None) -> tuple[str, list[Any]]:
    tests: list[str] = ["k.gone = 0", "k.merged_into IS NULL"]
    params: list[Any] = []
    if client is not None:
        tests.append("k.client = ?")
        params.append(client)
    said = "lower(k.ref || ' ' || k.name || ' ' || k.kind || ' ' || k.order_number || ' ' || coalesce(c.name, ''))"
    narrow, values = narrowed(words, said, FIELDS)
    return " AND ".join([*tests, *narrow]), [*params, *values]
