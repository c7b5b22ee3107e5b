"""Where our own numbers begin: set once, when work moves here from the old system.

It stands apart because a number given is never given again, so this may only be said before the first.
"""

from __future__ import annotations

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
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
