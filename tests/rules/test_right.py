"""The billing right: one holder at most, the same one in any order of facts and under any clocks."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.rules.right import FIRST, Passing, Standing, standing

LDN, LDS, MAN, FIELD = 1, 2, 3, 4
UNABLE = {FIELD}


def told(*passings: Passing, maker: int = LDN) -> Standing:
    return standing(maker, passings, UNABLE, LDN)


OFFER = Passing(b"offer", "offer", LDN, 500, FIRST, to=LDS)


def test_the_right_begins_with_the_maker_and_where_that_cannot_bill_with_the_owner() -> None:
    assert told().holder == LDN
    assert told(maker=MAN).holder == MAN
    assert told(maker=FIELD).holder == LDN
    assert told(maker=FIELD).held(LDN, 1)


def test_from_the_offer_to_the_answer_nobody_holds_it() -> None:
    found = told(OFFER)
    assert (found.holder, found.offer) == (0, OFFER)
    assert found.held(LDN, 499)
    assert not found.held(LDN, 501)
    assert not found.held(LDS, 501)


def test_accepted_it_is_the_others_and_declined_it_comes_back() -> None:
    # The clock of LDS runs far behind: only stamps of one site are ever compared.
    taken = told(OFFER, Passing(b"answer", "accept", LDS, 3, b"offer"))
    assert taken.holder == LDS
    assert taken.held(LDS, 4)
    assert not taken.held(LDS, 2)
    declined = told(OFFER, Passing(b"answer", "decline", LDS, 3, b"offer"))
    assert declined.holder == LDN
    assert declined.held(LDN, 501)


def test_nobody_else_can_offer_or_answer() -> None:
    assert told(Passing(b"x", "offer", MAN, 1, FIRST, to=MAN)).holder == LDN
    assert told(OFFER, Passing(b"x", "accept", MAN, 900, b"offer")).holder == 0


def test_offered_twice_by_a_copied_site_the_earlier_offer_stands() -> None:
    twice = Passing(b"second", "offer", LDN, 501, FIRST, to=MAN)
    both = (OFFER, twice, Passing(b"a", "accept", LDS, 3, b"offer"), Passing(b"b", "accept", MAN, 4, b"second"))
    found = told(*both)
    assert found.holder == LDS
    assert not found.held(MAN, 5)


def test_withdrawn_it_ends_at_a_position_in_the_holders_log() -> None:
    found = told(Passing(b"w", "withdraw", LDN, 900, FIRST, through=70), maker=LDS)
    assert found.holder == LDN
    assert found.held(LDS, 70)
    assert not found.held(LDS, 71)
    # What the holder offered on before that position was read by who withdrew, and stands; later it does not.
    early, late = (Passing(b"o", "offer", LDS, stamp, FIRST, to=MAN) for stamp in (60, 80))
    assert told(Passing(b"w", "withdraw", LDN, 900, FIRST, through=70), early, maker=LDS).offer == early
    assert told(Passing(b"w", "withdraw", LDN, 900, FIRST, through=70), late, maker=LDS).holder == LDN


def test_an_offer_to_a_site_that_is_gone_is_withdrawn_or_falls_to_the_owner() -> None:
    withdrawal = Passing(b"w", "withdraw", LDN, 900, b"offer", through=70)
    assert told(OFFER, withdrawal).holder == LDN
    assert told(OFFER, withdrawal, Passing(b"a", "accept", LDS, 60, b"offer")).holder == LDS
    assert told(OFFER, withdrawal, Passing(b"a", "accept", LDS, 80, b"offer")).holder == LDN
    assert told(Passing(b"o", "offer", LDN, 500, FIRST, to=FIELD)).holder == LDN


def test_what_the_owner_inherited_it_can_hand_on() -> None:
    on = Passing(b"o", "offer", LDN, 20, FIRST, to=LDS)
    found = told(on, Passing(b"a", "accept", LDS, 9, b"o"), maker=FIELD)
    assert found.holder == LDS
    assert found.held(LDN, 20)
    assert not found.held(LDN, 21)


KNOWN = [FIRST, *(bytes([n]) for n in range(9))]
passings = st.lists(
    st.builds(
        Passing,
        id=st.sampled_from(KNOWN[1:]),
        what=st.sampled_from(["offer", "accept", "decline", "withdraw"]),
        site=st.integers(1, 4),
        stamp=st.integers(1, 50),
        follows=st.sampled_from(KNOWN),
        to=st.integers(1, 4),
        through=st.integers(0, 50),
    ),
    max_size=9,
    unique_by=lambda one: one.id,
)


@settings(max_examples=400, deadline=None)
@given(passings, st.integers(1, 4), st.randoms(use_true_random=False))
def test_any_facts_in_any_order_give_one_standing_and_one_holder(facts: list[Passing], maker: int, random: Random) -> None:
    found = standing(maker, facts, UNABLE, LDN)
    mixed = list(facts)
    random.shuffle(mixed)
    assert standing(maker, mixed, UNABLE, LDN) == found
    assert found.holder not in UNABLE
    assert (found.holder == 0) == (found.offer is not None)
    still = [one.site for one in found.tenures if one.end is None and one.site not in UNABLE]
    assert still == ([found.holder] if found.holder else [])
