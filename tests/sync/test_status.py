"""The truth about sync: proved from the others' heads, with its age; one console exchanges, another takes over."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import timedelta

import pytest

from fsconsole import verbs
from fsconsole.clock import Clock, FixedClock
from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.store.opening import open_store
from fsconsole.sync.exchange import Lease, watch
from fsconsole.sync.proof import prove
from fsconsole.sync.status import SiteStatus, status, summary
from tests.sync.made import NOON, Office, Workspace, files

Pair = tuple[Workspace, Office, Office]


def test_in_sync_is_said_only_when_the_other_has_told_so(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    assert summary(ldn.store, workspace.clock.now()).text == "in sync"
    ldn.job("One")
    assert summary(ldn.store, workspace.clock.now()).text == "on its way"
    ldn.sync()
    assert summary(ldn.store, workspace.clock.now()).text == "on its way"
    lds.sync()
    assert summary(ldn.store, workspace.clock.now()).level == "moving"
    ldn.sync()
    (line,) = status(ldn.store, ldn.home, workspace.clock.now())
    assert (line.has_of_ours, line.waiting, line.level, line.words) == (line.of_ours, 0, "synced", "in sync")
    assert summary(ldn.store, workspace.clock.now()).text == "in sync"


def test_what_the_other_has_and_is_not_here_is_counted(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    for _ in range(3):
        lds.job()
        lds.sync()
    for path in files(workspace.shared / "s" / "0002", ".fsl"):
        path.unlink()
    ldn.sync()
    assert summary(ldn.store, workspace.clock.now()).text == "on its way"
    later = workspace.clock.now() + timedelta(minutes=2)
    assert summary(ldn.store, later).text == "LDS 3 to come, 2m"


@pytest.mark.fault(22)
def test_a_silent_site_turns_amber_then_red(pair: Pair) -> None:
    workspace, ldn, _ = pair
    workspace.settle()
    assert summary(ldn.store, NOON + timedelta(hours=3)).sites[0].words == "3h"
    assert summary(ldn.store, NOON + timedelta(days=2)).level == "behind"
    assert summary(ldn.store, NOON + timedelta(days=8)).level == "stopped"


def test_offline_is_said_with_its_age(pair: Pair) -> None:
    workspace, ldn, _ = pair
    workspace.shared.rename(workspace.root / "away")
    ldn.sync()
    workspace.later(minutes=7)
    ldn.sync()
    said = summary(ldn.store, workspace.clock.now())
    assert (said.text, said.level) == ("offline 7m", "stopped")
    (workspace.root / "away").rename(workspace.shared)
    ldn.sync()
    assert summary(ldn.store, workspace.clock.now()).text == "in sync"


def test_a_quiet_site_writes_no_more_than_a_head_an_hour(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle(4)
    before = len(files(workspace.shared / "s" / "0001"))
    for _ in range(50):
        workspace.later(minutes=1)
        ldn.sync()
        lds.sync()
    assert len(files(workspace.shared / "s" / "0001")) == before
    for _ in range(30):
        workspace.later(hours=1)
        ldn.sync()
    assert len(files(workspace.shared / "s" / "0001", ".fsh")) == 3


@pytest.mark.fault(30)
def test_of_two_consoles_one_exchanges_until_it_is_silent(pair: Pair) -> None:
    _, ldn, _ = pair
    now = [100.0]
    one, other = Lease(ldn.store, lambda: now[0]), Lease(ldn.store, lambda: now[0])
    other.mine += "x"
    assert one.take()
    assert not other.take()
    now[0] += 10
    assert one.take()
    now[0] += 10
    assert not other.take()
    now[0] += 6
    assert other.take()
    assert not one.take()
    other.give_back()
    assert one.take()
    now[0] = 1.0  # the machine was started anew: its monotonic clock begins again
    assert other.take()


def test_a_watching_site_shows_what_another_saved_within_a_second_or_so(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    stops = threading.Event()
    came = threading.Event()

    def run(office: Office) -> None:
        store = open_store(office.home.store)
        try:
            watch(store, office.home, Clock(), lambda words: None, stop=stops, every=30.0, settle=came.set)
        finally:
            store.close()

    threads = [threading.Thread(target=run, args=(office,)) for office in (ldn, lds)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1.0)
        came.clear()
        ldn.clock = Clock()  # type: ignore[assignment]
        ldn.job("Seen at once")
        assert came.wait(6.0)
        assert lds.titles() == ["Seen at once"]
    finally:
        stops.set()
        for thread in threads:
            thread.join()


def test_the_proof_names_the_first_thing_that_is_wrong(pair: Pair) -> None:
    workspace, ldn, lds = pair
    ldn.job("One")
    lds.job("Two")
    workspace.settle()
    proof = prove(ldn.store, ldn.home)
    assert proof.good
    assert proof.in_words().startswith("Proved: ")
    ldn.store.raw.execute("UPDATE job SET title = 'changed behind the log' WHERE title = 'One'")
    assert "title is 'changed behind the log' in the store" in prove(ldn.store, ldn.home).in_words()
    data = bytearray(lds.store.one("SELECT bytes FROM frame ORDER BY length(bytes) DESC")[0])  # type: ignore[index]
    data[150] ^= 1
    lds.store.raw.execute(
        "UPDATE frame SET bytes = ? WHERE length(bytes) = (SELECT max(length(bytes)) FROM frame)", (bytes(data),)
    )
    assert "not those that were written" in prove(lds.store, lds.home).in_words()


def test_a_batch_that_is_in_no_log_is_found(pair: Pair) -> None:
    workspace, ldn, lds = pair
    lds.job("Two")
    workspace.settle()
    ldn.store.raw.execute("DELETE FROM log WHERE site = 2")
    assert "that the log lacks" in prove(ldn.store, ldn.home).in_words()


def test_a_trail_is_fetched_when_a_row_names_it_and_goes_when_its_author_destroys_it(pair: Pair) -> None:
    workspace, ldn, lds = pair
    data = b"fixes" * 100
    digest = hashlib.sha256(data).digest()
    ldn.store.raw.execute("INSERT INTO blob (digest, bytes, kind, expires) VALUES (?, ?, 'trail', '2026-05-01')", (digest, data))
    ldn.put("trail_piece", None, technician=b"t" * 16, digest=digest, fixes=100)
    workspace.settle()
    assert lds.store.sql("SELECT bytes FROM blob WHERE digest = ?", (digest,)) == [(data,)]
    (path,) = files(workspace.shared / "b")
    assert data[:10] not in path.read_bytes()
    assert prove(lds.store, lds.home).good
    ldn.store.raw.execute("UPDATE blob SET bytes = NULL")
    workspace.settle()
    assert files(workspace.shared / "b") == []


@pytest.mark.fault(33)
def test_a_blob_whose_bytes_are_not_its_own_is_not_taken(pair: Pair) -> None:
    workspace, ldn, lds = pair
    data = b"fixes" * 100
    digest = hashlib.sha256(data).digest()
    ldn.store.raw.execute("INSERT INTO blob (digest, bytes, kind) VALUES (?, ?, 'trail')", (digest, data))
    ldn.put("trail_piece", None, technician=b"t" * 16, digest=digest, fixes=100)
    ldn.sync()
    (path,) = files(workspace.shared / "b")
    good = path.read_bytes()
    for bad in (good[:-1], good[:40] + b"?" + good[41:], b"", good[::-1]):
        path.write_bytes(bad)
        lds.sync()
        assert lds.store.sql("SELECT * FROM blob") == []
    path.write_bytes(good)
    lds.sync()
    assert len(lds.store.sql("SELECT * FROM blob")) == 1


@pytest.mark.fault(34)
def test_a_busy_year_of_saves_stays_few_files(pair: Pair) -> None:
    workspace, ldn, lds = pair
    for number in range(120):
        ldn.job(f"Job {number}")
        ldn.sync()
        if number % 9 == 0:
            lds.sync()
    workspace.settle(3)
    assert len(files(workspace.shared / "s" / "0001", ".fsl")) < 40
    third = workspace.joined("MAN")
    workspace.settle()
    assert len(third.titles()) == 120
    assert third.sync().says == ()


@pytest.mark.fault(4, 34)
def test_small_files_stay_until_everyone_has_read_them_or_a_week_is_over(pair: Pair) -> None:
    workspace, ldn, _ = pair
    for number in range(60):
        ldn.job(f"Job {number}")
        ldn.sync()
    assert len(files(workspace.shared / "s" / "0001", ".fsl")) > 60
    workspace.later(days=8)
    ldn.sync()
    assert len(files(workspace.shared / "s" / "0001", ".fsl")) < 60


def test_what_has_just_left_is_on_its_way_and_no_trouble(pair: Pair) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    for _ in range(3):  # both at work: at no exchange is everything confirmed
        ldn.job()
        lds.job()
        ldn.sync()
        lds.sync()
        assert summary(ldn.store, workspace.clock.now()).level == "moving"
        workspace.later(minutes=1)
    workspace.later(minutes=40)
    assert summary(ldn.store, workspace.clock.now(), timedelta(hours=1)).level == "moving"
    assert summary(ldn.store, workspace.clock.now()).level == "behind"


def test_what_was_saved_and_went_nowhere_is_told_with_its_age(pair: Pair) -> None:
    workspace, ldn, _ = pair
    workspace.settle()
    ldn.job("Nobody exchanges")
    assert summary(ldn.store, workspace.clock.now()).level == "moving"
    workspace.later(minutes=3)
    assert summary(ldn.store, workspace.clock.now()).text == "LDS not sent, 3m"


@pytest.mark.fault(3, 10, 22)
def test_each_state_of_a_site_is_said_with_what_to_do(workspace: Workspace) -> None:
    lds, man = workspace.joined("LDS"), workspace.joined("MAN")
    ldn = workspace.first
    workspace.settle()

    def told(code: str) -> SiteStatus:
        ldn.sync()
        return next(one for one in status(ldn.store, ldn.home, workspace.clock.now()) if one.code == code)

    assert (told("LDS").level, told("LDS").instead) == ("synced", "")
    # A gap: said at once, with its age, and after a day with what to do.
    lds.job("One")
    lds.sync()
    hidden = files(workspace.shared / "s" / "0002", ".fsl")[-1]
    kept = hidden.read_bytes()
    lds.job("Two")
    lds.sync()
    hidden.unlink()
    assert told("LDS").words.endswith("of LDS is not here yet.")
    assert told("LDS").instead == "It comes by itself: every office that has it puts it back."
    workspace.later(hours=30)
    man.sync()
    assert "of LDS is not here yet, for 1d." in told("LDS").words
    assert "See whether the machine at LDS" in told("LDS").instead
    hidden.write_bytes(kept)
    workspace.settle()
    assert told("LDS").since is None
    # Damage.
    lds.job("Three")
    lds.sync()
    path = files(workspace.shared / "s" / "0002", ".fsl")[-1]
    path.write_bytes(path.read_bytes()[:150] + b"?" + path.read_bytes()[151:])
    assert told("LDS").level == "stopped"
    assert "What LDS wrote cannot be taken" in told("LDS").words
    assert told("LDS").instead.startswith("LDS writes it again when it next syncs.")
    workspace.settle()
    # A clock a year ahead.
    lds.clock = FixedClock(workspace.clock.now() + timedelta(days=365))
    lds.job("Four")
    lds.sync()
    assert "far ahead" in told("LDS").words
    assert told("LDS").instead.startswith("Set the clock at LDS.")
    assert any("The clock at LDS is 365 days ahead" in says for says in ldn.sync().says)
    # Silence.
    workspace.later(days=8)
    assert told("MAN").words == "MAN was last heard 8d ago."
    assert "program that carries the folder" in told("MAN").instead


def test_a_site_does_not_let_its_people_type_what_would_count_nowhere_else(workspace: Workspace) -> None:
    yard = workspace.joined("YRD", "field")
    workspace.settle()
    desk = Desk(yard.store, yard.clock, yard.ids, "amy")
    with pytest.raises(Refused, match="YRD is a site in the role field"):
        verbs.run(desk, "client Kite")


def test_since_when_is_the_age_of_what_waits_not_of_the_last_quiet_moment(pair: tuple[Workspace, Office, Office]) -> None:
    workspace, ldn, lds = pair
    workspace.settle()
    # Both save all the time: at no exchange is everything confirmed, and nothing waits for longer than two minutes.
    for _ in range(120):
        for office in (ldn, lds):
            office.job()
        workspace.later(minutes=1)
        for office in (ldn, lds):
            office.sync()
    for office in (ldn, lds):
        (site,) = summary(office.store, workspace.clock.now()).sites
        assert site.words in ("1 waiting, 1m", "1 waiting, 2m", "1m", "0s"), site.words
    # What truly waits is told with its own age, however much has come meanwhile.
    for _ in range(120):
        lds.job()
        workspace.later(minutes=1)
        lds.sync()
    workspace.later(minutes=1)
    words = summary(lds.store, workspace.clock.now()).text
    assert (words[:4], words[-2:]) == ("LDN ", "2h"), words
    for path in files(workspace.shared / "s" / "0002", ".fsl"):
        path.unlink()
    for _ in range(60):
        workspace.later(minutes=1)
        ldn.sync()
    assert summary(ldn.store, workspace.clock.now()).text.endswith("59m")


def test_acts_beyond_a_role_are_counted_with_what_to_do(workspace: Workspace) -> None:
    viewer = workspace.joined("VWR", "viewer")
    for _ in range(3):
        viewer.put("invoice", number="LDN-1")
    workspace.settle()
    (told,) = status(workspace.first.store, None, workspace.clock.now())
    assert told.held == ("A site in the role viewer may not write a row of invoice. 3 acts were refused.",)
    assert "invite it anew in another role" in told.instead
