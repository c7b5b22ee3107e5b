"""Which row of ours a file means by a name, a reference, a serial number; and the id that a new one gets.

It stands apart because every import must resolve the same words to the same rows.

Always: an id derived here depends on the workspace and the natural key alone, so that two sites that import one file
make the same rows. What was merged is found under the name it was merged into; what is gone is not found.
"""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import blake2b
from typing import Any

from fsconsole.inbox.fields import postcode as postcode_of
from fsconsole.store.opening import Store

_NUMBERS = re.compile(r"\d+").findall


def name_key(text: str) -> str:
    """A name as it is looked up: without case and doubled spaces."""
    return " ".join(text.casefold().split())


def code_key(text: str) -> str:
    """A reference or serial number as it is looked up: without case, spaces and hyphens."""
    return text.casefold().replace(" ", "").replace("-", "")


class Ids:
    """Derived ids of one family: 2 bytes of the family, 4 of the key's last number, 10 of its digest.

    The number comes before the digest so that rows that follow each other in a file lie together in the store.
    """

    def __init__(self, *family: bytes | str) -> None:
        mark = b"\0".join(part.encode() if isinstance(part, str) else part for part in family)
        self._seed = blake2b(mark, digest_size=32).digest()
        self._head = self._seed[:2]

    def of(self, key: str) -> bytes:
        digest = blake2b(self._seed + key.encode("utf-8", "replace"), digest_size=14).digest()
        found = _NUMBERS(key[-9:])
        if found:
            return self._head + int(found[-1]).to_bytes(4, "big") + digest[:10]
        return self._head + digest


class Known:
    """What the store has, by what a file may call it. Each kind is read once, when first asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.gone: dict[str, set[bytes]] = {}
        self.client_at: dict[bytes, bytes | None] = {}  # of each location; filled when locations are first asked for
        self.location_refs: dict[bytes, str] = {}
        self.asset_at: dict[bytes, tuple[bytes | None, bytes | None]] = {}  # (client, location) of each asset
        self._ids: dict[str, Ids] = {}

    def new_id(self, kind: str, key: str) -> bytes:
        """The id that a row of this kind and natural key has in this workspace."""
        if kind not in self._ids:
            self._ids[kind] = Ids(self.store.workspace, kind)
        return self._ids[kind].of(key)

    def _rows(self, kind: str, columns: str) -> list[tuple[Any, ...]]:
        """(id, columns…) of the rows that stand, ids led through merges, survivors first; notes which are gone."""
        merges = kind not in ("technician", "part", "contact", "vehicle_use", "rate")
        into = "merged_into" if merges else "NULL"
        rows = self.store.sql(f'SELECT id, {into}, gone, {columns} FROM "{kind}"')
        heirs = {row[0]: row[1] for row in rows if row[1]}
        self.gone[kind] = {row[0] for row in rows if row[2]}
        found = []
        for row in rows:
            row_id, hops = row[0], 0
            while row_id in heirs and hops < 50:
                row_id, hops = heirs[row_id], hops + 1
            if row_id not in self.gone[kind]:
                found.append((hops, (row_id, *row[3:])))
        found.sort(key=lambda pair: pair[0] > 0)
        return [row for _, row in found]

    def _linked(self, kind: str) -> list[tuple[str, bytes]]:
        """(what a source calls it, id): a reference that another file gave stays findable."""
        return self.store.sql(
            f'SELECT l.key, coalesce(t.merged_into, t.id) FROM source_link l JOIN "{kind}" t ON t.id = l."row"'
            " WHERE l.kind = ? AND t.gone = 0 AND l.key != ''",
            (kind,),
        )

    # --- clients ------------------------------------------------------------------------------------------------------

    @cached_property
    def _clients(self) -> tuple[dict[str, bytes], dict[str, bytes], dict[bytes, str]]:
        by_ref: dict[str, bytes] = {}
        by_name: dict[str, bytes] = {}
        refs: dict[bytes, str] = {}
        for row_id, ref, name in self._rows("client", "ref, name"):
            if ref:
                by_ref.setdefault(code_key(ref), row_id)
                refs.setdefault(row_id, ref)
            by_name.setdefault(name_key(name), row_id)
        for key, row_id in self._linked("client"):
            by_ref.setdefault(code_key(key), row_id)
        return by_ref, by_name, refs

    def client(self, text: str) -> bytes | None:
        """The client of a reference or a name."""
        by_ref, by_name, _ = self._clients
        return by_name.get(name_key(text)) or by_ref.get(code_key(text))

    def client_of(self, ref: str, name: str) -> bytes | None:
        """The client that a row with this reference and name means; one of the same name under another reference is not it."""
        by_ref, by_name, refs = self._clients
        if ref and (found := by_ref.get(code_key(ref))):
            return found
        found = by_name.get(name_key(name))
        if found and ref and not self.is_ours(refs.get(found, "")):
            return None
        return found

    def add_client(self, row: bytes, ref: str, name: str) -> None:
        by_ref, by_name, refs = self._clients
        if ref:
            by_ref[code_key(ref)] = row
            refs[row] = ref
        by_name.setdefault(name_key(name), row)

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        return tuple({row[0].upper() for row in self.store.sql("SELECT code FROM site")} | {self.store.code.upper()})

    def is_ours(self, ref: str) -> bool:
        """Whether a reference is of one of our own series (``LDN-1042``, ``LDN-K12``), or there is none."""
        if not ref:
            return True
        code, dash, rest = ref.upper().rpartition("-")
        return bool(dash) and code in self._codes and rest.lstrip("CKLA").isdigit()

    # --- locations ----------------------------------------------------------------------------------------------------

    @cached_property
    def _locations(self) -> dict[tuple[bytes | None, str], bytes]:
        found: dict[tuple[bytes | None, str], bytes] = {}
        for row_id, ref, client, name, address, postcode in self._rows("location", "ref, client, name, address, postcode"):
            self._note_location(found, row_id, client, ref, name, address, postcode)
            self.location_refs[row_id] = ref
            self.client_at[row_id] = client
        for key, row_id in self._linked("location"):
            mark = f"r {code_key(key.rpartition(' ')[2])}"
            found.setdefault((self.client_at.get(row_id), mark), row_id)
        return found

    @staticmethod
    def _note_location(
        found: dict[tuple[bytes | None, str], bytes],
        row: bytes,
        client: bytes | None,
        ref: str,
        name: str,
        address: str,
        postcode: str,
    ) -> None:
        for key in (
            f"r {code_key(ref)}" if ref else "",
            f"n {name_key(name)}" if name else "",
            f"a {address_key(address, postcode)}" if address else "",
            f"p {postcode_of(postcode)}" if postcode else "",
        ):
            if key:
                found.setdefault((client, key), row)
                found.setdefault((b"", key), row)

    def location(
        self, client: bytes | None, name: str, address: str = "", postcode: str = "", ref: str = ""
    ) -> bytes | None:
        """A client's location by reference or name, else (when it has neither) by its address, else its postcode."""
        found = self._locations
        if ref and (row := found.get((client, f"r {code_key(ref)}"))):
            return row
        if name:
            return found.get((client, f"n {name_key(name)}")) or found.get((client, f"r {code_key(name)}"))
        if address:
            return found.get((client, f"a {address_key(address, postcode)}"))
        return found.get((client, f"p {postcode_of(postcode)}")) if postcode else None

    def location_anywhere(self, text: str) -> bytes | None:
        """A location by its reference or name when the client is not said."""
        found = self._locations
        return found.get((b"", f"r {code_key(text)}")) or found.get((b"", f"n {name_key(text)}"))

    def add_location(self, row: bytes, client: bytes | None, ref: str, name: str, address: str, postcode: str) -> None:
        self._note_location(self._locations, row, client, ref, name, address, postcode)
        self.client_at[row] = client

    # --- assets -------------------------------------------------------------------------------------------------------

    @cached_property
    def _assets(self) -> dict[tuple[bytes | None, str], bytes]:
        found: dict[tuple[bytes | None, str], bytes] = {}
        for row_id, ref, client, location, serial, kind in self._rows("asset", "ref, client, location, serial, kind"):
            self._note_asset(found, row_id, client, location, ref, serial, kind)
            self.asset_at[row_id] = client, location
        for key, row_id in self._linked("asset"):
            found.setdefault((b"", f"r {code_key(key)}"), row_id)
        return found

    @staticmethod
    def _note_asset(
        found: dict[tuple[bytes | None, str], bytes],
        row: bytes,
        client: bytes | None,
        location: bytes | None,
        ref: str,
        serial: str,
        kind: str,
    ) -> None:
        for key in (f"s {code_key(serial)}" if serial else "", f"r {code_key(ref)}" if ref else ""):
            if key:
                found.setdefault((client, key), row)
                found.setdefault((b"", key), row)
        if kind and not serial:
            found.setdefault((location or client, f"k {name_key(kind)}"), row)

    def asset(self, client: bytes | None, serial: str = "", ref: str = "") -> bytes | None:
        """A client's asset by serial number or reference; with no client, anybody's."""
        found = self._assets
        whose = client or b""
        if serial and (row := found.get((whose, f"s {code_key(serial)}"))):
            return row
        return found.get((whose, f"r {code_key(ref)}")) if ref else None

    def asset_named(self, client: bytes | None, location: bytes | None, text: str) -> bytes | None:
        """An asset by serial number, reference or, at this place, by what it is called."""
        return (
            self.asset(client, text, text)
            or (self._assets.get((location, f"k {name_key(text)}")) if location else None)
            or (self._assets.get((client, f"k {name_key(text)}")) if client else None)
        )

    def add_asset(
        self, row: bytes, client: bytes | None, location: bytes | None, ref: str, serial: str, kind: str
    ) -> None:
        self._note_asset(self._assets, row, client, location, ref, serial, kind)
        self.asset_at[row] = client, location

    # --- contacts, technicians, parts, contracts, invoices ------------------------------------------------------------

    @cached_property
    def contacts(self) -> dict[tuple[bytes | None, str], bytes]:
        """By client and name."""
        return {(client, name_key(name)): row for row, client, name in reversed(self._rows("contact", "client, name"))}

    @cached_property
    def technicians(self) -> dict[str, bytes]:
        """By code and by name."""
        rows = self._rows("technician", "code, name")
        found = {name_key(name): row for row, _, name in reversed(rows) if name}
        return found | {name_key(code): row for row, code, _ in reversed(rows) if code}

    @cached_property
    def parts(self) -> dict[str, bytes]:
        """By code, and by name where that is free."""
        rows = self._rows("part", "code, name")
        found = {f"n {name_key(name)}": row for row, _, name in reversed(rows) if name}
        return found | {f"c {code_key(code)}": row for row, code, _ in reversed(rows) if code}

    def part(self, code: str, name: str = "") -> bytes | None:
        return self.parts.get(f"c {code_key(code)}") if code else self.parts.get(f"n {name_key(name)}")

    @cached_property
    def contracts(self) -> dict[str, bytes]:
        """By reference, and by what a file calls them."""
        found = {code_key(ref): row for row, ref in reversed(self._rows("contract", "ref")) if ref}
        for key, row in self._linked("contract"):
            found.setdefault(code_key(key), row)
        return found

    @cached_property
    def invoices(self) -> dict[str, bytes]:
        rows = self.store.sql("SELECT number, id FROM invoice WHERE void = 0 ORDER BY stamp DESC")
        return {code_key(number): row for number, row in rows if number}


def address_key(address: str, postcode: str) -> str:
    """An address as it is looked up: its letters and digits, with the postcode."""
    return re.sub(r"[\W_]+", " ", f"{address} {postcode_of(postcode)}".casefold()).strip()
