"""Shares of a period's price under each day-count rule."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.prorate import days360, prorate, rounded
from fsconsole.values.period import Period, add_months

JANUARY = Period(date(2025, 1, 1), date(2025, 2, 1))
FEBRUARY = Period(date(2025, 2, 1), date(2025, 3, 1))


def tail(whole: Period, day: int) -> Period:
    return Period(whole.start.replace(day=day), whole.end)


def test_300_from_11_january_by_actual_days_is_203_23() -> None:
    assert prorate(30000, tail(JANUARY, 11), JANUARY, months=1) == (20323, "21 of 31 days")


def test_300_from_the_11th_in_30_day_months_is_200_in_january_and_in_february() -> None:
    for whole in (JANUARY, FEBRUARY):
        assert prorate(30000, tail(whole, 11), whole, "thirty", months=1).amount == 20000


def test_300_from_11_february_by_actual_days_is_192_86() -> None:
    assert prorate(30000, tail(FEBRUARY, 11), FEBRUARY, months=1) == (19286, "18 of 28 days")


def test_23_may_to_15_june_is_22_days_when_months_have_thirty() -> None:
    assert days360(date(2025, 5, 23), date(2025, 6, 15)) == 22


def test_a_quarter_in_30_day_months_has_90_days_and_not_30() -> None:
    quarter = Period(date(2025, 1, 1), date(2025, 4, 1))
    share = prorate(90000, Period(date(2025, 3, 1), date(2025, 4, 1)), quarter, "thirty", months=3)
    assert share == (30000, "30 of 90 days in 30-day months")


def test_30_day_months_lose_no_day_where_a_short_month_moved_the_anchor() -> None:
    whole = Period(date(2024, 1, 31), date(2024, 2, 29))
    cut = date(2024, 2, 15)
    for piece in (Period(whole.start, cut), Period(cut, whole.end)):
        assert prorate(30000, piece, whole, "thirty", months=1) == (15000, "15 of 30 days in 30-day months")


def test_months_of_different_years_are_different_months() -> None:
    year = Period(date(2024, 6, 15), date(2025, 6, 15))
    assert prorate(36000, Period(year.start, date(2025, 6, 1)), year, "thirty", months=12).amount == 34600


@pytest.mark.parametrize(("rule", "amount"), [("year365", 9863), ("actual", 9836)])
def test_30_days_of_1200_a_year_in_a_leap_year_depend_on_the_divisor(rule: str, amount: int) -> None:
    year = Period(date(2024, 1, 1), date(2025, 1, 1))
    assert prorate(120000, Period(year.start, date(2024, 1, 31)), year, rule, months=12).amount == amount


def test_stubs_are_measured_over_the_period_they_belong_to() -> None:
    leading = Period(date(2023, 1, 13), date(2023, 2, 13))
    assert prorate(31000, Period(date(2023, 2, 1), date(2023, 2, 13)), leading).amount == 12000
    trailing = Period(date(2023, 7, 17), date(2023, 8, 17))
    assert prorate(31000, Period(date(2023, 7, 17), date(2023, 7, 25)), trailing).amount == 8000
    quarter = Period(date(2023, 1, 12), date(2023, 4, 12))
    assert prorate(10000, Period(date(2023, 1, 12), date(2023, 2, 24)), quarter).words == "43 of 90 days"
    assert prorate(10000, Period(date(2023, 1, 12), date(2023, 2, 24)), quarter).amount == 4778


def test_ten_months_of_1200_a_year_are_1000_in_30_day_months() -> None:
    year = Period(date(2025, 2, 1), date(2026, 2, 1))
    assert prorate(120000, Period(year.start, date(2025, 12, 1)), year, "thirty", months=12).amount == 100000


def test_a_yearly_price_prorates_over_its_own_year() -> None:
    year = Period(date(2025, 4, 1), date(2026, 4, 1))
    april = Period(date(2025, 4, 1), date(2025, 5, 1))
    assert prorate(365000, april, year, months=12) == (30000, "30 of 365 days")


def test_no_proration_bills_a_period_begun_in_full_and_says_so() -> None:
    assert prorate(30000, tail(JANUARY, 31), JANUARY, "none") == (30000, "not prorated")


def test_a_monthly_price_by_365ths_names_the_year_it_is_taken_from() -> None:
    share = prorate(30000, tail(FEBRUARY, 11), FEBRUARY, "year365", months=1)
    assert share == (17753, "18 days at a 365th of £3,600.00 a year")


def test_an_unknown_rule_and_a_part_outside_its_whole_are_named() -> None:
    with pytest.raises(ValueError, match="lunar"):
        prorate(1, JANUARY, JANUARY, "lunar")
    with pytest.raises(ValueError, match="is not a part of"):
        prorate(1, FEBRUARY, JANUARY)


@st.composite
def cut_months(draw: st.DrawFn) -> tuple[Period, Period, Period, int]:
    start = draw(st.dates(date(2019, 1, 1), date(2027, 1, 1)))
    months = draw(st.sampled_from([1, 2, 3, 6, 12]))
    whole = Period(start, add_months(start, months, draw(st.sampled_from([start.day, 31]))))
    cut = draw(st.dates(whole.start, whole.end))
    return whole, Period(whole.start, cut), Period(cut, whole.end), months


@given(cut_months(), st.integers(-(10**9), 10**9), st.sampled_from(["actual", "thirty"]))
def test_two_parts_of_a_period_come_to_the_whole_within_one_unit_of_rounding(
    cut: tuple[Period, Period, Period, int], amount: int, rule: str
) -> None:
    whole, first, second, months = cut
    parts = [prorate(amount, piece, whole, rule, months=months).amount for piece in (first, second)]
    assert abs(sum(parts) - amount) <= 1


@given(cut_months(), st.integers(0, 10**9), st.sampled_from(["actual", "thirty", "year365", "none"]))
def test_a_share_is_between_nothing_and_the_full_price_and_a_credit_mirrors_it(
    cut: tuple[Period, Period, Period, int], amount: int, rule: str
) -> None:
    whole, first, _, months = cut
    share = prorate(amount, first, whole, rule, months=months).amount
    assert 0 <= share <= amount
    assert prorate(-amount, first, whole, rule, months=months).amount == -share


@pytest.mark.parametrize(
    ("rule", "amount", "words"),
    [
        ("actual30", 21000, "21 days at a 30th"),
        ("year360", 21000, "21 days at a 360th of £3,600.00 a year"),
        ("month", 20323, "21 of 31 days of Jan"),
    ],
)
def test_300_from_11_january_by_the_rarer_rules(rule: str, amount: int, words: str) -> None:
    assert prorate(30000, tail(JANUARY, 11), JANUARY, rule, months=1) == (amount, words)


def test_a_year_by_calendar_months_counts_parts_over_their_own_month() -> None:
    year = Period(date(2025, 1, 15), date(2026, 1, 15))
    share = prorate(120000, Period(year.start, date(2025, 4, 11)), year, "month", months=12)
    assert share == (28817, "17 of 31 days of Jan and 10 of 30 days of Apr and 2 months of 12 months")


@pytest.mark.parametrize(
    ("rounds", "amounts"),
    [("half away", [1, 3, -1, -3]), ("half even", [0, 2, 0, -2]), ("up", [1, 3, -1, -3]), ("down", [0, 2, 0, -2])],
)
def test_a_half_is_rounded_as_the_contract_says(rounds: str, amounts: list[int]) -> None:
    assert [rounded(Fraction(value, 2), rounds) for value in (1, 5, -1, -5)] == amounts


def test_a_way_to_round_nobody_knows_is_named() -> None:
    with pytest.raises(ValueError, match="bankers"):
        rounded(Fraction(1, 2), "bankers")
