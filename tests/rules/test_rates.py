"""Whose price, from when, rounded how."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.rates import billed_minutes, clock, hours, labour_rate, price_minutes, rate_for
from fsconsole.values.terms import Rate
from fsconsole.values.work import Id, Technician

TODAY = date(2026, 4, 15)
DEAL, CLIENT = Id(b"deal"), Id(b"client")


def rate(name: str, amount: int, **more: object) -> Rate:
    return replace(Rate(id=Id(name.encode()), amount=amount), **more)  # type: ignore[arg-type]


EVERYBODY = rate("everybody", 6000)
THE_CLIENT = rate("client", 6500, client=CLIENT)
THE_CONTRACT = rate("contract", 7200, contract=DEAL)


def test_the_contract_s_rate_wins_over_the_client_s_and_that_over_everybody_s() -> None:
    all_three = [EVERYBODY, THE_CLIENT, THE_CONTRACT]
    assert rate_for("labour", TODAY, all_three, contract=DEAL, client=CLIENT) == THE_CONTRACT
    assert rate_for("labour", TODAY, all_three, client=CLIENT) == THE_CLIENT
    assert rate_for("labour", TODAY, all_three) == EVERYBODY


def test_another_contract_s_or_client_s_rate_never_applies() -> None:
    assert rate_for("labour", TODAY, [THE_CLIENT, THE_CONTRACT], client=Id(b"other")) is None


def test_a_rate_applies_from_its_day_on() -> None:
    new = rate("new", 6600, start=TODAY)
    assert rate_for("labour", date(2026, 4, 14), [EVERYBODY, new]) == EVERYBODY
    assert rate_for("labour", TODAY, [EVERYBODY, new]) == new


def test_a_rate_for_the_skill_goes_before_one_for_any_and_does_not_bind_other_skills() -> None:
    gas = rate("gas", 9000, skill="gas")
    assert rate_for("labour", TODAY, [EVERYBODY, gas], skill="gas") == gas
    assert rate_for("labour", TODAY, [EVERYBODY, gas], skill="electrics") == EVERYBODY


def test_the_order_in_which_rates_arrive_never_changes_a_price() -> None:
    rates = [EVERYBODY, rate("a", 6100), rate("b", 6200), rate("c", 6300, start=TODAY)]
    assert len({rate_for("labour", TODAY, order) for order in permutations(rates)}) == 1


def test_a_technician_s_own_rate_is_used_where_no_rate_applies() -> None:
    amy = Technician(id=Id(b"amy"), sell_rate=5500)
    found = labour_rate(TODAY, [], amy)
    assert found is not None
    assert found.amount == 5500
    assert labour_rate(TODAY, [EVERYBODY], amy) == EVERYBODY
    assert labour_rate(TODAY, [], Technician(id=Id(b"bob"))) is None


def test_a_rate_that_is_gone_does_not_apply() -> None:
    assert rate_for("labour", TODAY, [replace(EVERYBODY, gone=True)]) is None


def test_70_minutes_at_minimum_30_and_step_15_are_75() -> None:
    assert billed_minutes(70, 30, 15) == 75
    assert billed_minutes(5, 30, 15) == 30


def test_7_minutes_at_step_10_are_10_and_never_nothing() -> None:
    assert billed_minutes(7, 0, 10) == 10
    assert billed_minutes(0, 30, 15) == 0


def test_1_h_35_is_billed_as_1_75_hours() -> None:
    price = price_minutes(95, THE_CONTRACT)
    assert price == (12600, "1.75", "1 h 35 → 1.75 h × £72.00")


def test_the_hours_shown_are_the_hours_billed() -> None:
    price = price_minutes(20, rate("r", 1000_00, step_minutes=1))
    assert (price.quantity, price.amount) == ("0.33", 330_00)


def test_a_half_penny_goes_up() -> None:
    assert hours(1) == Decimal("0.02")
    assert price_minutes(1, rate("r", 725, step_minutes=0)).amount == 15


def test_minutes_read_as_people_say_them() -> None:
    assert [clock(minutes) for minutes in (7, 60, 95, 125)] == ["7 min", "1 h", "1 h 35", "2 h 05"]


@given(st.integers(1, 5000), st.integers(0, 240), st.integers(0, 60))
def test_time_is_never_rounded_down_and_never_by_more_than_a_step(
    minutes: int, minimum: int, step: int
) -> None:
    billed = billed_minutes(minutes, minimum, step)
    least = max(minutes, minimum)
    assert least <= billed < least + max(step, 1)
    assert step < 2 or billed % step == 0
