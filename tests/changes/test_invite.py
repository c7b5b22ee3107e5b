"""Sixteen characters bring a site to work, once, until they expire; each other case has its own refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.changes import invite, keys, member
from fsconsole.changes.frame import NO_HASH
from fsconsole.changes.head import Applied
from fsconsole.changes.invite import Offer
from fsconsole.changes.member import Entry, Members, Remove, fold
from fsconsole.changes.verdict import Problem, Verdict

from .made import KEY, NOW, WORKSPACE, flipped

OWN = keys.make_keys(b"j" * 64)
TOP = keys.signer(b"t" * 32)
CODE = bytes(range(10))
MADE = invite.code_keys(CODE, WORKSPACE)
OTHER = invite.code_keys(b"x" * 10, WORKSPACE)


def entry(data: bytes) -> Entry:
    made = member.read_entry(data, WORKSPACE)
    assert isinstance(made, Entry)
    return made


def rooted(what: member.What, number: int = 1, prev: bytes = NO_HASH) -> Entry:
    return entry(
        member.write_entry(
            what,
            workspace=WORKSPACE,
            site=0,
            certificate=keys.ROOT,
            number=number,
            prev=prev,
            wall_ms=NOW,
            secret=TOP,
        )
    )


ASKED = rooted(member.Invite(2, "LDS", "Leeds", "dispatch", "S", MADE.once_public, NOW + 1000))
OFFER = Offer(
    WORKSPACE,
    "Aire Valley Boilers",
    TOP[32:],
    (KEY,),
    ASKED.file.hash,
    2,
    "LDS",
    "dispatch",
    NOW + 1000,
    (Applied(1, 5, 9, b"h" * 32),),
)
FILE = invite.encode(OFFER, MADE, b"s" * 32)


def members(*entries: Entry) -> Members:
    return fold(entries, TOP[32:])


def verdict(result: object) -> Verdict | None:
    return result.verdict if isinstance(result, Problem) else None


def test_the_code_opens_the_invitation_and_the_joiner_is_a_member_at_once() -> None:
    offer = invite.decode(FILE, MADE)
    assert offer == OFFER
    assert isinstance(offer, Offer)
    assert not isinstance(invite.accept(offer, MADE, members(ASKED), NOW), Problem)

    answer, file = invite.join(offer, MADE, OWN, NOW)
    joined = members(ASKED, entry(answer)).current[2]

    assert (joined.code, joined.role, joined.series, joined.sign) == ("LDS", "dispatch", "S", OWN.sign_public)
    assert file.by_id() == {keys.key_id(KEY): KEY}
    assert (file.site, file.workspace, file.root_public, file.keys) == (2, WORKSPACE, TOP[32:], OWN)


def test_a_wrong_code_is_told_apart_from_an_altered_file() -> None:
    assert verdict(invite.decode(FILE, OTHER)) is Verdict.WRONG_CODE
    assert verdict(invite.decode(FILE, MADE._replace(key=b"x" * 32))) is Verdict.DAMAGED
    assert verdict(invite.decode(FILE + b"x", MADE)) is Verdict.DAMAGED
    assert verdict(invite.decode(b"FSC1" + FILE[4:], MADE)) is Verdict.FOREIGN


def test_every_single_flipped_bit_is_refused() -> None:
    for bit in range(len(FILE) * 8):
        assert verdict(invite.decode(flipped(FILE, bit), MADE)) is not None, f"bit {bit} went through"


def test_every_truncation_waits() -> None:
    assert {verdict(invite.decode(FILE[:length], MADE)) for length in range(len(FILE))} == {Verdict.SHORT}


def test_an_expired_invitation_is_refused() -> None:
    assert verdict(invite.accept(OFFER, MADE, members(ASKED), NOW + 1001)) is Verdict.EXPIRED


def test_a_used_invitation_is_refused() -> None:
    answer, _ = invite.join(OFFER, MADE, OWN, NOW)

    assert verdict(invite.accept(OFFER, MADE, members(ASKED, entry(answer)), NOW)) is Verdict.USED


def test_a_withdrawn_invitation_is_refused() -> None:
    gone = rooted(Remove(2, ASKED.file.hash, 0, 0, NO_HASH), 2, ASKED.file.hash)

    assert verdict(invite.accept(OFFER, MADE, members(ASKED, gone), NOW)) is Verdict.USED


def test_an_invitation_whose_certificate_is_not_here_yet_waits() -> None:
    assert verdict(invite.accept(OFFER, MADE, members(), NOW)) is Verdict.UNCERTIFIED


def test_an_offer_that_differs_from_what_was_certified_is_refused() -> None:
    assert verdict(invite.accept(OFFER, OTHER, members(ASKED), NOW)) is Verdict.FORGED


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_end_in_a_verdict(data: bytes, like: bool) -> None:
    assert verdict(invite.decode(FILE[:45] + data if like else data, MADE)) is not None


@given(st.binary(min_size=10, max_size=10))
def test_a_code_reads_back_in_any_case_with_any_dashes(random: bytes) -> None:
    code = invite.write_code(random)

    assert len(code) == 19
    assert invite.read_code(code) == random
    assert invite.read_code(code.lower().replace("-", " ")) == random
    assert invite.read_code(code.replace("-", "").replace("0", "O").replace("1", "l")) == random
    assert invite.read_code(code.replace("1", "i").replace("0", "o")) == random


@given(st.text(max_size=24))
def test_any_text_is_a_code_or_a_sentence(text: str) -> None:
    result = invite.read_code(text)

    assert isinstance(result, bytes) or result.verdict is Verdict.WRONG_CODE


@pytest.mark.parametrize("text", ["", "7K3M", "7K3M-" * 4 + "X", "UUUU-UUUU-UUUU-UUUU", "7K3M-7K3M-7K3M-7K3é"])
def test_what_is_no_code_is_told_so(text: str) -> None:
    assert verdict(invite.read_code(text)) is Verdict.WRONG_CODE
