"""A restored, moved or copied site: no number is given twice, and nothing that went out or was saved is lost."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from fsconsole.errors import SyncError
from fsconsole.store import exchange as books
from fsconsole.store.opening import open_store
from fsconsole.store.record import take_refs
from fsconsole.sync import status
from fsconsole.sync.backup import back_up, put_back
from fsconsole.sync.members import remove
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


def restored(workspace: Workspace, office: Office, file: Path) -> str:
    office.store.close()
    words = put_back(office.home, file, workspace.clock.now())
    office.store = open_store(office.home.store)
    return words


def signed_twice(store_a: Office, store_b: Office) -> list[tuple[int, int, int]]:
    ours = {row[:3]: row[3] for row in store_a.store.sql("SELECT site, epoch, seq, hash FROM frame")}
    return [
        row[:3] for row in store_b.store.sql("SELECT site, epoch, seq, hash FROM frame") if ours.get(row[:3], row[3]) != row[3]
    ]


@pytest.mark.fault(12)
def test_a_restored_site_takes_back_its_tail_and_goes_on_in_a_new_series(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    lds.job("Before")
    lds.job("Saved, not yet framed at the backup")
    file = tmp_path / "lds.backup"
    words = back_up(lds.store, lds.home, file)
    assert "keys" in words
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lds.job("After the backup")
    workspace.settle()
    words = restored(workspace, lds, file)
    assert "new series" in words
    assert lds.titles() == ["After the backup", "Before", "Saved, not yet framed at the backup"]
    lds.job("After the restore")
    workspace.settle()
    assert ldn.titles() == lds.titles()
    assert digest(ldn.store) == digest(lds.store)
    assert signed_twice(ldn, lds) == []
    assert lds.store.own("series_epoch") == 2
    assert prove(lds.store, lds.home).good
    assert prove(ldn.store, ldn.home).good
    assert ldn.sync().says == lds.sync().says == ()


@pytest.mark.fault(12)
def test_saves_that_were_never_framed_at_the_backup_go_out_after_the_restore(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    lds.job("Unframed")
    back_up(lds.store, lds.home, tmp_path / "b")
    restored(workspace, lds, tmp_path / "b")
    workspace.settle()
    assert ldn.titles() == ["Unframed"]
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(12, 15)
def test_while_the_folder_is_away_a_restored_site_sends_nothing(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    back_up(lds.store, lds.home, tmp_path / "b")
    lds.job("Went out after the backup")
    workspace.settle()
    away = tmp_path / "away"
    workspace.shared.rename(away)
    words = restored(workspace, lds, tmp_path / "b")
    assert "no invoice gets a number" in words
    lds.job("Saved while away")
    lds.sync()
    assert lds.store.own("restoring") == 1
    away.rename(workspace.shared)
    workspace.settle()
    assert ldn.titles() == lds.titles() == ["Saved while away", "Went out after the backup"]
    assert digest(ldn.store) == digest(lds.store)
    assert signed_twice(ldn, lds) == []


@pytest.mark.fault(12)
def test_restored_twice_from_one_backup_the_series_still_differ(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    back_up(lds.store, lds.home, tmp_path / "b")
    seen = []
    for number in range(3):
        restored(workspace, lds, tmp_path / "b")
        lds.job(f"Job {number}")
        workspace.settle()
        seen.append(lds.store.own("series_epoch"))
    assert seen == [2, 3, 4]
    assert ldn.titles() == ["Job 0", "Job 1", "Job 2"]
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(12)
def test_references_do_not_repeat_after_a_restore(pair: Pair, tmp_path: Path) -> None:
    workspace, _ldn, lds = pair
    lds.job(ref=take_refs(lds.store, "job")[0])
    back_up(lds.store, lds.home, tmp_path / "b")
    given = [take_refs(lds.store, "job")[0] for _ in range(3)]
    for ref in given:
        lds.job(ref=ref)
    workspace.settle()
    restored(workspace, lds, tmp_path / "b")
    assert take_refs(lds.store, "job")[0] not in given


def test_a_backup_is_never_written_into_the_shared_folder(pair: Pair) -> None:
    workspace, ldn, _ = pair
    with pytest.raises(SyncError, match="private keys"):
        back_up(ldn.store, ldn.home, workspace.shared / "backup")


def test_what_is_no_whole_backup_leaves_the_home_as_it_was(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, _ = pair
    ldn.job("One")
    file = tmp_path / "b"
    back_up(ldn.store, ldn.home, file)
    data = file.read_bytes()
    for bad in (b"", b"nonsense", data[: len(data) // 2], data[:-30]):
        file.write_bytes(bad)
        with pytest.raises(SyncError, match="not a whole backup"):
            put_back(ldn.home, file, workspace.clock.now())
    ldn.reopen()
    assert ldn.titles() == ["One"]
    assert ldn.sync().says == ()


def test_what_stood_in_the_home_is_set_aside(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, _ = pair
    back_up(ldn.store, ldn.home, tmp_path / "b")
    assert "is kept at" in restored(workspace, ldn, tmp_path / "b")
    assert files(ldn.home.data, ".db")


@pytest.mark.fault(14)
def test_a_copied_home_opens_a_series_of_its_own_and_every_other_site_says_so(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    lds.job("Before the copy")
    workspace.settle()
    lds.store.close()
    shutil.copytree(lds.home.data, tmp_path / "copy")
    lds.reopen()
    from fsconsole.places import Home

    home = Home(tmp_path / "copy", tmp_path / "copy")
    twin = Office(home, open_store(home.store), workspace.clock, workspace.ids, workspace.random.randbytes)
    workspace.offices.append(twin)
    twin.job("At the copy")
    lds.job("At the first")
    report = twin.sync()
    assert any("copied or moved" in says for says in report.says)
    workspace.settle(4)
    assert ldn.titles() == lds.titles() == twin.titles() == ["At the copy", "At the first", "Before the copy"]
    assert signed_twice(ldn, twin) == signed_twice(ldn, lds) == []
    assert any("runs twice" in says for says in ldn.sync().says)
    for copy in (lds, twin):
        assert status.own_trouble(copy.store, workspace.clock.now())[0].startswith("LDS runs twice: another copy of this installation wrote, too.")
        assert status.summary(copy.store, workspace.clock.now()).text == "runs twice"
    assert status.own_trouble(ldn.store, workspace.clock.now()) == ("", "")
    remove(ldn.store, ldn.home, "LDS", workspace.clock.now())
    assert "runs twice" not in ldn.sync().in_words()


@pytest.mark.fault(14, 17)
def test_two_copies_in_one_epoch_fork_and_what_both_wrote_is_kept(pair: Pair, tmp_path: Path) -> None:
    workspace, ldn, lds = pair
    lds.job("Before")
    workspace.settle()
    tips = books.tips(lds.store.raw)
    lds.store.close()
    # The whole machine was copied: even the mark that tells installations apart.
    shutil.copyfile(lds.home.store, tmp_path / "twin.db")
    lds.reopen()
    lds.job("At the first")
    lds.sync()
    first = {path: path.read_bytes() for path in files(workspace.shared / "s" / "0002")}
    lds.store.close()
    shutil.copyfile(lds.home.store, tmp_path / "first.db")
    for path in (lds.home.store.with_name("site.db-wal"), lds.home.store.with_name("site.db-shm")):
        path.unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "twin.db", lds.home.store)
    lds.reopen()
    assert books.tips(lds.store.raw) == tips
    lds.job("At the twin")
    report = lds.sync()
    assert any("Another copy" in says for says in report.says)
    assert {path: path.read_bytes() for path in first if path.suffix == ".fsl"} == {
        p: d for p, d in first.items() if p.suffix == ".fsl"
    }
    workspace.settle()
    assert ldn.titles() == lds.titles() == ["At the first", "At the twin", "Before"]
    assert digest(ldn.store) == digest(lds.store)
