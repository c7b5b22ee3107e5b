"""A segment gives the whole frames it holds, however it was torn."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fsconsole.changes import segment
from fsconsole.changes.frame import Frame, Header, hash_of, open_, peek, unseal
from fsconsole.changes.verdict import Verdict

from .made import LDN, LDS, RING, WORKSPACE, chain, flipped, frame_bytes, key_of

FRAMES = chain(3)
WHOLE = segment.encode(FRAMES, b"cert-LDN", LDN.sign)
ENDS = [sum(map(len, FRAMES[:count])) for count in range(4)]


def read(data: bytes) -> segment.Segment:
    return segment.read(data, WORKSPACE, key_of)


def test_a_whole_file_gives_its_frames_and_is_complete() -> None:
    result = read(WHOLE)

    assert result.complete
    assert [sealed.data for sealed in result.frames] == FRAMES
    assert len(WHOLE) == ENDS[3] + segment.END_SIZE


def test_a_file_of_one_frame_needs_no_end_mark() -> None:
    alone = segment.encode(FRAMES[:1], b"cert-LDN", LDN.sign)

    assert alone == FRAMES[0]
    assert segment.read(alone, WORKSPACE, key_of, alone=True).complete
    assert not read(alone).complete
    for length in range(len(alone)):
        assert not segment.read(alone[:length], WORKSPACE, key_of, alone=True).complete
    assert not segment.read(alone + b"F", WORKSPACE, key_of, alone=True).complete


def test_a_file_that_version_one_wrote_is_still_read() -> None:
    old = Path(__file__).with_name("form_1.fsl").read_bytes()
    first = old[: frame_size(old)]
    opened = [unseal(sealed, RING) for sealed in read(old).frames]

    assert read(old).complete
    assert [[one.raw for one in opened if isinstance(one, Frame)]] == [[unsealed(data) for data in FRAMES]]
    assert [sealed.hash for sealed in read(old).frames] == [hash_of(sealed.data) for sealed in read(old).frames]
    for bit in range(len(first) * 8):
        assert not read(flipped(old, bit)).frames
    for length in range(len(first)):
        assert not read(old[:length]).frames


def unsealed(data: bytes) -> tuple[bytes, ...]:
    frame = open_(data, WORKSPACE, key_of, RING)
    assert isinstance(frame, Frame)
    return frame.raw


def frame_size(data: bytes) -> int:
    header = peek(data)
    assert isinstance(header, Header)
    assert header.version == 1
    return header.frame_size


@pytest.mark.fault(1)
def test_a_file_cut_at_any_byte_gives_the_frames_before_the_cut() -> None:
    for length in range(len(WHOLE)):
        result = read(WHOLE[:length])
        whole = max(count for count in range(4) if ENDS[count] <= length)
        assert [sealed.data for sealed in result.frames] == FRAMES[:whole]
        assert result.problem is not None
        assert result.problem.verdict is Verdict.SHORT


def test_a_flipped_bit_costs_the_frame_it_hit_and_completeness_but_no_frame_before() -> None:
    for bit in range(0, len(WHOLE) * 8, 7):
        result = read(flipped(WHOLE, bit))
        hit = max(count for count in range(4) if ENDS[count] <= bit // 8)
        assert [sealed.data for sealed in result.frames] == FRAMES[:hit]
        assert not result.complete


@settings(max_examples=300)
@given(st.binary(max_size=300), st.sampled_from([b"", b"FSCE", b"FSC1", FRAMES[0], FRAMES[0] + b"FSCE"]))
def test_any_bytes_end_in_frames_and_a_verdict(data: bytes, start: bytes) -> None:
    assert not read(start + data).complete


def test_an_end_mark_must_be_signed_and_tell_of_these_frames() -> None:
    other = segment.encode(FRAMES[:2], b"cert-LDN", LDN.sign)[ENDS[2] :]
    forged = segment.encode(FRAMES, b"cert-LDN", LDS.sign)
    unknown = segment.encode(FRAMES, b"cert-???", LDN.sign)
    verdicts = [read(data).problem for data in (WHOLE[: ENDS[3]] + other, forged, unknown, WHOLE + b"x")]

    assert [problem and problem.verdict for problem in verdicts] == [
        Verdict.DAMAGED,
        Verdict.FORGED,
        Verdict.UNCERTIFIED,
        Verdict.DAMAGED,
    ]


def test_an_end_mark_alone_is_no_segment() -> None:
    assert not read(WHOLE[ENDS[3] :]).complete


def test_frames_that_do_not_follow_each_other_stop_the_reading() -> None:
    stranger = frame_bytes(2, prev=b"x" * 32)
    result = read(FRAMES[0] + stranger)

    assert [sealed.data for sealed in result.frames] == FRAMES[:1]
    assert result.problem is not None
    assert result.problem.verdict is Verdict.REFUSED


def test_a_segment_is_made_of_whole_frames_in_a_row() -> None:
    for wrong in ([], [FRAMES[0][:-1]], [FRAMES[0], FRAMES[2]], [b"no frame"]):
        with pytest.raises(ValueError, match="frame"):
            segment.encode(wrong, b"cert-LDN", LDN.sign)
