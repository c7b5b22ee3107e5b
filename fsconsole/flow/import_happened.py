"""What a price file says happened under its contract, taken into the store: revisions, use, readings, lines issued.

It stands apart from import_agreement because these are facts: added once, taken back when the file no longer says them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fsconsole.desk import Desk
from fsconsole.flow.import_rows import Naming, Sink, asset_key
from fsconsole.flow.matching import Ids, code_key
from fsconsole.inbox.terms_file import TermsFile
from fsconsole.inbox.terms_json import as_json, kept
from fsconsole.rules.words import day as show_day
from fsconsole.store.history import written_by_hand
from fsconsole.store.rows import fetch_all
from fsconsole.store.tables import BY_NAME
from fsconsole.values.agreement import Row
from fsconsole.values.bill import IssuedLine
from fsconsole.values.work import Id, Reject

#: Sections whose rows are facts about what happened under a contract.
ENTRIES = ("revision", "usage", "block", "visit", "labour", "part", "sla", "pause", "outage", "quote")
#: What makes a reading this one and no other.
_READING = ("asset", "meter", "value", "day", "at", "estimated", "details", "term")


class Taken:
    """What one file did: rows added, updated and unchanged, what was made for it, what is to be told."""

    def __init__(self) -> None:
        self.added = self.updated = self.unchanged = 0
        self.rows: Counter[str] = Counter()
        self.notes: list[str] = []
        self.rejects: list[Reject] = []
        self.contract = b""


class Happened:
    """One price file on its way into the store: what is written for it, and what happened under its contract."""

    def __init__(self, desk: Desk, read: TermsFile, sink: Sink, naming: Naming, taken: Taken) -> None:
        self.desk, self.store, self.sink, self.naming, self.taken = desk, desk.store, sink, naming, taken
        self.read, self.agreement, self.known = read, read.agreement, naming.known
        self.client = naming.client(self.agreement.title(self.agreement.contract.client))
        self.contract = b""
        self.terms: dict[Id, bytes] = {}  # the file's term -> ours
        self.assets: dict[str, bytes] = {}

    def happened(self) -> None:
        """Takes everything that happened; the contract, its terms and assets are there."""
        self._entries()
        self._readings()
        self._issued()

    def _entries(self) -> None:
        standing: dict[str, list[tuple[bytes, bool]]] = {}
        for entry in fetch_all(self.store, "entry", "contract = ?", [self.contract], order="stamp, id"):
            said = _content(entry.kind, entry.details, entry.term, entry.asset, entry.client)
            standing.setdefault(said, []).append((entry.id, entry.kind in ENTRIES))
        often: Counter[str] = Counter()
        for kind in ENTRIES:
            for place, row in enumerate(self.read.rows.get(kind, ()), 1):
                values = self._entry(kind, row)
                said = _content(kind, values["details"], values["term"], values["asset"], values["client"])
                often[said] += 1
                if standing.get(said):
                    standing[said].pop(0)
                    self.taken.unchanged += 1
                    continue
                self._fact("entry", self._entry_id(said, often[said]), {**values, "contract": self.contract, "place": place})
        ours = {self._entry_id(said, number) for said in standing for number in range(1, often[said] + 9)}
        for said, left in standing.items():
            for known, listed in left:
                if listed and known in ours and json.loads(said)[0] in self.read.sections:
                    self._void("entry", known)
                elif listed and json.loads(said)[0] in self.read.sections:
                    self.taken.notes.append(f"A {json.loads(said)[0]} that a person recorded is not in the file; it stays.")

    def _entry_id(self, said: str, number: int) -> bytes:
        return Ids(self.contract, "entry").of(f"{said} #{number}")

    def _entry(self, kind: str, row: Row) -> dict[str, Any]:
        asset = row.get("asset") if kind == "usage" else None
        client = self.naming.client(row["client"]) if kind == "revision" and row.get("client") else None
        at = next((row[name] for name in ("on", "from", "reported") if name in row), None)
        name = str(row.get("name") or row.get("call") or row.get("what") or row.get("meter") or "")
        without = ["term", *(["asset"] if asset else []), *(["client"] if client else [])]
        return {
            "kind": kind,
            "term": self._term_of(row),
            "asset": self._asset(asset) if asset else None,
            "client": client,
            "name": name,
            "day": self.agreement.local_day(at) if isinstance(at, datetime) else at,
            "at": at if isinstance(at, datetime) else None,
            "details": kept(row, *without),
        }

    def _readings(self) -> None:
        standing: dict[str, list[bytes]] = {}
        asked = [self.contract, *self.assets.values()]
        marks = ",".join("?" * len(self.assets)) or "NULL"
        found = fetch_all(self.store, "reading", f"contract = ? OR (contract IS NULL AND asset IN ({marks}))", asked, order="id")
        for one in found:
            standing.setdefault(_said({name: getattr(one, name) for name in _READING}), []).append(one.id)
        often: Counter[str] = Counter()
        for row in self.read.rows.get("reading", ()):
            values = self._reading(row)
            said = _said(values)
            often[said] += 1
            if standing.get(said):
                standing[said].pop(0)
                self.taken.unchanged += 1
                continue
            # A reading of an asset is for every contract that the asset is on.
            covered = {self.assets.get(asset.ref) for asset in self.agreement.assets.values()}
            whose = None if values["asset"] in covered else self.contract
            self._fact("reading", Ids(self.contract, "reading").of(f"{said} #{often[said]}"), {**values, "contract": whose})
        for said, left in standing.items() if "reading" in self.read.sections else ():
            mine = {Ids(self.contract, "reading").of(f"{said} #{number}") for number in range(1, often[said] + 9)}
            for row_id in left:
                if row_id in mine:
                    self._void("reading", row_id)

    def _reading(self, row: Row) -> dict[str, Any]:
        on, value = row["on"], row["value"]
        scaled = value * 1000
        fine = scaled != scaled.to_integral_value()
        details = kept(row, "on", "asset", "meter", "term", "estimate", *(() if fine else ("value",)))
        return {
            "asset": self._asset(row["asset"]) if row.get("asset") else None,
            "meter": row.get("meter", ""),
            "value": int(scaled),
            "day": self.agreement.local_day(on) if isinstance(on, datetime) else on,
            "at": on if isinstance(on, datetime) else None,
            "estimated": bool(row.get("estimate")),
            "details": details,
            "term": self._term_of(row),
        }

    def _issued(self) -> None:
        """Lines that were billed: each on its invoice, which is made where it is not here. What is issued is never edited."""
        rows = self.read.rows.get("issued", ())
        papers: dict[str, list[tuple[Row, IssuedLine]]] = {}
        for row, line in zip(rows, self.agreement.issued, strict=True):
            papers.setdefault(row.get("invoice") or f"{self.agreement.contract.ref or 'billed'} before", []).append((row, line))
        for number, lines in papers.items():
            paper = self.known.invoices.get(code_key(number))
            if paper is None:
                paper = Ids(self.contract, "invoice").of(number)
                first, total = lines[0][0], sum(line.amount for _, line in lines if not line.void)
                payer = self.naming.client(first["client"]) if first.get("client") else None
                client = payer or self.naming.client(self.agreement.title(self.agreement.contract.payer)) or self.client
                on = first.get("on") or lines[0][1].start
                made: dict[str, Any] = {"number": number, "kind": "credit note" if total < 0 else "invoice", "client": client}
                made |= {"issued_on": on, "due_on": on, "currency": self.agreement.money, "net": total, "gross": total}
                self._fact("invoice", paper, made | {"open_amount": 0, "origin": "imported"})
                self.known.invoices[code_key(number)] = paper
            often: Counter[str] = Counter()
            for row, line in lines:
                self._line(paper, row, line, often)

    def _line(self, paper: bytes, row: Row, line: IssuedLine, often: Counter[str]) -> None:
        term = next((known for known in self.agreement.terms if known.name == row.get("term")), None)
        key = line.key
        if term is not None and line.start is not None:
            # A part may name the charge of another term, by the bytes of its name.
            ours = {named.hex(): row_id.hex() for named, row_id in self.terms.items()}
            key = ":".join(ours.get(piece, piece) for piece in line.key.split(":"))
        values: dict[str, Any] = {"invoice": paper, "key": key, "contract": self.contract, "amount": line.amount}
        values |= {"text": line.text, "start": line.start, "end": line.end, "tax": line.tax}
        values["term"] = self.terms[term.id] if term else None
        said = _said(values)
        often[said] += 1
        same = self.store.sql(
            "SELECT id FROM invoice_line WHERE invoice = ? AND key = ? AND amount = ? AND void = ?",
            (paper, key, line.amount, int(line.void)),
        )
        if len(same) >= often[said]:
            self.taken.unchanged += 1
            return
        derived = Ids(self.contract, "line").of(f"{said} #{often[said]}")
        self._fact("invoice_line", derived, values)
        if line.void:
            self.sink.void("invoice_line", derived)

    # --- rows ---

    def _asset(self, name: str, serial: str = "") -> bytes:
        if name in self.assets:
            return self.assets[name]
        found = self.known.asset(self.client, serial, "") if serial else self.known.asset_named(self.client, None, name)
        if found is None:
            kind, model = ("", name) if serial else (name, "")
            found = self.known.new_id("asset", asset_key(self.client, None, serial, "", name))
            values = {"ref": None, "client": self.client, "kind": kind, "model": model, "serial": serial}
            self.sink.put("asset", found, self.naming.again("asset", found, values))
            self.known.add_asset(found, self.client, None, "", serial, kind)
            self.naming.created["asset"] += 1
        self.assets[name] = found
        return found

    def _term_of(self, row: Row) -> bytes | None:
        name = row.get("term")
        return next((self.terms[term.id] for term in self.agreement.terms if term.name == name), None) if name else None

    def _stands(self, kind: str, row: bytes) -> bool:
        return self.store.one(f'SELECT 1 FROM "{kind}" WHERE id = ?', (row,)) is not None

    def _describe(self, kind: str, row: bytes, values: dict[str, Any]) -> None:
        """Writes what differs from what stands."""
        columns = BY_NAME[kind].columns
        packed = {name: (columns.get(name) or columns[name + "_"]) for name in values}
        names = ", ".join(f'"{column.column_name}"' for column in packed.values())
        there = self.store.one(f'SELECT {names} FROM "{kind}" WHERE id = ?', (row,))
        if there is None:
            self.sink.put(kind, row, values)
            self._count(kind, "added")
            return
        standing = zip(packed.items(), there, strict=True)
        changed = {name: values[name] for (name, column), old in standing if column.pack(values[name]) != old}
        if changed:
            self.sink.put(kind, row, changed)
        self._count(kind, "updated" if changed else "unchanged")

    def _fact(self, kind: str, row: bytes, values: dict[str, Any]) -> None:
        there = self.store.one(f'SELECT void FROM "{kind}" WHERE id = ?', (row,))
        if there is None:
            self.sink.put(kind, row, values)
        elif there[0] and written_by_hand(self.store, row):
            self.taken.notes.append(f"A {kind} of the file was taken back by a person{_on(values)}; it stays so.")
            self.taken.unchanged += 1
            return
        elif there[0]:
            self.sink.void(kind, row, False)
        self._count(kind, "added" if there is None or there[0] else "unchanged")

    def _void(self, kind: str, row: bytes) -> None:
        self.sink.void(kind, row)
        self.taken.notes.append(f"A {kind} that an earlier file said is not in this one and was taken back.")
        self.taken.updated += 1

    def _count(self, kind: str, what: str) -> None:
        setattr(self.taken, what, getattr(self.taken, what) + 1)
        if what == "added" and kind != "contract":
            self.taken.rows[kind.replace("_", " ")] += 1


def _on(values: Mapping[str, Any]) -> str:
    return f" ({show_day(values['day'])})" if values.get("day") else ""


def _said(values: Mapping[str, Any]) -> str:
    said = {name: value for name, value in values.items() if value not in (None, "")}
    plain = {name: value.hex() if isinstance(value, bytes) else as_json(value) for name, value in said.items()}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False)


def _content(kind: str, details: Mapping[str, Any], *links: bytes | None) -> str:
    return json.dumps([kind, details, *((one or b"").hex() for one in links)], sort_keys=True, ensure_ascii=False)

