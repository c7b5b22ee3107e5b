"""What a case is worth by the clock, and in which currency.

It stands apart because lists, causes, reports and the top line must say the same: a case is found for all that it will
ever hold up, and asked about on one day, in one currency.

Always: a charge that may not be billed yet is worth nothing yet; amounts of two currencies are never added.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from fsconsole.store.opening import Store

#: The currency of a case's thing where it holds no charge: its contract's, its document's, its client's.
_OF_THING = "coalesce(nullif(k.currency, ''), nullif(i.currency, ''), nullif(l.currency, ''))"

#: What a charge ``n`` brings in: what is only taken off a line lessens it, what we owe otherwise does not.
BRINGS = "CASE WHEN n.amount > 0 THEN n.amount WHEN rests_on(n.key) != '' THEN n.amount ELSE 0 END"


class Worth(NamedTuple):
    """What a case comes to on a day, in minor units of a currency."""

    value: int
    currency: str


class Sums(NamedTuple):
    """The money of the top line in one currency other than the company's, minor units."""

    currency: str
    at_risk: int
    unbilled: int
    credits: int


def worths(store: Store, today: str) -> Mapping[str, Worth]:
    """By key, the cases that are worth less than they will be, or that are in another currency than the company's."""

    def look() -> dict[str, Worth]:
        home = store.currency
        found = {}
        rows = store.sql(
            # Walked in the order of its key, so nothing is sorted; what a case is worth beyond its charges stays.
            f"WITH h AS MATERIALIZED (SELECT x.case_key AS key, sum({BRINGS}) AS total, max(n.currency) AS money,"
            f" sum(CASE WHEN n.billable_from > ? THEN {BRINGS} ELSE 0 END) AS later"
            " FROM case_charge x CROSS JOIN charge_now n ON n.key = x.charge_key GROUP BY x.case_key HAVING later > 0 OR money NOT IN ('', ?))"
            " SELECT c.key, c.value, c.credit, h.total, h.later, h.money FROM h CROSS JOIN case_now c ON c.key = h.key",
            (today, home),
        )
        for key, value, credit, total, later, money in rows:
            beyond = max(0, value - total)
            due = value if credit or not later else beyond + min(value - beyond, total - later)
            found[key] = Worth(due, money or home)
        if foreign(store):
            for key, value, money in store.sql(
                f"SELECT c.key, c.value, {_OF_THING} AS money FROM case_now c LEFT JOIN contract k ON k.id = c.contract"
                " LEFT JOIN invoice i ON i.id = c.thing LEFT JOIN client l ON l.id = c.client"
                " WHERE money != ? AND NOT EXISTS (SELECT 1 FROM case_charge x WHERE x.case_key = c.key)",
                (home,),
            ):
                found[key] = Worth(value, money)
        return found

    return store.kept(("worths", today), look)


def foreign(store: Store) -> bool:
    """Whether anything is agreed in another currency than the company's."""

    def look() -> bool:
        return any(
            store.sql(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE currency NOT IN ('', ?))", (store.currency,))[0][0]
            for table in ("contract", "client")
        )

    return store.kept("foreign", look)


def as_table(found: Mapping[str, Worth]) -> str:
    """Worths as JSON, for ``TABLE`` to read."""
    return json.dumps([[key, one.value, one.currency] for key, one in found.items()])


#: The worths as a table ``w`` (key, value, currency). Parameter: ``as_table``.
TABLE = (
    "w AS MATERIALIZED (SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS value,"
    " json_extract(value, '$[2]') AS currency FROM json_each(?))"
)
