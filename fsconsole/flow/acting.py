"""One act: say what it would do, or record it and settle what it touched.

It stands apart so that a dry run and the real thing differ in one place.
"""

from __future__ import annotations

from collections.abc import Iterable

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import settle
from fsconsole.store.record import save
from fsconsole.store.tables import Put


def record(desk: Desk, puts: Iterable[Put], words: str, *, ref: str = "", row: bytes = b"", verb: str = "") -> Done:
    """Saves an act and settles what it touched; a dry run only says what would happen."""
    if desk.dry:
        return Done(words, ref, row, dry=True)
    act = desk.act(verb)
    save(desk.store, act, puts, desk.now)
    if desk.settling:
        settle.settle(desk.store, desk.now)
    return Done(words, ref, row, act.id)


def guard(desk: Desk, why: str, instead: str = "") -> None:
    """Refuses, unless the line said ``!!`` and a reason; the reason then stands in the log with the words typed."""
    if not desk.override:
        how = "To do it all the same, add !! and a reason."
        raise Refused(why, f"{instead} {how}".strip(), guard=True)
