"""Take back one's own last act, and do it again.

Undo is a new act: it puts back each field that still holds what the act wrote, and voids its facts. A field that
someone wrote since keeps what they wrote. What was issued or sent refuses and offers a credit.
"""

from __future__ import annotations

from fsconsole.changes.batch import Batch, Rows
from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow import settle
from fsconsole.store.history import batches_of, last_write_before
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


def redo(desk: Desk) -> Done:
    """Does again what was taken back last."""
    chosen = _last(desk, "redo")
    if not chosen:
        raise Refused("Nothing was taken back that could be done again.")
    undone = desk.store.one("SELECT verb FROM log WHERE act = ?", (chosen,))
    words = _words_of(desk, bytes.fromhex(str(undone[0]).split()[1])) if undone else ""
    puts = _reversal(desk, chosen)
    if not puts:
        raise Refused("Others have written since over what would be done again.", "Nothing was changed.")
    return _reverse(desk, puts, f"redo {chosen.hex()}", f"did again: {words}")


def undoable(desk: Desk) -> str:
    """The words of the act that undo would take back; '' when there is none."""
    act = _last(desk, "undo")
    return _words_of(desk, act) if act else ""


def _last(desk: Desk, wanted: str) -> bytes:
    """The act to reverse: undo looks past what is undone already, redo for an undoing that still stands."""
    rows = desk.store.sql(
        "SELECT act, verb FROM log WHERE site = ? AND by_ = ? GROUP BY act ORDER BY max(n) DESC LIMIT ?",
        (desk.store.site, desk.by, LOOK_BACK),
    )
    reversed_: set[bytes] = set()
    for act, verb in rows:
        head, _, rest = str(verb).partition(" ")
        is_reversal = head in ("undo", "redo") and len(rest) == 32
        if is_reversal and act not in reversed_:
            reversed_.add(bytes.fromhex(rest))
        if act in reversed_:
            continue
        if wanted == "undo" and not (is_reversal and head == "undo"):
            return bytes(act)
        if wanted == "redo":
            return bytes(act) if is_reversal and head == "undo" else b""
    return b""


def _words_of(desk: Desk, act: bytes) -> str:
    row = desk.store.one("SELECT verb FROM log WHERE act = ? ORDER BY n LIMIT 1", (act,))
    verb = str(row[0]) if row else ""
    head, _, rest = verb.partition(" ")
    if head in ("undo", "redo") and len(rest) == 32:
        return f"{head} of “{_words_of(desk, bytes.fromhex(rest))}”"
    return verb or "an act without words"


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
