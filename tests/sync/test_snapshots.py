"""Snapshots: who joins starts from one, is at work, and the history behind it proves it right or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fsconsole.changes import snapshot as pieces
from fsconsole.store import preload
from fsconsole.store.opening import open_store
from fsconsole.sync import joining, snapshots
from fsconsole.sync.founding import join
from fsconsole.sync.identity import identify, read_keys
from fsconsole.sync.joining import catch_up
from fsconsole.sync.proof import prove
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


@pytest.fixture
def busy(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Two offices with some history, a contested field in it, and snapshots from the eighth frame on."""
    monkeypatch.setattr(snapshots, "FRAMES", 8)
    workspace, ldn, lds = pair
    jobs = [ldn.job(f"Job {number}") for number in range(5)]
    workspace.settle()
    for number, job in enumerate(jobs):
        (ldn, lds)[number % 2].job(f"Edited {number}", job, details="x" * number)
        ldn.sync()
        lds.put("labour", job=job, minutes=number)
        lds.sync()
    ldn.job("Here", jobs[0])
    lds.job("There", jobs[0])
    workspace.settle()
    return pair


def joined(workspace: Workspace, told: list[tuple[int, int | None]] | None = None) -> Office:
    code = workspace.invited("MAN")
    store = join(
        workspace.home("MAN"), shared=workspace.shared, code=code, now=workspace.clock.now(), ids=workspace.ids, by="m",
        draw=workspace.random.randbytes, progress=(lambda done, of: told.append((done, of))) if told is not None else None,
    )  # fmt: skip
    office = Office(workspace.home("MAN"), store, workspace.clock, workspace.ids, workspace.random.randbytes)
    workspace.offices.append(office)
    return office


def test_a_joiner_is_at_work_from_the_snapshot_and_its_history_comes_afterwards(busy: Pair) -> None:
    workspace, ldn, lds = busy
    assert files(workspace.shared / "snap", ".fss")
    told: list[tuple[int, int | None]] = []
    man = joined(workspace, told)
    assert told
    assert told[-1][0] <= (told[-1][1] or 0)
    assert len(man.titles()) == 5
    assert man.store.sql("SELECT count(*) FROM log WHERE site <> 3") == [(0,)]
    assert snapshots.waiting(man.store) > 0
    man.job("Saved before the history")
    workspace.settle(4)
    assert snapshots.waiting(man.store) == 0
    assert man.store.own("preloaded") is None
    assert digest(man.store) == digest(ldn.store) == digest(lds.store)
    assert ldn.store.sql("SELECT count(*) FROM contested") != [(0,)]
    assert prove(man.store, man.home).good


def test_work_newer_than_the_snapshot_is_here_after_joining_where_the_history_is_short(busy: Pair) -> None:
    workspace, ldn, _ = busy
    ldn.job("Newer than the snapshot")
    ldn.sync()
    man = joined(workspace)
    assert "Newer than the snapshot" not in man.titles()
    assert catch_up(man.store, man.home, workspace.shared, workspace.clock.now()) == ""
    assert "Newer than the snapshot" in man.titles()
    assert catch_up(man.store, man.home, workspace.shared, workspace.clock.now()) == ""


def test_where_the_history_is_long_joining_says_what_is_still_to_come(busy: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, _, _ = busy
    monkeypatch.setattr(joining, "LITTLE", 100)
    man = joined(workspace)
    assert "of the history behind the snapshot come" in catch_up(man.store, man.home, workspace.shared, workspace.clock.now())


def test_an_edit_made_on_the_snapshot_has_read_what_the_snapshot_holds(busy: Pair) -> None:
    workspace, ldn, _ = busy
    man = joined(workspace)
    before = ldn.store.sql("SELECT row, field, stamp FROM contested ORDER BY row, field, stamp")
    query = "SELECT id, title, c_title FROM job WHERE id NOT IN (SELECT row FROM contested)"
    (row, *_) = next(iter(set(man.store.sql(query)) & set(ldn.store.sql(query))))
    man.job("Read, then edited", row)
    workspace.settle(4)
    assert ldn.store.sql("SELECT row, field, stamp FROM contested ORDER BY row, field, stamp") == before
    assert digest(man.store) == digest(ldn.store)


def test_a_snapshot_that_lies_is_found_once_the_log_is_here(busy: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, ldn, lds = busy
    for path in files(workspace.shared / "snap"):
        path.unlink()
    ldn.store.raw.execute("UPDATE job SET title = 'Never written' WHERE title = 'Edited 3'")
    who = identify(ldn.store.raw, read_keys(ldn.home))
    from fsconsole.sync.folder import Folder

    snapshots.write(ldn.store, Folder(workspace.shared), who, 1, workspace.random.randbytes)
    monkeypatch.setattr(snapshots, "FRAMES", 10_000)
    man = joined(workspace)
    assert "Never written" in man.titles()
    says = man.sync().says
    assert any("snapshot that LDN wrote was not what the log says" in one for one in says)
    assert "Never written" not in man.titles()
    workspace.settle(3)
    assert digest(man.store) == digest(lds.store)


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "foreign"])
def test_a_snapshot_that_cannot_be_believed_is_left_and_the_log_serves(busy: Pair, harm: str) -> None:
    workspace, ldn, _ = busy
    for path in files(workspace.shared / "snap", ".fss"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= harm == "flip"
        path.write_bytes({"flip": bytes(data), "cut": bytes(data[:-9]), "empty": b"", "foreign": b"hello"}[harm])
    man = joined(workspace)
    assert man.store.own("preloaded") is None
    workspace.settle(3)
    assert digest(man.store) == digest(ldn.store)


def test_a_join_killed_while_the_snapshot_loads_is_taken_up_again(busy: Pair) -> None:
    workspace, ldn, _ = busy

    def die(done: int, of: int | None) -> None:
        raise KeyboardInterrupt

    code = workspace.invited("MAN")
    given = {"shared": workspace.shared, "code": code, "now": workspace.clock.now(), "ids": workspace.ids, "by": "m"}
    with pytest.raises(KeyboardInterrupt):
        join(workspace.home("MAN"), **given, progress=die)  # type: ignore[arg-type]
    workspace.home("MAN").store.unlink()
    store = join(workspace.home("MAN"), **given)  # type: ignore[arg-type]
    man = Office(workspace.home("MAN"), store, workspace.clock, workspace.ids, workspace.random.randbytes)
    workspace.offices.append(man)
    workspace.settle(3)
    assert digest(man.store) == digest(ldn.store)


def test_a_site_that_may_not_bill_writes_none_and_old_ones_are_removed(busy: Pair) -> None:
    workspace, ldn, _ = busy
    for number in range(30):
        ldn.job(f"More {number}")
        workspace.settle(1)
    assert 1 <= len(files(workspace.shared / "snap", ".fss")) <= 2
    field = workspace.joined("BEN", role="field")
    workspace.settle(3)
    before = set(files(workspace.shared / "snap", ".fss"))
    field.store.set_own(snapshots="{}")
    field.sync()
    assert set(files(workspace.shared / "snap", ".fss")) == before


def test_every_table_comes_back_from_its_parts(busy: Pair, tmp_path: Path) -> None:
    _, ldn, _ = busy
    one = ldn.store
    copy = open_store(tmp_path / "copy.db")
    with copy.writing() as conn:
        for part in preload.parts(one.raw, some=2):
            preload.load(conn, part)
    for table in ("job", "labour", "site", "policy"):
        assert copy.sql(f"SELECT * FROM {table} ORDER BY id") == one.sql(f"SELECT * FROM {table} ORDER BY id")
    copy.close()
    assert files(ldn.home.data.parent / "shared" / "snap", ".fss")[0].read_bytes()[:4] == pieces.MAGIC
