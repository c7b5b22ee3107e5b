"""Photos and papers between sites: late, early, damaged, lost, expired."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole import verbs
from fsconsole.desk import Desk
from fsconsole.flow.attachments import state_of
from fsconsole.flow.expiring import expire_files
from fsconsole.store.queries.jobs import files as files_of
from fsconsole.sync import blobs
from fsconsole.sync.folder import blob_path
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, files

Pair = tuple[Workspace, Office, Office]
PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 20


@pytest.fixture
def photo(pair: Pair, tmp_path: Path) -> tuple[bytes, Path]:
    """A job at LDN with a photo: (the job, the photo's file in the shared folder)."""
    made, ldn, _ = pair
    job = ldn.job(ref="LDN-1001")
    path = tmp_path / "plate.jpg"
    path.write_bytes(PHOTO)
    verbs.run(Desk(ldn.store, ldn.clock, ldn.ids, "amy"), f"attach LDN-1001 {path}")
    ldn.sync()
    (one,) = files_of(ldn.store, job)
    return job, made.shared / blob_path(one.digest)


def seen(office: Office, job: bytes) -> list[str]:
    return [one.state for one in files_of(office.store, job)]


def test_33_a_record_whose_file_is_not_here_yet_says_so_and_takes_it_when_it_comes(pair: Pair, photo: tuple[bytes, Path]) -> None:
    _, _, lds = pair
    job, path = photo
    whole = path.read_bytes()
    path.unlink()
    lds.sync()
    assert seen(lds, job) == ["awaited"]
    assert "not here yet" in state_of(files_of(lds.store, job)[0])
    for cut in (0, 1, 8, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        lds.sync()
        assert seen(lds, job) == ["awaited"], cut
    path.write_bytes(whole)
    lds.sync()
    assert seen(lds, job) == ["here"]
    assert lds.store.sql("SELECT bytes FROM blob") == [(PHOTO,)]
    assert not lds.store.sql("SELECT 1 FROM held")
    assert prove(lds.store, lds.home).good


def test_33_a_file_that_came_before_its_record_is_taken_with_it(pair: Pair, photo: tuple[bytes, Path]) -> None:
    made, _, lds = pair
    job, _ = photo
    frames = [path for path in files(made.shared, ".fsl") if "/0001/" in str(path)]
    kept = {path: path.read_bytes() for path in frames}
    for path in frames:
        path.unlink()
    lds.sync()
    assert seen(lds, job) == []
    for path, data in kept.items():
        path.write_bytes(data)
    lds.sync()
    assert seen(lds, job) == ["here"]


@pytest.mark.parametrize("at", [0, 5, 30, 2000, -1])
def test_33_a_flipped_bit_in_a_file_is_never_taken_and_its_site_puts_it_back(pair: Pair, photo: tuple[bytes, Path], at: int) -> None:
    made, ldn, lds = pair
    job, path = photo
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(bytes(data))
    lds.sync()
    assert seen(lds, job) == ["awaited"]
    assert [says for (says,) in lds.store.sql("SELECT says FROM held") if "damaged" in says]
    made.later(seconds=10)
    ldn.sync()
    made.later(seconds=10)
    ldn.sync()
    lds.sync()
    assert seen(lds, job) == ["here"]
    assert not lds.store.sql("SELECT 1 FROM held")


def test_16_a_file_that_was_deleted_in_the_folder_is_put_back(pair: Pair, photo: tuple[bytes, Path]) -> None:
    made, ldn, _ = pair
    job, path = photo
    path.unlink()
    for _ in range(2):
        made.later(seconds=10)
        ldn.sync()
    assert blobs.unseal(files_of(ldn.store, job)[0].digest, path.read_bytes(), _ring(ldn)) == PHOTO


def test_two_sites_attach_one_photo_and_it_lies_in_the_folder_once(pair: Pair, photo: tuple[bytes, Path], tmp_path: Path) -> None:
    made, ldn, lds = pair
    job, _ = photo
    lds.sync()
    other = lds.job(ref="LDS-1001")
    verbs.run(Desk(lds.store, lds.clock, lds.ids, "bob"), f"attach LDS-1001 {tmp_path / 'plate.jpg'}")
    made.settle()
    assert seen(ldn, other) == seen(lds, other) == seen(lds, job) == ["here"]
    assert len(files(made.shared, ".fsb")) == 1


def test_expired_files_go_at_every_site_and_from_the_folder(pair: Pair, photo: tuple[bytes, Path]) -> None:
    made, ldn, lds = pair
    job, path = photo
    verbs.run(Desk(ldn.store, ldn.clock, ldn.ids, "amy"), "policy files_days 30")
    made.settle()
    made.later(days=40)
    for office in (ldn, lds):
        expire_files(office.store, office.clock.now().date())
        office.sync()
    assert seen(ldn, job) == seen(lds, job) == ["destroyed"]
    assert not path.exists()
    for office in (ldn, lds):
        assert prove(office.store, office.home).good


def test_nobody_without_a_members_key_reads_a_photo(photo: tuple[bytes, Path]) -> None:
    _, path = photo
    assert PHOTO[:40] not in path.read_bytes()
    assert PHOTO[100:140] not in path.read_bytes()


def _ring(office: Office) -> dict[int, bytes]:
    from fsconsole.sync.identity import read_keys

    return dict(read_keys(office.home).by_id())


@pytest.mark.fault(33)
def test_what_will_never_come_does_not_keep_out_what_may(pair: Pair, photo: tuple[bytes, Path]) -> None:
    made, ldn, lds = pair
    job, path = photo
    whole = path.read_bytes()
    path.unlink()
    made.later(minutes=1)
    for number in range(blobs.SOME * 2):
        digest = number.to_bytes(32, "big")
        ldn.put("trail_piece", digest=digest, day="2026-03-03")
        ldn.put("attachment", about=ldn.ids(), digest=digest[::-1], name="gone.jpg", at=made.clock.now())
    ldn.sync()
    lds.sync()
    path.write_bytes(whole)
    for _ in range(4):
        made.later(seconds=5)
        lds.sync()
    assert seen(lds, job) == ["here"]
