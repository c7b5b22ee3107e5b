"""Days of one year, and days of every year, are read alike however they are written."""

from __future__ import annotations

from datetime import date

import pytest

from fsconsole.values.holidays import closed_days, every_year


@pytest.mark.parametrize("text", ["25 Dec", "25 December", "Dec 25", "december 25", "12-25", "--12-25", "25. dec."])
def test_a_day_of_every_year_is_read_however_it_is_written(text: str) -> None:
    assert every_year(text) == "12-25"


@pytest.mark.parametrize("text", ["25 Foo", "31 Feb", "13-01", "Christmas", "2025-12-25", ""])
def test_what_is_no_day_of_a_year_is_none(text: str) -> None:
    assert every_year(text) is None


def test_a_day_of_every_year_is_closed_in_each_and_the_29th_of_february_in_leap_years() -> None:
    closed = closed_days([date(2025, 4, 18), "2025-04-21", "12-25", "29 Feb"])
    assert {date(2025, 4, 18), date(2025, 4, 21), date(2015, 12, 25), date(2031, 12, 25), date(2028, 2, 29)} <= closed
    assert date(2026, 4, 18) not in closed
    assert date(2027, 2, 28) not in closed
