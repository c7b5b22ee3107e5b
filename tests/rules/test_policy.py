"""A company's policies: what is in force on a day, and what a value may be."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from fsconsole.rules.policy import KINDS, InForce, Policies, days_after, hours, local_day, read, start_of
from fsconsole.values.terms import Policy

from .build import at, id_of


def policy(name: str, value: Any, start: date | None = None, id: str = "p") -> Policy:
    return Policy(id=id_of(id), name=name, start=start, value=value)


def test_without_decisions_the_defaults_are_in_force() -> None:
    assert Policies().on(date(2026, 3, 2)) == InForce()


def test_a_decision_is_in_force_from_its_day_until_the_next() -> None:
    known = Policies(
        [
            policy("deem_days", 14, date(2026, 4, 1)),
            policy("deem_days", 7, date(2026, 1, 1)),
        ]
    )
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [known.on(day).deem_days for day in days] == [0, 7, 7, 14]
    assert known.latest.deem_days == 14


def test_two_decisions_of_one_day_give_the_same_at_every_site() -> None:
    one, two = policy("deem_days", 3, id="a"), policy("deem_days", 5, id="b")
    assert Policies([one, two]).latest == Policies([two, one]).latest


def test_a_value_nobody_can_read_is_said_and_the_one_before_stays() -> None:
    known = Policies([policy("soon_minutes", 30), policy("soon_minutes", "half an hour", date(2026, 1, 1))])
    assert known.on(date(2026, 3, 1)).soon_minutes == 30
    assert known.problems == ["policy soon_minutes: “half an hour” is not right; expected a whole number, 0 or more"]


def test_every_policy_has_a_name_a_type_a_default_it_accepts_and_a_line_of_help() -> None:
    for kind in KINDS:
        assert read(kind.name, kind.default) == kind.default
        assert kind.kind
        assert kind.help.endswith(".")
        assert "\n" not in kind.help


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("card_required", "no", False),
        ("card_required", 1, True),
        ("cut_over", "2026-03-01", date(2026, 3, 1)),
        ("cut_over", "none", None),
        ("currency", "eur", "EUR"),
        ("sign_off_kinds", "signed, remote", ("signed", "remote")),
        ("sign_off_kinds", ["signed"], ("signed",)),
        ("silent_minutes", {"on site": "45"}, {"on site": 45}),
        ("repeat_days", "14", 14),
    ],
)
def test_what_is_typed_or_stored_is_read_as_the_type_wants_it(name: str, given: Any, meant: Any) -> None:
    assert read(name, given) == meant


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("card_required", "perhaps", "yes or no"),
        ("tax_rate", -1, "a whole number"),
        ("tax_rate", True, "a whole number"),
        ("cut_over", "1/3/2026", "a day such as 2026-01-31"),
        ("currency", "pounds", "three letters such as GBP"),
        ("timezone", "Mars/Base", "a time zone such as Europe/London"),
        ("sign_off_kinds", "stamped", "one or more of signed"),
        ("row_minutes", {"nowhere": 3}, "minutes for some of logged"),
        ("office_hours", "nine to five", "hours such as Mon-Fri"),
        ("holiday_country", "Britain", "a country such as GB"),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_expected(name: str, given: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        read(name, given)


def test_an_unknown_policy_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="there is no policy “cards”; there are card_required"):
        read("cards", True)


def test_hours_are_read_by_weekday_with_breaks_nights_and_the_whole_day() -> None:
    assert hours("Mon-Tue 09:00-12:00 13:00-17:00; Sat 09:00-12:00") == {
        0: ((time(9), time(12)), (time(13), time(17))),
        1: ((time(9), time(12)), (time(13), time(17))),
        5: ((time(9), time(12)),),
    }
    assert hours("Fri-Mon 22:00-06:00") == {day: ((time(22), time(6)),) for day in (4, 5, 6, 0)}
    assert hours("Sun 00:00-24:00") == {6: ((time(0), time(0)),)}


@pytest.mark.parametrize("wrong", ["", "Mon", "Mon 9-17", "Mon 25:00-26:00", "Moon 09:00-17:00", "Mon 09:00-24:30"])
def test_hours_that_are_none_show_how_they_are_written(wrong: str) -> None:
    with pytest.raises(ValueError, match="hours such as Mon-Fri"):
        hours(wrong)


def test_calendars_are_found_by_name_and_the_round_the_clock_one_has_no_holidays() -> None:
    holiday = frozenset({date(2026, 12, 25)})
    force = Policies([policy("calendars", {"night": "Mon-Fri 22:00-06:00"})]).latest
    assert force.calendar("", holiday).closed == holiday
    assert force.calendar("24x7", holiday).closed == frozenset()
    assert force.calendar("night").hours[0] == ((time(22), time(6)),)
    with pytest.raises(ValueError, match="no working calendar “gold”; there are 24x7, night, office"):
        force.calendar("gold")


def test_a_local_day_begins_at_local_midnight_in_winter_and_in_summer() -> None:
    assert start_of(date(2026, 1, 5), "Europe/London").isoformat() == "2026-01-05T00:00:00+00:00"
    assert start_of(date(2026, 7, 5), "Europe/London").isoformat() == "2026-07-04T23:00:00+00:00"
    assert local_day(at("2026-07-31 19:30", "UTC"), "Pacific/Auckland") == date(2026, 8, 1)
    assert days_after(at("2026-03-28 12:00"), 1, "Europe/London") == at("2026-03-29 00:00")
