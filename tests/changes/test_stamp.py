"""Stamps rise, never throw, and judge others' clocks fairly."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes import stamp

NOW = 1_760_000_000_000
YEAR = 365 * 24 * 3600 * 1000
HOUR = 3600 * 1000


def test_a_stamp_is_its_three_parts() -> None:
    made = stamp.make(NOW, 7, 12)

    assert (stamp.ms_of(made), stamp.counter_of(made), stamp.site_of(made)) == (NOW, 7, 12)
    assert 0 < made <= stamp.MAX_STAMP < 2**63


def test_two_saves_in_one_millisecond_step_the_counter_and_keep_the_site() -> None:
    first = stamp.tick(0, NOW, 3)
    second = stamp.tick(first, NOW, 3)

    assert second - first == 1 << stamp.SITE_BITS
    assert stamp.site_of(second) == 3


def test_a_full_counter_carries_into_the_next_millisecond() -> None:
    full = stamp.make(NOW, 1023, 3)

    assert stamp.tick(full, NOW, 3) == stamp.make(NOW + 1, 0, 3)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, stamp.MAX_SITE),
    st.lists(st.integers(-200 * YEAR, 400 * YEAR), min_size=1, max_size=400),
    st.randoms(use_true_random=False),
)
def test_own_stamps_rise_whatever_the_clock_does(site: int, clocks: list[int], random: Random) -> None:
    last = 0
    for now in clocks:
        if random.random() < 0.3:
            last = stamp.observe(last, random.randrange(stamp.MAX_STAMP), now, site)
        new = stamp.tick(last, now, site)
        assert last < new <= stamp.MAX_STAMP
        assert stamp.site_of(new) == site
        last = new


@pytest.mark.fault(11)
def test_a_hundred_thousand_clock_jumps_give_a_hundred_thousand_rising_stamps() -> None:
    random, last = Random(11), 0
    for _ in range(100_000):
        new = stamp.tick(last, NOW + random.randrange(-10 * YEAR, 10 * YEAR), 9)
        assert new > last
        last = new


def test_an_edit_overtakes_what_the_person_saw_even_if_that_was_stamped_hours_ahead() -> None:
    seen = stamp.make(NOW + 20 * HOUR, 0, 2000)
    last = stamp.observe(stamp.tick(0, NOW, 1), seen, NOW, 1)

    assert stamp.tick(last, NOW, 1) < seen
    assert stamp.tick(last, NOW, 1, over=seen) > seen


@given(st.integers(0, stamp.MAX_STAMP), st.integers(0, stamp.MAX_STAMP), st.integers(0, 1 << 42))
def test_others_push_a_clock_fifteen_minutes_at_most_and_never_back(last: int, remote: int, now: int) -> None:
    after = stamp.observe(last, remote, now, 5)

    assert after >> stamp.SITE_BITS >= last >> stamp.SITE_BITS
    assert stamp.ms_of(after) <= max(stamp.ms_of(last), now + stamp.PUSH_MS)


def test_after_reading_a_stamp_a_little_ahead_the_next_own_stamp_is_greater() -> None:
    remote = stamp.make(NOW + 5 * stamp.MINUTE, 4, 2047)

    assert stamp.tick(stamp.observe(0, remote, NOW, 1), NOW, 1) > remote


def test_a_stamp_more_than_a_day_ahead_is_held() -> None:
    assert stamp.is_held(stamp.make(NOW + stamp.HOLD_MS + 1, 0, 2), NOW)
    assert not stamp.is_held(stamp.make(NOW + stamp.HOLD_MS, 1023, 2), NOW)


def test_a_clock_ten_years_slow_does_not_hold_the_others() -> None:
    slow = NOW - 10 * YEAR
    theirs = stamp.make(NOW, 0, 2)

    assert stamp.is_held(theirs, slow)
    assert not stamp.is_held(theirs, stamp.reckon(slow, stamp.make(NOW - HOUR, 0, 1)))
    assert not stamp.is_held(theirs, stamp.reckon(slow, 0, heard=[NOW - HOUR, NOW - 2 * HOUR]))


def test_one_clock_ten_years_fast_does_not_talk_the_others_into_believing_it() -> None:
    fast = NOW + 10 * YEAR

    assert stamp.reckon(NOW, stamp.make(NOW, 0, 1), heard=[fast]) == NOW
    assert stamp.reckon(NOW, 0, heard=[fast, NOW - HOUR]) == NOW
