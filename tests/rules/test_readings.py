"""Counters: roll-over, swaps, estimates and their settlement, readings that are missing."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.readings import Reading, points, uses
from fsconsole.values.period import Period, add_months

F = Fraction
JAN = date(2025, 1, 1)


def months(count: int) -> list[Period]:
    return [Period(add_months(JAN, n), add_months(JAN, n + 1)) for n in range(count)]


def on(month: int, value: int, **more: object) -> Reading:
    return Reading(date(2025, month, 1), F(value), **more)  # type: ignore[arg-type]


def units(readings: list[Reading], count: int, capacity: int | None = None, **rules: object) -> list[int | None]:
    found = uses(points(readings, None if capacity is None else F(capacity)), months(count), **rules)  # type: ignore[arg-type]
    return [None if one.units is None else int(one.units) for one in found]


def test_a_counter_that_rolls_over_keeps_counting() -> None:
    assert units([on(1, 99_850), on(2, 420)], 1, 100_000) == [570]


def test_a_swap_counts_the_old_counter_to_its_end_and_the_new_one_from_its_start() -> None:
    swap = Reading(date(2025, 1, 14), F(46_000), new=F(12))
    assert units([on(1, 45_210), swap, on(2, 1_250)], 1) == [2_028]


def test_a_counter_set_back_twice_in_a_period_is_still_counted() -> None:
    readings = [
        on(1, 100),
        Reading(JAN + timedelta(5), F(150), new=F(0)),
        Reading(JAN + timedelta(9), F(20), new=F(500)),
        on(2, 530),
    ]
    assert units(readings, 1) == [50 + 20 + 30]


@pytest.mark.parametrize("capacity", [None, 100_000])
def test_backwards_without_a_word_is_a_contradiction(capacity: int | None) -> None:
    with pytest.raises(ValueError, match="45,120 on 1 Feb 2025 after 45,210 on 1 Jan 2025"):
        units([on(1, 45_210), on(2, 45_120)], 1, capacity)


def test_a_word_makes_a_long_way_round_a_roll_over() -> None:
    assert units([on(1, 45_210), on(2, 45_120, rolled=True)], 1, 100_000) == [99_910]


def test_two_different_readings_of_a_day_are_a_contradiction_and_two_equal_ones_are_one() -> None:
    with pytest.raises(ValueError, match="5 and 7"):
        units([on(1, 0), on(2, 5), on(2, 7)], 1)
    assert units([on(1, 0), on(2, 5), on(2, 5)], 1) == [5]


def test_a_reading_that_does_not_fit_the_counter_is_said() -> None:
    with pytest.raises(ValueError, match="cannot be read on a counter"):
        units([on(1, 0), on(2, 100_000)], 1, 100_000)


def test_an_estimate_stands_as_billed_and_the_actual_settles_it() -> None:
    assert units([on(1, 0), on(2, 3_000, estimated=True), on(3, 5_200)], 2) == [3_000, 2_200]


def test_an_actual_of_the_same_day_takes_the_place_of_the_estimate() -> None:
    assert units([on(1, 0), on(2, 3_000, estimated=True), on(2, 2_900), on(3, 5_200)], 2) == [2_900, 2_300]


def test_an_estimate_that_was_too_high_is_given_back_and_no_contradiction() -> None:
    assert units([on(1, 0), on(2, 3_000, estimated=True), on(3, 2_500)], 2) == [3_000, -500]


def test_a_missing_reading_is_held_and_not_zero() -> None:
    found = uses(points([on(1, 0), on(2, 100), on(4, 400)]), months(3))
    assert [one.units for one in found] == [100, None, 300]
    assert "held until it is read, which is not zero" in found[1].words
    assert found[2].periods == 2


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("last period", [310, 310, 280]), ("average", [310, 280, 310]), ("zero", [310, 0, 590])],
)
def test_a_missing_reading_is_estimated_by_the_named_rule_and_settled_later(rule: str, expected: list[int]) -> None:
    assert units([on(1, 0), on(2, 310), on(4, 900)], 3, missing=rule) == expected


def test_last_year_s_period_stands_for_a_missing_one() -> None:
    readings = [Reading(add_months(JAN, n), F(n * 100)) for n in range(13)]
    assert units(readings, 13, missing="last year")[12] == 100


def test_so_many_estimates_in_a_row_and_no_more() -> None:
    assert units([on(1, 0), on(2, 310)], 4, missing="last period", at_most=2) == [310, 310, 310, None]


def test_a_reading_a_few_days_late_still_closes_the_period() -> None:
    late = Reading(date(2025, 2, 3), F(100))
    assert units([on(1, 0), late, on(3, 250)], 2, grace=5) == [100, 150]
    assert units([on(1, 0), late], 2) == [None, 100]


def test_by_days_what_was_read_belongs_to_the_days_between() -> None:
    assert units([on(1, 0), on(2, 3_000, estimated=True), on(3, 5_900)], 2, settle="by days") == [3_100, 2_800]


def test_a_counter_nobody_ever_read_is_held() -> None:
    assert units([], 2) == [None, None]
    assert units([on(1, 7)], 1) == [None]


def test_a_rule_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="held, last period, average, last year, zero"):
        units([], 1, missing="guess")
    with pytest.raises(ValueError, match="next period, by days"):
        units([], 1, settle="never")


@st.composite
def histories(draw: st.DrawFn) -> list[Reading]:
    """A counter read on some days, sometimes estimated, sometimes swapped; the last reading actual, at the end."""
    value, found = draw(st.integers(0, 500)), []
    for day in sorted(draw(st.sets(st.integers(0, 180), max_size=10)) | {0, 181}):
        value += draw(st.integers(0, 400))
        kind = draw(st.sampled_from(["read", "read", "estimate", "swap"])) if 0 < day < 181 else "read"
        new = draw(st.integers(0, 50)) if kind == "swap" else None
        guess = value + draw(st.integers(0, 100)) if kind == "estimate" else value
        found.append(Reading(JAN + timedelta(day), F(guess), kind == "estimate", None if new is None else F(new)))
        value = value if new is None else new
    return found


@given(histories(), st.randoms(), st.sampled_from(["held", "last period", "average", "zero"]), st.sampled_from([0, 5]))
def test_whatever_is_estimated_or_missing_all_periods_sum_to_what_was_counted(
    history: list[Reading], chance: Random, missing: str, grace: int
) -> None:
    counted = points(history)[-1].total
    found = uses(points(history), months(6), missing=missing, grace=grace)
    assert sum((one.units for one in found if one.units is not None), F(0)) == counted
    mixed = list(history)
    chance.shuffle(mixed)
    assert uses(points(mixed), months(6), missing=missing, grace=grace) == found


@given(histories())
def test_by_days_all_periods_sum_to_what_was_counted_too(history: list[Reading]) -> None:
    found = uses(points(history), months(6), settle="by days")
    assert sum((one.units for one in found if one.units is not None), F(0)) == points(history)[-1].total
