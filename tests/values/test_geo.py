"""Places, distances and the Web Mercator square."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.values import geo

LONDON = geo.place(51.5074, -0.1278)
PARIS = geo.place(48.8566, 2.3522)
places = st.tuples(st.integers(-850_000_000, 850_000_000), st.integers(-1_800_000_000, 1_800_000_000))


def test_the_middle_of_the_world_is_where_the_equator_meets_greenwich():
    assert geo.project(0, 0) == pytest.approx((0.5, 0.5))


def test_tile_14_9327_4742_of_the_slippy_map_holds_central_helsinki():
    x, y = geo.project(*geo.place(60.1675, 24.9500))
    assert (int(x * 2**14), int(y * 2**14)) == (9327, 4742)


@given(places)
def test_a_place_survives_being_projected_and_back(at):
    lat, lon = geo.unproject(*geo.project(*at))
    assert abs(lat - at[0]) <= 2
    assert abs(lon - at[1]) <= 2


@given(st.integers(-900_000_000, 900_000_000), st.integers(-1_800_000_000, 1_800_000_000))
def test_every_place_even_a_pole_lies_in_the_square(lat, lon):
    x, y = geo.project(lat, lon)
    assert -1e-9 <= x <= 1 + 1e-9
    assert -1e-6 <= y <= 1 + 1e-6


def test_london_to_paris_is_344_km():
    assert geo.distance_m(LONDON, PARIS) == pytest.approx(343_556, rel=0.002)


@given(places, places)
def test_distance_is_the_same_both_ways_and_never_beyond_half_the_earth(a, b):
    there = geo.distance_m(a, b)
    assert there == pytest.approx(geo.distance_m(b, a), abs=1e-3)
    assert 0 <= there <= 20_016_000


def test_a_line_is_as_long_as_its_pieces_and_a_single_place_has_no_length():
    middle = geo.place(50.0, 1.0)
    assert geo.length_m([LONDON, middle, PARIS]) == pytest.approx(
        geo.distance_m(LONDON, middle) + geo.distance_m(middle, PARIS)
    )
    assert geo.length_m([LONDON]) == 0


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        (0, "0 m"), (43.4, "43 m"), (99.4, "99 m"), (104, "100 m"), (854, "850 m"), (994, "990 m"), (996, "1 km"),
        (1249, "1.2 km"), (2000, "2 km"), (9949, "9.9 km"), (9951, "10 km"), (31_400, "31 km"), (1_204_000, "1,204 km"),
    ],
)  # fmt: skip
def test_distances_are_said_as_people_say_them(metres, words):
    assert geo.distance_words(metres) == words


def test_paris_lies_south_east_of_london_and_a_place_has_no_direction_to_itself():
    assert geo.direction_words(LONDON, PARIS) == "south-east"
    assert geo.direction_words(PARIS, LONDON) == "north-west"
    assert geo.direction_words(LONDON, (LONDON[0] + 1000, LONDON[1])) == "north"
    assert geo.direction_words(LONDON, LONDON) == ""


@given(st.floats(0.001, 1e9))
def test_a_scale_step_is_1_2_or_5_times_a_power_of_ten_and_never_too_long(wanted):
    step = geo.round_step(wanted)
    assert wanted / 2.6 < step <= wanted * 1.000001
    assert f"{step:e}"[0] in "125"


def test_a_scale_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above zero"):
        geo.round_step(0)


def test_metres_across_the_world_shrink_with_latitude():
    assert geo.metres_across(0) == pytest.approx(40_075_017, rel=1e-6)
    assert geo.metres_across(600_000_000) == pytest.approx(geo.metres_across(0) / 2, rel=1e-6)


@given(st.lists(places, min_size=1, max_size=20))
def test_bounds_hold_every_place_and_nothing_smaller_would(taken):
    held = geo.bounds(taken)
    assert held is not None
    assert all(held.holds(*each) for each in taken)
    assert {held.south, held.north} <= {lat for lat, _ in taken}
    assert held.holds(*held.centre)
    assert held.joined(geo.Bounds(0, 0, 0, 0)).holds(0, 0)


def test_no_places_have_no_bounds():
    assert geo.bounds([]) is None
