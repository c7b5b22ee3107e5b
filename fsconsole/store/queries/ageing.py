"""What is not billed by how long it could have been, and by whom: where money lies and for how long.

It stands apart because a draft says who and a case says why, and neither says how old the leak is.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from fsconsole.store.instants import ms
from fsconsole.store.opening import Store
from fsconsole.store.queries.exceptions import DUE, today_of
from fsconsole.store.queries.money import HELD
from fsconsole.store.queries.worth import BRINGS

#: The first day of age of each step, and what it is called.
STEPS: tuple[tuple[int, str], ...] = (
    (0, "this week"),
    (7, "1 to 4 weeks"),
    (30, "1 to 2 months"),
    (60, "2 to 3 months"),
    (90, "older"),
)


class AgeRow(NamedTuple):
    """One step of age. Money in minor units; ``held`` is the part with an open case; ``payers`` counts who owes it."""

    step: int
    words: str
    amount: int
    held: int
    charges: int
    payers: int
    currency: str


class PayerRow(NamedTuple):
    """What one payer owes in a step of age, not billed."""

    payer: bytes | None
    name: str
    amount: int
    charges: int
    oldest: str | None


def unbilled_by_age(store: Store, now: datetime) -> list[AgeRow]:
    """What may be billed today, by how many days ago it first could have been; a charge without a day counts as this week's.

    Every step of the company's own currency, then those of other currencies in which something stands.
    """
    today, at = today_of(store, now), ms(now)
    rows = store.sql(
        f"WITH held AS MATERIALIZED ({HELD})"
        f" SELECT {_step(today)} AS step, sum(amount), coalesce(sum(CASE WHEN key IN held THEN {BRINGS} END), 0), count(*),"
        f" count(DISTINCT payer), coalesce(nullif(currency, ''), ?) AS money FROM charge_now n WHERE {DUE} AND amount != 0"
        " GROUP BY step, money",
        [at, at, today, store.currency, today],
    )
    found = {(row[5], row[0]): row for row in rows}
    others = sorted({money for money, _ in found} - {store.currency})
    return [
        AgeRow._make((step, words, *found.get((money, step), (step, 0, 0, 0, 0))[1:5], money))
        for money in (store.currency, *others)
        for step, (_, words) in enumerate(STEPS)
        if money == store.currency or (money, step) in found
    ]


def payers_of_age(store: Store, now: datetime, step: int, limit: int = 50, *, currency: str = "") -> list[PayerRow]:
    """Who owes what stands in one step in a currency (the company's unless given), the largest first."""
    today = today_of(store, now)
    rows = store.sql(
        "SELECT n.payer, coalesce(c.name, ''), sum(n.amount) AS total, count(*), min(n.billable_from) FROM charge_now n"
        f" LEFT JOIN client c ON c.id = n.payer WHERE {DUE} AND n.amount != 0 AND {_step(today)} = ?"
        " AND coalesce(nullif(n.currency, ''), ?) = ? GROUP BY n.payer ORDER BY total DESC LIMIT ?",
        [today, step, store.currency, currency or store.currency, limit],
    )
    return [PayerRow(*row) for row in rows]


def _step(today: str) -> str:
    """The step of a charge in SQL; days as YYYY-MM-DD compare as text."""
    last = date.fromisoformat(today)
    tests = [
        f"WHEN billable_from > '{(last - timedelta(days=STEPS[step + 1][0])).isoformat()}' THEN {step}"
        for step in range(len(STEPS) - 1)
    ]
    return f"CASE WHEN billable_from IS NULL THEN 0 {' '.join(tests)} ELSE {len(STEPS) - 1} END"
