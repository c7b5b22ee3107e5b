"""Billing periods: anchors, month ends, stubs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.periods import periods
from fsconsole.values.period import Period
from fsconsole.values.terms import Contract, Term
from fsconsole.values.work import Id

FAR = date(2031, 1, 1)
DEAL = Contract(id=Id(b"c" * 16))


def term(start: date, end: date | None = None, *, every: int = 1, unit: str = "month", anchor: int = 0,
         month_end: str = "anchor") -> Term:  # fmt: skip
    return Term(
        id=Id(b"t" * 16), start=start, end=end, every=every, unit=unit, anchor_day=anchor, month_end=month_end
    )


def starts(found: Term, count: int) -> list[str]:
    return [piece.period.start.isoformat() for piece in periods(found, DEAL, FAR)[:count]]


def test_an_anchor_on_the_31st_is_applied_anew_in_every_month() -> None:
    assert starts(term(date(2024, 1, 31)), 4) == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    assert starts(term(date(2025, 1, 31)), 13)[-1] == "2026-01-31"


def test_the_two_month_end_conventions_end_the_first_period_on_the_27th_or_the_30th_of_march() -> None:
    kept_day = periods(term(date(2023, 2, 28)), DEAL, FAR)[0].period
    kept_distance = periods(term(date(2023, 2, 28), month_end="end"), DEAL, FAR)[0].period
    assert kept_day == Period(date(2023, 2, 28), date(2023, 3, 28))
    assert kept_distance == Period(date(2023, 2, 28), date(2023, 3, 31))


def test_the_distance_to_the_month_end_is_kept_up_to_two_days_and_no_further() -> None:
    assert starts(term(date(2023, 1, 29), month_end="end"), 3) == ["2023-01-29", "2023-02-26", "2023-03-29"]
    assert starts(term(date(2023, 1, 28), month_end="end"), 3) == ["2023-01-28", "2023-02-28", "2023-03-28"]


@pytest.mark.parametrize("month_end", ["anchor", "end"])
def test_a_year_from_29_february_ends_on_27_february_in_both_conventions(month_end: str) -> None:
    first = periods(term(date(2024, 2, 29), unit="year", month_end=month_end), DEAL, FAR)[0]
    assert first.period == Period(date(2024, 2, 29), date(2025, 2, 28))


def test_a_year_from_28_february_that_keeps_the_month_end_ends_on_28_february_of_the_leap_year() -> None:
    first = periods(term(date(2023, 2, 28), unit="year", month_end="end"), DEAL, FAR)[0]
    assert first.period == Period(date(2023, 2, 28), date(2024, 2, 29))


def test_an_anchor_that_is_still_to_come_leaves_out_no_day_where_short_months_move_all_that_follow() -> None:
    sliding = replace(term(date(2024, 1, 31)), month_end="slide", anchor_on=date(2025, 7, 1))
    found = periods(sliding, Contract(id=Id(b"c")), date(2025, 8, 1))
    assert found[0].period == Period(date(2024, 1, 31), date(2024, 2, 1))
    assert len(found) == 20
    assert all(one.period.end == two.period.start for one, two in pairwise(found))


def test_a_leading_stub_is_part_of_the_period_that_ends_at_the_anchor() -> None:
    stub = periods(term(date(2023, 2, 1), anchor=13), DEAL, FAR)[0]
    assert (stub.period.days, stub.whole.days) == (12, 31)
    assert stub.whole == Period(date(2023, 1, 13), date(2023, 2, 13))


def test_a_trailing_stub_is_part_of_the_period_that_starts_at_the_anchor() -> None:
    stub = periods(term(date(2023, 6, 17), date(2023, 7, 25)), DEAL, FAR)[-1]
    assert (stub.period.days, stub.whole.days) == (8, 31)
    assert stub.whole == Period(date(2023, 7, 17), date(2023, 8, 17))


def test_a_quarter_started_on_8_october_at_anchor_1_is_85_of_92_days() -> None:
    stub = periods(term(date(2024, 10, 8), every=3, anchor=1), DEAL, FAR)[0]
    assert (stub.period.days, stub.whole.days) == (85, 92)
    assert stub.period.end == date(2025, 1, 1)


def test_a_year_started_on_15_april_at_anchor_1_is_351_of_365_days() -> None:
    stub = periods(term(date(2024, 4, 15), unit="year", anchor=1), DEAL, FAR)[0]
    assert (stub.period.days, stub.whole.days) == (351, 365)


def test_a_start_before_the_anchor_gives_a_nine_day_stub_and_then_full_months() -> None:
    first, second = periods(term(date(2025, 1, 1), anchor=10), DEAL, FAR)[:2]
    assert (first.period.days, first.period.end) == (9, date(2025, 1, 10))
    assert second.period == Period(date(2025, 1, 10), date(2025, 2, 10))


def test_weeks_are_anchored_to_a_weekday() -> None:
    wednesday = date(2026, 4, 1)
    first, second = periods(term(wednesday, every=2, unit="week", anchor=1), DEAL, FAR)[:2]
    assert first.period == Period(wednesday, date(2026, 4, 6))
    assert second.period == Period(date(2026, 4, 6), date(2026, 4, 20))


def test_the_contract_bounds_its_terms() -> None:
    deal = Contract(id=Id(b"c" * 16), start=date(2026, 1, 15), end=date(2026, 3, 1))
    found = [piece.period for piece in periods(term(date(2026, 1, 1)), deal, FAR)]
    assert found == [Period(date(2026, 1, 15), date(2026, 2, 1)), Period(date(2026, 2, 1), date(2026, 3, 1))]


def test_nothing_starts_after_the_horizon_and_the_last_period_is_whole() -> None:
    found = periods(term(date(2026, 1, 1), every=3), DEAL, date(2026, 4, 1))
    assert [piece.period.start for piece in found] == [date(2026, 1, 1), date(2026, 4, 1)]
    assert found[-1].full


def test_a_term_that_ends_before_it_starts_or_never_starts_has_no_periods() -> None:
    assert periods(term(date(2026, 2, 1), date(2026, 1, 1)), DEAL, FAR) == []
    assert periods(Term(id=Id(b"t" * 16)), DEAL, FAR) == []


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        periods(term(date(2026, 1, 1), unit="fortnight"), DEAL, FAR)


days = st.dates(date(2019, 1, 1), date(2027, 12, 31))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    start, length = draw(days), draw(st.integers(1, 900))
    unit = draw(st.sampled_from(["week", "month", "quarter", "year"]))
    anchor = draw(st.integers(0, 7 if unit == "week" else 31))
    every, month_end = draw(st.integers(1, 6)), draw(st.sampled_from(["anchor", "end"]))
    end = date.fromordinal(start.toordinal() + length)
    return term(start, end, every=every, unit=unit, anchor=anchor, month_end=month_end)


@given(terms())
def test_periods_tile_a_term_without_gap_or_overlap(found: Term) -> None:
    pieces = periods(found, DEAL, FAR)
    assert pieces[0].period.start == found.start
    assert pieces[-1].period.end == found.end
    for before, after in pairwise(pieces):
        assert before.period.end == after.period.start
        assert before.whole.end == after.whole.start
    for piece in pieces:
        assert piece.period.days > 0
        assert piece.period.overlap(piece.whole) == piece.period


@given(terms(), st.integers(0, 900))
def test_cutting_a_term_in_two_at_any_day_keeps_its_anchors(found: Term, after: int) -> None:
    assert found.start is not None
    assert found.end is not None
    cut = date.fromordinal(min(found.start.toordinal() + after, found.end.toordinal()))
    whole = {piece.period.start for piece in periods(found, DEAL, FAR)}
    first = Contract(id=DEAL.id, end=cut)
    second = Contract(id=DEAL.id, start=cut)
    cut_up = [*periods(found, first, FAR), *periods(found, second, FAR)]
    assert {piece.period.start for piece in cut_up} - {cut} == whole - {cut}
    assert sum(piece.period.days for piece in cut_up) == (found.end - found.start).days
