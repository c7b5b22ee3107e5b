"""Our own numbers: where they begin, set once when work moves here from the old system, and which invoice number is next.

It stands apart because a number given is never given again, whatever was restored, copied, removed or invited anew.
"""

from __future__ import annotations

import sqlite3

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.store.opening import Store
from fsconsole.store.record import SERIES

KINDS = (*SERIES, "invoice")


def set_next_number(desk: Desk, number: int, kind: str = "invoice") -> Done:
    """The next number of this site's series of a kind. Raises Refused when it was set before or is behind what was given."""
    store = desk.store
    if kind not in KINDS:
        raise Refused(f"There is no series of {kind} numbers.", f"There are {', '.join(KINDS)}.")
    if number < 1:
        raise Refused(f"{number} cannot be a number.", "Give the next one, such as 5001.")
    if store.own(f"numbers:{kind}") and not desk.override:
        raise Refused(f"The next {kind} number was set before.", "To set it again, add !! and a reason.", guard=True)
    row = store.one("SELECT next FROM series WHERE kind = ?", (kind,))
    if row and number < row[0]:
        raise Refused(f"{kind} {row[0] - 1} has been given already.", f"The next may be {row[0]} or later.")
    words = f"the next {kind} is number {number}"
    if desk.dry:
        return Done(words, dry=True)
    with store.writing() as conn:
        conn.execute("INSERT OR REPLACE INTO series (kind, next) VALUES (?, ?)", (kind, number))
        store.set_own(**{f"numbers:{kind}": number})
    return Done(words)


def take_number(store: Store, conn: sqlite3.Connection, override: str = "") -> str:
    """The next number of this site's own gapless series; the caller's transaction must be the one that issues.

    A restored or copied site goes on in a series of its own: LDN-I0001 first, LDN-I2-0001 after the first restore; so does
    one that bears a removed site's code: LDN-IB-0001.
    Raises Refused while numbers may be given twice.
    """
    own = dict(conn.execute("SELECT key, value FROM own WHERE key IN ('restoring', 'twice')").fetchall())
    if own.get("restoring"):
        raise Refused(
            "This site was restored or moved, and the shared folder was not seen since: a number might be given twice.",
            "Exchange once with: fsconsole sync. Then bill again; everything else goes on meanwhile.",
        )
    if own.get("twice") and not override:
        raise Refused(
            "Another copy of this installation writes to the shared folder: no invoice gets a number.",
            "Stop the other copy. Once it is stopped, bill with !! and a reason.",
            guard=True,
        )
    prefix = series(conn, store.code)
    row = conn.execute("SELECT next FROM series WHERE kind = 'invoice'").fetchone()
    number = row[0] if row else _highest(conn, prefix) + 1
    conn.execute("INSERT OR REPLACE INTO series (kind, next) VALUES ('invoice', ?)", (number + 1,))
    return f"{prefix}{number:04d}"


def series(conn: sqlite3.Connection, code: str) -> str:
    """What this site's next invoice number begins with; the counter begins anew with each epoch (store.exchange.open_epoch).

    A site that bears the code of one that was removed has letters of its own: that one may have given numbers nobody heard of.
    """
    row = conn.execute("SELECT value FROM own WHERE key = 'series_epoch'").fetchone()
    query = (
        "SELECT count(*) FROM site WHERE code = ? AND role <> 'withdrawn' AND number > 0"
        " AND number < (SELECT value FROM own WHERE key = 'site')"
    )
    (earlier,) = conn.execute(query, (code,)).fetchone()
    letters = _letters(earlier)
    epoch = row[0] if row and row[0] > 1 else ""
    return f"{code}-I{letters}{epoch}-" if letters or epoch else f"{code}-I"


def _letters(earlier: int) -> str:
    """Nothing for the first, then B, C … Z, BA, BB …"""
    found = ""
    while earlier:
        earlier, at = divmod(earlier, 26)
        found = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[at] + found
    return found


def _highest(conn: sqlite3.Connection, prefix: str) -> int:
    rows = conn.execute("SELECT number FROM invoice WHERE number >= ? AND number < ?", (prefix, prefix + "~")).fetchall()
    return max((int(tail) for (number,) in rows if (tail := number[len(prefix) :]).isascii() and tail.isdigit()), default=0)
