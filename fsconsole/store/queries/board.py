"""The board: its lanes with count, value and worst promise, and the cards of a lane, a page at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

from fsconsole.store.opening import Store
from fsconsole.store.queries.narrow import narrowed

OPEN = ("logged", "scheduled", "dispatched", "en route", "on site", "waiting parts", "complete", "signed off", "parked")

SORTS = {
    # As the index job_now_lane has it, so that a page is read and not sorted; what promises nothing comes last.
    "promise": "coalesce(due_at, 9007199254740991), number",
    "priority": "priority, coalesce(due_at, 9007199254740991), number",
    "age": "since, number",
    "value": "value DESC, number",
    "newest": "number DESC",
    "client": "client_name, number",
}


class CardRow(NamedTuple):
    """One card. Instants are ms since 1970, money minor units."""

    job: bytes
    ref: str
    client: str
    location: str
    title: str
    kind: str
    column: str
    technician: str
    due_at: int | None
    due_what: str
    since: int | None
    value: int
    estimate: bool
    stuck: str
    priority: int
    told: str
    booked_from: int | None
    area: str
    version: int


class Lane(NamedTuple):
    """A column's heading; ``version`` rises with every change of one of its cards."""

    column: str
    jobs: int
    value: int
    estimate: bool
    worst_due: int | None
    stuck: int
    version: int = 0


CARD = (
    "job, ref, client_name, location_name, title, kind, column_, tech_code, due_at, due_what, since, value, estimate,"
    " stuck, priority, told, booked_from, area, version"
)


#: What a card may be narrowed by.
FIELDS = {
    "tech": "tech_code", "client": "client_name", "at": "location_name", "kind": "kind", "area": "area", "order": "order_number",
    "postcode": "postcode", "skill": "skill", "state": "column_", "ref": "ref", "stuck": "stuck",
}  # fmt: skip


def filtered(words: str) -> tuple[str, list[Any]]:
    """A WHERE clause from what is typed after ``/``; see narrow.py."""
    tests, params = narrowed(words, "words", FIELDS)
    return "".join(f" AND {test}" for test in tests), list(params)


def lanes(store: Store, words: str = "", columns: tuple[str, ...] = OPEN) -> list[Lane]:
    """Each lane's heading, in the board's order; a lane without cards stands with 0."""
    if words:  # every job is looked at: the board and its count ask the same
        return store.kept(("lanes", words, columns), lambda: _lanes(store, words, columns))
    return _lanes(store, words, columns)


def _lanes(store: Store, words: str, columns: tuple[str, ...]) -> list[Lane]:
    clause, params = filtered(words)
    marks = ",".join("?" * len(columns))
    kept = "column_, jobs, value, estimates > 0, (SELECT min(due_at) FROM job_now j WHERE j.column_ = l.column_), stuck, version"
    query = f"SELECT {kept} FROM lane_now l WHERE column_ IN ({marks})"
    if clause:
        query = (
            "SELECT column_, count(*), sum(value), max(estimate), min(due_at), sum(stuck != ''),"
            " (SELECT version FROM lane_now l WHERE l.column_ = j.column_)"
            f" FROM job_now j WHERE column_ IN ({marks}){clause} GROUP BY column_"
        )
    found = {row[0]: row[1:] for row in store.sql(query, [*columns, *params])}
    empty = (0, 0, 0, None, 0, 0)
    return [
        Lane(column, jobs, value, bool(estimate), *rest)
        for column in columns
        for jobs, value, estimate, *rest in [found.get(column, empty)]
    ]


def cards(store: Store, column: str, offset: int, limit: int, words: str = "", sort: str = "promise") -> list[CardRow]:
    """One page of a lane's cards."""
    clause, params = filtered(words)
    order = SORTS["newest"] if column == "closed" and sort == "promise" else SORTS[sort]
    rows = store.sql(
        f"SELECT {CARD} FROM job_now WHERE column_ = ?{clause} ORDER BY {order} LIMIT ? OFFSET ?",
        [column, *params, limit, offset],
    )
    return [CardRow(*row) for row in rows]


def card(store: Store, job: bytes) -> CardRow | None:
    """One job's card."""
    row = store.one(f"SELECT {CARD} FROM job_now WHERE job = ?", (job,))
    return CardRow(*row) if row else None


def place(store: Store, job: bytes, words: str = "", sort: str = "promise") -> tuple[str, int] | None:
    """The lane of a job and how many cards stand before it there."""
    found = card(store, job)
    if found is None:
        return None
    clause, params = filtered(words)
    if sort == "promise" and found.column != "closed":
        # Counted in the index; the other orders are walked through.
        me = store.one(f"SELECT coalesce(due_at, 9007199254740991), number FROM job_now WHERE job = ?{clause}", [job, *params])
        if me is None:
            return None
        before = store.sql(
            "SELECT count(*) FROM job_now WHERE column_ = ? AND coalesce(due_at, 9007199254740991) <= ?"
            f" AND (coalesce(due_at, 9007199254740991) < ? OR number < ?){clause}",
            [found.column, me[0], *me, *params],
        )
        return found.column, int(before[0][0])
    ids = store.sql(
        f"SELECT job FROM job_now WHERE column_ = ?{clause} ORDER BY {SORTS[sort]} LIMIT 20000", [found.column, *params]
    )
    for index, (one,) in enumerate(ids):
        if one == job:
            return found.column, index
    return None
