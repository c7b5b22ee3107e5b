"""Take back one's own last act, or an earlier one by name, and do it again.

Undo is a new act: it puts back each field that still holds what the act wrote, and voids its facts. A field that
someone wrote since keeps what they wrote. What was issued or sent refuses and offers a credit.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from fsconsole.changes.batch import Batch, Rows
from fsconsole.changes.stamp import ms_of
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import settle
from fsconsole.store.history import batches_of, last_write_before
from fsconsole.store.instants import instant
from fsconsole.store.record import save
from fsconsole.store.tables import KINDS, Merge, Put, column_names

VOID = 63
LOOK_BACK = 400
#: Rows taken back in one batch.
CHUNK = 8_000


def undo(desk: Desk, act: bytes = b"") -> Done:
    """Takes back an act: one's own last that still stands, unless one is named."""
    chosen = act or _last(desk, "undo")
    if not chosen:
        raise Refused(f"There is nothing of {desk.by}'s to take back here.", "Only your own acts at this site can be undone.")
    words = _words_of(desk, chosen)
    puts = _reversal(desk, chosen)
    if not puts:
        raise Refused(f"Others have written since over all that “{words}” wrote.", "Nothing was changed.")
    return _reverse(desk, puts, f"undo {chosen.hex()}", f"took back: {words}")


def redo(desk: Desk, act: bytes = b"") -> Done:
    """Does again what was taken back last, or one act that was taken back."""
    chosen = _reversals(desk).get(act, b"") if act else _last(desk, "redo")
    if not chosen:
        raise Refused("Nothing was taken back that could be done again.")
    undone = desk.store.one("SELECT verb FROM log WHERE act = ?", (chosen,))
    words = _words_of(desk, bytes.fromhex(str(undone[0]).split()[1])) if undone else ""
    puts = _reversal(desk, chosen)
    if not puts:
        raise Refused("Others have written since over what would be done again.", "Nothing was changed.")
    return _reverse(desk, puts, f"redo {chosen.hex()}", f"did again: {words}")


class OwnAct(NamedTuple):
    """One of one's own acts: its id, when, in which words, and whether it is taken back."""

    act: bytes
    at: datetime
    words: str
    undone: bool


def own_acts(desk: Desk, limit: int = 40) -> list[OwnAct]:
    """One's own acts at this site, the newest first, with those that are taken back; undoing itself is none."""
    undone = _reversals(desk)
    found = []
    for act, verb, stamp in _log(desk):
        if not _target(verb):
            found.append(OwnAct(act, instant(ms_of(stamp)), _words_of(desk, act), act in undone))
        if len(found) == limit:
            break
    return found


def act_named(desk: Desk, words: str) -> bytes:
    """One's own latest act that stands and in whose words all of these occur. Raises Refused."""
    wanted = words.lower().split()
    for one in own_acts(desk, LOOK_BACK):
        if not one.undone and all(word in one.words.lower() for word in wanted):
            return one.act
    raise Refused(f"No act of {desk.by}'s that stands is called “{words}”.", "Press U for the list of what can be taken back.")


def undoable(desk: Desk) -> str:
    """The words of the act that undo would take back; '' when there is none."""
    act = _last(desk, "undo")
    return _words_of(desk, act) if act else ""


def _log(desk: Desk) -> list[tuple[bytes, str, int]]:
    """(act, verb, stamp) of one's own acts at this site, the newest first."""
    rows = desk.store.sql(
        "SELECT act, verb, max(stamp) FROM log WHERE site = ? AND by_ = ? GROUP BY act ORDER BY max(n) DESC LIMIT ?",
        (desk.store.site, desk.by, LOOK_BACK),
    )
    return [(bytes(act), str(verb), stamp) for act, verb, stamp in rows]


def _target(verb: str) -> bytes:
    """The act that an undoing or redoing reverses; b"" for any other act."""
    head, _, rest = verb.partition(" ")
    return bytes.fromhex(rest) if head in ("undo", "redo") and len(rest) == 32 else b""


def _reversals(desk: Desk) -> dict[bytes, bytes]:
    """Act -> the act that took it back, of those that are taken back now."""
    found: dict[bytes, bytes] = {}
    for act, verb, _ in _log(desk):
        # The newest come first: what reversed this one stands already.
        if act not in found and (target := _target(verb)):
            found[target] = act
    return found


def _last(desk: Desk, wanted: str) -> bytes:
    """The act to reverse: undo looks past what is undone already, redo for an undoing that still stands."""
    undone = _reversals(desk)
    for act, verb, _ in _log(desk):
        if act in undone:
            continue
        undoing = bool(_target(verb)) and verb.startswith("undo ")
        if wanted == "undo" and not undoing:
            return act
        if wanted == "redo":
            return act if undoing else b""
    return b""


def _words_of(desk: Desk, act: bytes) -> str:
    """What was typed for an act; of an act of several lines the first, and how many more there were."""
    rows = desk.store.sql("SELECT verb, min(n) FROM log WHERE act = ? GROUP BY verb ORDER BY 2", (act,))
    verb = str(rows[0][0]) if rows else ""
    if target := _target(verb):
        # To do again what was taken back is to do it.
        return _words_of(desk, target) if verb.startswith("redo ") else f"undo of “{_words_of(desk, target)}”"
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return (verb or "an act without words") + more


def _reversal(desk: Desk, act: bytes) -> list[Put]:
    puts: list[Put] = []
    for batch in reversed(batches_of(desk.store, act)):
        for rows in batch.rows:
            model = KINDS.get(rows.kind)
            if model is None:
                continue
            table = str(model._meta.table_name)
            if table in ("invoice", "invoice_line") and _issued_here(desk, rows, table):
                raise Refused(
                    "That issued an invoice, and what was issued stands.", "Take it back with a credit note: credit NUMBER WHY"
                )
            if table in ("handover", "withdrawal"):
                raise Refused(
                    "That passed on a billing right, and another site may have acted on it.",
                    "Let it be passed back: offer JOB|CONTRACT SITE there, then accept here.",
                )
            puts += _facts(desk, batch, rows) if model.merge is Merge.FACT else _descriptions(desk, batch, rows, table)
    return puts


def _issued_here(desk: Desk, rows: Rows, table: str) -> bool:
    """Whether any of these documents is one of ours; what an import told of the old system's may be taken back."""
    invoice = "?" if table == "invoice" else "(SELECT l.invoice FROM invoice_line l WHERE l.id = ?)"
    query = f"SELECT 1 FROM invoice WHERE origin != 'imported' AND id = {invoice}"
    return any(desk.store.one(query, (row[0],)) for row in rows.rows)


def _facts(desk: Desk, batch: Batch, rows: Rows) -> list[Put]:
    """Facts that the act added are voided; facts that it voided stand again."""
    if tuple(rows.fields) == (VOID,):
        return [Put(rows.kind, row[0], {VOID: 0 if row[1] else 1}) for row in rows.rows]
    return [Put(rows.kind, row[0], {VOID: 1}) for row in rows.rows]


def _descriptions(desk: Desk, batch: Batch, rows: Rows, table: str) -> list[Put]:
    numbers = tuple(rows.fields)
    names = column_names(rows.kind, numbers)
    gone = KINDS[rows.kind].columns.get("gone")
    puts = []
    for start in range(0, len(rows.rows), 500):
        some = rows.rows[start : start + 500]
        marks = ",".join("?" * len(some))
        clocks = ", ".join(f'"c_{name}"' for name in names)
        standing = {
            row[0]: row[1:]
            for row in desk.store.sql(f'SELECT id, {clocks} FROM "{table}" WHERE id IN ({marks})', [r[0] for r in some])
        }
        earlier = {
            row[0] for row in desk.store.sql(
                f"SELECT DISTINCT row FROM touched WHERE row IN ({marks}) AND stamp < ?", [*(r[0] for r in some), batch.stamp]
            )
        }  # fmt: skip
        for row in some:
            id_ = row[0]
            if id_ not in earlier and gone is not None:
                # The act made this row: it goes as a whole, unless someone else has written on it since.
                if _only_ours(desk, id_, batch):
                    puts.append(Put(rows.kind, id_, {gone.number: 1}))
                continue
            values = {}
            for number, name, clock in zip(numbers, names, standing.get(id_, ()), strict=False):
                if (table, name) == ("decision", "key"):
                    continue  # what it was decided about stays known, so that the case is looked at again
                if clock == batch.stamp:
                    found, value = last_write_before(desk.store, id_, rows.kind, number, batch.stamp)
                    column = next(c for c in KINDS[rows.kind].columns.values() if c.number == number)
                    values[number] = value if found else column.empty
            if values:
                puts.append(Put(rows.kind, id_, values))
    return puts


def _only_ours(desk: Desk, row: bytes, batch: Batch) -> bool:
    others = desk.store.one(
        "SELECT 1 FROM touched t JOIN log l ON l.stamp = t.stamp WHERE t.row = ? AND l.act != ? AND l.by_ != ? LIMIT 1",
        (row, batch.act.id, desk.by),
    )
    return others is None


def _reverse(desk: Desk, puts: list[Put], verb: str, words: str) -> Done:
    if desk.dry:
        return Done(words, dry=True)
    act = desk.act(verb)
    for start in range(0, len(puts), CHUNK):
        save(desk.store, act, puts[start : start + CHUNK], desk.now)
    settle.settle(desk.store, desk.now)
    return Done(words, act=act.id)
