"""What trails say, in plain distances: a degree of latitude is 111.2 km, so 9 units of 10^-4 degrees are about 100 m."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.rules import trail
from fsconsole.rules.trail_codec import decode_fixes, encode_fixes
from fsconsole.values.work import Fix, Id

NOON = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)
LAT, LON = 515_000_000, -1_000_000
UNIT3 = (Id(b"unit-three-000-3"), LAT, LON)


def north(metres: float, minute: float, accuracy: int | None = 8, note: str = "") -> Fix:
    """A fix so many metres north of Unit 3, so many minutes after noon."""
    return Fix(NOON + timedelta(minutes=minute), LAT + round(metres / trail.METRES), LON, accuracy, note)


def test_one_degree_of_latitude_is_a_hundred_and_eleven_kilometres():
    assert trail.haversine(0, 0, 10_000_000, 0) == pytest.approx(111_195, abs=1)
    assert trail.haversine(LAT, LON, LAT, LON) == 0
    assert trail.haversine(0, 1_799_999_999, 0, -1_799_999_999) == pytest.approx(0.02, abs=0.01)


def test_london_to_paris_is_three_hundred_and_forty_four_kilometres():
    assert trail.haversine(515_074_000, -1_278_000, 488_566_000, 23_522_000) == pytest.approx(343_600, abs=500)


def test_what_cannot_be_true_is_dropped_and_counted_by_reason():
    fixes = [
        north(0, 0), north(5, 0), north(5, 1), north(5, 2, accuracy=400), Fix(NOON + timedelta(minutes=3), 0, 0),
        north(20_000, 4), north(10, 5), north(0, 200),
    ]  # fmt: skip
    kept = trail.keep(fixes, NOON + timedelta(minutes=60))
    assert [fix.at.minute for fix in kept.fixes] == [0, 1, 5]
    assert kept.dropped == {
        "twice": 1, "less accurate than 100 m": 1, "at 0/0": 1, "too fast to be true": 1, "in the future": 1,
    }  # fmt: skip
    assert kept.last_heard == NOON + timedelta(minutes=5)
    assert str(kept).startswith("3 of 8 fixes (")


def test_a_device_whose_clock_runs_five_minutes_ahead_is_still_believed():
    assert len(trail.keep([north(0, 5)], NOON).fixes) == 1


def test_fixes_come_out_in_order_of_time():
    assert [f.at.minute for f in trail.keep([north(0, 9), north(0, 3)], NOON).fixes] == [3, 9]


def test_a_first_fix_that_was_wrong_does_not_cost_the_rest_of_the_day():
    kept = trail.keep([north(90_000, 0), *(north(10 * i, i) for i in range(1, 30))], NOON + timedelta(hours=1))
    assert len(kept.fixes) == 29
    assert kept.dropped == {"too fast to be true": 1}


def test_scattered_outliers_do_not_become_a_new_truth():
    fixes = [north(0, 0), north(0, 1), north(50_000, 2), north(-80_000, 3), north(120_000, 4), north(0, 5), north(0, 6)]
    kept = trail.keep(fixes, NOON + timedelta(hours=1))
    assert [fix.at.minute for fix in kept.fixes] == [0, 1, 5, 6]


def test_arriving_and_leaving_make_one_stay():
    coming = [north(2_000 - 400 * i, i) for i in range(5)]
    fixes = [*coming, *(north(20, i) for i in range(5, 45)), north(400, 45), north(900, 46)]
    (stay,) = trail.stays(fixes, [UNIT3])
    assert stay.location == UNIT3[0]
    assert (stay.start.minute, stay.end.minute) == (5, 44)
    assert stay.minutes == 39
    assert trail.haversine(stay.lat, stay.lon, LAT, LON) == pytest.approx(20, abs=1)


def test_walking_about_between_100_and_180_metres_does_not_end_a_stay():
    metres = [500, 10, 10, 150, 170, 160, 10, 600, 900]
    fixes = [north(far, minute) for minute, far in enumerate(metres)]
    (stay,) = trail.stays(fixes, [UNIT3])
    assert (stay.start.minute, stay.end.minute) == (1, 6)


def test_driving_past_within_a_hundred_metres_once_is_no_stay():
    assert trail.stays([north(900, 0), north(60, 1), north(-900, 2), north(-1800, 3)], [UNIT3]) == []


def test_one_stray_fix_neither_ends_a_stay_nor_makes_one():
    away = [north(5_000, i) for i in range(5)]
    there = [north(15, i) for i in range(5, 30)]
    there[10] = north(260, 15)
    (stay,) = trail.stays([*away, *there], [UNIT3])
    assert stay.fixes == 25


def test_a_stay_ends_with_the_last_fix_seen_there_however_long_the_silence_after():
    fixes = [north(10, 0), north(10, 1), north(10, 2), north(8_000, 200), north(9_000, 201)]
    (stay,) = trail.stays(fixes, [UNIT3])
    assert stay.end == NOON + timedelta(minutes=2)


def test_someone_still_there_has_a_stay_up_to_the_last_fix():
    (stay,) = trail.stays([north(900, 0), north(10, 1), north(10, 2), north(10, 3)], [UNIT3])
    assert stay.end.minute == 3


def test_two_visits_to_one_place_are_two_stays():
    fixes = [north(3_000 if 5 <= i < 10 else 10, i) for i in range(15)]
    assert [(s.start.minute, s.end.minute) for s in trail.stays(fixes, [UNIT3])] == [(0, 4), (10, 14)]


def test_a_lunch_stop_with_no_job_is_found_and_a_known_stay_is_not_reported_twice():
    drive = [north(30_000 - 600 * i, i) for i in range(50)]
    job = [north(10 + i % 7, 50 + i) for i in range(40)]
    on = [north(600 * i, 90 + i) for i in range(1, 20)]
    lunch = [north(12_000 + i % 11, 110 + i) for i in range(30)]
    off = [north(12_000 + 700 * i, 140 + i) for i in range(1, 15)]
    fixes = [*drive, *job, *on, *lunch, *off]
    known = trail.stays(fixes, [UNIT3])
    assert len(known) == 1
    (stop,) = trail.stops(fixes, known)
    assert stop.location == b""
    assert 26 <= stop.minutes <= 31
    assert trail.haversine(stop.lat, stop.lon, *(north(12_000, 0).lat, LON)) < 30
    assert len(trail.stops(fixes)) == 2


def test_waiting_ninety_seconds_at_a_light_is_no_stop():
    moving = [north(120 * i, i / 6) for i in range(30)]
    light = [north(120 * 29, 5 + i / 6) for i in range(9)]
    on = [north(120 * (29 + i), 6.5 + i / 6) for i in range(1, 30)]
    assert trail.stops([*moving, *light, *on]) == []


def test_presence_is_how_near_the_trail_came_in_the_time_claimed():
    fixes = [north(900, 0), north(300, 10), north(40, 20)]
    assert trail.near(fixes, LAT, LON, NOON, NOON + timedelta(minutes=12)) == 300
    assert trail.near(fixes, LAT, LON, NOON, NOON + timedelta(minutes=30)) == 40
    assert trail.near(fixes, LAT, LON, NOON + timedelta(hours=2), NOON + timedelta(hours=3)) is None


def test_distance_travelled_leaves_out_a_parked_devices_wandering():
    parked = [north(random.Random(i).uniform(-12, 12), i) for i in range(60)]
    assert trail.travelled(parked) == 0
    assert trail.travelled([north(0, 0), north(1_000, 1), north(2_000, 2), north(0, 4)]) == pytest.approx(4_000, abs=2)
    assert trail.travelled([]) == 0


def test_a_straight_road_is_drawn_with_its_ends_and_a_corner_stays():
    straight = [north(100 * i, i) for i in range(50)]
    assert trail.simplify(straight, 5) == [straight[0], straight[-1]]
    east = [Fix(f.at + timedelta(hours=1), straight[-1].lat, LON + 20_000 * (i + 1)) for i, f in enumerate(straight)]
    corner = [*straight, *east]
    assert trail.simplify(corner, 5) == [corner[0], straight[-1], corner[-1]]


def noisy_day(seed: int) -> tuple[list[Fix], list[tuple[Id, int, int]], list[tuple[datetime, datetime]]]:
    """A day of four jobs 6 km apart, one fix a minute, drift 8-20 m, 2% outliers a third of which lie about their accuracy, 8% lost; with what was true."""
    chance = random.Random(seed)
    fixes, places, truth, minute = [], [], [], 0
    for number in range(4):
        at = 6_000 * number
        places.append((Id(bytes([number]) * 16), north(at, 0).lat, LON))
        if number:
            fixes += [(at - 6_000 + 600 * i, minute + i) for i in range(1, 10)]
            minute += 10
        start = minute
        stay = chance.randint(15, 70)
        fixes += [(at, minute + i) for i in range(stay)]
        minute += stay
        truth.append((NOON + timedelta(minutes=start), NOON + timedelta(minutes=minute)))
    seen = []
    for metres, when in fixes:
        if chance.random() < 0.08:
            continue
        stray = chance.random() < 0.02
        wander = chance.gauss(0, 15) + (chance.choice((-250, 250)) if stray else 0)
        seen.append(north(metres + wander, when, 250 if stray and chance.random() < 0.67 else 15))
    return seen, places, truth


@pytest.mark.parametrize("seed", range(20))
def test_every_visit_of_a_noisy_day_is_found_to_within_three_minutes(seed):
    fixes, places, truth = noisy_day(seed)
    found = trail.stays(trail.keep(fixes, NOON + timedelta(days=1)).fixes, places)
    assert len(found) == len(truth)
    for stay, (start, end) in zip(found, truth, strict=True):
        assert abs(stay.start - start) <= timedelta(minutes=3)
        assert abs(stay.end - end) <= timedelta(minutes=4)


FIXES = st.lists(
    st.builds(
        Fix,
        st.integers(0, 4_000_000_000_000).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)),
        st.integers(-900_000_000, 900_000_000),
        st.integers(-1_800_000_000, 1_800_000_000),
        st.none() | st.integers(0, 100_000),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.none() | st.integers(0, 100),
    ),
    max_size=30,
)


@given(FIXES)
def test_any_trail_survives_its_bytes(fixes):
    assert decode_fixes(encode_fixes(fixes)) == fixes


def test_a_day_of_fixes_takes_a_few_bytes_each():
    fixes, _, _ = noisy_day(1)
    assert len(encode_fixes(fixes)) < 6 * len(fixes)


@given(FIXES, st.integers(0, 10_000), st.integers(0, 255))
def test_damaged_bytes_of_a_trail_are_a_sentence_or_a_trail_never_a_traceback(fixes, place, byte):
    data = bytearray(encode_fixes(fixes))
    data[place % len(data)] = byte
    for damaged in (bytes(data), bytes(data[: place % len(data)])):
        said = "a trail"
        try:
            decode_fixes(damaged)
        except ValueError as error:
            said = str(error)
        assert "trail" in said


PLACES = st.tuples(st.just(Id(b"p" * 16)), st.integers(-9 * 10**8, 9 * 10**8), st.integers(-18 * 10**8, 18 * 10**8))


@settings(deadline=None)
@given(FIXES, st.lists(PLACES, max_size=3))
def test_rules_hold_for_any_trail(fixes, places):
    kept = trail.keep(fixes, NOON)
    assert len(kept.fixes) + sum(kept.dropped.values()) == len(fixes)
    for stay in (*trail.stays(kept.fixes, places), *trail.stops(kept.fixes)):
        assert stay.start <= stay.end
    assert len(trail.simplify(kept.fixes, 10)) <= len(kept.fixes)
    assert trail.travelled(kept.fixes) >= 0
