"""What commands print: data as JSON with names that stay, tables and progress for people.

It stands apart from cli.py because every command prints through these few functions.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

#: What ``list KIND --json`` gives, by kind. Money in minor units, instants in ISO 8601 UTC; these names stay.
LIST_FIELDS = {
    "jobs": "ref column client location postcode title kind priority technician told order_number client_job reported_at due_at due_what since value estimate stuck site",
    "visits": "job number technician booked_from booked_until column",
    "technicians": "code name phone skills area shift_start shift_end subcontractor last_heard lat lon",
    "clients": "ref name phone email address postcode order_required terms_days custom",
    "locations": "ref client name address postcode area lat lon pin_from access_notes custom",
    "contacts": "client name role phone email",
    "assets": "ref client location kind maker model serial installed warranty_until removed custom",
    "contracts": "ref client name kind start end order_number respond_minutes restore_minutes unbilled next_start next_amount year_amount",
    "exceptions": "key reason says value credit since job contract client owner waits_for chased step step_words evidence",
    "drafts": "key client job contract kind start end quantity amount currency billable_from order_number reason",
    "invoices": "number kind client issued_on due_on net tax gross open_amount order_number origin void",
    "payments": "client invoice amount currency day reference",
    "parts": "code name cost price unit",
    "rates": "kind skill amount minimum_minutes step_minutes start contract client",
    "readings": "asset meter value day estimated",
    "policies": "name start value",
    "sites": "code name number role timezone seq heard_at state says",
}  # fmt: skip


def progress_line(args: argparse.Namespace, what: str = "reading") -> Callable[[int, int | None], None] | None:
    """A line that counts up on a terminal; nothing in a pipe."""
    if args.json or not sys.stderr.isatty():
        return None

    def tell(done: int, total: int | None) -> None:
        whole = f" of {total:,}" if total else ""
        bar = f" [{'#' * int(30 * done / total):30}]" if total else ""
        end = "\n" if total and done >= total else ""
        print(f"\r{what} {done:,}{whole}{bar}", end=end, file=sys.stderr, flush=True)

    return tell


def plain(value: Any) -> Any:
    """A value as JSON knows it: ids in hex, instants and days in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return value


def print_json(value: Any) -> None:
    print(json.dumps(plain(value), ensure_ascii=False, indent=2))


def tell(args: argparse.Namespace, data: Any, words: str) -> None:
    if args.json:
        print_json(data)
    else:
        print(words)


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        print("none", file=sys.stderr)
        return
    names = [name for name in rows[0] if any(row.get(name) not in (None, "") for row in rows)]
    cells = [[str(plain(row.get(name)) if row.get(name) is not None else "") for name in names] for row in rows]
    widths = [min(44, max(len(name), *(len(row[index]) for row in cells))) for index, name in enumerate(names)]
    print("  ".join(name[:width].ljust(width) for name, width in zip(names, widths, strict=True)).rstrip())
    for row in cells:
        print("  ".join(cell[:width].ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
