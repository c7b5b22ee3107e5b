"""Two that are one: likely duplicates found, joined by a person, taken apart again by undo.

It stands apart because joining is one act for every kind that can be joined.

Always: what is joined keeps its rows. The one dropped points to the one kept (``merged_into``) and its links are moved;
facts are never rewritten, so an invoice of the dropped client is read through ``merged_into``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused
from fsconsole.flow.acting import record
from fsconsole.inbox.fields import phone_digits
from fsconsole.rules.alike import Named, Pair, likely
from fsconsole.store.opening import Store
from fsconsole.store.rows import fetch
from fsconsole.store.tables import BY_NAME, Merge, Put, put
from fsconsole.values.work import Id

NOTHING = ("", None, ())
#: Kinds that can be joined, and for each the (kind, column) of every link to it that is moved.
LINKS: dict[str, tuple[tuple[str, str], ...]] = {
    "client": (
        ("location", "client"), ("contact", "client"), ("asset", "client"), ("job", "client"), ("job", "payer"),
        ("contract", "client"), ("contract", "payer"), ("rate", "client"), ("client", "payer"),
    ),
    "location": (("contact", "location"), ("asset", "location"), ("job", "location"), ("cover", "location")),
    "asset": (("job", "asset"), ("cover", "asset"), ("term", "asset")),
    "job": (("visit", "job"),),
    "contract": (("job", "contract"), ("term", "contract"), ("cover", "contract"), ("rate", "contract"),
                 ("clause", "contract")),
}  # fmt: skip


def merge(desk: Desk, kind: str, keep: bytes, drop: bytes) -> Done:
    """Joins ``drop`` into ``keep`` as one act. Raises Refused when that cannot be meant."""
    store = desk.store
    if kind not in LINKS:
        raise Refused(f"A {kind} cannot be merged.", f"What can: {', '.join(LINKS)}.")
    kept, dropped = fetch(store, kind, keep), fetch(store, kind, drop)
    if kept is None or dropped is None:
        raise Refused(f"There is no such {kind}.", f"Find it with: list {kind}s")
    if keep == drop:
        raise Refused(f"A {kind} cannot be merged into itself.", "Name two.")
    if dropped.merged_into:
        into = title(fetch(store, kind, survivor(store, kind, drop)))
        raise Refused(f"{title(dropped)} has been merged already, into {into}.", "Undo that first.")
    if kept.merged_into:
        into = title(fetch(store, kind, survivor(store, kind, keep)))
        raise Refused(f"{title(kept)} has itself been merged.", f"Merge into {into}.")
    if kept.gone:
        raise Refused(f"{title(kept)} is gone.", "Keep the other one.")
    moves = list(_moves(store, kind, keep, drop))
    puts = [put(kind, drop, merged_into=keep), *_filled(kind, kept, dropped), *moves]
    moved = f", {len(moves):,} links moved" if moves else ""
    words = f"{title(dropped)} merged into {title(kept)}{moved}"
    verb = f"merge {kind} {title(dropped)} into {title(kept)}"[:2000]
    return record(desk, puts, words, ref=getattr(kept, "ref", ""), row=keep, verb=verb)


def _moves(store: Store, kind: str, keep: bytes, drop: bytes) -> Iterator[Put]:
    for table, column in LINKS[kind]:
        for (row,) in store.sql(f'SELECT id FROM "{table}" WHERE "{column}" = ?', (drop,)):
            if (table, row) != (kind, keep):
                yield put(table, row, **{column: keep})


def _filled(kind: str, kept: object, dropped: object) -> Iterator[Put]:
    """What the kept one lacks and the dropped one has."""
    skip = {"ref", "custom", "merged_into", "gone", "pin_from", "lat", "lon", "payer"}
    lacking = {}
    for name in BY_NAME[kind].columns:
        field = name.rstrip("_")
        ours, theirs = getattr(kept, field, None), getattr(dropped, field, None)
        if field not in skip and ours in NOTHING and theirs not in NOTHING:
            lacking[field] = theirs
    if kind == "location" and getattr(kept, "lat", 0) is None and getattr(dropped, "lat", None) is not None:
        lacking |= {name: getattr(dropped, name) for name in ("lat", "lon", "pin_from")}
    custom = {**getattr(dropped, "custom", {}), **getattr(kept, "custom", {})}
    if custom != dict(getattr(kept, "custom", {})):
        lacking["custom"] = custom
    if lacking:
        yield put(kind, kept.id, **lacking)  # type: ignore[attr-defined]


def survivor(store: Store, kind: str, row: bytes) -> bytes:
    """The row that stands for this one: itself, or what it was merged into, however often."""
    if BY_NAME[kind].merge is Merge.FACT or "merged_into" not in BY_NAME[kind].columns:
        return row
    seen = {row}
    while True:
        found = store.one(f'SELECT merged_into FROM "{kind}" WHERE id = ?', (row,))
        # Two sites may each have merged one into the other: the ring is broken where it was entered.
        if found is None or not found[0] or found[0] in seen:
            return row
        row = found[0]
        seen.add(row)


def title(thing: object) -> str:
    """A row as it is named in a sentence."""
    name = getattr(thing, "name", "") or getattr(thing, "title", "")
    ref = getattr(thing, "ref", "")
    return f"{name} ({ref})" if name and ref else name or ref or "this one"


def likely_pairs(store: Store, among: Sequence[bytes] | None = None) -> list[Pair]:
    """Clients that are likely one and the same; with ``among`` only pairs with one of these."""
    rows = store.sql("SELECT id, ref, name, phone, postcode, email FROM client WHERE gone = 0 AND merged_into IS NULL")
    everyone = [
        Named(Id(row), ref, name, phone_digits(phone), postcode, email) for row, ref, name, phone, postcode, email in rows
    ]
    return likely(everyone, None if among is None else [Id(row) for row in among])


def duplicates(store: Store, among: Sequence[bytes] | None = None, *, most: int = 50) -> list[str]:
    """Likely duplicates in words: ``Acme Ltd (LDN-K1) and ACME Limited (LDN-K9): the same name but for its spelling``."""
    pairs = likely_pairs(store, among) if among is None or among else []
    words = [f"{title(pair.first)} and {title(pair.second)}: {pair.why}" for pair in pairs[:most]]
    return [*words, f"and {len(pairs) - most:,} more"] if len(pairs) > most else words
