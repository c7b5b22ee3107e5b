"""Which clients are likely one: the same name spelled twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.rules.alike import Named, alike, bare, likely, steps_apart
from fsconsole.values.work import Id


def named(name: str, number: int = 1, **more: str) -> Named:
    return Named(Id(bytes([number]) * 16), f"K{number}", name, **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Ltd", "ACME LIMITED"),
        ("The Acme Company", "Acme"),
        ("Smith & Jones", "Smith and Jones Ltd."),
        ("Müller GmbH", "Muller"),
        ("St. Mary's School", "St Marys School"),
        ("Jones Smith", "Smith Jones"),
        ("A.B.C. Services", "ABC Services"),
    ],
)
def test_two_spellings_of_one_name_are_alike(one: str, other: str) -> None:
    assert bare(one) == bare(other)
    assert alike(named(one), named(other))


def test_a_letter_wrong_is_alike_only_with_something_shared() -> None:
    assert not alike(named("Johnson Foods"), named("Johnston Foods"))
    assert "postcode" in alike(named("Johnson Foods", postcode="M1 1AE"), named("Johnston Foods", postcode="M1 1AE"))
    assert "telephone" in alike(named("Johnson Foods", phone="079460001"), named("Jonhson Foods", phone="079460001"))


def test_neighbours_with_different_names_are_two() -> None:
    assert not alike(named("Bolt", postcode="M1 1AE"), named("Boat", postcode="M1 1AE", phone="1"))
    assert not alike(named("School 1", postcode="M1 1AE"), named("School 2", postcode="M1 1AE"))
    assert not alike(named("Acme North", postcode="M1 1AE"), named("Bolt South", postcode="M1 1AE"))


def test_a_name_within_a_name_at_one_place_is_alike() -> None:
    assert alike(named("Hilltop Primary School", postcode="M1 1AE"), named("Hilltop Primary", postcode="M1 1AE"))
    assert not alike(named("Hilltop Primary School"), named("Hilltop Primary"))


def test_a_name_of_legal_words_alone_is_compared_as_it_stands() -> None:
    assert bare("The Company Ltd") == "company ltd the"
    assert not alike(named(""), named(""))


def test_pairs_are_found_once_and_only_among_those_asked_for() -> None:
    everyone = [named("Acme Ltd", 1), named("ACME", 2), named("Bolt", 3), named("Bolt Limited", 4)]
    assert [(pair.first.ref, pair.second.ref) for pair in likely(everyone)] == [("K1", "K2"), ("K3", "K4")]
    assert [(pair.first.ref, pair.second.ref) for pair in likely(everyone, [everyone[3].id])] == [("K3", "K4")]


def test_a_crowd_that_shares_a_switchboard_is_not_compared() -> None:
    everyone = [Named(Id(n.to_bytes(16, "big")), str(n), f"Firm {n:03}", phone="079460001") for n in range(200)]
    assert likely(everyone) == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_distance_of_two_texts_is_the_same_both_ways_and_nought_only_for_equal_ones(one: str, other: str) -> None:
    assert steps_apart(one, other, 3) == steps_apart(other, one, 3)
    assert (steps_apart(one, other, 3) == 0) == (one == other)


def test_exchanged_letters_are_one_step() -> None:
    assert steps_apart("jonhson", "johnson") == 1
    assert steps_apart("abcdef", "ghijkl") == 3
