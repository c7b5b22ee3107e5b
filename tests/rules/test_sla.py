"""When promises fall due: the cases are those known to go wrong elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fsconsole.rules.policy import InForce, hours
from fsconsole.rules.sla import Pause, deadline, elapsed, next_promise, pauses_of, targets
from fsconsole.values.period import Interval
from fsconsole.values.terms import Calendar, Contract
from fsconsole.values.work import Column

from .build import JOB, at, folded, id_of

OFFICE = Calendar("Europe/London", hours("Mon-Fri 09:00-17:00"))
NIGHT = Calendar("Europe/London", hours("Mon-Fri 22:00-06:00"))
ALWAYS = Calendar("Europe/London", hours("Mon-Sun 00:00-24:00"))
NEW_YORK = Calendar("America/New_York", hours("Mon-Fri 09:00-17:00"))
CONTRACT = Contract(id=id_of("care"), respond_minutes=240, restore_minutes=480)


def test_two_working_hours_over_the_weekend_of_a_clock_change_end_at_ten_by_the_new_clock() -> None:
    start = at("2024-03-08 16:00", "America/New_York")
    assert deadline(start, 120, NEW_YORK) == datetime(2024, 3, 11, 14, tzinfo=UTC)


def test_a_hold_over_the_weekend_moves_a_deadline_by_its_working_hour_only() -> None:
    # Due on Monday at 10:00; held from Friday 16:00 to Monday 09:00, of which one hour was worked.
    start = at("Fri 15:00")
    assert deadline(start, 180, OFFICE) == at("2026-03-09 10:00")
    held = [Interval(at("Fri 16:00"), at("2026-03-09 09:00"))]
    assert deadline(start, 180, OFFICE, held) == at("2026-03-09 11:00")


def test_a_hold_over_night_moves_nothing() -> None:
    start = at("Mon 12:00")
    assert deadline(start, 480, OFFICE) == at("Tue 12:00")
    assert deadline(start, 480, OFFICE, [Interval(at("Mon 17:00"), at("Tue 09:00"))]) == at("Tue 12:00")


def test_a_hold_before_opening_moves_nothing() -> None:
    held = [Interval(at("Mon 04:15"), at("Mon 05:00"))]
    assert deadline(at("Mon 04:00"), 420, OFFICE, held) == at("Mon 16:00")


def test_a_holiday_is_skipped() -> None:
    closed = Calendar("Europe/London", hours("Mon-Fri 10:00-18:00"), frozenset({date(2026, 3, 3)}))
    job = replace(JOB, reported_at=at("Mon 20:00"))
    contract = replace(CONTRACT, respond_minutes=240, restore_minutes=360)
    assert targets(job, contract, closed) == (at("Wed 14:00"), at("Wed 16:00"))


def test_a_deadline_that_falls_on_closing_time_is_not_carried_to_the_morning() -> None:
    assert deadline(at("Mon 16:00"), 60, OFFICE) == at("Mon 17:00")


def test_a_night_shift_is_worked_over_midnight_and_to_its_end_on_a_holiday() -> None:
    assert deadline(at("Mon 23:00"), 120, NIGHT) == at("Tue 01:00")
    assert deadline(at("Tue 02:00"), 60, NIGHT) == at("Tue 03:00")
    assert deadline(at("Mon 12:00"), 8 * 60 + 30, NIGHT) == at("Tue 22:30")
    holiday = replace(NIGHT, closed=frozenset({date(2026, 3, 3)}))
    assert deadline(at("Mon 23:00"), 7 * 60 + 30, holiday) == at("Wed 22:30")


def test_round_the_clock_a_day_with_a_clock_change_has_its_own_hours() -> None:
    assert elapsed(at("2026-03-29 00:00"), at("2026-03-30 00:00"), ALWAYS) == 23 * 60
    assert elapsed(at("2026-10-25 00:00"), at("2026-10-26 00:00"), ALWAYS) == 25 * 60
    assert deadline(at("Sat 12:00"), 90, ALWAYS) == at("Sat 13:30")


def test_pauses_that_overlap_are_counted_once_and_minutes_are_rounded_once() -> None:
    held = [Interval(at("Mon 10:00"), at("Mon 11:00")), Interval(at("Mon 10:30"), at("Mon 11:30"))]
    assert elapsed(at("Mon 09:00"), at("Mon 12:00"), OFFICE, held) == 90
    second = timedelta(seconds=40)
    held = [Interval(at("Mon 10:00"), at("Mon 10:00") + second), Interval(at("Mon 11:00"), at("Mon 11:00") + second)]
    assert elapsed(at("Mon 09:00"), at("Mon 12:00"), OFFICE, held) == 178


def test_a_calendar_that_never_opens_is_said_and_not_walked_for_ever() -> None:
    with pytest.raises(ValueError, match="the working calendar is closed"):
        deadline(at("Mon 09:00"), 1, Calendar("Europe/London", {}))


CALENDARS = st.sampled_from([OFFICE, NIGHT, ALWAYS, NEW_YORK])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


@st.composite
def holds(draw: st.DrawFn) -> tuple[datetime, list[Interval]]:
    start = draw(MOMENTS)
    spans = draw(st.lists(st.tuples(st.integers(-2000, 9000), st.integers(0, 5000)), max_size=4))
    return start, [
        Interval(start + timedelta(minutes=begin), start + timedelta(minutes=begin + length)) for begin, length in spans
    ]


@given(holds(), st.integers(0, 6000), CALENDARS)
def test_adding_working_minutes_then_measuring_them_gives_the_minutes_back(
    held: tuple[datetime, list[Interval]], minutes: int, calendar: Calendar
) -> None:
    start, pauses = held
    assert elapsed(start, deadline(start, minutes, calendar, pauses), calendar, pauses) == minutes


@given(holds(), st.integers(1, 3000), CALENDARS)
def test_a_pause_never_brings_a_deadline_forward_and_one_outside_open_hours_never_moves_it(
    held: tuple[datetime, list[Interval]], minutes: int, calendar: Calendar
) -> None:
    start, pauses = held
    plain = deadline(start, minutes, calendar)
    assert deadline(start, minutes, calendar, pauses) >= plain
    assume(all(elapsed(pause.start, pause.end, calendar) == 0 for pause in pauses))
    assert deadline(start, minutes, calendar, pauses) == plain


def test_nothing_is_promised_without_a_contract() -> None:
    assert targets(JOB, None, OFFICE) == (None, None)
    assert targets(JOB, Contract(id=id_of("bare")), OFFICE) == (None, None)


def test_a_pause_that_lasts_stops_the_clock_unless_the_target_had_passed() -> None:
    lasting = [Pause(at("Mon 12:00"), None, "no access")]
    assert targets(JOB, replace(CONTRACT, respond_minutes=60), OFFICE, lasting) == (at("Mon 10:00"), None)
    over = [Pause(at("Mon 12:00"), at("Mon 14:00"), "no access")]
    assert targets(JOB, CONTRACT, OFFICE, over) == (at("Mon 15:00"), at("Tue 11:00"))


def test_pauses_follow_the_policy_and_no_access_lasts_until_the_next_release() -> None:
    locked_out = folded("Mon 08:30 release", "Mon 09:20 no access", name="one")
    waiting = folded("Tue 08:30 release", "Tue 09:00 arrive", "Tue 10:00 wait", "Wed 09:00 parts in", name="two", number=2)
    both = InForce(pause_parts=True, pause_no_access=True)
    assert pauses_of([locked_out], both) == (Pause(at("Mon 09:20"), None, "no access"),)
    assert pauses_of([locked_out, waiting], both) == (
        Pause(at("Mon 09:20"), at("Tue 08:30"), "no access"),
        Pause(at("Tue 10:00"), at("Wed 09:00"), "waiting for parts"),
    )
    assert pauses_of([locked_out, waiting], InForce(pause_parts=False, pause_no_access=False)) == ()


RESPOND, RESTORE = at("Mon 12:00"), at("Tue 12:00")


def test_arrival_ends_the_respond_promise_and_completion_the_restore_promise() -> None:
    assert next_promise(JOB, Column.LOGGED, [], RESPOND, RESTORE) == (RESPOND, "respond")
    here = folded("Mon 08:30 release", "Mon 09:20 arrive")
    assert next_promise(JOB, Column.ON_SITE, [here], RESPOND, RESTORE) == (RESTORE, "restore")
    done = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 complete")
    assert next_promise(JOB, Column.COMPLETE, [done], RESPOND, RESTORE) == (None, "")


def test_an_agreed_window_counts_until_someone_comes_for_it() -> None:
    agreed = replace(JOB, promised_from=at("Mon 14:00"), promised_until=at("Mon 16:00"))
    assert next_promise(agreed, Column.LOGGED, [], None, RESTORE) == (at("Mon 16:00"), "window")
    early = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 return", name="one")
    assert next_promise(agreed, Column.PARKED, [early], None, None) == (at("Mon 16:00"), "window")
    here = folded("Mon 13:30 release", "Mon 14:20 arrive", name="two", number=2)
    assert next_promise(agreed, Column.ON_SITE, [early, here], None, None) == (None, "")


def test_parts_and_parked_jobs_are_promised_for_the_start_of_their_local_day() -> None:
    waiting = folded("Mon 08:30 release", "Mon 09:20 arrive", "Mon 10:00 wait", eta=date(2026, 7, 6))
    due = next_promise(JOB, Column.WAITING_PARTS, [waiting], None, None, "Europe/London")
    assert due == (at("2026-07-06 00:00"), "parts")
    parked = replace(JOB, parked_until=date(2026, 3, 6))
    assert next_promise(parked, Column.PARKED, [], None, None, "Europe/London") == (at("Fri 00:00"), "wake")
    assert next_promise(parked, Column.PARKED, [], RESPOND, None, "Europe/London") == (RESPOND, "respond")
