"""Bytes that are not those that were written, or not by whom they say: nothing of them is applied, and it is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsconsole.changes import frame, segment
from fsconsole.changes.batch import Act, Batch, Rows, encode
from fsconsole.changes.frame import NO_HASH
from fsconsole.changes.keys import make_keys
from fsconsole.changes.stamp import make
from fsconsole.store import exchange as books
from fsconsole.store.instants import ms
from fsconsole.sync.folder import place
from fsconsole.sync.identity import identify, read_keys
from tests.sync.made import NOON, Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


def last_segment(workspace: Workspace, site: str = "0001") -> Path:
    return files(workspace.shared / "s" / site, ".fsl")[-1]


@pytest.mark.fault(18)
def test_any_flipped_bit_changes_no_row_and_is_listed_and_healed(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    ldn.job("One")
    ldn.sync()
    before = digest(lds.store)
    path = last_segment(workspace)
    good = path.read_bytes()
    for at in [*range(0, len(good) * 8, 61), *range(0, 100 * 8, 7)]:
        bad = bytearray(good)
        bad[at // 8] ^= 1 << at % 8
        path.write_bytes(bytes(bad))
        lds.sync()
        assert digest(lds.store) == before, at
        assert lds.store.sql("SELECT count(*) FROM held") != [(0,)]
    workspace.settle()
    assert lds.titles() == ["One"]
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(18)
def test_a_damaged_file_is_asked_for_again_and_its_author_writes_it_anew(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    ldn.job("One")
    ldn.sync()
    path = last_segment(workspace)
    bad = bytearray(path.read_bytes())
    bad[120] ^= 4
    path.write_bytes(bytes(bad))
    assert any("not those that were written" in says for says in lds.sync().says)
    ldn.sync()
    lds.sync()
    assert lds.titles() == ["One"]
    assert lds.sync().says == ()
    assert lds.store.sql("SELECT * FROM held") == []


@pytest.mark.fault(1, 2)
def test_a_file_cut_at_any_byte_gives_whole_frames_or_nothing(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    ldn.job("One")
    ldn.sync()
    path = last_segment(workspace)
    good = path.read_bytes()
    before = digest(lds.store)
    for length in sorted({*range(0, len(good), 31), len(good) - 1}):
        path.write_bytes(good[:length])
        lds.sync()
        assert digest(lds.store) == before, length
    path.write_bytes(good)
    lds.sync()
    assert lds.titles() == ["One"]


def forged(
    office: Office, *, site: int, workspace: bytes, certificate: bytes, secret: bytes, key: bytes, kind: int = 30, seq: int = 0
) -> tuple[str, bytes]:
    """A segment of one frame that follows what ``office`` has read of a site: its path and bytes."""
    tip = next((t for t in books.tips(office.store.raw).values() if t.site == site), None)
    epoch, last, prev = (tip.epoch, tip.seq, tip.hash) if tip else (1 << 32, 0, NO_HASH)
    stamp = make(ms(NOON) + 60_000, 0, site)
    batch = Batch(stamp, Act(b"f" * 16, "mallory", "forge"), [Rows(kind, (7 if kind == 30 else 1,), [(b"j" * 16, "forged")])])
    data = frame.seal(
        workspace=workspace, site=site, epoch=epoch, seq=seq or last + 1, prev=prev, certificate=certificate, vector={},
        batches=[(stamp, encode(batch))], key=key, salt=b"s" * 8, secret=secret,
    )  # fmt: skip
    number = seq or last + 1
    return f"{place(site, epoch)}/{number:016x}-{number:016x}.fsl", segment.encode([data], certificate, secret)


def put_file(workspace: Workspace, path: str, data: bytes) -> None:
    target = workspace.shared / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


@pytest.mark.fault(19, 20, 24)
@pytest.mark.parametrize("case", ["stranger", "other workspace", "unknown certificate", "another member", "removed kind"])
def test_a_forged_or_foreign_file_is_refused_with_its_sentence(pair: Pair, case: str) -> None:
    workspace, ldn, lds = pair
    file = read_keys(ldn.home)
    theirs = read_keys(lds.home)
    who = identify(ldn.store.raw, file)
    lds_certificate = who.members.current[2].certificate[:8]
    stranger = make_keys(bytes(range(64)))
    right = {
        "site": 2,
        "workspace": file.workspace,
        "certificate": lds_certificate,
        "secret": theirs.keys.sign,
        "key": file.ring[0],
    }
    wrong, says = {
        "stranger": ({"secret": stranger.sign}, "its signature is not"),
        "other workspace": ({"workspace": b"w" * 16}, "belongs to another workspace"),
        "unknown certificate": ({"certificate": b"c" * 8}, "which the membership log here does not hold"),
        "another member": ({"secret": file.keys.sign}, "its signature is not"),
        "removed kind": ({"kind": 9_999}, "Update fsconsole"),
    }[case]
    path, data = forged(ldn, **{**right, **wrong})  # type: ignore[arg-type]
    before = digest(ldn.store)
    put_file(workspace, path, data)
    report = ldn.sync()
    assert digest(ldn.store) == before
    assert any(says in one for one in report.says)
    assert [one.verdict for one in books.held(ldn.store.raw)] != []


@pytest.mark.fault(25)
def test_a_stream_that_stopped_delays_no_other(workspace: Workspace) -> None:
    ldn, lds, man = workspace.first, workspace.joined("LDS"), workspace.joined("MAN")
    workspace.settle()
    file = read_keys(ldn.home)
    certificate = identify(ldn.store.raw, file).members.current[2].certificate[:8]
    theirs = read_keys(lds.home).keys.sign
    put_file(
        workspace,
        *forged(ldn, site=2, workspace=file.workspace, certificate=certificate, secret=theirs, key=file.ring[0], kind=9_999),
    )
    man.job("Goes on")
    man.sync()
    ldn.sync()
    assert ldn.titles() == ["Goes on"]
    assert dict(ldn.store.sql("SELECT site, state FROM cursor"))[2] == "stopped"


@pytest.mark.fault(25)
def test_a_row_that_no_column_can_hold_is_refused(pair: Pair) -> None:
    _workspace, ldn, lds = pair
    from fsconsole.store.record import save
    from fsconsole.store.tables import Put

    save(lds.store, Act(lds.ids(), "bob", "bad"), [Put(30, lds.ids(), {10: "not an instant"})], NOON)
    save(lds.store, Act(lds.ids(), "bob", "bad"), [Put(30, lds.ids(), {26: "{not json"})], NOON)
    lds.job("Good")
    lds.sync()
    ldn.sync()
    assert ldn.titles() == ["Good"]
    assert sorted(says for (says,) in ldn.store.sql("SELECT says FROM held")) == [
        "Field custom of a job cannot be read.",
        "Field reported_at of a job holds what it cannot hold.",
    ]


@pytest.mark.fault(20)
def test_an_old_segment_laid_in_another_place_is_not_applied(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    ldn.job("One")
    workspace.settle()
    before = digest(lds.store)
    source = last_segment(workspace)
    target = files(workspace.shared / "s" / "0002", ".fsh")[-1].parent / "00000000000000ff-00000000000000ff.fsl"
    target.write_bytes(source.read_bytes())
    lds.sync()
    ldn.sync()
    assert digest(lds.store) == before


@pytest.mark.fault(19)
def test_other_peoples_entries_in_the_membership_log_make_nobody_a_member(pair: Pair) -> None:
    workspace, ldn, _lds = pair
    random = Random(3)
    entry = files(workspace.shared / "m")[0]
    (workspace.shared / "m" / f"{random.randbytes(16).hex()}.fsm").write_bytes(entry.read_bytes())
    (workspace.shared / "m" / f"{random.randbytes(16).hex()}.fsm").write_bytes(random.randbytes(300))
    ldn.sync()
    assert sorted(identify(ldn.store.raw, read_keys(ldn.home)).members.current) == [1, 2]


@pytest.mark.fault(5, 6, 25)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=600), where=st.sampled_from(["fsl", "fsh", "fsm", "fsi"]))
def test_any_bytes_under_any_name_end_in_words_never_in_a_traceback(pair: Pair, data: bytes, where: str) -> None:
    workspace, ldn, _lds = pair
    epoch = files(workspace.shared / "s" / "0002", ".fsh")[-1].parent
    path = {
        "fsl": epoch / "00000000000000aa-00000000000000aa.fsl",
        "fsh": epoch / "00000000000000aa.fsh",
        "fsm": workspace.shared / "m" / f"{'a' * 32}.fsm",
        "fsi": workspace.shared / "inv" / f"{'a' * 16}.fsi",
    }[where]
    path.write_bytes(data)
    ldn.sync()
    path.unlink()


def harmed(data: dict[Path, bytes], step: int) -> Iterator[tuple[Path, bytes]]:
    """Each of some files with every ``step``-th byte changed in one bit, and cut there."""
    for path, good in data.items():
        for at in range(0, len(good), step):
            flipped = bytearray(good)
            flipped[at] ^= 1 << at % 8
            yield path, bytes(flipped)
            yield path, good[:at]


def sweep(pair: Pair, step: int) -> None:
    """With any file of the folder harmed, a reader has what it had before, what some whole frames say, or all: nothing else."""
    workspace, ldn, lds = pair
    workspace.settle()
    kept = sqlite3.connect(":memory:")
    lds.store.raw.backup(kept)
    photo = b"\xff\xd8\xff photo"
    with ldn.store.writing() as conn:
        conn.execute("INSERT INTO blob (digest, bytes, kind) VALUES (?, ?, 'file')", (sha256(photo).digest(), photo))
    ldn.put("attachment", about=ldn.job("One"), digest=sha256(photo).digest(), size=len(photo))
    ldn.sync()
    ldn.job("Two")
    ldn.sync()
    workspace.invited("MAN")

    def back() -> None:
        kept.backup(lds.store.raw)
        lds.store.set_own()

    allowed = {digest(lds.store)}
    paths = files(workspace.shared / "s" / "0001", ".fsl")
    data = {path: path.read_bytes() for path in files(workspace.shared)}
    for hidden in range(len(paths) + 1):
        back()
        for path in paths[len(paths) - hidden :]:
            path.unlink(missing_ok=True)
        lds.sync()
        allowed.add(digest(lds.store))
        for path in paths:
            path.write_bytes(data[path])
    assert len(allowed) > 2
    # What the reader itself wrote there it writes again, and removes when it is old.
    own = {path: there for path, there in data.items() if "/s/0002/" in str(path)}
    for path, bad in harmed({path: there for path, there in data.items() if path not in own}, step):
        back()
        path.write_bytes(bad)
        lds.sync()
        assert digest(lds.store) in allowed, path
        for one in {path, *own}:
            one.write_bytes(data[one])
    back()
    for path in set(files(workspace.shared)) - data.keys():
        path.unlink()
    workspace.settle()
    assert digest(lds.store) == digest(ldn.store)


def test_18_any_file_of_the_folder_with_a_flipped_bit_or_cut_gives_whole_frames_or_nothing(pair: Pair) -> None:
    sweep(pair, 211)


@pytest.mark.long
def test_18_every_byte_of_every_file_flipped_and_every_cut(pair: Pair) -> None:
    sweep(pair, 1)
