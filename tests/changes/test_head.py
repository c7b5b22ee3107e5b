"""Heads and the workspace marker are believed only from whom they say they are."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.changes import head, signed, workspace
from fsconsole.changes.frame import NO_HASH
from fsconsole.changes.head import Applied, Head, Want
from fsconsole.changes.keys import ROOT as BY_ROOT
from fsconsole.changes.verdict import Problem, Verdict
from fsconsole.changes.workspace import Marker

from .made import EPOCH, LDN, LDS, NOW, ROOT, WORKSPACE, flipped, key_of

HEAD = Head(1, EPOCH, 7, b"h" * 32, 12, (Applied(2, EPOCH, 5, b"g" * 32),), NOW, "0.1.0", (Want(2, EPOCH, 6, 9),))
WHOLE = head.encode(HEAD, WORKSPACE, b"cert-LDN", LDN.sign)
MARKER = Marker(WORKSPACE, ROOT.sign_public, "Aire Valley Boilers")
MARKED = workspace.encode(MARKER, ROOT.sign)


def verdict(result: object) -> Verdict | None:
    return result.verdict if isinstance(result, Problem) else None


def read(data: bytes) -> Head | Problem:
    return head.decode(data, WORKSPACE, key_of)


def test_a_head_comes_back_from_its_bytes() -> None:
    assert read(WHOLE) == HEAD


def test_a_head_says_what_has_reached_its_site() -> None:
    assert HEAD.has(2, EPOCH, 5)
    assert HEAD.has(1, EPOCH, 7)
    assert not HEAD.has(2, EPOCH, 6)
    assert not HEAD.has(2, EPOCH + 1, 1)
    assert not HEAD.has(3, EPOCH, 1)


def test_a_head_before_the_first_frame_and_before_anything_was_read() -> None:
    empty = Head(1, EPOCH, 0, NO_HASH, 1, (), NOW, "0.1.0")

    assert read(head.encode(empty, WORKSPACE, b"cert-LDN", LDN.sign)) == empty


def test_every_single_flipped_bit_of_a_head_is_refused_and_every_cut_waits() -> None:
    for bit in range(len(WHOLE) * 8):
        assert verdict(read(flipped(WHOLE, bit))) is not None, f"bit {bit} went through"
    assert {verdict(read(WHOLE[:length])) for length in range(len(WHOLE))} == {Verdict.SHORT}
    assert verdict(read(WHOLE + b"x")) is Verdict.DAMAGED


def test_a_head_that_another_signed_is_refused() -> None:
    forged = head.encode(HEAD, WORKSPACE, b"cert-LDN", LDS.sign)
    unknown = head.encode(HEAD, WORKSPACE, b"cert-???", LDN.sign)
    strange = head.encode(HEAD, b"another workspac", b"cert-LDN", LDN.sign)
    speaks = msgspec.structs.replace(HEAD, site=2)
    lying = signed.seal(head.MAGIC, WORKSPACE, 1, b"cert-LDN", msgspec.msgpack.encode(speaks), LDN.sign)

    assert verdict(read(forged)) is Verdict.FORGED
    assert verdict(read(unknown)) is Verdict.UNCERTIFIED
    assert verdict(read(strange)) is Verdict.FOREIGN
    assert verdict(read(lying)) is Verdict.REFUSED
    assert verdict(read(MARKED)) is Verdict.FOREIGN


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_end_in_a_verdict(data: bytes, like: bool) -> None:
    assert verdict(read(WHOLE[:21] + data if like else data)) is not None
    assert verdict(workspace.decode(MARKED[:21] + data if like else data)) is not None


@given(st.recursive(st.none() | st.integers(0, 9) | st.binary(max_size=40) | st.text(max_size=4), st.lists, max_leaves=12))
def test_any_truly_signed_contents_are_a_head_or_a_verdict(contents: Any) -> None:
    for magic, read_it in ((head.MAGIC, read), (workspace.MAGIC, workspace.decode)):
        body = msgspec.msgpack.encode(contents)
        assert verdict(read_it(signed.seal(magic, WORKSPACE, 1, b"cert-LDN", body, LDN.sign))) is Verdict.REFUSED


def test_the_marker_comes_back_for_a_joiner_and_for_a_member() -> None:
    assert workspace.decode(MARKED) == MARKER
    assert workspace.decode(MARKED, WORKSPACE, ROOT.sign_public) == MARKER


def test_a_marker_of_another_workspace_or_root_is_refused() -> None:
    assert verdict(workspace.decode(MARKED, b"another workspac")) is Verdict.FOREIGN
    assert verdict(workspace.decode(MARKED, WORKSPACE, LDN.sign_public)) is Verdict.FORGED
    assert verdict(workspace.decode(workspace.encode(MARKER, LDN.sign))) is Verdict.FORGED
    moved = signed.seal(workspace.MAGIC, b"another workspac", 0, BY_ROOT, msgspec.msgpack.encode(MARKER), ROOT.sign)
    assert verdict(workspace.decode(moved)) is Verdict.FORGED


def test_a_folder_of_a_later_format_asks_for_an_update() -> None:
    later = workspace.encode(Marker(WORKSPACE, ROOT.sign_public, "Aire", 2), ROOT.sign)

    assert verdict(workspace.decode(later)) is Verdict.NEWER


def test_every_single_flipped_bit_of_the_marker_is_refused() -> None:
    for bit in range(len(MARKED) * 8):
        assert verdict(workspace.decode(flipped(MARKED, bit))) is not None, f"bit {bit} went through"
