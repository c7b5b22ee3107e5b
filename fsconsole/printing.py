"""What commands print: data as JSON with names that stay, tables and progress for people.

It stands apart from cli.py because every command prints through these few functions.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fsconsole.values.money import show as money

if TYPE_CHECKING:
    from fsconsole.store.opening import Store

#: Fields that hold money in minor units, wherever they stand.
MONEY = frozenset(
    ["value", "amount", "estimate", "notional", "net", "tax", "gross", "open_amount", "unbilled", "next_amount", "year_amount", "price", "cost", "cost_rate", "total"]
)
#: Fields that hold thousandths, by the kind of thing.
THOUSANDTHS = {"readings": frozenset({"value"}), "history": frozenset({"quantity"})}
#: Fields that only a program needs; they stand in the JSON.
UNSAID = frozenset({"key", "evidence"})

#: What ``list KIND --json`` gives, by kind. Money in minor units, instants in ISO 8601 UTC; these names stay.
LIST_FIELDS = {
    "jobs": "ref column client location postcode title kind priority technician told order_number client_job reported_at due_at due_what since value estimate stuck site",
    "visits": "job number technician booked_from booked_until column",
    "technicians": "code name phone skills area shift_start shift_end subcontractor last_heard lat lon",
    "clients": "ref name phone email address postcode order_required terms_days custom",
    "locations": "ref client name address postcode area lat lon pin_from access_notes custom",
    "contacts": "client name role phone email",
    "assets": "ref client location kind maker model serial installed warranty_until removed custom",
    "contracts": "ref client name kind start end currency order_number respond_minutes restore_minutes unbilled next_start next_amount year_amount",
    "exceptions": "key reason says value currency credit since job contract client owner waits_for chased step step_words evidence",
    "drafts": "key client job contract kind start end quantity amount currency billable_from order_number reason",
    "invoices": "number kind client issued_on due_on currency net tax gross open_amount order_number origin void",
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

    widest = 0

    def tell(done: int, total: int | None) -> None:
        nonlocal widest
        whole = f" of {total:,}" if total else ""
        bar = f" [{'#' * int(30 * done / total):30}]" if total else ""
        end = "\n" if total and done >= total else ""
        line = f"{what} {done:,}{whole}{bar}"
        widest = max(widest, len(line))
        print(f"\r{line:{widest}}", end=end, file=sys.stderr, flush=True)

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


class Eyes(NamedTuple):
    """For whom a table is written: their zone and currency, the columns of their terminal (0: as wide as it comes)."""

    zone: tzinfo = UTC
    currency: str = "GBP"
    columns: int = 0
    bare: frozenset[str] = frozenset()  # fields named like money that hold something else here
    thousandths: frozenset[str] = frozenset()  # fields that hold thousandths here, whatever they hold elsewhere


#: What is no money there, though it is called as money is elsewhere: a policy's value, a contract's rate of tax.
BARE = {"policies": frozenset({"value"}), "history": frozenset({"value"}), "contract": frozenset({"tax"})}


def eyes_of(store: Store, kind: str = "") -> Eyes:
    """Those of whoever sits at this store's site; output that goes to a file or another program is not cut."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    bare = BARE.get(kind, frozenset())
    return Eyes(store.zone, str(store.own("currency", "") or "GBP"), columns, bare, THOUSANDTHS.get(kind, frozenset()))


def in_words(name: str, value: Any, eyes: Eyes) -> str:
    """A field's value as a person reads it: money with its sign, instants in the local zone."""
    if value is None or isinstance(value, bool):
        return "" if value is None else "yes" if value else "no"
    if isinstance(value, int) and name in eyes.thousandths:
        return f"{Decimal(value) / 1000:,f}"
    if isinstance(value, int) and name in MONEY and name not in eyes.bare:
        return money(value, eyes.currency)
    if isinstance(value, datetime):
        return f"{value.astimezone(eyes.zone):%Y-%m-%d %H:%M}"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {in_words(key, one, eyes)}" for key, one in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(in_words(name, one, eyes) for one in value)
    return str(plain(value))


def print_table(rows: Sequence[dict[str, Any]], eyes: Eyes | None = None) -> None:
    """Rows under their fields' names, empty fields left out; on a terminal the widest columns give way."""
    eyes = eyes or Eyes()
    if not rows:
        print("none", file=sys.stderr)
        return
    names = [name for name in rows[0] if name not in UNSAID and any(_says(row.get(name)) for row in rows)]
    if all(row.get("currency") == eyes.currency for row in rows):
        names = [name for name in names if name != "currency"]  # each sum says so
    cells = [[in_words(name, row.get(name), _in_its_own(eyes, row)) for name in names] for row in rows]
    right = [any(isinstance(row.get(name), int | Decimal) for row in rows) for name in names]
    widths = _fitted([max(len(name), *(len(row[at]) for row in cells)) for at, name in enumerate(names)], eyes.columns)
    for row in [names, *cells]:
        print("  ".join(_cell(text, width, end) for text, width, end in zip(row, widths, right, strict=True)).rstrip())


def _in_its_own(eyes: Eyes, row: Mapping[str, Any]) -> Eyes:
    """Eyes for the amounts of a row that says in which currency they are."""
    return eyes._replace(currency=str(row["currency"])) if row.get("currency") else eyes


def _says(value: Any) -> bool:
    return value is not None and value is not False and value != "" and value != [] and value != {} and value != ()


def _fitted(widths: list[int], columns: int) -> list[int]:
    """The widest columns, one cell at a time, narrowed to the room there is; none below eight cells."""
    while columns and sum(widths) + 2 * (len(widths) - 1) > columns and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return widths


def _cell(text: str, width: int, right: bool) -> str:
    short = text if len(text) <= width else text[: width - 1] + "…"
    return short.rjust(width) if right else short.ljust(width)


def print_thing(told: dict[str, Any], eyes: Eyes) -> None:
    """One thing: its fields, then each list that belongs to it as a table."""
    eyes = _in_its_own(eyes, told)
    for name, value in told.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            print(f"\n{name}")
            print_table(value, eyes)
        elif _says(value) and value != 0:
            print(f"{name:18} {in_words(name, value, eyes)}")


def print_drafts(drafts: Sequence[dict[str, Any]]) -> None:
    """What ``bill`` found: each document with its lines and the reason of each, then what it all comes to."""
    sums: dict[tuple[str, str], list[int]] = {}
    for draft in drafts:
        held, currency = bool(draft["held"]), draft["currency"]
        state = "held" if held else draft["number"] or ("credit" if draft["amount"] < 0 else "draft")
        order = f"  order {draft['order_number']}" if draft["order_number"] else ""
        print(f"{money(draft['amount'], currency):>13}  {state:10} {draft['client']}{order}")
        for why in draft["held"]:
            print(f"{'':15}! {why}")
        for line in draft["lines"]:
            print(f"{money(line['amount'], currency):>25}  {line['ref']:9} {line['reason']}")
        sums.setdefault(("held" if held else "issued" if draft["number"] else "draft", currency), []).append(draft["amount"])
    if not drafts:
        print("Nothing is billable that has not been billed.")
        return
    told = [f"{len(amounts):,} {state}, {money(sum(amounts), currency)}" for (state, currency), amounts in sorted(sums.items())]
    print("\n" + " · ".join(told))
