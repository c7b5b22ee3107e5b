"""Trails of phones and vans: whose they are, what is kept, what follows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fsconsole.desk import Desk
from fsconsole.errors import Refused
from fsconsole.flow.pins import confirm_pin, suggested, unpinned
from fsconsole.flow.tracks import follow_folder, import_tracks
from fsconsole.flow.trails import expire, fixes_of, pieces_of, settle_trails
from fsconsole.flow.undo import undo
from fsconsole.store.instants import ms
from fsconsole.store.record import save
from fsconsole.store.tables import put
from tests.flow.test_imports import new_desk, new_store

DAY = date(2026, 3, 2)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AMY, BEN, DEPOT = b"a" * 16, b"b" * 16, b"d" * 16


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = new_desk(new_store(tmp_path / "site.db"))
    desk.clock.move(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))  # type: ignore[attr-defined]
    save(
        desk.store,
        desk.act("set up"),
        [
            put("technician", AMY, code="amy", name="Amy Ash", shift_start="08:00", shift_end="17:00", device="phone-7"),
            put("technician", BEN, code="ben", name="Ben Birch", shift_start="22:00", shift_end="06:00"),
            put("location", DEPOT, name="Depot", lat=538000000, lon=-15500000, pin_from="given"),
            put("vehicle_use", b"v" * 16, vehicle="AB12 CDE", technician=AMY, start=date(2026, 3, 1), end=date(2026, 3, 3)),
            put("vehicle_use", b"w" * 16, vehicle="AB12 CDE", technician=BEN, start=date(2026, 3, 3)),
        ],
        desk.now,
    )
    return desk


def rec(points: list[tuple[datetime, float, float]]) -> str:
    """An OwnTracks Recorder file."""
    lines = [
        f'{at:%Y-%m-%dT%H:%M:%SZ}\t*                 \t{{"_type":"location","lat":{lat},"lon":{lon},"tst":{int(at.timestamp())},"batt":80}}'
        for at, lat, lon in points
    ]
    return "".join(line + "\n" for line in lines)


def tracker(points: list[tuple[datetime, float, float]], vehicle: str) -> str:
    rows = [f"{vehicle},{at:%Y-%m-%d %H:%M:%S},{lat},{lon}" for at, lat, lon in points]
    return "\n".join(["vehicle,time,lat,lon", *rows]) + "\n"


def still(start: datetime, minutes: int, lat: float = 53.8, lon: float = -1.55) -> list[tuple[datetime, float, float]]:
    return [(start + timedelta(minutes=n), lat, lon) for n in range(minutes)]


def drive(start: datetime, minutes: int, lat: float = 53.8) -> list[tuple[datetime, float, float]]:
    return [(start + timedelta(minutes=n), lat + 0.005 * n, -1.55) for n in range(minutes)]


def test_a_trail_is_kept_by_day_and_gives_stays_and_a_position(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "amy-20260302.rec"
    path.write_text(rec([*still(NINE, 30), *drive(NINE + timedelta(minutes=30), 20)]))
    report = import_tracks(desk, [path])
    assert (report.added, report.rejected) == (50, 0)
    assert len(fixes_of(desk.store, AMY, DAY)) == 50
    start, end, location = desk.store.sql("SELECT start, end, location FROM stay_now ORDER BY start")[0]
    assert (start, location) == (ms(NINE), DEPOT)
    assert 25 * 60_000 <= end - start <= 32 * 60_000
    at, day, battery = desk.store.sql("SELECT at, day, battery FROM position_now WHERE technician = ?", (AMY,))[0]
    assert (at, day, battery) == (ms(NINE + timedelta(minutes=49)), "2026-03-02", 80)


def test_the_same_trail_twice_adds_nothing_and_an_overlap_adds_what_is_new(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "amy.rec"
    path.write_text(rec(still(NINE, 30)))
    import_tracks(desk, [path])
    before = desk.store.sql("SELECT count(*) FROM log")
    again = import_tracks(desk, [path])
    assert (again.added, again.unchanged, again.act) == (0, 30, b"")
    assert desk.store.sql("SELECT count(*) FROM log") == before
    path.write_text(rec(still(NINE, 40)))
    assert import_tracks(desk, [path]).added == 10
    assert len(fixes_of(desk.store, AMY, DAY)) == 40


def test_fixes_outside_the_shift_are_dropped_and_counted_never_stored(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "amy.rec"
    path.write_text(rec([*still(NINE - timedelta(hours=3), 30), *still(NINE, 30), *still(NINE + timedelta(hours=9, minutes=1), 5)]))
    report = import_tracks(desk, [path])
    assert report.added == 30
    assert "35 fixes outside shift hours were left out." in report.notes
    assert all(NINE - timedelta(hours=2) <= fix.at <= NINE + timedelta(hours=9) for fix in fixes_of(desk.store, AMY, DAY))


def test_a_night_shift_crosses_midnight_and_an_on_call_turn_counts(desk: Desk, tmp_path: Path) -> None:
    save(
        desk.store,
        desk.act("duty"),
        [put("duty", b"o" * 16, technician=AMY, kind="on call", start=NINE - timedelta(hours=8), end=NINE - timedelta(hours=6))],
        desk.now,
    )
    night = NINE - timedelta(hours=8)  # one in the morning
    for name in ("ben", "amy"):
        (tmp_path / f"{name}.rec").write_text(rec(still(night, 10)))
        assert import_tracks(desk, [tmp_path / f"{name}.rec"]).added == 10


def test_a_van_belongs_to_whoever_drove_it_that_day(desk: Desk, tmp_path: Path) -> None:
    late = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)
    path = tmp_path / "fleet.csv"
    path.write_text(tracker([*still(NINE, 5), *still(late + timedelta(days=2), 4)], "ab12cde"))
    desk.clock.move(datetime(2026, 3, 4, 9, 0, tzinfo=UTC))  # type: ignore[attr-defined]
    assert import_tracks(desk, [path]).added == 9
    assert (len(fixes_of(desk.store, AMY, DAY)), len(fixes_of(desk.store, BEN, date(2026, 3, 3)))) == (5, 4)


def test_a_device_of_nobody_is_a_reject_that_says_what_to_do(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "stranger.rec"
    path.write_text(rec(still(NINE, 5)))
    report = import_tracks(desk, [path])
    assert (report.added, report.rejected) == (0, 1)
    assert "give a technician this device" in report.rejects[0].reason
    assert import_tracks(desk, [path], technician="amy").added == 5
    with pytest.raises(Refused, match="no technician"):
        import_tracks(desk, [path], technician="zoe")


def test_a_subcontractor_leaves_no_trail(desk: Desk, tmp_path: Path) -> None:
    save(desk.store, desk.act("edit"), [put("technician", AMY, subcontractor=True)], desk.now)
    (tmp_path / "amy.rec").write_text(rec(still(NINE, 5)))
    report = import_tracks(desk, [tmp_path / "amy.rec"])
    assert report.added == 0
    assert "subcontractor" in report.notes[0]


def test_a_dry_run_counts_and_keeps_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "amy.rec").write_text(rec(still(NINE, 5)))
    assert import_tracks(desk, [tmp_path / "amy.rec"], dry_run=True).added == 5
    assert desk.store.sql("SELECT count(*) FROM blob") == [(0,)]


def test_a_drop_folder_is_read_on_from_where_it_was_and_never_written(desk: Desk, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    path = drop / "amy.rec"
    text = rec(still(NINE, 30))
    path.write_text(text[:-40])  # the last line is torn: the phone is still writing
    assert follow_folder(desk, drop).added == 29
    assert follow_folder(desk, drop).added == 0
    path.write_text(text + rec(drive(NINE + timedelta(minutes=30), 5)))
    assert follow_folder(desk, drop).added == 6
    assert len(fixes_of(desk.store, AMY, DAY)) == 35
    assert sorted(one.name for one in drop.iterdir()) == ["amy.rec"]


def test_a_gpslogger_file_that_grows_keeps_its_header(desk: Desk, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    head = "time,lat,lon,elevation,accuracy,bearing,speed,satellites,provider,hdop,vdop,pdop\n"
    rows = [f"{NINE + timedelta(minutes=n):%Y-%m-%dT%H:%M:%S.000Z},53.8,-1.55,50,5,0,0,8,gps,,,\n" for n in range(20)]
    (drop / "amy-20260302.csv").write_text(head + "".join(rows[:10]))
    assert follow_folder(desk, drop).added == 10
    (drop / "amy-20260302.csv").write_text(head + "".join(rows))
    assert follow_folder(desk, drop).added == 10


def test_a_file_that_shrank_or_was_replaced_is_read_again(desk: Desk, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "amy.rec").write_text(rec(still(NINE, 30)))
    follow_folder(desk, drop)
    (drop / "amy.rec").write_text(rec(still(NINE + timedelta(hours=2), 5)))
    assert follow_folder(desk, drop).added == 5


def test_a_folder_that_is_away_or_holds_other_things_is_left_alone(desk: Desk, tmp_path: Path) -> None:
    assert follow_folder(desk, tmp_path / "none").added == 0
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "amy.rec.part").write_text(rec(still(NINE, 5)))
    (tmp_path / "drop" / "photo.jpg").write_bytes(b"\xff\xd8")
    assert follow_folder(desk, tmp_path / "drop").added == 0


def test_many_small_pieces_are_made_one_again_and_no_fix_is_lost(desk: Desk, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for count in range(1, 41):
        (drop / "amy.rec").write_text(rec(still(NINE, count)))
        assert follow_folder(desk, drop).added == 1
    assert len(fixes_of(desk.store, AMY, DAY)) == 40
    assert len(pieces_of(desk.store, AMY, DAY)) <= 13


def test_an_expired_day_is_destroyed_and_not_taken_in_again(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "amy.rec"
    path.write_text(rec(still(NINE, 30)))
    import_tracks(desk, [path])
    assert expire(desk.store, DAY + timedelta(days=80)) == 0
    assert expire(desk.store, DAY + timedelta(days=91)) == 1
    assert fixes_of(desk.store, AMY, DAY) == []
    assert desk.store.sql("SELECT count(*) FROM stay_now") == [(0,)]
    path.write_text(rec(still(NINE, 35)))
    assert import_tracks(desk, [path]).added == 0
    assert desk.store.sql("SELECT count(*) FROM trail_piece") == [(1,)]


def test_a_stop_at_the_time_of_an_arrival_suggests_the_pin_of_a_place_that_has_none(desk: Desk, tmp_path: Path) -> None:
    yard, job, visit = b"y" * 16, b"j" * 16, b"V" * 16
    save(
        desk.store,
        desk.act("set up"),
        [
            put("location", yard, name="Yard"),
            put("job", job, ref="LDN-1", location=yard),
            put("visit", visit, job=job, technician=AMY, number=1),
            put("event", b"e" * 16, visit=visit, what="arrive", at=NINE + timedelta(minutes=3)),
        ],
        desk.now,
    )
    (tmp_path / "amy.rec").write_text(rec(still(NINE, 30, lat=53.9)))
    import_tracks(desk, [tmp_path / "amy.rec"])
    (one,) = suggested(desk.store)
    assert (one.name, one.lat, one.lon, one.technician) == ("Yard", 539000000, -15500000, "Amy Ash")
    assert one.minutes >= 25
    desk.settling = False
    confirm_pin(desk, yard, one.lat, one.lon)
    assert unpinned(desk.store) == suggested(desk.store) == []
    assert desk.store.sql("SELECT pin_from FROM location WHERE id = ?", (yard,)) == [("stay",)]
    with pytest.raises(Refused, match="no place"):
        confirm_pin(desk, yard, 0, 0)


def test_undo_takes_a_trail_back_and_the_caches_can_be_made_again(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "amy.rec").write_text(rec(still(NINE, 30)))
    report = import_tracks(desk, [tmp_path / "amy.rec"])
    undo(desk, report.act)
    assert fixes_of(desk.store, AMY, DAY) == []
    assert settle_trails(desk.store, desk.now) == 1
    assert desk.store.sql("SELECT (SELECT count(*) FROM stay_now), (SELECT count(*) FROM position_now)") == [(0, 0)]
    assert import_tracks(desk, [tmp_path / "amy.rec"]).added == 30


def test_settling_destroys_trails_past_their_day_without_being_asked(desk: Desk, tmp_path: Path) -> None:
    from fsconsole.flow.settle import settle

    with desk.store.writing() as conn:
        conn.execute("INSERT INTO blob (digest, bytes, kind, expires) VALUES (?, ?, 'trail', '2000-01-01')", (b"d" * 32, b"fixes"))
    settle(desk.store, desk.now)
    assert desk.store.sql("SELECT bytes FROM blob WHERE digest = ?", (b"d" * 32,)) == [(None,)]
