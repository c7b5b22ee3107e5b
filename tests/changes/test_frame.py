"""A frame is believed only when every byte is its author's."""

from __future__ import annotations

import hashlib
import zlib
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes import frame, keys, stamp
from fsconsole.changes.batch import decode
from fsconsole.changes.frame import Frame, Sealed
from fsconsole.changes.verdict import Problem, Verdict

from .made import KEY, LDN, LDS, NOW, RING, WORKSPACE, batch, flipped, frame_bytes, key_of

WHOLE = frame_bytes()
START = frame.peek(WHOLE)
assert isinstance(START, frame.Header)


def opened(data: bytes) -> Frame | Problem:
    return frame.open_(data, WORKSPACE, key_of, RING)


def verdict(data: bytes) -> Verdict | None:
    result = opened(data)
    return result.verdict if isinstance(result, Problem) else None


def sealed_by_hand(raw: bytes, size: int | None = None, secret: bytes = LDN.sign, **fields: object) -> bytes:
    """A truly signed frame around any contents, as a hostile member could write it."""
    good = frame.peek(WHOLE)
    assert isinstance(good, frame.Header)
    packed = zlib.compress(raw, wbits=-15)
    h = good._replace(raw_size=len(raw) if size is None else size, body_size=len(packed) + 16, **fields)  # type: ignore[arg-type]
    start = frame._FORM_2.pack(frame.MAGIC, 2, h.workspace, h.prev, h.certificate, h.key_id, h.min_stamp, h.salt)
    numbers = (h.site, h.epoch, h.seq, h.max_stamp - h.min_stamp, h.raw_size, h.body_size)
    start += b"".join(map(frame._leb, numbers))
    signed = start + keys.lock(packed, start, keys.derive(KEY, start, b"fsc2-body"))
    digest = hashlib.sha256(signed).digest()
    return signed + digest[:4] + keys.sign(b"fsc1-frame", digest, secret)


def test_a_frame_opens_to_what_was_sealed() -> None:
    result = opened(WHOLE)

    assert isinstance(result, Frame)
    assert result.raw == (batch(100)[1], batch(101)[1])
    assert result.batches == (decode(batch(100)[1]), decode(batch(101)[1]))
    assert result.vector == {2: stamp.make(NOW, 0, 2)}
    assert (result.header.min_stamp, result.header.max_stamp) == (batch(100)[0], batch(101)[0])
    assert result.hash == frame.hash_of(WHOLE) == hashlib.sha256(WHOLE[:-68]).digest()


def test_the_same_parts_give_the_same_bytes() -> None:
    assert frame_bytes() == WHOLE


def test_a_single_save_stays_small() -> None:
    assert len(frame_bytes(count=1)) < 280


@pytest.mark.fault(18)
def test_every_single_flipped_bit_is_refused() -> None:
    for bit in range(len(WHOLE) * 8):
        assert verdict(flipped(WHOLE, bit)) is not None, f"bit {bit} went through"


def test_every_truncation_waits_for_the_rest() -> None:
    for length in range(len(WHOLE)):
        assert verdict(WHOLE[:length]) is Verdict.SHORT


@settings(max_examples=300)
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_end_in_a_verdict(data: bytes, like: bool) -> None:
    result = opened(b"FSC1\x02" + WORKSPACE + data if like else data)

    assert isinstance(result, Problem)
    assert result.says.endswith(".")


def test_checks_come_in_order_and_each_has_its_verdict() -> None:
    assert verdict(b"FSX1" + WHOLE[4:]) is Verdict.FOREIGN
    assert verdict(b"FSC1\x03" + WHOLE[5:]) is Verdict.NEWER
    assert verdict(frame_bytes(workspace=b"another workspac")) is Verdict.FOREIGN
    assert verdict(flipped(WHOLE, START.size * 8)) is Verdict.DAMAGED
    assert verdict(frame_bytes(certificate=b"cert-???")) is Verdict.UNCERTIFIED
    assert verdict(frame_bytes(secret=LDS.sign)) is Verdict.FORGED
    assert verdict(frame_bytes(key=b"x" * 32)) is Verdict.LOCKED
    assert verdict(WHOLE + b"x") is Verdict.DAMAGED


def test_a_flipped_old_frame_is_damaged_and_never_looks_like_a_fork() -> None:
    for bit in range(8 * 21, 8 * 81):
        result = frame.verify(flipped(WHOLE, bit), WORKSPACE, key_of)
        assert isinstance(result, Problem)
        assert result.verdict is Verdict.DAMAGED


def test_a_damaged_number_in_the_header_is_never_believed() -> None:
    assert isinstance(START, frame.Header)
    for bit in range(8 * 81, 8 * START.size):
        result = frame.verify(flipped(WHOLE, bit), WORKSPACE, key_of)
        assert isinstance(result, Problem)
        assert result.verdict in (Verdict.DAMAGED, Verdict.SHORT)
    assert verdict(WHOLE[:81] + b"\xff" * 60) is Verdict.DAMAGED


@given(st.integers(0, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_every_number_a_frame_can_have_is_read_back(epoch: int, seq: int) -> None:
    header = frame.peek(frame_bytes(seq=seq, epoch=epoch, salt=b"s" * 8, batches=[batch(1), batch(10**9)]))

    assert isinstance(header, frame.Header)
    assert (header.epoch, header.seq) == (epoch, seq)
    assert (header.min_stamp, header.max_stamp) == (batch(1)[0], batch(10**9)[0])


def test_the_key_of_a_frame_is_its_own_even_if_its_number_and_its_salt_come_again() -> None:
    one, two = frame_bytes(salt=b"s" * 8), frame_bytes(salt=b"s" * 8, prev=b"p" * 32)

    assert one[-68 - 40 : -68] != two[-68 - 40 : -68]


def test_another_members_certificate_does_not_carry_ones_signature() -> None:
    assert verdict(frame_bytes(certificate=b"cert-LDS")) is Verdict.UNCERTIFIED
    forged = frame_bytes(site=2, certificate=b"cert-LDS", batches=[batch(1, site=2)])
    assert verdict(forged) is Verdict.FORGED


def test_a_relay_without_the_workspace_key_can_still_prove_a_frame() -> None:
    assert isinstance(frame.verify(WHOLE, WORKSPACE, key_of), Sealed)


def test_a_bomb_stops_at_the_length_it_declared() -> None:
    bomb = b"\x00" * (64 << 20)

    assert verdict(sealed_by_hand(bomb, size=1000)) is Verdict.REFUSED
    assert verdict(sealed_by_hand(bomb, size=frame.MAX_RAW)) is Verdict.REFUSED
    assert verdict(sealed_by_hand(bomb)) is Verdict.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode(({}, [])),
        msgspec.msgpack.encode(({}, [b"no batch"])),
        msgspec.msgpack.encode(({}, [batch(101)[1], batch(100)[1]])),
        msgspec.msgpack.encode(({}, [batch(100)[1]])),
        msgspec.msgpack.encode(({0: 1}, [batch(100)[1], batch(101)[1]])),
        msgspec.msgpack.encode(({}, [batch(100, site=2)[1], batch(101)[1]])),
        msgspec.msgpack.encode(({}, [batch(100)[1], batch(101)[1]], "more")),
    ],
)
def test_a_signed_frame_with_contents_that_cannot_be_is_refused(content: bytes) -> None:
    assert verdict(sealed_by_hand(content)) is Verdict.REFUSED


def test_a_signed_header_with_numbers_that_cannot_be_is_refused() -> None:
    good = msgspec.msgpack.encode(({}, [batch(100)[1], batch(101)[1]]))

    assert verdict(sealed_by_hand(good)) is None
    assert verdict(sealed_by_hand(good, seq=0)) is Verdict.REFUSED
    assert verdict(sealed_by_hand(good, epoch=2**64 - 1)) is Verdict.DAMAGED  # no number of form 2 goes so far
    assert verdict(sealed_by_hand(good, min_stamp=batch(100)[0] + 1)) is Verdict.REFUSED
    assert verdict(sealed_by_hand(good, max_stamp=batch(105)[0])) is Verdict.REFUSED


def test_what_is_no_frame_is_refused_before_it_is_sealed() -> None:
    with pytest.raises(ValueError, match="at least one batch"):
        frame_bytes(batches=[])
    with pytest.raises(ValueError, match="rise"):
        frame_bytes(batches=[batch(2), batch(1)])
    with pytest.raises(ValueError, match="site 1"):
        frame_bytes(batches=[batch(1, site=2)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"salt": b"short"},
        {"prev": b"p" * 31},
        {"certificate": b"c" * 32},
        {"workspace": b""},
        {"seq": 0},
        {"epoch": -1},
        {"vector": {0: 1}},
        {"vector": {2: -1}},
    ],
)
def test_a_part_of_the_wrong_size_is_never_padded_or_cut_silently(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not|no frame"):
        frame_bytes(**wrong)  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 500), max_size=40), st.integers(1, 900))
def test_waiting_batches_are_portioned_in_order_and_none_is_lost(sizes: list[int], limit: int) -> None:
    waiting = [(number, bytes(size)) for number, size in enumerate(sizes)]
    lots = list(frame.portions(waiting, limit))

    assert [item for lot in lots for item in lot] == waiting
    assert all(len(lot) == 1 or sum(len(data) for _, data in lot) <= limit for lot in lots)


def test_two_copies_of_a_site_open_different_epochs() -> None:
    random = Random(1)
    one, two = (frame.make_epoch(2, random.getrandbits(32)) for _ in range(2))

    assert one != two
    assert frame.epoch_count(one) == frame.epoch_count(two) == 2
