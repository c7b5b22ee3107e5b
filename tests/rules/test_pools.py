"""What is included, carried and shared out."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.pools import drawn, shares

F = Fraction
AMOUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=12)


def _over(own: int, used: list[int], lives: int, **more: object) -> list[int]:
    found = drawn([F(own)] * len(used), [F(each) for each in used], lives, **more)  # type: ignore[arg-type]
    return [int(each.over) for each in found]


def test_carried_minutes_do_not_compound() -> None:
    assert _over(600, [360, 900, 660], 1) == [0, 60, 60]


def test_without_carrying_each_period_stands_alone() -> None:
    assert _over(600, [360, 900, 660], 0) == [0, 300, 60]


def test_what_is_carried_lives_as_long_as_agreed() -> None:
    assert _over(10, [0, 10, 30], 1) == [0, 0, 20]
    assert _over(10, [0, 10, 30], 2) == [0, 0, 10]
    assert _over(10, [0, 10, 10, 30], 2) == [0, 0, 0, 20]


def test_using_what_was_carried_first_leaves_more_of_ones_own() -> None:
    assert _over(10, [0, 10, 20], 1) == [0, 0, 10]
    assert _over(10, [0, 10, 20], 1, draw="carried first") == [0, 0, 0]


def test_a_cap_limits_what_is_carried() -> None:
    assert _over(10, [0, 20], 1, cap=F(4)) == [0, 6]


def test_an_order_of_use_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="own first, carried first"):
        drawn([F(1)], [F(1)], draw="newest")


def test_an_overage_is_shared_by_burn_and_the_last_takes_the_remainder() -> None:
    assert shares(30250, {"a": F(240), "b": F(480)}) == {"b": 20167, "a": 10083}


@given(AMOUNTS, st.integers(0, 500), st.integers(0, 4), st.sampled_from(["own first", "carried first"]))
def test_nothing_is_drawn_twice_and_nothing_used_is_lost(used: list[int], own: int, lives: int, draw: str) -> None:
    found = drawn([F(own)] * len(used), [F(each) for each in used], lives, draw=draw)
    paid = sum(each.used - each.over for each in found)
    assert 0 <= paid <= own * len(used)
    for each in found:
        assert 0 <= each.over <= max(F(0), each.used - each.own)
        assert each.over == max(F(0), each.used - each.own - each.carried)


@given(
    st.integers(-100_000, 100_000), st.dictionaries(st.text(max_size=3), st.fractions(0, 1000, max_denominator=60), min_size=1)
)
def test_shares_sum_to_what_was_shared(amount: int, by: dict[str, Fraction]) -> None:
    parts = shares(amount, by)
    assert sum(parts.values()) == (amount if any(by.values()) else 0)
    assert all(by[name] > 0 for name in parts)
