"""What a price file expects, against what came: alike, or said where it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from fsconsole.rules.expected import mismatches

GOT = {
    "net": 60323,
    "charges": [
        {"start": "2025-01-11", "amount": 20323, "quantity": "3", "reason": "fee: 21 of 31 days of £300.00 = £203.23", "void": False},
        {"start": "2025-02-01", "amount": 40000, "quantity": "2.5", "reason": "fee: £400.00", "void": False},
    ],
    "problems": [],
    "at": "2024-03-11T14:00:00+00:00",
    "minutes": 75,
}


@pytest.mark.parametrize(
    "expected",
    [
        {"net": Decimal("603.23")},
        {"charges": [Decimal("203.23"), Decimal("400.00")]},
        {"charges": [date(2025, 1, 11), {"start": date(2025, 2, 1)}]},
        {"charges": ["fee: 21 of 31 days…", {"quantity": Decimal("2.5"), "void": False}]},
        {"charges": [{"quantity": 3}, {}]},
        {"problems": []},
        {"at": datetime(2024, 3, 11, 14, tzinfo=UTC), "minutes": 75},
    ],
)
def test_what_is_alike_says_nothing(expected: dict[str, Any]) -> None:
    assert mismatches(expected, GOT) == []


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({"net": Decimal("603.24")}, "net: expected 603.24, got 603.23"),
        ({"net": 603}, "net: expected 603, got 60323"),
        ({"charges": []}, "charges: expected 0, got 2: 2025-01-11 203.23, 2025-02-01 400.00"),
        ({"charges": [{"amount": Decimal("1.00")}, {}]}, "charges 1.amount: expected 1.00, got 203.23"),
        ({"charges": [{"reason": "…22 of…"}, {}]}, "charges 1.reason: expected “…22 of…”, got “fee: 21 of 31 days of £300.00 = £203.23”"),
        ({"charges": [{"void": True}, {}]}, "charges 1.void: expected True, got False"),
        ({"gros": Decimal("1.00")}, "gros: there is no such thing; there are net, charges, problems, at, minutes"),
        ({"minutes": 76}, "minutes: expected 76, got 75"),
        ({"problems": ["x"]}, "problems: expected 1, got 0: nothing"),
    ],
)
def test_what_is_not_alike_is_said_with_its_place(expected: dict[str, Any], says: str) -> None:
    assert mismatches(expected, GOT) == [says]


def test_an_amount_is_read_in_the_currency_s_own_units() -> None:
    assert mismatches({"net": Decimal("1.234")}, {"net": 1234}, "KWD") == []
    assert mismatches({"net": Decimal("1.23")}, {"net": 1234}, "KWD") != []
