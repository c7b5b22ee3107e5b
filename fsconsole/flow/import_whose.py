"""Whose contract a file means, and what it changes of periods that are billed.

It stands apart because a file that means another contract than it says would bill one client for what another agreed.

Always: no file moves a contract to another client; and two files without a reference are never guessed to be one contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from fsconsole.desk import Desk
from fsconsole.flow.gather import Known, contract_sheets
from fsconsole.flow.matching import Ids
from fsconsole.store.opening import Store
from fsconsole.values.money import show

#: How far periods are compared with what was billed for them.
_AHEAD = timedelta(days=400)


def another(store: Store, contract: bytes, client: bytes | None) -> str:
    """The client whose contract this is, by name and reference, where it is not ``client``; else empty."""
    row = store.one(
        "SELECT coalesce(c.merged_into, c.id), c.name, c.ref FROM contract k JOIN client c ON c.id = k.client WHERE k.id = ?",
        (contract,),
    )
    if row is None or row[0] == client:
        return ""
    return f"{row[1]} ({row[2]})" if row[2] else str(row[1])


def taken_over(ref: str, whose: str, client: str) -> str:
    """The reason why a file may not give a contract to another client."""
    return (
        f"{ref} is a contract of {whose}; a file does not move it to another client. Give this one a reference of its own. "
        f"If {client} pays from a day on, an agreement file of {whose} says so: "
        f'[[revision]] what = "transfer", on = DAY, client = "{client}"'
    )


# --- files without a reference ---


def _link(file: str, contract: bytes) -> bytes:
    return Ids("agreement", file).of(contract.hex())


def other_file(store: Store, file: str, contract: bytes) -> str:
    """The file from which a contract without a reference was taken, where it is another one than ``file``; else empty."""
    rows = store.sql("SELECT source FROM source_link WHERE kind = 'agreement' AND \"row\" = ? ORDER BY id", (contract,))
    files = [str(row[0]) for row in rows]
    return files[0] if files and file not in files else ""


def told_by(file: str, contract: bytes) -> tuple[bytes, dict[str, Any]]:
    """The row that keeps from which file a contract without a reference was taken."""
    return _link(file, contract), {"source": file, "kind": "agreement", "key": contract.hex(), "row": contract, "said": file}


# --- what is billed ---


def repriced(desk: Desk, contract: bytes, terms: Mapping[bytes, Mapping[str, Any]]) -> str:
    """What other terms make of the periods that are billed, in words with the sum of the difference; empty where nothing.

    ``terms`` has the new values by the id of a term that stands.
    """
    from fsconsole.flow.settle import contract_charges

    known = Known(desk.store)
    sheet = next(iter(contract_sheets(desk.store, [contract], known)), None)
    if sheet is None or not any(line.key and not line.void for line in sheet.issued):
        return ""
    billed = {line.key for line in sheet.issued if line.key and not line.void}
    anew = replace(sheet, terms=[replace(one, **terms.get(one.id, {})) for one in sheet.terms])
    horizon = desk.today + _AHEAD
    rests: list[dict[str, int]] = []
    for each in (sheet, anew):
        _, free, behind = contract_charges(each, known, horizon)
        rest = [*free, *(one.charge for one in behind)]
        rests.append({charge.key: charge.amount for charge in rest if charge.key in billed})
    before, after = rests
    moved = {key: after.get(key, 0) - before.get(key, 0) for key in before.keys() | after.keys()}
    moved = {key: amount for key, amount in moved.items() if amount}
    if not moved:
        return ""
    money = sheet.contract.currency or (sheet.client.currency if sheet.client else "") or known.currency
    periods = "A period billed already costs" if len(moved) == 1 else f"{len(moved)} periods billed already cost"
    total = sum(moved.values())
    what = f"{show(-total, money)} is to be credited" if total < 0 else f"{show(total, money)} more is to be billed"
    return f"{periods} something else now: {what}. If only later periods should, give it a [[revision]] from a day instead."


