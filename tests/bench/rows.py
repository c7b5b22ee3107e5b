"""Jobs as they are logged, made up: what the bench of sync moves between copies."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TypeAlias

from tests.sync.made import NOON

ROWS, COLUMNS = 50, 5
NAMES = ("title", "details", "priority", "client_job", "skill")
Row: TypeAlias = tuple[bytes, str, str, int, str, str]
WORDS = [
    "boiler", "pump", "valve", "leak", "noise", "cold", "hot", "no", "water", "pressure", "pilot", "fan", "belt", "filter",
    "drain", "tank", "flush", "sensor", "display", "error", "fault", "office", "floor", "roof", "basement", "urgent", "repeat",
    "visit", "quote", "warranty", "service", "annual", "repair", "replace", "inspect", "motor", "seal", "gasket", "relay",
]  # fmt: skip


def made_rows(count: int, random: Random) -> list[Row]:
    """Rows for so many changes, 50 to an act, an act a second; ids are milliseconds, then ten random bytes."""
    rows: list[Row] = []
    for number in range(count // COLUMNS):
        at = int((NOON + timedelta(seconds=number // ROWS)).timestamp() * 1000)
        title = " ".join(random.choices(WORDS, k=3))
        details = " ".join(random.choices(WORDS, k=6))
        order = f"PO{random.randrange(9999)}"
        rows.append((at.to_bytes(6, "big") + random.randbytes(10), title, details, random.randrange(4), order, "gas"))
    return rows
