"""Half-open ranges of days and instants."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.values.period import Interval, Period, add_months, days_of, month_length

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
periods = st.tuples(days, days).map(lambda pair: Period(min(pair), max(pair)))


def test_the_end_is_the_first_day_that_no_longer_belongs() -> None:
    june = Period(date(2026, 6, 1), date(2026, 7, 1))
    assert date(2026, 6, 30) in june
    assert date(2026, 7, 1) not in june
    assert june.days == 30


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 2, 1), date(2026, 1, 1))


def test_months_are_stepped_from_a_stored_anchor_day() -> None:
    assert add_months(date(2024, 2, 29), 1, 31) == date(2024, 3, 31)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 1, 31), -11, 31) == date(2023, 2, 28)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 4, 1), date(2026, 7, 1), "Apr–Jun 2026"),
        (date(2026, 4, 1), date(2026, 5, 1), "Apr 2026"),
        (date(2025, 11, 1), date(2026, 2, 1), "Nov 2025–Jan 2026"),
        (date(2026, 4, 11), date(2026, 5, 1), "11 Apr – 30 Apr 2026"),
        (date(2026, 4, 11), date(2026, 4, 12), "11 Apr 2026"),
    ],
)
def test_a_period_reads_as_people_say_it(start: date, end: date, words: str) -> None:
    assert str(Period(start, end)) == words


@given(periods, periods)
def test_an_overlap_is_what_both_have(one: Period, other: Period) -> None:
    common = one.overlap(other)
    assert common == other.overlap(one)
    if common is None:
        assert one.end <= other.start or other.end <= one.start or not one.days or not other.days
    else:
        assert common.start in one
        assert common.start in other


@given(days, st.integers(-600, 600), st.integers(0, 31))
def test_a_step_of_months_lands_on_the_anchor_or_the_last_day(day: date, months: int, anchor: int) -> None:
    landed = add_months(day, months, anchor)
    assert (landed.year * 12 + landed.month) - (day.year * 12 + day.month) == months
    assert landed.day == min(anchor or day.day, month_length(landed.year, landed.month))


@given(st.tuples(days, st.integers(0, 400)))
def test_the_days_of_a_period_are_as_many_as_it_counts(made: tuple[date, int]) -> None:
    period = Period(made[0], date.fromordinal(made[0].toordinal() + made[1]))
    assert len(list(days_of(period))) == period.days


def test_intervals_overlap_by_their_common_instants() -> None:
    ten, eleven, noon = (datetime(2026, 4, 1, hour, tzinfo=UTC) for hour in (10, 11, 12))
    assert Interval(ten, noon).overlap(Interval(eleven, noon)) == Interval(eleven, noon)
    assert Interval(ten, eleven).overlap(Interval(eleven, noon)) is None
    assert Interval(ten, eleven).seconds == 3600
