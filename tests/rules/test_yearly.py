"""What a contract comes to in a year, however often it is billed and however long it has run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fsconsole.rules.draft import contract_charges
from fsconsole.rules.yearly import yearly
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Id

TODAY = date(2026, 3, 3)
CARE = Contract(id=Id(b"care"), client=Id(b"acme"), start=date(2025, 6, 1))
FEE = Term(id=Id(b"fee"), contract=CARE.id, amount=64000, start=date(2025, 6, 1))


def a_year(contract: Contract = CARE, **more: object) -> int:
    term = replace(FEE, **more)  # type: ignore[arg-type]
    return yearly(contract, [term], contract_charges(contract, [term], [], TODAY + timedelta(days=400)), TODAY)


@pytest.mark.parametrize("timing", ["advance", "arrears"])
@pytest.mark.parametrize(
    ("every", "unit", "year"),
    [(1, "month", 12 * 64000), (3, "month", 4 * 64000), (1, "quarter", 4 * 64000), (6, "month", 2 * 64000), (1, "year", 64000)],
)
def test_a_fee_is_counted_for_a_whole_year_though_the_contract_is_younger(
    every: int, unit: str, timing: str, year: int
) -> None:
    assert a_year(every=every, unit=unit, timing=timing) == year


def test_a_contract_that_ends_soon_is_worth_its_last_year_and_one_to_come_its_first() -> None:
    assert a_year(replace(CARE, end=date(2026, 6, 1)), end=date(2026, 6, 1)) == 12 * 64000
    assert a_year(replace(CARE, start=date(2026, 5, 1)), start=date(2026, 5, 1)) == 12 * 64000


def test_a_contract_of_half_a_year_is_worth_all_that_it_is() -> None:
    short = replace(CARE, start=date(2026, 1, 1), end=date(2026, 7, 1))
    assert a_year(short, start=date(2026, 1, 1), end=date(2026, 7, 1)) == 6 * 64000
