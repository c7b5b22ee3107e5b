"""What a source calls a row of ours, and what it last said about it.

It stands apart because three promises rest on it: the same file twice adds nothing, a newer file overwrites only what
changed since that source's last import, and a person's later edit is never overwritten.

A link's id follows from (source, kind, key). ``said`` is a JSON object of field -> value as the source said it, texts
over 64 characters as their digest; what it never said is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from fsconsole.flow.matching import Ids
from fsconsole.store.many import ids_in
from fsconsole.store.opening import Store

SHORT = 64
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(dict[str, Any])


class Link(NamedTuple):
    """What stands in the store: the row meant, and what the source last said."""

    row: bytes | None
    said: str


class Links:
    """One source's links of one kind."""

    def __init__(self, store: Store, source: str, kind: str) -> None:
        self.store, self.source, self.kind = store, source, kind
        self.ids = Ids("source", source, kind)
        known = store.one("SELECT 1 FROM source_link WHERE source = ? AND kind = ? LIMIT 1", (source, kind))
        self.any = known is not None

    def fetch(self, ids: list[bytes]) -> dict[bytes, Link]:
        """The links among these ids that stand; one that an undo took back does not."""
        if not self.any:
            return {}
        rows = ids_in(self.store, 'SELECT id, "row", said FROM source_link WHERE id IN', ids)
        return {row[0]: Link(row[1], row[2]) for row in rows if row[1] and row[2]}


def said_of(values: Mapping[str, Any], custom: Mapping[str, str]) -> str:
    """What a record says, as it is kept."""
    said = {name: value if type(value) is not str or len(value) <= SHORT else _short(value) for name, value in values.items()}
    if custom:
        said["custom"] = {name: text if len(text) <= SHORT else _short(text) for name, text in custom.items()}
    return _encoder.encode(said).decode()


def _short(text: str) -> str:
    return "#" + blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def differs(old: str, new: str, fields: Iterable[str], custom: Iterable[str]) -> tuple[set[str], set[str], str]:
    """(fields that changed, custom headers that changed, what is to be kept as said).

    Only what this file has a column for can have changed; what it has no column for stays as it was said before.
    """
    before, now = _read(old), _read(new)
    own_before, own_now = dict(before.pop("custom", None) or {}), dict(now.pop("custom", None) or {})
    # A value that the reader composed (a title from the details) has no column of its own.
    columns = set(fields) | set(now)
    changed = {name for name in columns if before.get(name) != now.get(name)}
    owned = set(custom)
    own_changed = {name for name in owned if own_before.get(name) != own_now.get(name)}
    kept = {name: value for name, value in before.items() if name not in columns} | now
    own_kept = {name: value for name, value in own_before.items() if name not in owned} | own_now
    if own_kept:
        kept["custom"] = own_kept
    return changed, own_changed, _encoder.encode(kept).decode()


def _read(said: str) -> dict[str, Any]:
    try:
        return _decoder.decode(said)
    except (msgspec.DecodeError, UnicodeError):
        return {}


def source_name(path: Path) -> str:
    """A file's source: its name without dates, copies and “rejects”, so that next month's export is the same source.

    ``Jobs export 2026-03-01 (2).csv`` is ``jobs export``.
    """
    name = path.stem.casefold()
    name = re.sub(r"[-_ .]*rejects?([-_ ]*\d+)?$", "", name)
    name = re.sub(r"\(\d+\)|\bcopy( of)?\b|\d{4}[-_. ]?\d{2}[-_. ]?\d{2}([t_ -]?\d{4,6})?|\d{2}[-_.]\d{2}[-_.]\d{4}", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", name).split()) or "file"
