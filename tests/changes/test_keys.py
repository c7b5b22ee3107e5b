"""Keys sign under a tag, wrap for one site, and keep in a file that notices any change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsconsole.changes import keys
from fsconsole.changes.keys import KeyFile
from fsconsole.changes.verdict import Problem, Verdict

from .made import KEY, LDN, LDS, ROOT, WORKSPACE, flipped

FILE = KeyFile(WORKSPACE, 1, ROOT.sign_public, LDN, (KEY, b"o" * 32), ROOT.sign)
BYTES = keys.encode_file(FILE)


def test_a_signature_holds_for_its_tag_message_and_key_only() -> None:
    signature = keys.sign(b"tag", b"message", LDN.sign)

    assert keys.is_signed(b"tag", b"message", signature, LDN.sign_public)
    assert not keys.is_signed(b"gat", b"message", signature, LDN.sign_public)
    assert not keys.is_signed(b"tag", b"massage", signature, LDN.sign_public)
    assert not keys.is_signed(b"tag", b"message", signature, LDS.sign_public)
    assert not keys.is_signed(b"tag", b"message", signature[:-1], LDN.sign_public)
    assert not keys.is_signed(b"tag", b"message", signature, b"short")


def test_the_same_seed_makes_the_same_keys_and_another_other_keys() -> None:
    assert keys.make_keys(b"\x01" * 64) == LDN
    assert len({LDN.sign_public, LDN.box_public, LDS.sign_public, LDS.box_public}) == 4
    with pytest.raises(ValueError, match="64"):
        keys.make_keys(b"short")


def test_a_wrapped_workspace_key_opens_at_its_site_only() -> None:
    sealed = keys.wrap(KEY, LDN.box_public)

    assert keys.unwrap(sealed, LDN) == KEY
    for wrong in (keys.unwrap(sealed, LDS), keys.unwrap(sealed[:-1], LDN), keys.unwrap(b"", LDN)):
        assert isinstance(wrong, Problem)
        assert wrong.verdict is Verdict.LOCKED
    odd = keys.unwrap(keys.wrap(b"no key", LDN.box_public), LDN)
    assert isinstance(odd, Problem)


@given(st.binary(max_size=200))
def test_any_bytes_unwrap_to_a_verdict(data: bytes) -> None:
    assert isinstance(keys.unwrap(data, LDN), Problem)


def test_what_was_locked_opens_with_the_same_key_header_and_number_only() -> None:
    sealed = keys.lock(b"plain", b"header", KEY, 3)

    assert keys.unlock(sealed, b"header", KEY, 3) == b"plain"
    assert keys.unlock(sealed, b"hoader", KEY, 3) is None
    assert keys.unlock(sealed, b"header", KEY, 4) is None
    assert keys.unlock(sealed, b"header", b"x" * 32, 3) is None
    assert keys.unlock(b"", b"header", KEY, 3) is None


def test_the_key_file_comes_back_and_names_each_workspace_key() -> None:
    assert keys.decode_file(BYTES) == FILE
    assert keys.decode_file(keys.encode_file(FILE._replace(root_secret=b""))) == FILE._replace(root_secret=b"")
    assert FILE.by_id() == {keys.key_id(KEY): KEY, keys.key_id(b"o" * 32): b"o" * 32}


def test_every_flipped_bit_and_every_cut_of_the_key_file_is_noticed() -> None:
    for bit in range(len(BYTES) * 8):
        assert isinstance(keys.decode_file(flipped(BYTES, bit)), Problem)
    for length in range(len(BYTES)):
        assert isinstance(keys.decode_file(BYTES[:length]), Problem)


@given(st.text(alphabet="sitebox:0123 \nz", max_size=80))
def test_any_key_file_with_a_right_check_is_keys_or_a_sentence(text: str) -> None:
    lines = ["fsconsole keys 1", *text.split("\n")]
    data = "\n".join([*lines, f"check: {keys._check(lines)}", ""]).encode()

    assert isinstance(keys.decode_file(data), Problem)


def test_a_fingerprint_is_four_groups_to_read_aloud() -> None:
    groups = keys.fingerprint(LDN.sign_public).split()

    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert keys.fingerprint(LDN.sign_public) != keys.fingerprint(LDS.sign_public)
