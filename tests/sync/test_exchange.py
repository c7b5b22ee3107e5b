"""Two and three offices over one folder: what is saved at one stands at the others, whatever happens between."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from random import Random

import pytest

from fsconsole.changes import keys, segment
from fsconsole.changes.batch import Act
from fsconsole.store import exchange as books
from fsconsole.store.record import save
from fsconsole.store.tables import void
from fsconsole.sync.founding import invite
from fsconsole.sync.identity import identify, read_keys
from fsconsole.sync.status import own_trouble, status, summary
from tests.sync.made import Office, Workspace, digest, files

Pair = tuple[Workspace, Office, Office]


def test_both_write_while_apart_and_come_back_equal(pair: Pair) -> None:
    workspace, ldn, lds = pair
    one, other = ldn.job("Boiler down"), lds.job("Lift stuck")
    ldn.job("Boiler out", one)
    lds.put("labour", None, job=other, minutes=40)
    workspace.settle(2)
    assert ldn.titles() == lds.titles() == ["Boiler out", "Lift stuck"]
    assert digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(4)
def test_an_exchange_with_nothing_new_writes_nothing(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job()
    workspace.settle(3)
    before = [(path, path.stat().st_ino) for path in files(workspace.shared)]
    assert [office.sync().sent for office in (ldn, lds, ldn, lds)] == [0, 0, 0, 0]
    assert before == [(path, path.stat().st_ino) for path in files(workspace.shared)]


def test_the_later_of_two_edits_stands_and_who_had_not_read_the_other_is_listed_alike(pair: Pair) -> None:
    workspace, ldn, lds = pair
    job = ldn.job("Boiler down")
    workspace.settle()
    ldn.job("Boiler leaks", job)
    workspace.later(seconds=1)
    lds.job("Boiler bangs", job)
    workspace.settle()
    assert ldn.titles() == lds.titles() == ["Boiler bangs"]
    for office in (ldn, lds):
        assert office.store.sql("SELECT row, value FROM contested") == [(job, "Boiler leaks")]
    assert digest(ldn.store) == digest(lds.store)


def test_who_had_read_the_other_edit_overwrites_it_knowingly(pair: Pair) -> None:
    workspace, ldn, lds = pair
    job = ldn.job("Boiler down")
    workspace.settle()
    lds.job("Boiler bangs", job)
    workspace.settle()
    assert ldn.store.sql("SELECT * FROM contested") == lds.store.sql("SELECT * FROM contested") == []


def test_writing_the_contested_field_again_decides_it_everywhere(pair: Pair) -> None:
    workspace, ldn, lds = pair
    job = ldn.job("Boiler down")
    workspace.settle()
    ldn.job("Boiler leaks", job)
    lds.job("Boiler bangs", job)
    workspace.settle()
    ldn.job("Boiler leaks", job)
    assert ldn.store.sql("SELECT * FROM contested") == []
    workspace.settle()
    assert lds.store.sql("SELECT * FROM contested") == []
    assert ldn.titles() == lds.titles() == ["Boiler leaks"]
    assert digest(ldn.store) == digest(lds.store)


def test_a_save_between_framing_and_reading_is_framed_before_anything_is_read(pair: Pair) -> None:
    workspace, ldn, lds = pair
    job = ldn.job("Boiler down")
    workspace.settle()
    workspace.later(seconds=1)
    lds.job("Boiler bangs", job)
    lds.sync()
    workspace.later(seconds=1)
    ldn.job("Boiler leaks", job)
    workspace.settle()
    assert ldn.store.sql("SELECT value FROM contested") == lds.store.sql("SELECT value FROM contested") == [("Boiler bangs",)]


def test_three_offices_meet_only_through_the_folder(workspace: Workspace) -> None:
    offices = [workspace.first, workspace.joined("LDS"), workspace.joined("MAN", "dispatch")]
    for number, office in enumerate(offices):
        office.job(f"Job {number}")
    workspace.settle()
    assert len({digest(office.store) for office in offices}) == 1
    assert workspace.first.titles() == ["Job 0", "Job 1", "Job 2"]


def test_a_fact_and_its_voiding_arrive_in_either_order(pair: Pair) -> None:
    workspace, ldn, lds = pair
    job = ldn.job()
    labour = ldn.put("labour", None, job=job, minutes=30)
    save(ldn.store, Act(ldn.ids(), "amy", "undo"), [void("labour", labour)], workspace.clock.now())
    workspace.settle()
    assert lds.store.sql("SELECT minutes, void FROM labour") == [(30, 1)]


def test_an_office_that_joins_late_gets_everything(pair: Pair) -> None:
    workspace, ldn, lds = pair
    for number in range(40):
        (ldn if number % 2 else lds).job(f"Job {number}")
        if number % 7 == 0:
            workspace.settle(1)
    third = workspace.joined("MAN")
    workspace.settle()
    assert digest(third.store) == digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(19)
def test_roles_bind_the_site_whatever_its_software_writes(workspace: Workspace) -> None:
    van = workspace.joined("VAN", "field")
    workspace.settle()
    job = workspace.first.job()
    workspace.settle()
    van.put("labour", None, job=job, minutes=50)
    van.put("invoice", None, number="VAN-0001", gross=100_000)
    van.put("note", None, about=job, text="done")
    workspace.settle()
    ldn = workspace.first.store
    assert ldn.sql("SELECT minutes FROM labour") == [(50,)]
    assert ldn.sql("SELECT text FROM note") == [("done",)]
    assert ldn.sql("SELECT * FROM invoice") == []
    ((says,),) = ldn.sql("SELECT says FROM held")
    assert says == "A site in the role field may not write a row of invoice."


def test_a_billing_site_may_invoice(pair: Pair) -> None:
    workspace, ldn, lds = pair
    lds.put("invoice", None, number="LDS-0001", gross=100)
    workspace.settle()
    assert ldn.store.sql("SELECT number FROM invoice") == [("LDS-0001",)]


@pytest.mark.fault(19)
def test_a_viewer_writes_nothing_and_every_site_says_for_a_week_that_it_tried(workspace: Workspace) -> None:
    lds, board = workspace.joined("LDS"), workspace.joined("BRD", "viewer")
    board.job("Scribble")
    workspace.settle()
    assert workspace.first.titles() == []
    assert "role viewer" in workspace.first.store.sql("SELECT says FROM held")[0][0]
    for office in (workspace.first, lds):
        seen = {one.code: one for one in status(office.store, office.home, workspace.clock.now())}["BRD"]
        assert (seen.level, seen.words) == ("stopped", "1 act of BRD refused: a site in the role viewer may not write a row of job.")
        assert "remove it and invite it anew in another role" in seen.instead
        assert summary(office.store, workspace.clock.now()).text == "BRD 1 refused"
    workspace.later(days=8)
    workspace.settle()
    assert summary(lds.store, workspace.clock.now()).level == "synced"


def test_an_invited_site_appears_by_name_at_all(pair: Pair) -> None:
    workspace, ldn, lds = pair
    invite(ldn.store, ldn.home, code="MAN", role="dispatch", now=workspace.clock.now(), days=7)
    workspace.settle()
    assert [row[0] for row in lds.store.sql("SELECT code FROM site ORDER BY number")] == ["LDN", "LDS", "MAN"]


@pytest.mark.fault(3, 4)
def test_files_in_any_order_with_repeats_give_the_same_state(pair: Pair) -> None:
    workspace, ldn, lds = pair
    third = workspace.joined("MAN")
    for number in range(25):
        workspace.random.choice([ldn, lds]).job(f"Job {number}")
        workspace.random.choice([ldn, lds]).sync()
    workspace.later(hours=2)
    for office in (ldn, lds, ldn):
        office.sync()
    segments = files(workspace.shared, ".fsl")
    aside = workspace.root / "aside"
    for path in segments:
        kept = aside / path.relative_to(workspace.shared)
        kept.parent.mkdir(parents=True, exist_ok=True)
        path.rename(kept)
    random = Random(4)
    order = segments * 2
    random.shuffle(order)
    for path in order:
        kept = aside / path.relative_to(workspace.shared)
        if not path.exists():
            path.write_bytes(kept.read_bytes())
        third.sync()
    assert digest(third.store) == digest(ldn.store) == digest(lds.store)
    assert third.store.sql("SELECT DISTINCT state FROM cursor") == [("live",)]


@pytest.mark.fault(3)
def test_a_gap_in_one_stream_is_said_and_stops_no_other(workspace: Workspace) -> None:
    ldn, lds, man = workspace.first, workspace.joined("LDS"), workspace.joined("MAN")
    workspace.settle()
    lds.job("One")
    lds.sync()
    path = files(workspace.shared / "s" / "0002", ".fsl")[-1]
    bytes_ = path.read_bytes()
    lds.job("Two")
    lds.sync()
    path.unlink()
    man.job("Other")
    man.sync()
    report = ldn.sync()
    assert ldn.titles() == ["Other"]
    assert any("not here yet" in says for says in report.says)
    path.write_bytes(bytes_)
    ldn.sync()
    assert ldn.titles() == ["One", "Other", "Two"]
    assert ldn.sync().says == ()


@pytest.mark.fault(16)
def test_deleted_files_of_ours_are_put_back_and_data_is_never_lost(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    workspace.settle()
    before = digest(ldn.store)
    for path in files(workspace.shared / "s") + files(workspace.shared / "m"):
        path.unlink()
    workspace.settle()
    third = workspace.joined("MAN")
    workspace.settle()
    assert "One" in third.titles()
    assert before != digest(third.store) == digest(ldn.store) == digest(lds.store)


@pytest.mark.fault(16)
def test_what_another_site_lost_is_relayed_by_whoever_has_it(workspace: Workspace) -> None:
    ldn, lds = workspace.first, workspace.joined("LDS")
    lds.job("Only LDN read this")
    lds.sync()
    ldn.sync()
    man_code = workspace.invited("MAN")
    from fsconsole.sync.founding import join

    man = join(
        workspace.home("MAN"), shared=workspace.shared, code=man_code, now=workspace.clock.now(), ids=workspace.ids, by="m"
    )
    workspace.offices.append(Office(workspace.home("MAN"), man, workspace.clock, workspace.ids, workspace.random.randbytes))
    lds.job("Two")
    lds.sync()
    ldn.sync()
    for path in files(workspace.shared / "s" / "0002", ".fsl"):
        path.unlink()
    office = workspace.offices[-1]
    for _ in range(3):
        office.sync()
        ldn.sync()
    assert office.titles() == ["Only LDN read this", "Two"]
    workspace.settle()
    assert lds.sync().says == ()


@pytest.mark.fault(10)
def test_a_clock_years_off_blocks_nobody_and_is_said(workspace: Workspace) -> None:
    ldn, lds, man = workspace.first, workspace.joined("LDS"), workspace.joined("MAN")
    workspace.settle()
    from fsconsole.clock import FixedClock

    man.clock = FixedClock(workspace.clock.now() + timedelta(days=3650))
    man.job("From the future")
    lds.job("From now")
    workspace.settle()
    assert ldn.titles() == ["From now"]
    assert any("stamped" in says and "clock" in says for says in ldn.sync().says)
    # Where the clock was wrong it is said once it is right again.
    assert own_trouble(man.store, workspace.clock.now())[0].startswith("The clock here stood on 29 Feb 2036 once")
    assert own_trouble(lds.store, workspace.clock.now()) == ("", "")
    ldn.job("Goes on")
    workspace.settle()
    assert "Goes on" in lds.titles()
    workspace.clock.move(workspace.clock.now() + timedelta(days=3651))
    workspace.settle()
    assert "From the future" in ldn.titles()


@pytest.mark.fault(10)
def test_a_site_ten_years_behind_holds_nobody_elses_work(workspace: Workspace) -> None:
    ldn, lds, man = workspace.first, workspace.joined("LDS"), workspace.joined("MAN")
    workspace.settle()
    from fsconsole.clock import FixedClock

    man.clock = FixedClock(workspace.clock.now() - timedelta(days=3650))
    man.job("Slow clock")
    ldn.job("One")
    workspace.settle()
    assert man.titles() == ldn.titles() == lds.titles() == ["One", "Slow clock"]
    man.job("Slow clock again")
    man.sync()
    assert own_trouble(man.store, man.clock.now()) == ("", "")


def test_an_edit_made_here_overtakes_what_was_read_from_a_fast_clock(pair: Pair) -> None:
    workspace, ldn, lds = pair
    from fsconsole.clock import FixedClock

    job = ldn.job("Boiler down")
    workspace.settle()
    lds.clock = FixedClock(workspace.clock.now() + timedelta(hours=20))
    lds.job("Stamped tomorrow", job)
    lds.sync()
    ldn.sync()
    assert ldn.titles() == ["Stamped tomorrow"]
    ldn.job("Edited now", job)
    assert ldn.titles() == ["Edited now"]
    workspace.settle()
    assert lds.titles() == ["Edited now"]
    assert ldn.store.sql("SELECT * FROM contested") == []


def test_a_file_that_an_older_version_had_just_published_is_taken_for_ours(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    ldn.job("One")
    ldn.sync()
    path = files(workspace.shared / "s" / "0001", ".fsl")[-1]
    who = identify(ldn.store.raw, read_keys(ldn.home))
    sealed = segment.read(path.read_bytes(), who.file.workspace, who.members.key_of).frames[0]
    h = sealed.header
    mark = segment._END.pack(
        b"FSCE", 1, h.workspace, h.site, h.certificate, h.epoch, h.seq, h.seq, hashlib.sha256(sealed.hash).digest()
    )
    path.write_bytes(sealed.data + mark + keys.sign(b"fsc1-end", mark, who.file.keys.sign))
    with ldn.store.writing() as conn:
        books.mark_published(conn, ldn.store.site, h.epoch, h.seq, h.seq, done=False)

    assert ldn.sync().says == ()
    lds.sync()
    assert lds.titles() == ["One"]
