"""Jobs of a thing, calls that repeat, and the rows a job's story is told from.

It stands apart from the board because it asks about one client, place, asset or technician over all time.
The story itself, with what the rules make of it, is flow/story.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store


class JobRow(NamedTuple):
    """One job in a list. Instants in ms, money in minor units."""

    job: bytes
    ref: str
    column: str
    title: str
    kind: str
    client: str
    location: str
    technician: str
    priority: int
    reported_at: int | None
    since: int | None
    due_at: int | None
    due_what: str
    value: int
    estimate: bool
    covered: bool
    stuck: str
    order_number: str


class NoteRow(NamedTuple):
    """Words about a thing."""

    note: bytes
    at: int | None
    by: str
    text: str


class FileRow(NamedTuple):
    """A photo or paper on a thing; ``state`` is here, awaited or destroyed. ``at`` in ms, ``size`` in bytes."""

    file: bytes
    digest: bytes
    name: str
    kind: str
    size: int
    at: int | None
    by: str
    state: str


class ToldRow(NamedTuple):
    """A job with what is said of its place, its equipment, its paper, in one look. ``reported_at`` in ms; ``order_left`` is
    what the contract's order still allows, in minor units, None when the job's order has no ceiling."""

    title: str
    reported_at: int | None
    reported_by: str
    location: bytes | None
    address: str
    postcode: str
    access_notes: str
    asset: bytes | None
    asset_kind: str
    maker: str
    model: str
    serial: str
    contract_ref: str
    contract_name: str
    order_number: str
    order_required: bool
    order_left: int | None
    order_currency: str


_JOB = (
    "n.job, n.ref, n.column_, n.title, n.kind, n.client_name, n.location_name, n.tech_code, n.priority, n.reported_at, n.since, n.due_at,"
    " n.due_what, n.value, n.estimate, n.covered, n.stuck, n.order_number"
)
OPEN = "('logged', 'scheduled', 'dispatched', 'en route', 'on site', 'waiting parts', 'complete', 'signed off', 'parked')"


def jobs_of(
    store: Store,
    *,
    client: bytes | None = None,
    location: bytes | None = None,
    asset: bytes | None = None,
    technician: bytes | None = None,
    contract: bytes | None = None,
    open_only: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> list[JobRow]:
    """Jobs of a client, location, asset, technician (whoever was ever sent counts) or contract, the newest first."""
    clause, params = _of(client, location, asset, technician, contract, open_only)
    rows = store.sql(
        f"SELECT {_JOB} FROM job_now n WHERE {clause} ORDER BY n.reported_at DESC, n.number DESC LIMIT ? OFFSET ?",
        [*params, limit, offset],
    )
    return [job_row(row) for row in rows]


def count_jobs_of(
    store: Store,
    *,
    client: bytes | None = None,
    location: bytes | None = None,
    asset: bytes | None = None,
    technician: bytes | None = None,
    contract: bytes | None = None,
    open_only: bool = False,
) -> int:
    """How many ``jobs_of`` has on all its pages."""
    clause, params = _of(client, location, asset, technician, contract, open_only)
    return int(store.sql(f"SELECT count(*) FROM job_now n WHERE {clause}", params)[0][0])


def recent(
    store: Store, since: datetime, *, asset: bytes | None = None, location: bytes | None = None, but: bytes = b"", limit: int = 20
) -> list[JobRow]:
    """Jobs on an asset, or at a location where no asset is given, reported from an instant on: whether a call repeats."""
    column, thing = ("asset", asset) if asset else ("location", location)
    if not thing:
        return []
    rows = store.sql(
        f"SELECT {_JOB} FROM job_now n WHERE n.{column} = ? AND n.reported_at >= ? AND n.job != ? ORDER BY n.reported_at DESC LIMIT ?",
        (thing, ms(since), but, limit),
    )
    return [job_row(row) for row in rows]


def told(store: Store, job: bytes) -> ToldRow | None:
    """What a list says of the job beside it."""
    place, thing, paper = (
        ", ".join(f"coalesce({column}, '')" for column in columns.split())
        for columns in ("p.address p.postcode p.access_notes", "a.kind a.maker a.model a.serial", "k.ref k.name")
    )
    row = store.one(
        f"SELECT j.title, j.reported_at, j.reported_by, j.location, {place}, j.asset, {thing}, {paper},"
        " coalesce(nullif(j.order_number, ''), k.order_number, ''), coalesce(c.order_required, 0) OR coalesce(k.order_required, 0),"
        " CASE WHEN k.order_ceiling IS NOT NULL AND j.order_number IN ('', k.order_number) THEN k.order_ceiling"
        " - (SELECT coalesce(sum(l.amount), 0) FROM invoice_line l WHERE l.contract = k.id AND l.void = 0) END, coalesce(k.currency, '')"
        " FROM job j LEFT JOIN location p ON p.id = j.location LEFT JOIN asset a ON a.id = j.asset"
        " LEFT JOIN contract k ON k.id = j.contract LEFT JOIN client c ON c.id = j.client WHERE j.id = ?",
        (job,),
    )
    return ToldRow(*row) if row else None


def open_by_words(store: Store, words: str, limit: int = 20) -> list[bytes]:
    """Ids of open jobs on whose card all the words stand, the newest first."""
    some = [f"%{word}%" for word in words.lower().split()]
    tests = " AND ".join("words LIKE ?" for _ in some) or "1 = 1"
    return [
        row[0]
        for row in store.sql(
            f"SELECT job FROM job_now WHERE column_ IN {OPEN} AND {tests} ORDER BY number DESC LIMIT ?", [*some, limit]
        )
    ]


def job_row(row: tuple[Any, ...]) -> JobRow:
    found = JobRow(*row)
    return found._replace(estimate=bool(found.estimate), covered=bool(found.covered))


def notes(store: Store, about: bytes) -> list[NoteRow]:
    """Notes on a thing, the newest first."""
    rows = store.sql("SELECT id, at, by, text FROM note WHERE about = ? AND void = 0 ORDER BY at DESC, id DESC", (about,))
    return [NoteRow(*row) for row in rows]


def files(store: Store, about: bytes) -> list[FileRow]:
    """Photos and papers on a thing, the oldest first."""
    rows = store.sql(
        "SELECT a.id, a.digest, a.name, a.kind, a.size, a.at, a.by,"
        " CASE WHEN b.digest IS NULL THEN 'awaited' WHEN b.bytes IS NULL THEN 'destroyed' ELSE 'here' END FROM attachment a"
        " LEFT JOIN blob b ON b.digest = a.digest WHERE a.about = ? AND a.void = 0 AND a.digest IS NOT NULL ORDER BY a.at, a.name, a.id",
        (about,),
    )
    return [FileRow(*row) for row in rows]


def rows_of(store: Store, job: bytes) -> list[bytes]:
    """Ids of the job and of every fact recorded on it: what its audit trail is about."""
    found = [job]
    queries = (
        "SELECT id FROM visit WHERE job = ?",
        "SELECT e.id FROM event e JOIN visit v ON v.id = e.visit WHERE v.job = ?",
        "SELECT id FROM labour WHERE job = ?",
        "SELECT id FROM part_used WHERE job = ?",
        "SELECT id FROM card WHERE job = ?",
        "SELECT id FROM sign_off WHERE job = ?",
        "SELECT id FROM invoice_line WHERE job = ?",
        "SELECT id FROM note WHERE about = ?",
        "SELECT id FROM attachment WHERE about = ?",
        "SELECT d.id FROM decision d JOIN case_now c ON c.key = d.key WHERE c.job = ?",
        "SELECT h.id FROM chase h JOIN case_now c ON c.key = h.key WHERE c.job = ?",
    )
    for query in queries:
        found += [row[0] for row in store.sql(query, (job,))]
    return found


def _of(
    client: bytes | None,
    location: bytes | None,
    asset: bytes | None,
    technician: bytes | None,
    contract: bytes | None,
    open_only: bool,
) -> tuple[str, list[Any]]:
    tests: list[str] = []
    params: list[Any] = []
    for column, thing in (("client", client), ("location", location), ("asset", asset)):
        if thing is not None:
            tests.append(f"n.{column} = ?")
            params.append(thing)
    if technician is not None:
        tests.append("n.job IN (SELECT job FROM visit WHERE technician = ? AND gone = 0)")
        params.append(technician)
    if contract is not None:
        # Chosen on the job, or found by cover: then a charge says so.
        tests.append(
            "n.job IN (SELECT id FROM job WHERE contract = ? UNION SELECT job FROM charge_now WHERE contract = ? AND job IS NOT NULL)"
        )
        params += [contract, contract]
    if open_only:
        tests.append(f"n.column_ IN {OPEN}")
    return " AND ".join(tests) or "1 = 1", params
