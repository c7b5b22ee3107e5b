"""The membership log makes the same members from the same entries, and refuses what does not fit."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes import keys, member
from fsconsole.changes.frame import NO_HASH, Header, make_epoch
from fsconsole.changes.keys import ROOT, SiteKeys
from fsconsole.changes.member import Add, Entry, Invite, Members, Rekey, Remove, What, fold
from fsconsole.changes.verdict import Problem, Verdict

from .made import KEY, NOW, WORKSPACE, flipped

OWNER, SECOND, FIELD, JOINER, ONCE = (keys.make_keys(bytes([n]) * 64) for n in (11, 12, 13, 14, 15))
TOP = keys.signer(b"t" * 32)
TOP_PUBLIC = TOP[32:]


class Log:
    """Writes entries on behalf of signers and keeps them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.tips: dict[bytes, tuple[int, bytes]] = {}

    def write(self, what: What, site: int = 0, certificate: bytes = ROOT, secret: bytes = TOP, **place: Any) -> bytes:
        number, prev = self.tips.get(certificate[:8], (0, NO_HASH))
        place = {"number": number + 1, "prev": prev, **place}
        data = member.write_entry(
            what, workspace=WORKSPACE, site=site, certificate=certificate, wall_ms=NOW, secret=secret, **place
        )
        entry = member.read_entry(data, WORKSPACE)
        assert isinstance(entry, Entry)
        self.entries.append(entry)
        self.tips[certificate[:8]] = place["number"], entry.file.hash
        return entry.file.hash

    def join(self, invite: bytes, site: int, own: SiteKeys, once: bytes = ONCE.sign) -> bytes:
        data = member.write_join(
            invite, site, own.sign_public, own.box_public, workspace=WORKSPACE, wall_ms=NOW, once_secret=once
        )
        entry = member.read_entry(data, WORKSPACE)
        assert isinstance(entry, Entry)
        self.entries.append(entry)
        return entry.file.hash

    def fold(self) -> Members:
        return fold(self.entries, TOP_PUBLIC)


def add(site: int, code: str, own: SiteKeys, role: str = "owner", follows: bytes = b"", series: str = "") -> Add:
    return Add(site, code, f"{code} office", role, series, own.sign_public, own.box_public, follows)


def invite(site: int, code: str, role: str = "dispatch", series: str = "") -> Invite:
    return Invite(site, code, f"{code} office", role, series, ONCE.sign_public, NOW + 1000)


@pytest.fixture
def log() -> Log:
    return Log()


def header(site: int, certificate: bytes, epoch: int, seq: int) -> Header:
    return Header(1, WORKSPACE, site, epoch, seq, NO_HASH, certificate[:8], 0, 1, 1, 1, 17, b"s" * 8, 97)


def test_the_root_certifies_the_first_site_and_that_owner_the_next(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER, series="L"))
    second = log.write(add(2, "LDS", SECOND, "dispatch", series="S"), 1, first, OWNER.sign)
    members = log.fold()

    assert {site: m.code for site, m in members.current.items()} == {1: "LDN", 2: "LDS"}
    assert members.key_of(second[:8], 2) == SECOND.sign_public
    assert members.key_of(second[:8], 1) is None
    assert members.key_of(ROOT, 0) == TOP_PUBLIC
    assert members.certificate(second) == members.current[2]
    assert members.next_site() == 3
    assert members.next_entry(first) == (2, second)
    assert not members.troubles


def test_an_entry_signed_by_a_site_that_is_no_owner_counts_for_nothing(log: Log) -> None:
    log.write(add(1, "LDN", OWNER))
    clerk = log.write(add(2, "LDS", SECOND, "billing"))
    log.write(add(3, "BRS", FIELD), 2, clerk, SECOND.sign)
    members = log.fold()

    assert set(members.current) == {1, 2}
    assert members.troubles[0].verdict is Verdict.UNCERTIFIED


def test_an_entry_with_anothers_signature_counts_for_nothing(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    log.write(add(2, "LDS", SECOND), 1, first, FIELD.sign)
    members = log.fold()

    assert set(members.current) == {1}
    assert members.troubles[0].verdict is Verdict.FORGED


def test_an_owner_does_not_decide_about_a_senior_site(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    second = log.write(add(2, "LDS", SECOND), 1, first, OWNER.sign)
    log.write(Remove(1, first, 0, 0, NO_HASH), 2, second, SECOND.sign)
    members = log.fold()

    assert set(members.current) == {1, 2}
    assert "senior" in members.troubles[0].says


def test_a_removal_ends_a_certificate_at_a_position_whatever_the_stamps_say(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    second = log.write(add(2, "LDS", SECOND), 1, first, OWNER.sign)
    epoch, last = make_epoch(2, 7), b"h" * 32
    log.write(Remove(2, second, epoch, 5, last), 1, first, OWNER.sign)
    members = log.fold()

    assert 2 not in members.current
    assert members.allows(header(1, first, epoch, 99), NO_HASH) is None
    stands = [(epoch, 4, b"x" * 32), (epoch, 5, last), (make_epoch(1, 9), 800, NO_HASH)]
    falls = [(epoch, 5, b"x" * 32), (epoch, 6, last), (make_epoch(3, 0), 1, NO_HASH), (make_epoch(2, 8), 1, NO_HASH)]
    assert all(members.allows(header(2, second, e, s), digest) is None for e, s, digest in stands)
    assert all(members.allows(header(2, second, e, s), digest) is not None for e, s, digest in falls)


def test_a_removed_owners_later_entries_are_refused_and_its_earlier_ones_stand(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    second = log.write(add(2, "LDS", SECOND), 1, first, OWNER.sign)
    log.write(add(3, "BRS", FIELD), 2, second, SECOND.sign)
    log.write(Remove(2, second, make_epoch(1, 1), 5, NO_HASH, entries=1), 1, first, OWNER.sign)
    log.write(add(4, "EVL", JOINER), 2, second, SECOND.sign)
    members = log.fold()

    assert set(members.current) == {1, 3}
    assert "after its removal" in members.troubles[0].says


def test_of_two_removals_the_stricter_holds(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    for seq in (9, 4, 7):
        log.write(Remove(1, first, make_epoch(1, 1), seq, NO_HASH))

    assert log.fold().cuts[first[:8]].seq == 4


def test_a_number_given_twice_goes_to_the_senior_and_a_follower_must_name_what_it_follows(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    log.write(add(3, "BRS", SECOND), 1, first, OWNER.sign)
    log.write(add(3, "EVL", FIELD), 1, first, OWNER.sign)
    members = log.fold()
    assert members.current[3].code == "BRS"
    assert "twice" in members.troubles[0].says

    log.write(add(3, "BRI", FIELD, follows=members.current[3].certificate), 1, first, OWNER.sign)
    assert log.fold().current[3].code == "BRI"


def test_a_code_and_an_invoice_series_belong_to_one_site(log: Log) -> None:
    log.write(add(1, "LDN", OWNER, series="L"))
    log.write(add(2, "LDN", SECOND))
    log.write(add(3, "BRS", FIELD, series="L"))
    members = log.fold()

    assert set(members.current) == {1}
    assert [t.verdict for t in members.troubles] == [Verdict.REFUSED, Verdict.REFUSED]


def test_a_gap_in_a_chain_waits_and_a_fork_stops(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    log.write(add(2, "LDS", SECOND), 1, first, OWNER.sign)
    log.write(add(3, "BRS", FIELD), 1, first, OWNER.sign)
    gapped = fold([log.entries[0], log.entries[2]], TOP_PUBLIC)
    assert set(gapped.current) == {1}
    assert gapped.troubles[0].verdict is Verdict.SHORT

    log.write(add(4, "EVL", JOINER), 1, first, OWNER.sign, number=1, prev=NO_HASH)
    forked = log.fold()
    assert set(forked.current) == {1}
    assert "forks" in forked.troubles[0].says


def test_an_invited_site_is_a_member_at_once_and_lasting_when_confirmed(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    asked = log.write(invite(2, "LDS", series="S"), 1, first, OWNER.sign)
    assert log.fold().invites == {asked: invite(2, "LDS", series="S")}
    assert log.fold().next_site() == 3

    answer = log.join(asked, 2, JOINER)
    fresh = log.fold()
    assert fresh.current[2].sign == JOINER.sign_public
    assert (fresh.current[2].role, fresh.current[2].series, fresh.current[2].lasting) == ("dispatch", "S", False)
    assert fresh.closed == {asked}

    lasting = log.write(member.confirm(fresh.current[2]), 1, first, OWNER.sign)
    settled = log.fold()
    assert settled.current[2].lasting
    assert settled.current[2].certificate == lasting
    assert settled.key_of(answer[:8], 2) == JOINER.sign_public
    assert not settled.troubles


def test_an_invitation_answered_twice_counts_for_nobody_until_an_owner_confirms_one(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    asked = log.write(invite(2, "LDS"), 1, first, OWNER.sign)
    answer, other = log.join(asked, 2, JOINER), log.join(asked, 2, FIELD)
    assert 2 not in log.fold().current
    assert log.fold().troubles[0].verdict is Verdict.USED

    log.write(add(2, "LDS", JOINER, follows=answer), 1, first, OWNER.sign)
    settled = log.fold()
    assert settled.current[2].sign == JOINER.sign_public
    assert settled.certificate(other) is None


def test_an_answer_with_the_wrong_key_or_number_counts_for_nothing(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    asked = log.write(invite(2, "LDS"), 1, first, OWNER.sign)
    log.join(asked, 2, FIELD, once=FIELD.sign)
    log.join(asked, 3, FIELD)

    assert set(log.fold().current) == {1}
    assert asked in log.fold().invites


def test_a_withdrawn_invitation_is_closed_and_its_answer_counts_for_nothing(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    asked = log.write(invite(2, "LDS"), 1, first, OWNER.sign)
    log.write(Remove(2, asked, 0, 0, NO_HASH), 1, first, OWNER.sign)
    log.join(asked, 2, JOINER)
    members = log.fold()

    assert set(members.current) == {1}
    assert asked in members.closed
    assert members.next_site() == 3


def test_a_new_workspace_key_is_wrapped_for_each_remaining_site(log: Log) -> None:
    first = log.write(add(1, "LDN", OWNER))
    log.write(Rekey(keys.key_id(KEY), {1: keys.wrap(KEY, OWNER.box_public)}), 1, first, OWNER.sign)
    (rekey,) = log.fold().rekeys

    assert keys.unwrap(rekey.wraps[1], OWNER) == KEY


def _busy_log() -> list[Entry]:
    log = Log()
    first = log.write(add(1, "LDN", OWNER, series="L"))
    second = log.write(add(2, "LDS", SECOND, series="S"), 1, first, OWNER.sign)
    asked = log.write(invite(3, "BRS", "owner"), 1, first, OWNER.sign)
    third = log.join(asked, 3, JOINER)
    log.join(asked, 3, FIELD)
    log.write(add(4, "EVL", FIELD), 2, second, SECOND.sign)
    log.write(add(3, "BRS", JOINER, follows=third), 1, first, OWNER.sign)
    log.write(add(4, "EXE", FIELD), 3, third, JOINER.sign)
    log.write(add(5, "LDS", FIELD), 3, third, JOINER.sign)
    log.write(Remove(2, second, make_epoch(1, 1), 3, NO_HASH, entries=1), 1, first, OWNER.sign)
    log.write(Remove(1, first, make_epoch(1, 1), 3, NO_HASH), 3, third, JOINER.sign)
    log.write(add(6, "YRK", FIELD), 2, second, SECOND.sign)
    return log.entries


BUSY = _busy_log()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(range(len(BUSY))), max_size=30), st.randoms(use_true_random=False))
def test_the_same_entries_in_any_order_and_any_number_make_the_same_members(picked: list[int], random: Random) -> None:
    some = [BUSY[at] for at in picked]
    again = some * 2
    random.shuffle(again)

    assert fold(some, TOP_PUBLIC) == fold(again, TOP_PUBLIC)


def test_the_busy_log_ends_as_the_rules_say() -> None:
    members = fold(BUSY, TOP_PUBLIC)

    assert {site: m.code for site, m in members.current.items()} == {1: "LDN", 3: "BRS", 4: "EVL", 5: "LDS"}


def test_every_single_flipped_bit_of_an_entry_is_refused() -> None:
    data = BUSY[0].file.data
    for bit in range(len(data) * 8):
        entry = member.read_entry(flipped(data, bit), WORKSPACE)
        assert isinstance(entry, Problem) or TOP_PUBLIC not in _signers(entry)


def _signers(entry: Entry) -> set[bytes]:
    made = fold([entry], TOP_PUBLIC)
    return {TOP_PUBLIC} if made.current else set()


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_an_entry_or_a_verdict(data: bytes, like: bool) -> None:
    result = member.read_entry(b"FSM1\x01" + WORKSPACE + data if like else data, WORKSPACE)

    assert isinstance(result, Problem)


@pytest.mark.parametrize(
    "what",
    [
        add(1, "ldn", OWNER),
        add(1, "L\n", OWNER),
        add(0, "LDN", OWNER),
        add(2048, "LDN", OWNER),
        add(1, "LDN", OWNER, "king"),
        add(1, "LDN", OWNER, series="1"),
        Remove(1, b"short", 0, 0, NO_HASH),
    ],
)
def test_an_entry_that_cannot_be_is_refused_before_it_is_written(what: What, log: Log) -> None:
    with pytest.raises(ValueError, match="entry"):
        log.write(what)
