"""The sections of a price file that ask something of papers, and the function that answers each.

It stands apart so that priced.py learns of all of them in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fsconsole.rules.allocate import allocate_rows
from fsconsole.rules.asked import day_rows, period_rows, rounding_rows, share_rows, unit_rows
from fsconsole.rules.clock import deadline_rows
from fsconsole.rules.credited import credit_rows
from fsconsole.rules.due_dates import due_rows
from fsconsole.rules.interest import interest_rows
from fsconsole.rules.order import order_rows
from fsconsole.rules.shares import split_rows
from fsconsole.rules.taxed import tax_rows
from fsconsole.values.agreement import Agreement, Row

ANSWERS: dict[str, Callable[[tuple[Row, ...], Agreement], list[Mapping[str, Any]]]] = {
    "tax": lambda rows, agreement: [*tax_rows(rows, agreement)],
    "credit": lambda rows, agreement: [*credit_rows(rows, agreement)],
    "split": lambda rows, agreement: [*split_rows(rows, agreement)],
    "due": lambda rows, agreement: [*due_rows(rows, agreement)],
    "deadline": lambda rows, agreement: [*deadline_rows(rows, agreement)],
    "allocate": lambda rows, agreement: [*allocate_rows(rows, agreement)],
    "interest": lambda rows, agreement: [*interest_rows(rows, agreement)],
    "order": lambda rows, agreement: [*order_rows(rows, agreement)],
    "periods": lambda rows, agreement: [*period_rows(rows, agreement)],
    "days": lambda rows, agreement: [*day_rows(rows, agreement)],
    "share": lambda rows, agreement: [*share_rows(rows, agreement)],
    "units": lambda rows, agreement: [*unit_rows(rows, agreement)],
    "rounding": lambda rows, agreement: [*rounding_rows(rows, agreement)],
}
