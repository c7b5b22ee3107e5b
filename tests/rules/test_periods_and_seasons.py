"""Seasons, trials, units counted at once and day counts, whatever the days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.daycount import counted, thirty
from fsconsole.rules.held import Held, counting_whole
from fsconsole.rules.life import slices
from fsconsole.rules.prices import kept
from fsconsole.rules.prorate import Counting, share_of
from fsconsole.rules.renewal import cancel_by, ending, noticed_end
from fsconsole.values.agreement import Agreement
from fsconsole.values.conventions import COUNTED_AS, RULES, THIRTIES, WAYS
from fsconsole.values.period import Period, add_months, days_of
from fsconsole.values.terms import Contract, Escalator, IndexValue, Revision, Term
from fsconsole.values.work import Id

DAYS = st.dates(date(2019, 1, 1), date(2031, 12, 31))
CONTRACT = Contract(id=Id(b"c"))


@given(DAYS, st.sets(st.integers(1, 12), min_size=1), st.sampled_from(["month", "week"]), st.integers(1, 31))
def test_days_out_of_season_are_never_billed_and_days_of_it_once(start: date, season: set[int], unit: str, anchor: int) -> None:
    end = start + timedelta(days=800)
    day_of = anchor if unit == "month" else 0
    term = Term(id=Id(b"t"), unit=unit, anchor_day=day_of, start=start, end=end, details={"season": sorted(season)})
    seen = [day for piece in slices(term, Agreement(contract=CONTRACT), end) for day in days_of(piece.period)]
    assert seen == [day for day in days_of(Period(start, end)) if day.month in season]


@given(DAYS, st.integers(1, 400), st.sampled_from(["end", "start"]))
def test_a_trial_is_free_to_its_last_day_and_not_a_day_longer(start: date, days: int, anchor: str) -> None:
    end = start + timedelta(days=500)
    term = Term(id=Id(b"t"), start=start, end=end, details={"trial": [days, "day"], "trial_anchor": anchor})
    pieces = slices(term, Agreement(contract=CONTRACT), end)
    assert pieces[0].period.start == start + timedelta(days=days)
    assert pieces[-1].period.end == end


@given(DAYS, st.integers(0, 2000), st.sampled_from([way for way in WAYS if way != "1/1"]))
def test_days_counted_in_two_parts_are_about_the_days_of_both(start: date, days: int, way: str) -> None:
    end, middle = start + timedelta(days=days), start + timedelta(days=days // 2)
    whole = counted(start, end, way)[0]
    parts = counted(start, middle, way)[0] + counted(middle, end, way)[0]
    # Ways with months of 30 days may differ by what February and the 31st are worth at the cut, and by no more.
    assert abs(whole - parts) <= (4 if way in THIRTIES else 0)


@given(DAYS, st.integers(0, 60), st.sampled_from(THIRTIES))
def test_from_a_day_to_its_own_day_months_later_there_are_thirty_a_month(start: date, months: int, way: str) -> None:
    start = start.replace(day=min(start.day, 27))
    assert thirty(start, add_months(start, months), way) == 30 * months


def test_a_way_nobody_knows_and_days_turned_round_are_refused() -> None:
    with pytest.raises(ValueError, match="not a way to count days"):
        counted(date(2025, 1, 1), date(2025, 2, 1), "lunar")
    with pytest.raises(ValueError, match="not a way to count 30-day months"):
        thirty(date(2025, 1, 1), date(2025, 2, 1), "lunar")
    with pytest.raises(ValueError, match="ends .* before it starts"):
        counted(date(2025, 2, 1), date(2025, 1, 1), "actual/365")


@given(DAYS, st.integers(1, 30), st.integers(1, 12), st.sampled_from(RULES), st.booleans())
def test_no_way_to_prorate_charges_less_than_nothing_or_more_than_all(
    start: date, days: int, months: int, rule: str, later: bool
) -> None:
    whole = Period(start, add_months(start, months))
    cut = min(whole.start + timedelta(days=days), whole.end)
    part = Period(cut, whole.end) if later else Period(whole.start, cut)
    share, _ = share_of(part, whole, rule, months=months, counting=Counting())
    assert 0 <= share <= 1


@given(st.lists(st.tuples(DAYS, st.integers(1, 60)), max_size=6), DAYS)
def test_units_counted_at_once_are_never_more_than_those_there_on_any_day(spans: list[tuple[date, int]], start: date) -> None:
    period = Period(start, add_months(start, 1))
    held: dict[Id, Held] = {
        Id(b"%d" % number): ((Period(first, first + timedelta(days=days)), None),) for number, (first, days) in enumerate(spans)
    }
    any_day = set(counting_whole(held, period, "any day"))
    most = len(counting_whole(held, period, "most"))
    for how in COUNTED_AS[1:]:
        found = counting_whole(held, period, how)
        assert set(found) <= any_day
        assert all(one == ((period, None),) for one in found.values())
    assert most == max(sum(day in span for ((span, _),) in held.values()) for day in days_of(period))


@given(
    DAYS,
    st.tuples(st.integers(0, 12), st.just(0)) | st.tuples(st.just(0), st.integers(0, 90)),
    st.sampled_from(["any day", "month", "quarter", "half-year", "year"]),
    st.sampled_from(["counts", "does not count"]),
)
def test_notice_of_a_contract_without_end_is_never_short_and_ends_it_where_agreed(
    day: date, length: tuple[int, int], to: str, counts: str
) -> None:
    months, days = length
    contract = Contract(id=Id(b"c"), notice_months=months, notice_days=days, details={"notice_to": to, "notice_day": counts})
    end = noticed_end(day, contract)
    assert cancel_by(end, contract) >= day
    if to == "any day":
        assert cancel_by(end - timedelta(days=1), contract) < day
    if to != "any day":
        assert end.day == 1
    revision = Revision(id=Id(b"r"), what="notice", start=day)
    assert ending(Agreement(contract=contract, revisions=(revision,)), end).end == end
    assert ending(Agreement(contract=contract), end).end is None


def test_share_of_working_days_needs_one() -> None:
    weekend = Period(date(2025, 1, 4), date(2025, 1, 6))
    with pytest.raises(ValueError, match="no working day"):
        share_of(Period(weekend.start, date(2025, 1, 5)), weekend, "working days")
    week = Period(date(2025, 1, 6), date(2025, 1, 13))
    assert share_of(Period(week.start, date(2025, 1, 8)), week, "working days")[0] == Fraction(2, 5)


def test_of_several_indexes_the_one_that_is_not_published_is_asked_for() -> None:
    rise = Escalator(
        id=Id(b"e"), start=date(2025, 1, 1), parts=(("wages", Decimal(55), Decimal(112)), ("materials", Decimal(30), Decimal(125)))
    )
    known = Agreement(
        contract=CONTRACT, escalators=(rise,), indexes=(IndexValue(name="wages", month=date(2025, 1, 1), value=Decimal("118.5")),)
    )
    term = Term(id=Id(b"t"), amount=480000, unit="year", start=date(2024, 1, 1), end=date(2026, 1, 1))
    (one,) = kept(term, known, date(2025, 6, 1))
    assert (one.index, one.month) == ("materials", date(2025, 1, 1))
    assert "the index materials for Jan 2025 is not known" in one.why
