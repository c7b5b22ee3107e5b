"""What a person calls a row: the reference or the name behind an id.

It stands apart because trails, scripts and commands of every kind show links between rows, and an id tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from fsconsole.store.opening import Store

#: Table -> the SQL of what its rows are called.
CALLED = {
    "client": "name",
    "location": "name",
    "asset": "trim(coalesce(nullif(trim(maker || ' ' || model), ''), kind) || CASE WHEN serial = '' THEN '' ELSE ' s/n ' || serial END)",
    "contact": "name",
    "technician": "name",
    "job": "ref",
    "contract": "ref",
    "part": "code",
    "invoice": "number",
    "visit": "(SELECT j.ref FROM job j WHERE j.id = visit.job) || ' visit ' || number",
    "term": "name",
}
_AT_ONCE = 500


def labels(store: Store, ids: Iterable[bytes]) -> dict[bytes, str]:
    """Id -> what it is called, for those that are called something; others are left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[bytes, str] = {}
    for table, called in CALLED.items():
        rest = [one for one in wanted if one not in found]
        for begin in range(0, len(rest), _AT_ONCE):
            some = rest[begin : begin + _AT_ONCE]
            rows = store.sql(f'SELECT id, {called} FROM "{table}" WHERE id IN ({",".join("?" * len(some))})', some)
            found.update((bytes(row), label) for row, label in rows if label)
    return found
